"""The queues of the bank-queue DRAM controller: transactions, and one command queue for each bank.

In the record: the rows of the batch that wait as reads, then as writes; for each command queue the earliest clock at
which it can have a legal command (NEVER when empty), then for each its length; then the entries of each; then the
buckets of pending reads and of pending writes.
"""

from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram_power import busy

# Lengths of the transaction queues, entries in all command queues, next request of the batch.
READS, WRITES, QUEUED, NEXT = d.QUEUE_COUNTS, d.QUEUE_COUNTS + 1, d.QUEUE_COUNTS + 2, d.QUEUE_COUNTS + 3
STUCK = d.QUEUE_COUNTS + 4  # how many transactions from the front are known to have a full command queue
SOONEST = d.QUEUE_COUNTS + 5  # no command queue has a legal command before this clock


@d.lean
def queue_count(parameters):
    """Return how many command queues there are."""
    return 1 if parameters[d.ONE_QUEUE] else parameters[d.BANKS]


@d.lean
def ready_at(parameters):
    """Return where the earliest clocks of the command queues start; their lengths follow."""
    return parameters[d.QUEUES_AT] + parameters[d.READ_QUEUE] + parameters[d.WRITE_QUEUE]


@d.lean
def entries_at(parameters, queue):
    """Return where a command queue's entries start."""
    return ready_at(parameters) + 2 * queue_count(parameters) + queue * parameters[d.BANK_QUEUE]


@d.lean
def queue_of(parameters, bank):
    """Return the command queue of a bank."""
    return 0 if parameters[d.ONE_QUEUE] else bank


@d.lean
def bucket_at(parameters, is_write, address):
    """Return where the bucket of an address stands."""
    return entries_at(parameters, queue_count(parameters)) + is_write * d.BUCKETS + d.bucket(address)


@d.lean
def pending(parameters, record, batch, address, bank, is_write):
    """Return the waiting read or write of an address, -1 for none."""
    if record[bucket_at(parameters, is_write, address)] == 0:
        return -1
    at = parameters[d.QUEUES_AT] + (parameters[d.READ_QUEUE] if is_write else 0)
    for k in range(record[WRITES if is_write else READS]):
        if batch[record[at + k], d.C_ADDRESS] == address:
            return record[at + k]
    queue = queue_of(parameters, bank)
    at = entries_at(parameters, queue)
    for k in range(record[ready_at(parameters) + queue_count(parameters) + queue]):
        i = record[at + k]
        if batch[i, d.C_ADDRESS] == address and batch[i, d.C_WRITE] == is_write:
            return i
    return -1


@d.lean
def accept(parameters, record, batch, clock):
    """Take the next request if it has arrived and its queue has room; return whether one was taken."""
    i = record[NEXT]
    if i >= batch.shape[0] or batch[i, d.C_ARRIVAL] > clock:
        return False
    is_write, address, bank = batch[i, d.C_WRITE], batch[i, d.C_ADDRESS], batch[i, d.C_BANK]
    kind = WRITES if is_write else READS
    if record[kind] >= parameters[d.WRITE_QUEUE if is_write else d.READ_QUEUE]:
        return False
    record[NEXT] = i + 1
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
    at = parameters[d.QUEUES_AT] + (parameters[d.READ_QUEUE] if is_write else 0)
    record[at + record[kind]] = i
    record[kind] += 1
    record[bucket_at(parameters, is_write, address)] += 1
    return True


@d.lean
def start_draining(parameters, record, requests):
    """Begin to drain all writes held: the buffer is full, or there is nothing else to do."""
    held = record[WRITES]
    if record[d.S_DRAINING] > 0 or held == 0:
        return
    idle = record[QUEUED] == 0
    at_end = parameters[d.FLUSH] > 0 and record[NEXT] >= requests and record[READS] == 0
    if held >= parameters[d.WRITE_QUEUE] or (idle and held > parameters[d.DRAIN_LOW]) or at_end:
        record[d.S_DRAINING] = held
        record[STUCK] = 0


@d.lean
def schedule(parameters, record, batch):
    """Move the first transaction whose command queue has room; return whether one moved."""
    start_draining(parameters, record, batch.shape[0])
    draining = record[d.S_DRAINING] > 0
    kind = WRITES if draining else READS
    at = parameters[d.QUEUES_AT] + (parameters[d.READ_QUEUE] if draining else 0)
    lengths = ready_at(parameters) + queue_count(parameters)
    n = record[kind]
    for k in range(record[STUCK], n):
        i = record[at + k]
        queue = queue_of(parameters, batch[i, d.C_BANK])
        length = record[lengths + queue]
        if length >= parameters[d.BANK_QUEUE]:
            continue
        if draining:
            if pending(parameters, record, batch, batch[i, d.C_ADDRESS], batch[i, d.C_BANK], 0) >= 0:
                record[d.S_DRAINING] = record[STUCK] = 0
                return False
            record[d.S_DRAINING] -= 1
        record[entries_at(parameters, queue) + length] = i
        record[lengths + queue] = length + 1
        record[ready_at(parameters) + queue] = 0
        record[SOONEST] = 0
        record[QUEUED] += 1
        for j in range(at + k, at + n - 1):
            record[j] = record[j + 1]
        record[kind] = n - 1
        record[STUCK] = 0 if draining and record[d.S_DRAINING] == 0 else k
        return True
    record[STUCK] = n
    return False
