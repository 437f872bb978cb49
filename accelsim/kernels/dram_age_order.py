"""A DRAM controller that serves the oldest request whose next command is legal (first ready, first come first served).

Reads and writes wait in a buffer each; writes are served in phases between two marks. A request whose ACT was issued
moves to a list of its own, which goes first, and whose bank nobody closes. This is how Ramulator 2.1 schedules
(H. Luo et al., "Ramulator 2.0", IEEE CAL 2023), with ACT-1/ACT-2 and the CAS that starts the data clock of LPDDR5.
"""

from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram_age_choice import OPENED, SOONEST, oldest_ready, row_closed, row_opened, waits, without
from accelsim.kernels.dram_bank_lists import LENGTHS, READS, WAITING, WRITES, append, bucket_at, first_of, remove
from accelsim.kernels.dram_power import busy, rest
from accelsim.kernels.dram_timing import (
    activate,
    bank_at,
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

CAS_REQUEST, CAS_KIND = d.QUEUE_COUNTS + 13, d.QUEUE_COUNTS + 14  # a request, plus 1, whose CAS was issued; 0 for none


@d.lean
def _waits_as_write(parameters, record, batch, address, bank):
    """Return whether a write of an address is buffered."""
    if record[bucket_at(parameters, 1, address)] == 0:
        return False
    i = first_of(parameters, record, WRITES, bank)
    while i >= 0:
        if batch[i, d.C_ADDRESS] == address:
            return True
        i = batch[i, d.C_NEXT]
    return False


@d.inlined
def accept(parameters, record, batch, clock):
    """Take the next request if it has arrived and its buffer has room; return whether one was taken."""
    i = record[d.S_NEXT]
    if i >= batch.shape[0] or batch[i, d.C_ARRIVAL] >= clock:
        return False
    is_write, address = batch[i, d.C_WRITE], batch[i, d.C_ADDRESS]
    if _waits_as_write(parameters, record, batch, address, batch[i, d.C_BANK]):
        record[d.COUNTS + (d.N_MERGED if is_write else d.N_FORWARDED)] += 1
        batch[i, d.C_FINISH] = clock
    else:
        kind = WRITES if is_write else READS
        if record[LENGTHS + kind] >= parameters[d.WRITE_QUEUE if is_write else d.READ_QUEUE]:
            return False
        append(parameters, record, batch, kind, i)
        waits(parameters, record, batch, kind, i)
        if is_write:
            record[bucket_at(parameters, 1, address)] += 1
        busy(parameters, record, clock)
    record[d.S_LAST_REQUEST] = clock
    batch[i, d.C_ACCEPTED] = clock - 1
    record[d.S_NEXT] = i + 1
    return True


@d.inlined
def set_write_mode(parameters, record):
    """Enter the write phase above the high mark or without reads; leave it below the low mark when reads wait."""
    waiting = record[LENGTHS + WRITES] * 1000
    if record[d.S_WRITE_MODE] == 0:
        if waiting > parameters[d.DRAIN_HIGH] or record[LENGTHS + READS] == 0:
            record[d.S_WRITE_MODE] = 1
    elif waiting < parameters[d.DRAIN_LOW] and record[LENGTHS + READS] != 0:
        record[d.S_WRITE_MODE] = 0


@d.lean
def _second_activate(parameters, record, batch, clock, log):
    """Issue ACT-2: the row is open, its request goes to those that go first."""
    bank = record[d.S_ACTIVATING]
    record[d.S_ACTIVATING] = -1
    append(parameters, record, batch, OPENED, record[d.S_ACTIVATING_REQUEST])
    record[SOONEST + READS] = record[SOONEST + WRITES] = record[SOONEST + OPENED] = 0
    log_command(log, clock, d.ACT2, bank, record[bank_at(bank) + d.B_ROW])


@d.lean
def _column(parameters, record, batch, kind, i, clock, log):
    """Issue RD or WR of a buffered request and retire it."""
    bank = batch[i, d.C_BANK]
    if batch[i, d.C_WRITE]:
        write(parameters, record, bank, clock, log)
        batch[i, d.C_FINISH] = clock + parameters[d.WRITE_LATENCY]
        record[d.S_SYNC_UNTIL] = max(record[d.S_SYNC_UNTIL], clock + parameters[d.SYNC_WRITE])
        if kind == WRITES:
            record[bucket_at(parameters, 1, batch[i, d.C_ADDRESS])] -= 1
    else:
        read(parameters, record, bank, clock, log)
        batch[i, d.C_FINISH] = clock + parameters[d.READ_LATENCY]
        record[d.S_SYNC_UNTIL] = max(record[d.S_SYNC_UNTIL], clock + parameters[d.SYNC_READ])
    if kind == OPENED:
        remove(parameters, record, batch, OPENED, i)
        record[SOONEST + READS] = record[SOONEST + WRITES] = 0  # until now nobody might close the bank
    else:
        without(parameters, record, batch, kind, i)


@d.lean
def _open(parameters, record, batch, kind, i, clock, log):
    """Issue ACT of a buffered request; it then waits among those that go first."""
    bank = batch[i, d.C_BANK]
    activate(parameters, record, bank, batch[i, d.C_ROW], clock, log)
    remove(parameters, record, batch, kind, i)
    row_opened(parameters, record, batch, bank, batch[i, d.C_ROW])
    if batch[i, d.C_WRITE]:
        record[bucket_at(parameters, 1, batch[i, d.C_ADDRESS])] -= 1
    if parameters[d.SPLIT_ACTIVATE] > 0:
        record[d.S_ACTIVATING], record[d.S_ACTIVATING_REQUEST] = bank, i
        record[d.S_ACTIVATING_DEADLINE] = clock + parameters[d.SPLIT_ACTIVATE]
    else:
        append(parameters, record, batch, OPENED, i)
        record[SOONEST + OPENED] = 0


@d.lean
def _refresh_one(parameters, record, clock, log):
    """Take the next step of a per-bank refresh: PRE, or the refresh; return whether, and when it could be."""
    bank = record[d.S_REFRESH_NEXT_BANK]
    if record[bank_at(bank) + d.B_ROW] != d.CLOSED:
        if (record[WAITING + OPENED] >> bank) & 1 or record[d.S_ACTIVATING] == bank:
            return False, d.NEVER
        ready = earliest_precharge(record, bank)
        if ready > clock:
            return False, ready
        precharge(parameters, record, bank, clock, log)
        row_closed(record, bank)
        return True, clock
    ready = earliest_refresh_bank(record, bank)
    if ready > clock:
        return False, ready
    refresh_bank(parameters, record, bank, clock, log)
    record[d.S_REFRESH_PENDING] -= 1
    record[d.S_REFRESH_NEXT_BANK] = (bank + 1) % parameters[d.BANKS]
    return True, clock


@d.lean
def refresh_step(parameters, record, clock, log):
    """Issue the next command that the oldest due refresh needs, if legal; return whether one was, and when it could be."""
    if parameters[d.REFRESH] == d.PER_BANK:
        return _refresh_one(parameters, record, clock, log)
    if record[d.S_OPEN_ROWS] != 0:
        if record[WAITING + OPENED] != 0 or record[d.S_ACTIVATING] >= 0:
            return False, d.NEVER
        if record[d.S_PRECHARGE_ALL] > clock:
            return False, record[d.S_PRECHARGE_ALL]
        precharge_all(parameters, record, clock, log)
        row_closed(record, -1)
        return True, clock
    if record[d.S_REFRESH] > clock:
        return False, record[d.S_REFRESH]
    refresh_all(parameters, record, clock, log)
    record[d.S_REFRESH_PENDING] -= 1
    return True, clock


@d.inlined
def _issue(parameters, record, batch, kind, i, command, clock, log):
    """Issue ACT, PRE, RD or WR of a buffered request, or the CAS that must come before its RD or WR."""
    if command == d.ACT:
        _open(parameters, record, batch, kind, i, clock, log)
    elif command == d.PRE:
        precharge(parameters, record, batch[i, d.C_BANK], clock, log)
        row_closed(record, batch[i, d.C_BANK])
    elif parameters[d.CLOCK_SYNC] > 0 and clock >= record[d.S_SYNC_UNTIL]:
        record[CAS_REQUEST], record[CAS_KIND] = i + 1, kind
        record[d.COUNTS + d.N_CAS] += 1
        log_command(log, clock, d.CAS, batch[i, d.C_BANK], batch[i, d.C_ROW])
    else:
        _column(parameters, record, batch, kind, i, clock, log)


@d.lean
def _first_activation_must_end(parameters, record, command, clock):
    """Return whether ACT-2 cannot wait for a CAS and its column command."""
    starts_clock = (command == d.RD or command == d.WR) and parameters[d.CLOCK_SYNC] > 0 and clock >= record[d.S_SYNC_UNTIL]
    return starts_clock and record[d.S_ACTIVATING_DEADLINE] <= clock + 1


@d.inlined
def command_step(parameters, record, batch, clock, log):
    """Issue at most one command; return whether one was issued, and the earliest clock at which one could be."""
    if record[CAS_REQUEST] > 0:
        i, record[CAS_REQUEST] = record[CAS_REQUEST] - 1, 0
        _column(parameters, record, batch, record[CAS_KIND], i, clock, log)
        return True, clock
    activating = record[d.S_ACTIVATING] >= 0
    if activating and record[d.S_ACTIVATING_DEADLINE] <= clock:
        _second_activate(parameters, record, batch, clock, log)
        return True, clock
    kind = OPENED
    i, command, soonest = oldest_ready(parameters, record, batch, kind, clock)
    if i < 0 and record[d.S_REFRESH_PENDING] > 0:
        issued, ready = refresh_step(parameters, record, clock, log)
        if issued:
            return True, clock
        soonest = min(soonest, ready)
    elif i < 0:
        set_write_mode(parameters, record)
        kind = WRITES if record[d.S_WRITE_MODE] else READS
        i, command, ready = oldest_ready(parameters, record, batch, kind, clock)
        soonest = min(soonest, ready)
    if activating and (i < 0 or _first_activation_must_end(parameters, record, command, clock)):
        _second_activate(parameters, record, batch, clock, log)
        return True, clock
    if i < 0:
        return False, soonest
    _issue(parameters, record, batch, kind, i, command, clock, log)
    return True, clock


@d.lean
def run(parameters, record, batch, until, log):
    """Serve a batch in age order, and go on to a clock; see ``dram.serve``."""
    clock = record[d.S_CLOCK]
    requests = batch.shape[0]
    interval = parameters[d.REFI_BANK] if parameters[d.REFRESH] == d.PER_BANK else parameters[d.REFI]
    record[SOONEST + READS] = record[SOONEST + WRITES] = record[SOONEST + OPENED] = 0
    while True:
        taken = accept(parameters, record, batch, clock)
        while record[d.S_REFRESH_DUE] <= clock:
            busy(parameters, record, clock)
            record[d.S_REFRESH_PENDING] += 1
            record[d.S_REFRESH_DUE] += interval
        issued, soonest = command_step(parameters, record, batch, clock, log)
        waiting = record[WAITING + READS] | record[WAITING + WRITES] | record[WAITING + OPENED] | (record[d.S_ACTIVATING] + 1)
        after = clock + 1
        if not (taken or issued):
            if record[d.S_NEXT] < requests and batch[record[d.S_NEXT], d.C_ARRIVAL] >= clock:
                soonest = min(soonest, batch[record[d.S_NEXT], d.C_ARRIVAL] + 1)
            if waiting == 0 and record[d.S_REFRESH_PENDING] == 0:
                soonest = min(soonest, rest(parameters, record, clock, log))
            after = max(after, min(soonest, record[d.S_REFRESH_DUE]))
        if waiting == 0 and record[d.S_NEXT] >= requests and after >= until:
            break
        clock = after
    record[d.S_CLOCK] = max(clock + 1, until)
    record[d.S_NEXT] = 0
