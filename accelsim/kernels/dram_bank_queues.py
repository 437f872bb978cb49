"""A DRAM controller with a transaction queue in front of one command queue for each bank, served round robin.

Each clock one transaction moves to its bank's queue, and one command is issued: the first legal one in the next queue
that has one. A row with pending hits stays open until a cap of hits. Writes wait until enough have gathered, then
drain. This is how DRAMsim3 schedules (S. Li et al., "DRAMsim3", IEEE CAL 2020).
"""

from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram_bank_choice import SOONEST, choose, joined, look_again, row_closed
from accelsim.kernels.dram_bank_lists import LENGTHS, QUEUED, READS, WAITING, WRITES, bucket_at
from accelsim.kernels.dram_power import busy, rest
from accelsim.kernels.dram_timing import (
    activate,
    bank_at,
    earliest_precharge,
    earliest_refresh_bank,
    precharge,
    read,
    refresh_all,
    refresh_bank,
    write,
)
from accelsim.kernels.dram_transactions import accept, leave, schedule


@d.lean
def issue(parameters, record, batch, i, command, clock, log):
    """Issue a chosen command; a read or write leaves its queue and finishes with all that wait for it."""
    bank = batch[i, d.C_BANK]
    if command == d.PRE:
        precharge(parameters, record, bank, clock, log)
        row_closed(parameters, record, bank)
        return
    if command == d.ACT:
        activate(parameters, record, bank, batch[i, d.C_ROW], clock, log)
    elif command == d.WR:
        write(parameters, record, bank, clock, log)
        batch[i, d.C_FINISH] = clock + parameters[d.WRITE_LATENCY]
        leave(parameters, record, batch, i)
    else:
        read(parameters, record, bank, clock, log)
        leave(parameters, record, batch, i)
        while i >= 0:
            batch[i, d.C_FINISH] = clock + parameters[d.READ_LATENCY]
            i = batch[i, d.C_LINK]
    look_again(parameters, record, batch, bank)


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
                row_closed(parameters, record, bank)
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
    return True, clock


@d.inlined
def command_step(parameters, record, batch, clock, log):
    """Issue at most one command, or a row and a column command where the part takes both; return whether, and when next."""
    if record[d.S_REFRESH_PENDING] > 0:
        return refresh_step(parameters, record, clock, log)
    if record[SOONEST] > clock:
        return False, record[SOONEST]
    i, command, soonest = choose(parameters, record, batch, clock)
    if i < 0:
        return False, soonest
    issue(parameters, record, batch, i, command, clock, log)
    if parameters[d.DUAL_COMMAND] > 0:
        i, second, _ = choose(parameters, record, batch, clock)
        if i >= 0 and (command == d.RD or command == d.WR) != (second == d.RD or second == d.WR):
            issue(parameters, record, batch, i, second, clock, log)
            record[d.COUNTS + d.N_DUAL] += 1
    return True, clock


@d.inlined
def _move(parameters, record, batch):
    """Move a transaction to its command queue; return whether one moved."""
    i = schedule(parameters, record, batch)
    if i < 0:
        return False
    joined(parameters, record, batch, i)
    return True


@d.lean
def run(parameters, record, batch, until, log):
    """Serve a batch through bank queues, and go on to a clock; see ``dram.serve``."""
    clock = record[d.S_CLOCK]
    requests = batch.shape[0]
    interval = parameters[d.REFI_BANK] if parameters[d.REFRESH] == d.PER_BANK else parameters[d.REFI]
    record[SOONEST] = 0
    while True:
        while record[d.S_REFRESH_DUE] <= clock:
            busy(parameters, record, clock)
            record[d.S_REFRESH_PENDING] += 1
            record[d.S_REFRESH_DUE] += interval
        issued, soonest = command_step(parameters, record, batch, clock, log)
        moved = _move(parameters, record, batch)
        taken = accept(parameters, record, batch, clock)
        waiting = record[LENGTHS + QUEUED] + record[LENGTHS + READS] + record[LENGTHS + WRITES]
        if waiting == record[LENGTHS + WRITES] and record[d.S_NEXT] >= requests and _stranded(parameters, record):
            waiting = 0
        after = clock + 1
        if not (taken or issued or moved):
            if record[d.S_NEXT] < requests and batch[record[d.S_NEXT], d.C_ARRIVAL] > clock:
                soonest = min(soonest, batch[record[d.S_NEXT], d.C_ARRIVAL])
            if waiting == 0 and record[d.S_REFRESH_PENDING] == 0:
                soonest = min(soonest, rest(parameters, record, clock, log))
            after = max(after, min(soonest, record[d.S_REFRESH_DUE]))
        if waiting == 0 and record[d.S_NEXT] >= requests and after >= until:
            break
        clock = after
    record[d.S_CLOCK] = max(clock + 1, until)
    _forget_stranded(parameters, record)


@d.lean
def _stranded(parameters, record):
    """Return whether writes wait that a controller without flush will never drain."""
    if parameters[d.FLUSH] > 0 or record[d.S_DRAINING] > 0:
        return False
    return record[LENGTHS + WRITES] < parameters[d.WRITE_QUEUE] and record[LENGTHS + WRITES] <= parameters[d.DRAIN_LOW]


@d.lean
def _forget_stranded(parameters, record):
    """Leave the queues empty for the next batch: writes that a controller without flush never issued are gone."""
    if record[LENGTHS + WRITES] > 0:
        at = bucket_at(parameters, 0, 0)
        record[at : at + 2 * d.BUCKETS] = 0
    record[WAITING + WRITES] = record[LENGTHS + WRITES] = record[d.S_NEXT] = 0
