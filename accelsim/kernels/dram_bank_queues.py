"""A DRAM controller with a transaction queue in front of one command queue for each bank, served round robin.

Each clock one transaction moves to its bank's queue, and one command is issued: the first legal one in the next queue
that has one. A row with pending hits stays open until a cap of hits. Writes wait until enough have gathered, then
drain. This is how DRAMsim3 schedules (S. Li et al., "DRAMsim3", IEEE CAL 2020).

Scratch: counts, the transaction queues, then for each command queue its length, the earliest clock at which it can
have a legal command, and its request numbers; last the buckets of pending reads and writes.
"""

from numba import njit

from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram_power import busy, rest
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

Q_READS, Q_WRITES, Q_NEXT, Q_QUEUED = 0, 1, 2, 3
Q_HEAD = 8


@njit(cache=True, nogil=True, inline="always")
def _writes_at(parameters):
    return Q_HEAD + parameters[d.READ_QUEUE]


@njit(cache=True, nogil=True, inline="always")
def _queues_at(parameters):
    return Q_HEAD + parameters[d.READ_QUEUE] + parameters[d.WRITE_QUEUE]


@njit(cache=True, nogil=True, inline="always")
def _queue_count(parameters):
    return 1 if parameters[d.ONE_QUEUE] else parameters[d.BANKS]


@njit(cache=True, nogil=True, inline="always")
def _queue_at(parameters, queue):
    """Return where a command queue's length, earliest clock and entries start."""
    return _queues_at(parameters) + queue * (2 + parameters[d.BANK_QUEUE])


@njit(cache=True, nogil=True, inline="always")
def _queue_of(parameters, bank):
    return 0 if parameters[d.ONE_QUEUE] else bank


@njit(cache=True, nogil=True, inline="always")
def _bucket_at(parameters, is_write, address):
    return _queue_at(parameters, _queue_count(parameters)) + (d.BUCKETS if is_write else 0) + d.bucket(address)


@njit(cache=True, nogil=True)
def _pending(parameters, scratch, addresses, banks, writes, address, bank, is_write):
    """Return the waiting read or write of an address, -1 for none."""
    if scratch[_bucket_at(parameters, is_write, address)] == 0:
        return -1
    at = _writes_at(parameters) if is_write else Q_HEAD
    for k in range(scratch[Q_WRITES if is_write else Q_READS]):
        if addresses[scratch[at + k]] == address:
            return scratch[at + k]
    at = _queue_at(parameters, _queue_of(parameters, bank))
    for k in range(scratch[at]):
        i = scratch[at + 2 + k]
        if addresses[i] == address and writes[i] == is_write:
            return i
    return -1


@njit(cache=True, nogil=True)
def accept(parameters, record, scratch, clock, addresses, banks, links, writes, arrivals, accepted, finishes):
    """Take the next request if it has arrived and its queue has room; return whether one was taken."""
    i = scratch[Q_NEXT]
    if i >= addresses.shape[0] or arrivals[i] > clock:
        return False
    is_write = writes[i]
    at, kind = (_writes_at(parameters), Q_WRITES) if is_write else (Q_HEAD, Q_READS)
    if scratch[kind] >= parameters[d.WRITE_QUEUE if is_write else d.READ_QUEUE]:
        return False
    scratch[Q_NEXT] = i + 1
    accepted[i] = clock + 1
    links[i] = -1
    record[d.S_LAST_DATA] = clock
    if _pending(parameters, scratch, addresses, banks, writes, addresses[i], banks[i], 1) >= 0:
        record[d.COUNTS + (d.N_MERGED if is_write else d.N_FORWARDED)] += 1
        finishes[i] = clock + 2
        return True
    if not is_write:
        first = _pending(parameters, scratch, addresses, banks, writes, addresses[i], banks[i], 0)
        if first >= 0:
            links[i], links[first] = links[first], i
            record[d.COUNTS + d.N_MERGED] += 1
            return True
    busy(parameters, record, clock + 1)
    scratch[at + scratch[kind]] = i
    scratch[kind] += 1
    scratch[_bucket_at(parameters, is_write, addresses[i])] += 1
    return True


@njit(cache=True, nogil=True)
def schedule(parameters, record, scratch, addresses, banks, writes):
    """Move the first transaction whose command queue has room; return whether one moved."""
    held = scratch[Q_WRITES]
    if record[d.S_DRAINING] == 0 and held > 0:
        idle = scratch[Q_QUEUED] == 0
        at_end = parameters[d.FLUSH] > 0 and scratch[Q_NEXT] >= addresses.shape[0] and scratch[Q_READS] == 0
        if held >= parameters[d.WRITE_QUEUE] or (idle and held > parameters[d.DRAIN_LOW]) or at_end:
            record[d.S_DRAINING] = held
    draining = record[d.S_DRAINING] > 0
    at, kind = (_writes_at(parameters), Q_WRITES) if draining else (Q_HEAD, Q_READS)
    n = scratch[kind]
    for k in range(n):
        i = scratch[at + k]
        queue = _queue_at(parameters, _queue_of(parameters, banks[i]))
        if scratch[queue] >= parameters[d.BANK_QUEUE]:
            continue
        if draining:
            if _pending(parameters, scratch, addresses, banks, writes, addresses[i], banks[i], 0) >= 0:
                record[d.S_DRAINING] = 0
                return False
            record[d.S_DRAINING] -= 1
        scratch[queue + 2 + scratch[queue]] = i
        scratch[queue] += 1
        scratch[queue + 1] = 0
        scratch[Q_QUEUED] += 1
        for j in range(k, n - 1):
            scratch[at + j] = scratch[at + j + 1]
        scratch[kind] = n - 1
        return True
    return False


@njit(cache=True, nogil=True)
def _may_precharge(parameters, record, scratch, queue, place, banks, rows):
    """Return whether a request that needs another row may close the open one: it is its bank's first, and the row's hits are done or capped."""
    i = scratch[queue + 2 + place]
    for k in range(place):
        if banks[scratch[queue + 2 + k]] == banks[i]:
            return False
    at = bank_at(banks[i])
    if record[at + d.B_HITS] >= parameters[d.HIT_CAP]:
        return True
    for k in range(place, scratch[queue]):
        j = scratch[queue + 2 + k]
        if banks[j] == banks[i] and rows[j] == record[at + d.B_ROW]:
            return False
    return True


@njit(cache=True, nogil=True)
def _earlier_read(scratch, queue, place, addresses, writes):
    """Return whether a read of the same address stands before a write in its queue."""
    i = scratch[queue + 2 + place]
    for k in range(place):
        j = scratch[queue + 2 + k]
        if not writes[j] and addresses[j] == addresses[i]:
            return True
    return False


@njit(cache=True, nogil=True)
def _first_ready(parameters, record, scratch, queue, clock, addresses, banks, rows, writes):
    """Return place and command of a queue's first legal command (-1: none), and when the next could be legal."""
    soonest = d.NEVER
    for k in range(scratch[queue]):
        i = scratch[queue + 2 + k]
        bank = banks[i]
        open_row = record[bank_at(bank) + d.B_ROW]
        if open_row == d.CLOSED:
            ready, command = earliest_activate(parameters, record, bank), d.ACT
        elif open_row == rows[i]:
            ready, command = earliest_column(parameters, record, bank, writes[i]), d.WR if writes[i] else d.RD
        else:
            ready, command = earliest_precharge(record, bank), d.PRE
        if ready > clock:
            soonest = min(soonest, ready)
            if command == d.ACT and parameters[d.ONE_QUEUE] == 0:
                break
        elif command == d.PRE:
            if _may_precharge(parameters, record, scratch, queue, k, banks, rows):
                return k, command, clock
        elif command != d.WR or not _earlier_read(scratch, queue, k, addresses, writes):
            return k, command, clock
    return -1, -1, soonest


@njit(cache=True, nogil=True)
def choose(parameters, record, scratch, clock, addresses, banks, rows, writes):
    """Return queue, place and command of the next legal command, round robin over queues (-1: none), and when one could be legal."""
    count = _queue_count(parameters)
    stride = 2 + parameters[d.BANK_QUEUE]
    base = _queues_at(parameters)
    soonest = d.NEVER
    index = record[d.S_ROBIN]
    for _ in range(count):
        index += 1
        if index >= count:
            index = 0
        queue = base + index * stride
        if scratch[queue] == 0:
            continue
        ready = scratch[queue + 1]
        if ready <= clock:
            place, command, ready = _first_ready(parameters, record, scratch, queue, clock, addresses, banks, rows, writes)
            if place >= 0:
                record[d.S_ROBIN] = index
                return queue, place, command, clock
            scratch[queue + 1] = ready
        soonest = min(soonest, ready)
    return -1, -1, -1, soonest


@njit(cache=True, nogil=True)
def issue(parameters, record, scratch, queue, place, command, clock, addresses, banks, rows, links, writes, finishes, log):
    """Issue a chosen command; a read or write leaves its queue and finishes with all that wait for it."""
    i = scratch[queue + 2 + place]
    bank = banks[i]
    scratch[queue + 1] = 0
    if command == d.ACT:
        activate(parameters, record, bank, rows[i], clock, log)
        return
    if command == d.PRE:
        precharge(parameters, record, bank, clock, log)
        return
    if command == d.WR:
        write(parameters, record, bank, clock, log)
        finishes[i] = clock + parameters[d.WRITE_LATENCY]
    else:
        read(parameters, record, bank, clock, log)
        waiting = i
        while waiting >= 0:
            finishes[waiting] = clock + parameters[d.READ_LATENCY]
            waiting = links[waiting]
    scratch[_bucket_at(parameters, writes[i], addresses[i])] -= 1
    scratch[queue] -= 1
    scratch[Q_QUEUED] -= 1
    for k in range(place, scratch[queue]):
        scratch[queue + 2 + k] = scratch[queue + 3 + k]


@njit(cache=True, nogil=True)
def refresh_step(parameters, record, scratch, clock, log):
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
    for queue in range(_queue_count(parameters)):
        scratch[_queue_at(parameters, queue) + 1] = 0
    return True, clock


@njit(cache=True, nogil=True)
def command_step(parameters, record, scratch, clock, addresses, banks, rows, links, writes, finishes, log):
    """Issue at most one command, or a row and a column command where the part takes both; return whether, and when next."""
    if record[d.S_REFRESH_PENDING] > 0:
        return refresh_step(parameters, record, scratch, clock, log)
    queue, place, command, soonest = choose(parameters, record, scratch, clock, addresses, banks, rows, writes)
    if queue < 0:
        return False, soonest
    issue(parameters, record, scratch, queue, place, command, clock, addresses, banks, rows, links, writes, finishes, log)
    if parameters[d.DUAL_COMMAND] > 0:
        queue, place, second, _ = choose(parameters, record, scratch, clock, addresses, banks, rows, writes)
        if queue >= 0 and (command == d.RD or command == d.WR) != (second == d.RD or second == d.WR):
            issue(parameters, record, scratch, queue, place, second, clock, addresses, banks, rows, links, writes, finishes, log)
            record[d.COUNTS + d.N_DUAL] += 1
    return True, clock


@njit(cache=True, nogil=True)
def run(parameters, record, scratch, addresses, banks, rows, links, writes, arrivals, accepted, finishes, until, log):
    """Serve a batch through bank queues, and go on to a clock; see ``dram.serve``."""
    clock = record[d.S_CLOCK]
    requests = addresses.shape[0]
    interval = parameters[d.REFI_BANK] if parameters[d.REFRESH] == d.PER_BANK else parameters[d.REFI]
    while True:
        while record[d.S_REFRESH_DUE] <= clock:
            busy(parameters, record, clock)
            record[d.S_REFRESH_PENDING] += 1
            record[d.S_REFRESH_DUE] += interval
        issued, soonest = command_step(parameters, record, scratch, clock, addresses, banks, rows, links, writes, finishes, log)
        moved = schedule(parameters, record, scratch, addresses, banks, writes)
        taken = accept(parameters, record, scratch, clock, addresses, banks, links, writes, arrivals, accepted, finishes)
        waiting = scratch[Q_QUEUED] + scratch[Q_READS] + scratch[Q_WRITES]
        if waiting == scratch[Q_WRITES] and scratch[Q_NEXT] >= requests and _stranded(parameters, record, scratch):
            waiting = 0
        after = clock + 1
        if not (taken or issued or moved):
            if scratch[Q_NEXT] < requests and arrivals[scratch[Q_NEXT]] > clock:
                soonest = min(soonest, arrivals[scratch[Q_NEXT]])
            if waiting == 0 and record[d.S_REFRESH_PENDING] == 0:
                soonest = min(soonest, rest(parameters, record, clock, log))
            after = max(after, min(soonest, record[d.S_REFRESH_DUE]))
        if waiting == 0 and scratch[Q_NEXT] >= requests and after >= until:
            break
        clock = after
    record[d.S_CLOCK] = max(clock + 1, until)
    _forget_stranded(parameters, scratch)


@njit(cache=True, nogil=True)
def _stranded(parameters, record, scratch):
    """Return whether writes wait that a controller without flush will never drain."""
    if parameters[d.FLUSH] > 0 or record[d.S_DRAINING] > 0:
        return False
    return scratch[Q_WRITES] < parameters[d.WRITE_QUEUE] and scratch[Q_WRITES] <= parameters[d.DRAIN_LOW]


@njit(cache=True, nogil=True)
def _forget_stranded(parameters, scratch):
    """Leave scratch empty for the next batch: writes that a controller without flush never issued are gone."""
    if scratch[Q_WRITES] > 0:
        at = _queue_at(parameters, _queue_count(parameters))
        scratch[at : at + 2 * d.BUCKETS] = 0
    scratch[Q_READS], scratch[Q_WRITES], scratch[Q_NEXT], scratch[Q_QUEUED] = 0, 0, 0, 0
