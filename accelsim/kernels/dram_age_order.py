"""A DRAM controller that serves the oldest request whose next command is legal (first ready, first come first served).

Reads and writes wait in a buffer each; writes are served in phases between two marks. A request whose ACT was issued
moves to a list of its own, which goes first, and whose bank nobody closes. This is how Ramulator 2.1 schedules
(H. Luo et al., "Ramulator 2.0", IEEE CAL 2023), with ACT-1/ACT-2 and the CAS that starts the data clock of LPDDR5.

Scratch: counts, then the buffers as request numbers beside the earliest clock at which each can be ready.
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
    log_command,
    precharge,
    precharge_all,
    read,
    refresh_all,
    refresh_bank,
    write,
)

Q_READS, Q_WRITES, Q_OPENED, Q_NEXT, Q_CAS = 0, 1, 2, 3, 4  # lengths of the buffers, next request of the trace, CAS issued for request + 1
Q_CAS_LIST = 5
Q_HEAD = 8


@njit(cache=True, nogil=True, inline="always")
def _start(parameters, kind):
    """Return where a buffer's request numbers start in scratch, and its capacity."""
    reads, writes, banks = parameters[d.READ_QUEUE], parameters[d.WRITE_QUEUE], parameters[d.BANKS]
    if kind == Q_READS:
        return Q_HEAD, reads
    if kind == Q_WRITES:
        return Q_HEAD + 2 * reads, writes
    return Q_HEAD + 2 * (reads + writes), banks


@njit(cache=True, nogil=True, inline="always")
def _opened_at(parameters):
    return Q_HEAD + 2 * (parameters[d.READ_QUEUE] + parameters[d.WRITE_QUEUE] + parameters[d.BANKS])


@njit(cache=True, nogil=True, inline="always")
def _buckets_at(parameters):
    return _opened_at(parameters) + parameters[d.BANKS]


@njit(cache=True, nogil=True)
def _push(parameters, scratch, kind, request):
    at, capacity = _start(parameters, kind)
    n = scratch[kind]
    scratch[at + n] = request
    scratch[at + capacity + n] = 0
    scratch[kind] = n + 1


@njit(cache=True, nogil=True)
def _drop(parameters, scratch, kind, place):
    at, capacity = _start(parameters, kind)
    n = scratch[kind] - 1
    for k in range(place, n):
        scratch[at + k] = scratch[at + k + 1]
        scratch[at + capacity + k] = scratch[at + capacity + k + 1]
    scratch[kind] = n


@njit(cache=True, nogil=True)
def _recheck(parameters, scratch, banks, bank):
    """Forget the earliest clocks of a bank's requests, of all banks for -1: its row has changed."""
    for kind in range(Q_OPENED + 1):
        at, capacity = _start(parameters, kind)
        for k in range(scratch[kind]):
            if bank < 0 or banks[scratch[at + k]] == bank:
                scratch[at + capacity + k] = 0


@njit(cache=True, nogil=True)
def _waits_as_write(parameters, scratch, addresses, address):
    if scratch[_buckets_at(parameters) + d.bucket(address)] == 0:
        return False
    at, _ = _start(parameters, Q_WRITES)
    for k in range(scratch[Q_WRITES]):
        if addresses[scratch[at + k]] == address:
            return True
    return False


@njit(cache=True, nogil=True)
def accept(parameters, record, scratch, clock, addresses, writes, arrivals, accepted, finishes):
    """Take the next request if it has arrived and its buffer has room; return whether one was taken."""
    i = scratch[Q_NEXT]
    if i >= addresses.shape[0] or arrivals[i] >= clock:
        return False
    kind = Q_WRITES if writes[i] else Q_READS
    if _waits_as_write(parameters, scratch, addresses, addresses[i]):
        record[d.COUNTS + (d.N_MERGED if writes[i] else d.N_FORWARDED)] += 1
        finishes[i] = clock
    elif scratch[kind] < (parameters[d.WRITE_QUEUE] if writes[i] else parameters[d.READ_QUEUE]):
        _push(parameters, scratch, kind, i)
        if writes[i]:
            scratch[_buckets_at(parameters) + d.bucket(addresses[i])] += 1
        busy(parameters, record, clock)
    else:
        return False
    record[d.S_LAST_DATA] = clock
    accepted[i] = clock - 1
    scratch[Q_NEXT] = i + 1
    return True


@njit(cache=True, nogil=True)
def _ready_at(parameters, record, scratch, request, bank, row, is_write, clock):
    """Return the command a request needs next and the earliest clock at which it may be issued."""
    open_row = record[bank_at(bank) + d.B_ROW]
    if bank == record[d.S_ACTIVATING]:
        return d.ACT2, d.NEVER
    if open_row == d.CLOSED:
        ready = earliest_activate(parameters, record, bank)
        if record[d.S_ACTIVATING] >= 0:
            ready = max(ready, clock + 1)
        return d.ACT, ready
    if open_row == row:
        return (d.WR if is_write else d.RD), earliest_column(parameters, record, bank, is_write)
    if scratch[_opened_at(parameters) + bank] > 0:
        return d.PRE, d.NEVER
    return d.PRE, earliest_precharge(record, bank)


@njit(cache=True, nogil=True)
def _oldest_ready(parameters, record, scratch, kind, clock, banks, rows, writes):
    """Return place and command of the oldest ready request of a buffer (-1: none), and when the next could be ready."""
    at, capacity = _start(parameters, kind)
    best, best_request, command, soonest = -1, d.NEVER, -1, d.NEVER
    for k in range(scratch[kind]):
        ready = scratch[at + capacity + k]
        if ready <= clock:
            i = scratch[at + k]
            needs, ready = _ready_at(parameters, record, scratch, i, banks[i], rows[i], writes[i], clock)
            if ready <= clock:
                if i < best_request:
                    best, best_request, command = k, i, needs
                if kind != Q_OPENED:
                    return best, command, soonest
            else:
                scratch[at + capacity + k] = ready
        soonest = min(soonest, ready)
    return best, command, soonest


@njit(cache=True, nogil=True)
def set_write_mode(parameters, record, scratch):
    """Enter the write phase above the high mark or without reads; leave it below the low mark when reads wait."""
    waiting = scratch[Q_WRITES] * 1000
    if record[d.S_WRITE_MODE] == 0:
        if waiting > parameters[d.DRAIN_HIGH] or scratch[Q_READS] == 0:
            record[d.S_WRITE_MODE] = 1
    elif waiting < parameters[d.DRAIN_LOW] and scratch[Q_READS] != 0:
        record[d.S_WRITE_MODE] = 0


@njit(cache=True, nogil=True)
def _second_activate(parameters, record, scratch, clock, banks, log):
    """Issue ACT-2: the row is open, its request goes to those that go first."""
    bank = record[d.S_ACTIVATING]
    record[d.S_ACTIVATING] = -1
    _push(parameters, scratch, Q_OPENED, record[d.S_ACTIVATING_REQUEST])
    scratch[_opened_at(parameters) + bank] += 1
    _recheck(parameters, scratch, banks, bank)
    log_command(log, clock, d.ACT2, bank, record[bank_at(bank) + d.B_ROW])


@njit(cache=True, nogil=True)
def _column(parameters, record, scratch, kind, place, clock, addresses, banks, writes, finishes, log):
    """Issue RD or WR of a buffered request and retire it."""
    at, _ = _start(parameters, kind)
    i = scratch[at + place]
    bank = banks[i]
    if writes[i]:
        write(parameters, record, bank, clock, log)
        finishes[i] = clock + parameters[d.WRITE_LATENCY]
        record[d.S_SYNC_UNTIL] = max(record[d.S_SYNC_UNTIL], clock + parameters[d.SYNC_WRITE])
        if kind == Q_WRITES:
            scratch[_buckets_at(parameters) + d.bucket(addresses[i])] -= 1
    else:
        read(parameters, record, bank, clock, log)
        finishes[i] = clock + parameters[d.READ_LATENCY]
        record[d.S_SYNC_UNTIL] = max(record[d.S_SYNC_UNTIL], clock + parameters[d.SYNC_READ])
    _drop(parameters, scratch, kind, place)
    if kind == Q_OPENED:
        scratch[_opened_at(parameters) + bank] -= 1
        _recheck(parameters, scratch, banks, bank)


@njit(cache=True, nogil=True)
def _open(parameters, record, scratch, kind, place, clock, addresses, banks, rows, writes, log):
    """Issue ACT of a buffered request; it then waits among those that go first."""
    at, _ = _start(parameters, kind)
    i = scratch[at + place]
    bank = banks[i]
    activate(parameters, record, bank, rows[i], clock, log)
    _drop(parameters, scratch, kind, place)
    if writes[i]:
        scratch[_buckets_at(parameters) + d.bucket(addresses[i])] -= 1
    if parameters[d.SPLIT_ACTIVATE] > 0:
        record[d.S_ACTIVATING], record[d.S_ACTIVATING_REQUEST] = bank, i
        record[d.S_ACTIVATING_DEADLINE] = clock + parameters[d.SPLIT_ACTIVATE]
    else:
        _push(parameters, scratch, Q_OPENED, i)
        scratch[_opened_at(parameters) + bank] += 1
    _recheck(parameters, scratch, banks, bank)


@njit(cache=True, nogil=True)
def refresh_step(parameters, record, scratch, clock, banks, log):
    """Issue the next command that the oldest due refresh needs, if legal; return whether one was, and when it could be."""
    if parameters[d.REFRESH] == d.PER_BANK:
        bank = record[d.S_REFRESH_NEXT_BANK]
        if record[bank_at(bank) + d.B_ROW] != d.CLOSED:
            if scratch[_opened_at(parameters) + bank] > 0 or record[d.S_ACTIVATING] == bank:
                return False, d.NEVER
            ready = earliest_precharge(record, bank)
            if ready > clock:
                return False, ready
            precharge(parameters, record, bank, clock, log)
        else:
            ready = earliest_refresh_bank(record, bank)
            if ready > clock:
                return False, ready
            refresh_bank(parameters, record, bank, clock, log)
            record[d.S_REFRESH_PENDING] -= 1
            record[d.S_REFRESH_NEXT_BANK] = (bank + 1) % parameters[d.BANKS]
        _recheck(parameters, scratch, banks, bank)
        return True, clock
    if record[d.S_OPEN_BANKS] > 0:
        if scratch[Q_OPENED] > 0 or record[d.S_ACTIVATING] >= 0:
            return False, d.NEVER
        if record[d.S_PRECHARGE_ALL] > clock:
            return False, record[d.S_PRECHARGE_ALL]
        precharge_all(parameters, record, clock, log)
        _recheck(parameters, scratch, banks, -1)
        return True, clock
    if record[d.S_REFRESH] > clock:
        return False, record[d.S_REFRESH]
    refresh_all(parameters, record, clock, log)
    record[d.S_REFRESH_PENDING] -= 1
    return True, clock


@njit(cache=True, nogil=True)
def command_step(parameters, record, scratch, clock, addresses, banks, rows, writes, finishes, log):
    """Issue at most one command; return whether one was issued, and the earliest clock at which one could be."""
    if scratch[Q_CAS] > 0:
        place, scratch[Q_CAS] = scratch[Q_CAS] - 1, 0
        _column(parameters, record, scratch, scratch[Q_CAS_LIST], place, clock, addresses, banks, writes, finishes, log)
        return True, clock
    activating = record[d.S_ACTIVATING] >= 0
    if activating and record[d.S_ACTIVATING_DEADLINE] <= clock:
        _second_activate(parameters, record, scratch, clock, banks, log)
        return True, clock
    kind = Q_OPENED
    place, command, soonest = _oldest_ready(parameters, record, scratch, kind, clock, banks, rows, writes)
    if place < 0 and record[d.S_REFRESH_PENDING] > 0:
        issued, ready = refresh_step(parameters, record, scratch, clock, banks, log)
        if issued:
            return True, clock
        soonest = min(soonest, ready)
    elif place < 0:
        set_write_mode(parameters, record, scratch)
        kind = Q_WRITES if record[d.S_WRITE_MODE] else Q_READS
        place, command, ready = _oldest_ready(parameters, record, scratch, kind, clock, banks, rows, writes)
        soonest = min(soonest, ready)
    column = command == d.RD or command == d.WR
    needs_sync = place >= 0 and column and parameters[d.CLOCK_SYNC] > 0 and clock >= record[d.S_SYNC_UNTIL]
    if activating and (place < 0 or (needs_sync and record[d.S_ACTIVATING_DEADLINE] <= clock + 1)):
        _second_activate(parameters, record, scratch, clock, banks, log)
        return True, clock
    if place < 0:
        return False, soonest
    if needs_sync:
        at, _ = _start(parameters, kind)
        scratch[Q_CAS], scratch[Q_CAS_LIST] = place + 1, kind
        record[d.COUNTS + d.N_CAS] += 1
        log_command(log, clock, d.CAS, banks[scratch[at + place]], rows[scratch[at + place]])
    elif column:
        _column(parameters, record, scratch, kind, place, clock, addresses, banks, writes, finishes, log)
    elif command == d.ACT:
        _open(parameters, record, scratch, kind, place, clock, addresses, banks, rows, writes, log)
    else:
        at, _ = _start(parameters, kind)
        bank = banks[scratch[at + place]]
        precharge(parameters, record, bank, clock, log)
        _recheck(parameters, scratch, banks, bank)
    return True, clock


@njit(cache=True, nogil=True)
def run(parameters, record, scratch, addresses, banks, rows, writes, arrivals, accepted, finishes, until, log):
    """Serve a batch in age order, and go on to a clock; see ``dram.serve``."""
    clock = record[d.S_CLOCK]
    requests = addresses.shape[0]
    interval = parameters[d.REFI_BANK] if parameters[d.REFRESH] == d.PER_BANK else parameters[d.REFI]
    while True:
        taken = accept(parameters, record, scratch, clock, addresses, writes, arrivals, accepted, finishes)
        while record[d.S_REFRESH_DUE] <= clock:
            busy(parameters, record, clock)
            record[d.S_REFRESH_PENDING] += 1
            record[d.S_REFRESH_DUE] += interval
        issued, soonest = command_step(parameters, record, scratch, clock, addresses, banks, rows, writes, finishes, log)
        waiting = scratch[Q_READS] + scratch[Q_WRITES] + scratch[Q_OPENED] + scratch[Q_CAS]
        if record[d.S_ACTIVATING] >= 0:
            waiting += 1
        after = clock + 1
        if not (taken or issued):
            if scratch[Q_NEXT] < requests and arrivals[scratch[Q_NEXT]] >= clock:
                soonest = min(soonest, arrivals[scratch[Q_NEXT]] + 1)
            if waiting == 0 and record[d.S_REFRESH_PENDING] == 0:
                soonest = min(soonest, rest(parameters, record, clock, log))
            after = max(after, min(soonest, record[d.S_REFRESH_DUE]))
        if waiting == 0 and scratch[Q_NEXT] >= requests and after >= until:
            break
        clock = after
    record[d.S_CLOCK] = max(clock + 1, until)
    scratch[Q_NEXT] = 0
