"""What stands before the command queues of the bank-queue DRAM controller: the transactions, reads and writes apart.

A transaction of an address that already waits is answered from it. Each clock the oldest transaction whose command
queue has room moves there: a read, or, while writes drain, a write.
"""

from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram_bank_lists import LENGTHS, OWN, QUEUED, READS, WAITING, WRITES, append, bucket_at, first_of, list_at, oldest, remove
from accelsim.kernels.dram_power import busy

FULL, ORDER = OWN, OWN + 1  # banks whose command queue is full; how many requests have come to a queue
LENGTH = 4  # of a command queue's list: its entries


@d.lean
def _same(batch, i, address, is_write):
    """Return the first request of a list, from one on, that reads or writes an address; -1 for none."""
    while i >= 0:
        if batch[i, d.C_ADDRESS] == address and batch[i, d.C_WRITE] == is_write:
            return i
        i = batch[i, d.C_NEXT]
    return -1


@d.lean
def pending(parameters, record, batch, address, bank, is_write):
    """Return the waiting read or write of an address, -1 for none."""
    if record[bucket_at(parameters, is_write, address)] == 0:
        return -1
    i = _same(batch, first_of(parameters, record, WRITES if is_write else READS, bank), address, is_write)
    return i if i >= 0 else _same(batch, first_of(parameters, record, QUEUED, bank), address, is_write)


@d.inlined
def accept(parameters, record, batch, clock):
    """Take the next request if it has arrived and its queue has room; return whether one was taken."""
    i = record[d.S_NEXT]
    if i >= batch.shape[0] or batch[i, d.C_ARRIVAL] > clock:
        return False
    is_write, address, bank = batch[i, d.C_WRITE], batch[i, d.C_ADDRESS], batch[i, d.C_BANK]
    kind = WRITES if is_write else READS
    if record[LENGTHS + kind] >= parameters[d.WRITE_QUEUE if is_write else d.READ_QUEUE]:
        return False
    record[d.S_NEXT] = i + 1
    record[d.S_LAST_REQUEST] = clock
    batch[i, d.C_ACCEPTED] = clock + 1
    batch[i, d.C_LINK] = -1
    if pending(parameters, record, batch, address, bank, 1) >= 0:
        record[d.COUNTS + (d.N_MERGED if is_write else d.N_FORWARDED)] += 1
        batch[i, d.C_FINISH] = clock + 2
        return True
    if not is_write:
        first = pending(parameters, record, batch, address, bank, 0)
        if first >= 0:
            batch[i, d.C_LINK], batch[first, d.C_LINK] = batch[first, d.C_LINK], i
            record[d.COUNTS + d.N_MERGED] += 1
            return True
    busy(parameters, record, clock + 1)
    append(parameters, record, batch, kind, i)
    record[bucket_at(parameters, is_write, address)] += 1
    return True


@d.inlined
def start_draining(parameters, record, requests):
    """Begin to drain all writes held: the buffer is full, or there is nothing else to do."""
    held = record[LENGTHS + WRITES]
    if record[d.S_DRAINING] > 0 or held == 0:
        return
    idle = record[LENGTHS + QUEUED] == 0
    at_end = parameters[d.FLUSH] > 0 and record[d.S_NEXT] >= requests and record[LENGTHS + READS] == 0
    if held >= parameters[d.WRITE_QUEUE] or (idle and held > parameters[d.DRAIN_LOW]) or at_end:
        record[d.S_DRAINING] = held


@d.lean
def _enqueue(parameters, record, batch, kind, i):
    """Move a transaction to its command queue."""
    bank = batch[i, d.C_BANK]
    remove(parameters, record, batch, kind, i)
    append(parameters, record, batch, QUEUED, i)
    record[ORDER] += 1
    batch[i, d.C_ORDER] = record[ORDER]
    at = list_at(parameters, QUEUED, bank) + LENGTH
    record[at] += 1
    if parameters[d.ONE_QUEUE]:
        record[FULL] = -1 if record[LENGTHS + QUEUED] >= parameters[d.BANK_QUEUE] else 0
    elif record[at] >= parameters[d.BANK_QUEUE]:
        record[FULL] |= 1 << bank


@d.inlined
def schedule(parameters, record, batch):
    """Move the oldest transaction whose command queue has room; return it, -1 for none.

    A write whose address a read still waits for ends the draining. If no queue holds a command that read has not come
    to one and never would, because draining begins anew at the next clock (DRAMsim3 then stands still): reads move.
    """
    start_draining(parameters, record, batch.shape[0])
    draining = record[d.S_DRAINING] > 0
    kind = WRITES if draining else READS
    movable = record[WAITING + kind] & ~record[FULL]
    if movable == 0:
        return -1
    i = oldest(parameters, record, kind, movable)
    if draining:
        if pending(parameters, record, batch, batch[i, d.C_ADDRESS], batch[i, d.C_BANK], 0) < 0:
            record[d.S_DRAINING] -= 1
        else:
            record[d.S_DRAINING] = 0
            if record[LENGTHS + QUEUED] > 0:
                return -1
            kind = READS
            i = oldest(parameters, record, READS, record[WAITING + READS])
    _enqueue(parameters, record, batch, kind, i)
    return i


@d.lean
def leave(parameters, record, batch, i):
    """Take a request out of its command queue."""
    bank = batch[i, d.C_BANK]
    record[bucket_at(parameters, batch[i, d.C_WRITE], batch[i, d.C_ADDRESS])] -= 1
    remove(parameters, record, batch, QUEUED, i)
    record[list_at(parameters, QUEUED, bank) + LENGTH] -= 1
    record[FULL] = 0 if parameters[d.ONE_QUEUE] else record[FULL] & ~(1 << bank)
