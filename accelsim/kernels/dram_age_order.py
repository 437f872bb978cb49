"""A DRAM controller that serves the oldest request whose next command is legal (first ready, first come first served).

Reads and writes wait in a buffer each; writes are served in phases between two marks. A request whose ACT was issued
moves to a list of its own, which goes first, and whose bank nobody closes. This is how Ramulator 2.1 schedules
(H. Luo et al., "Ramulator 2.0", IEEE CAL 2023), with ACT-1/ACT-2 and the CAS that starts the data clock of LPDDR5.
"""

from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram_age_buffers import (
    CAS_KIND,
    CAS_PLACE,
    NEXT,
    OPENED,
    READS,
    SOONEST,
    WRITES,
    accept,
    bucket_at,
    buffer,
    drop,
    opened_at,
    push,
    recheck,
)
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


@d.lean
def _needs(parameters, record, bank, row, is_write, clock):
    """Return the command a request needs next and the earliest clock at which it may be issued."""
    open_row = record[bank_at(bank) + d.B_ROW]
    if bank == record[d.S_ACTIVATING]:
        return d.ACT2, d.NEVER
    if open_row == d.CLOSED:
        ready = earliest_activate(record, bank)
        if record[d.S_ACTIVATING] >= 0:
            ready = max(ready, clock + 1)
        return d.ACT, ready
    if open_row == row:
        return (d.WR if is_write else d.RD), earliest_column(record, bank, is_write)
    if record[opened_at(parameters) + bank] > 0:
        return d.PRE, d.NEVER
    return d.PRE, earliest_precharge(record, bank)


@d.lean
def _oldest_ready(parameters, record, batch, kind, clock):
    """Return place and command of the oldest ready request of a buffer (-1: none), and when the next could be ready."""
    if record[kind + SOONEST] > clock:
        return -1, -1, record[kind + SOONEST]
    at, capacity = buffer(parameters, kind)
    best, best_request, command, soonest = -1, d.NEVER, -1, d.NEVER
    for k in range(record[kind]):
        ready = record[at + capacity + k]
        if ready <= clock:
            i = record[at + k]
            needs, ready = _needs(parameters, record, batch[i, d.C_BANK], batch[i, d.C_ROW], batch[i, d.C_WRITE], clock)
            if ready <= clock:
                if kind != OPENED:
                    record[kind + SOONEST] = 0
                    return k, needs, clock
                if i < best_request:
                    best, best_request, command = k, i, needs
            else:
                record[at + capacity + k] = ready
        soonest = min(soonest, ready)
    record[kind + SOONEST] = soonest if best < 0 else 0
    return best, command, soonest


@d.lean
def set_write_mode(parameters, record):
    """Enter the write phase above the high mark or without reads; leave it below the low mark when reads wait."""
    waiting = record[WRITES] * 1000
    if record[d.S_WRITE_MODE] == 0:
        if waiting > parameters[d.DRAIN_HIGH] or record[READS] == 0:
            record[d.S_WRITE_MODE] = 1
    elif waiting < parameters[d.DRAIN_LOW] and record[READS] != 0:
        record[d.S_WRITE_MODE] = 0


@d.lean
def _second_activate(parameters, record, batch, clock, log):
    """Issue ACT-2: the row is open, its request goes to those that go first."""
    bank = record[d.S_ACTIVATING]
    record[d.S_ACTIVATING] = -1
    push(parameters, record, OPENED, record[d.S_ACTIVATING_REQUEST])
    record[opened_at(parameters) + bank] += 1
    recheck(parameters, record, batch, bank)
    log_command(log, clock, d.ACT2, bank, record[bank_at(bank) + d.B_ROW])


@d.lean
def _column(parameters, record, batch, kind, place, clock, log):
    """Issue RD or WR of a buffered request and retire it."""
    at, _ = buffer(parameters, kind)
    i = record[at + place]
    bank = batch[i, d.C_BANK]
    if batch[i, d.C_WRITE]:
        write(parameters, record, bank, clock, log)
        batch[i, d.C_FINISH] = clock + parameters[d.WRITE_LATENCY]
        record[d.S_SYNC_UNTIL] = max(record[d.S_SYNC_UNTIL], clock + parameters[d.SYNC_WRITE])
        if kind == WRITES:
            record[bucket_at(parameters, batch[i, d.C_ADDRESS])] -= 1
    else:
        read(parameters, record, bank, clock, log)
        batch[i, d.C_FINISH] = clock + parameters[d.READ_LATENCY]
        record[d.S_SYNC_UNTIL] = max(record[d.S_SYNC_UNTIL], clock + parameters[d.SYNC_READ])
    drop(parameters, record, kind, place)
    if kind == OPENED:
        opened = opened_at(parameters) + bank
        record[opened] -= 1
        if record[opened] == 0:  # until now nobody might close the bank
            recheck(parameters, record, batch, bank)


@d.lean
def _open(parameters, record, batch, kind, place, clock, log):
    """Issue ACT of a buffered request; it then waits among those that go first."""
    at, _ = buffer(parameters, kind)
    i = record[at + place]
    bank = batch[i, d.C_BANK]
    activate(parameters, record, bank, batch[i, d.C_ROW], clock, log)
    drop(parameters, record, kind, place)
    if batch[i, d.C_WRITE]:
        record[bucket_at(parameters, batch[i, d.C_ADDRESS])] -= 1
    if parameters[d.SPLIT_ACTIVATE] > 0:
        record[d.S_ACTIVATING], record[d.S_ACTIVATING_REQUEST] = bank, i
        record[d.S_ACTIVATING_DEADLINE] = clock + parameters[d.SPLIT_ACTIVATE]
    else:
        push(parameters, record, OPENED, i)
        record[opened_at(parameters) + bank] += 1
    # The bank's other requests keep their earliest clocks: they were those of ACT, and all later commands come later.


@d.lean
def _refresh_one(parameters, record, batch, clock, log):
    """Take the next step of a per-bank refresh: PRE, or the refresh; return whether, and when it could be."""
    bank = record[d.S_REFRESH_NEXT_BANK]
    if record[bank_at(bank) + d.B_ROW] != d.CLOSED:
        if record[opened_at(parameters) + bank] > 0 or record[d.S_ACTIVATING] == bank:
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
    recheck(parameters, record, batch, bank)
    return True, clock


@d.lean
def refresh_step(parameters, record, batch, clock, log):
    """Issue the next command that the oldest due refresh needs, if legal; return whether one was, and when it could be."""
    if parameters[d.REFRESH] == d.PER_BANK:
        return _refresh_one(parameters, record, batch, clock, log)
    if record[d.S_OPEN_BANKS] > 0:
        if record[OPENED] > 0 or record[d.S_ACTIVATING] >= 0:
            return False, d.NEVER
        if record[d.S_PRECHARGE_ALL] > clock:
            return False, record[d.S_PRECHARGE_ALL]
        precharge_all(parameters, record, clock, log)
        recheck(parameters, record, batch, -1)
        return True, clock
    if record[d.S_REFRESH] > clock:
        return False, record[d.S_REFRESH]
    refresh_all(parameters, record, clock, log)
    record[d.S_REFRESH_PENDING] -= 1
    return True, clock


@d.lean
def _issue(parameters, record, batch, kind, place, command, clock, log):
    """Issue ACT, PRE, RD or WR of a buffered request, or the CAS that must come before its RD or WR."""
    if command == d.ACT:
        _open(parameters, record, batch, kind, place, clock, log)
        return
    at, _ = buffer(parameters, kind)
    i = record[at + place]
    if command == d.PRE:
        precharge(parameters, record, batch[i, d.C_BANK], clock, log)
        recheck(parameters, record, batch, batch[i, d.C_BANK])
    elif parameters[d.CLOCK_SYNC] > 0 and clock >= record[d.S_SYNC_UNTIL]:
        record[CAS_PLACE], record[CAS_KIND] = place + 1, kind
        record[d.COUNTS + d.N_CAS] += 1
        log_command(log, clock, d.CAS, batch[i, d.C_BANK], batch[i, d.C_ROW])
    else:
        _column(parameters, record, batch, kind, place, clock, log)


@d.lean
def _first_activation_must_end(parameters, record, command, clock):
    """Return whether ACT-2 cannot wait for a CAS and its column command."""
    starts_clock = (command == d.RD or command == d.WR) and parameters[d.CLOCK_SYNC] > 0 and clock >= record[d.S_SYNC_UNTIL]
    return starts_clock and record[d.S_ACTIVATING_DEADLINE] <= clock + 1


@d.lean
def command_step(parameters, record, batch, clock, log):
    """Issue at most one command; return whether one was issued, and the earliest clock at which one could be."""
    if record[CAS_PLACE] > 0:
        place, record[CAS_PLACE] = record[CAS_PLACE] - 1, 0
        _column(parameters, record, batch, record[CAS_KIND], place, clock, log)
        return True, clock
    activating = record[d.S_ACTIVATING] >= 0
    if activating and record[d.S_ACTIVATING_DEADLINE] <= clock:
        _second_activate(parameters, record, batch, clock, log)
        return True, clock
    kind = OPENED
    place, command, soonest = _oldest_ready(parameters, record, batch, kind, clock)
    if place < 0 and record[d.S_REFRESH_PENDING] > 0:
        issued, ready = refresh_step(parameters, record, batch, clock, log)
        if issued:
            return True, clock
        soonest = min(soonest, ready)
    elif place < 0:
        set_write_mode(parameters, record)
        kind = WRITES if record[d.S_WRITE_MODE] else READS
        place, command, ready = _oldest_ready(parameters, record, batch, kind, clock)
        soonest = min(soonest, ready)
    if activating and (place < 0 or _first_activation_must_end(parameters, record, command, clock)):
        _second_activate(parameters, record, batch, clock, log)
        return True, clock
    if place < 0:
        return False, soonest
    _issue(parameters, record, batch, kind, place, command, clock, log)
    return True, clock


@d.lean
def run(parameters, record, batch, until, log):
    """Serve a batch in age order, and go on to a clock; see ``dram.serve``."""
    clock = record[d.S_CLOCK]
    requests = batch.shape[0]
    interval = parameters[d.REFI_BANK] if parameters[d.REFRESH] == d.PER_BANK else parameters[d.REFI]
    while True:
        taken = accept(parameters, record, batch, clock)
        while record[d.S_REFRESH_DUE] <= clock:
            busy(parameters, record, clock)
            record[d.S_REFRESH_PENDING] += 1
            record[d.S_REFRESH_DUE] += interval
        issued, soonest = command_step(parameters, record, batch, clock, log)
        waiting = record[READS] + record[WRITES] + record[OPENED] + (record[d.S_ACTIVATING] + 1)
        after = clock + 1
        if not (taken or issued):
            if record[NEXT] < requests and batch[record[NEXT], d.C_ARRIVAL] >= clock:
                soonest = min(soonest, batch[record[NEXT], d.C_ARRIVAL] + 1)
            if waiting == 0 and record[d.S_REFRESH_PENDING] == 0:
                soonest = min(soonest, rest(parameters, record, clock, log))
            after = max(after, min(soonest, record[d.S_REFRESH_DUE]))
        if waiting == 0 and record[NEXT] >= requests and after >= until:
            break
        clock = after
    record[d.S_CLOCK] = max(clock + 1, until)
    record[NEXT] = 0
