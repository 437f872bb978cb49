"""A DRAM controller with a transaction queue in front of one command queue for each bank, served round robin.

Each clock one transaction moves to its bank's queue, and one command is issued: the first legal one in the next queue
that has one. A row with pending hits stays open until a cap of hits. Writes wait until enough have gathered, then
drain. This is how DRAMsim3 schedules (S. Li et al., "DRAMsim3", IEEE CAL 2020).
"""

from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram_power import busy, rest
from accelsim.kernels.dram_queue_entries import (
    NEXT,
    QUEUED,
    READS,
    SOONEST,
    STUCK,
    WRITES,
    accept,
    bucket_at,
    entries_at,
    queue_count,
    ready_at,
    schedule,
)
from accelsim.kernels.dram_timing import (
    activate,
    bank_at,
    earliest_activate,
    earliest_column,
    earliest_precharge,
    earliest_refresh_bank,
    precharge,
    read,
    refresh_all,
    refresh_bank,
    write,
)


@d.lean
def _may_precharge(parameters, record, batch, at, place, length):
    """Return whether a request may close the open row: it is its bank's first, and the row's hits are done or capped."""
    i = record[at + place]
    bank = batch[i, d.C_BANK]
    for k in range(place):
        if batch[record[at + k], d.C_BANK] == bank:
            return False
    if record[bank_at(bank) + d.B_HITS] >= parameters[d.HIT_CAP]:
        return True
    for k in range(place, length):
        j = record[at + k]
        if batch[j, d.C_BANK] == bank and batch[j, d.C_ROW] == record[bank_at(bank) + d.B_ROW]:
            return False
    return True


@d.lean
def _earlier_read(record, batch, at, place):
    """Return whether a read of the same address stands before a write in its queue."""
    i = record[at + place]
    for k in range(place):
        j = record[at + k]
        if not batch[j, d.C_WRITE] and batch[j, d.C_ADDRESS] == batch[i, d.C_ADDRESS]:
            return True
    return False


@d.lean
def _first_ready(parameters, record, batch, at, length, clock):
    """Return place and command of a queue's first legal command (-1: none), and when the next could be legal."""
    soonest = d.NEVER
    for k in range(length):
        i = record[at + k]
        bank = batch[i, d.C_BANK]
        open_row = record[bank_at(bank) + d.B_ROW]
        if open_row == d.CLOSED:
            ready, command = earliest_activate(record, bank), d.ACT
        elif open_row == batch[i, d.C_ROW]:
            is_write = batch[i, d.C_WRITE]
            ready, command = earliest_column(record, bank, is_write), d.WR if is_write else d.RD
        else:
            ready, command = earliest_precharge(record, bank), d.PRE
        if ready > clock:
            soonest = min(soonest, ready)
            if command == d.ACT and parameters[d.ONE_QUEUE] == 0:
                break
        elif command == d.PRE:
            if _may_precharge(parameters, record, batch, at, k, length):
                return k, command, clock
        elif command != d.WR or not _earlier_read(record, batch, at, k):
            return k, command, clock
    return -1, -1, soonest


@d.lean
def choose(parameters, record, batch, clock):
    """Return queue, place and command of the next legal command, round robin over queues (-1: none), and when one could be."""
    count = queue_count(parameters)
    base = ready_at(parameters)
    soonest = d.NEVER
    index = record[d.S_ROBIN]
    for _ in range(count):
        index += 1
        if index >= count:
            index = 0
        ready = record[base + index]
        if ready <= clock:
            at = entries_at(parameters, index)
            place, command, ready = _first_ready(parameters, record, batch, at, record[base + count + index], clock)
            if place >= 0:
                record[d.S_ROBIN] = index
                return index, place, command, clock
            record[base + index] = ready
        soonest = min(soonest, ready)
    record[SOONEST] = soonest
    return -1, -1, -1, soonest


@d.lean
def issue(parameters, record, batch, queue, place, command, clock, log):
    """Issue a chosen command; a read or write leaves its queue and finishes with all that wait for it."""
    at = entries_at(parameters, queue)
    i = record[at + place]
    bank = batch[i, d.C_BANK]
    record[ready_at(parameters) + queue] = 0
    record[SOONEST] = 0
    if command == d.ACT:
        activate(parameters, record, bank, batch[i, d.C_ROW], clock, log)
        return
    if command == d.PRE:
        precharge(parameters, record, bank, clock, log)
        return
    if command == d.WR:
        write(parameters, record, bank, clock, log)
        batch[i, d.C_FINISH] = clock + parameters[d.WRITE_LATENCY]
    else:
        read(parameters, record, bank, clock, log)
        waiting = i
        while waiting >= 0:
            batch[waiting, d.C_FINISH] = clock + parameters[d.READ_LATENCY]
            waiting = batch[waiting, d.C_LINK]
    record[bucket_at(parameters, batch[i, d.C_WRITE], batch[i, d.C_ADDRESS])] -= 1
    _leave(parameters, record, queue, at, place)


@d.lean
def _leave(parameters, record, queue, at, place):
    """Take an entry out of its command queue."""
    length_at = ready_at(parameters) + queue_count(parameters) + queue
    length = record[length_at] - 1
    record[length_at] = length
    record[QUEUED] -= 1
    record[STUCK] = 0
    for k in range(at + place, at + length):
        record[k] = record[k + 1]
    if length == 0:
        record[ready_at(parameters) + queue] = d.NEVER


@d.lean
def refresh_step(parameters, record, clock, log):
    """Issue the next command that a due refresh needs, if legal; return whether one was, and when one could be."""
    per_bank = parameters[d.REFRESH] == d.PER_BANK
    first = record[d.S_REFRESH_NEXT_BANK] if per_bank else 0
    last = first + 1 if per_bank else parameters[d.BANKS]
    soonest = d.NEVER
    for bank in range(first, last):
        if record[bank_at(bank) + d.B_ROW] != d.CLOSED:
            ready = earliest_precharge(record, bank)
            if ready <= clock:
                precharge(parameters, record, bank, clock, log)
                return True, clock
            soonest = min(soonest, ready)
    if soonest < d.NEVER:
        return False, soonest
    ready = earliest_refresh_bank(record, first) if per_bank else record[d.S_REFRESH]
    if ready > clock:
        return False, ready
    if per_bank:
        refresh_bank(parameters, record, first, clock, log)
        record[d.S_REFRESH_NEXT_BANK] = last % parameters[d.BANKS]
    else:
        refresh_all(parameters, record, clock, log)
    record[d.S_REFRESH_PENDING] -= 1
    record[SOONEST] = 0
    _forget_ready(parameters, record)
    return True, clock


@d.lean
def _forget_ready(parameters, record):
    """Let every command queue be looked at again."""
    base, count = ready_at(parameters), queue_count(parameters)
    for queue in range(count):
        record[base + queue] = 0 if record[base + count + queue] > 0 else d.NEVER


@d.lean
def command_step(parameters, record, batch, clock, log):
    """Issue at most one command, or a row and a column command where the part takes both; return whether, and when next."""
    if record[d.S_REFRESH_PENDING] > 0:
        return refresh_step(parameters, record, clock, log)
    if record[SOONEST] > clock:
        return False, record[SOONEST]
    queue, place, command, soonest = choose(parameters, record, batch, clock)
    if queue < 0:
        return False, soonest
    issue(parameters, record, batch, queue, place, command, clock, log)
    if parameters[d.DUAL_COMMAND] > 0:
        queue, place, second, _ = choose(parameters, record, batch, clock)
        if queue >= 0 and (command == d.RD or command == d.WR) != (second == d.RD or second == d.WR):
            issue(parameters, record, batch, queue, place, second, clock, log)
            record[d.COUNTS + d.N_DUAL] += 1
    return True, clock


@d.lean
def run(parameters, record, batch, until, log):
    """Serve a batch through bank queues, and go on to a clock; see ``dram.serve``."""
    clock = record[d.S_CLOCK]
    requests = batch.shape[0]
    interval = parameters[d.REFI_BANK] if parameters[d.REFRESH] == d.PER_BANK else parameters[d.REFI]
    record[SOONEST] = record[STUCK] = 0
    _forget_ready(parameters, record)
    while True:
        while record[d.S_REFRESH_DUE] <= clock:
            busy(parameters, record, clock)
            record[d.S_REFRESH_PENDING] += 1
            record[d.S_REFRESH_DUE] += interval
        issued, soonest = command_step(parameters, record, batch, clock, log)
        moved = schedule(parameters, record, batch)
        taken = accept(parameters, record, batch, clock)
        waiting = record[QUEUED] + record[READS] + record[WRITES]
        if waiting == record[WRITES] and record[NEXT] >= requests and _stranded(parameters, record):
            waiting = 0
        after = clock + 1
        if not (taken or issued or moved):
            if record[NEXT] < requests and batch[record[NEXT], d.C_ARRIVAL] > clock:
                soonest = min(soonest, batch[record[NEXT], d.C_ARRIVAL])
            if waiting == 0 and record[d.S_REFRESH_PENDING] == 0:
                soonest = min(soonest, rest(parameters, record, clock, log))
            after = max(after, min(soonest, record[d.S_REFRESH_DUE]))
        if waiting == 0 and record[NEXT] >= requests and after >= until:
            break
        clock = after
    record[d.S_CLOCK] = max(clock + 1, until)
    _forget_stranded(parameters, record)


@d.lean
def _stranded(parameters, record):
    """Return whether writes wait that a controller without flush will never drain."""
    if parameters[d.FLUSH] > 0 or record[d.S_DRAINING] > 0:
        return False
    return record[WRITES] < parameters[d.WRITE_QUEUE] and record[WRITES] <= parameters[d.DRAIN_LOW]


@d.lean
def _forget_stranded(parameters, record):
    """Leave the queues empty for the next batch: writes that a controller without flush never issued are gone."""
    if record[WRITES] > 0:
        at = bucket_at(parameters, 0, 0)
        record[at : at + 2 * d.BUCKETS] = 0
    record[WRITES] = record[NEXT] = 0
