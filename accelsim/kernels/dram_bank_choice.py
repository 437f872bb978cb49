"""Which command the bank-queue DRAM controller issues next: the first legal one of the next queue that has one.

What a queue could issue is remembered (the sets of banks whose queue holds a hit to read, a hit to write, a first
entry that may close the row) and changes with its entries and its row only, so that a choice looks at few banks.
"""

from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram_bank_lists import FIRST, OWN, QUEUED, WAITING, list_at, lowest
from accelsim.kernels.dram_timing import bank_at, earliest_activate, earliest_any_activate, earliest_column, earliest_precharge

READ_HITS, WRITE_HITS, CLOSES = OWN + 2, OWN + 3, OWN + 4
SOONEST = OWN + 5  # no command queue has a legal command before this clock
READ_HIT, WRITE_HIT = 2, 3  # of a command queue's list: the first that may go
READY = 5  # a clock before which its bank allows nothing that it could issue


@d.lean
def _earlier_read(batch, first, i):
    """Return whether a read of the same address stands before a write in its queue."""
    while first != i:
        if not batch[first, d.C_WRITE] and batch[first, d.C_ADDRESS] == batch[i, d.C_ADDRESS]:
            return True
        first = batch[first, d.C_NEXT]
    return False


@d.lean
def joined(parameters, record, batch, i):
    """Note a request that has come to the end of its queue."""
    bank = batch[i, d.C_BANK]
    if (record[d.S_OPEN_ROWS] >> bank) & 1:
        look_again(parameters, record, batch, bank)
    elif record[list_at(parameters, QUEUED, bank) + FIRST] == i:
        record[SOONEST] = 0


@d.lean
def row_closed(parameters, record, bank):
    """Note that a bank has closed its row."""
    others = ~(1 << bank)
    record[SOONEST] = record[list_at(parameters, QUEUED, bank) + READY] = 0
    record[READ_HITS] &= others
    record[WRITE_HITS] &= others
    record[CLOSES] &= others


@d.lean
def look_again(parameters, record, batch, bank):
    """Find what the queue of a bank could issue, once its entries or its open row have changed.

    The first entry may close the row when the queue's hits are done, or as many as the cap have gone.
    """
    row_closed(parameters, record, bank)
    row = record[bank_at(bank) + d.B_ROW]
    if row == d.CLOSED or not (record[WAITING + QUEUED] >> bank) & 1:
        return
    at = list_at(parameters, QUEUED, bank)
    bit = 1 << bank
    first = i = record[at + FIRST]
    hits = False
    while i >= 0:
        if batch[i, d.C_ROW] == row:
            hits = True
            if batch[i, d.C_WRITE]:
                if not record[WRITE_HITS] & bit and not _earlier_read(batch, first, i):
                    record[WRITE_HITS] |= bit
                    record[at + WRITE_HIT] = i
            elif not record[READ_HITS] & bit:
                record[READ_HITS] |= bit
                record[at + READ_HIT] = i
        i = batch[i, d.C_NEXT]
    if batch[first, d.C_ROW] != row and (not hits or record[bank_at(bank) + d.B_HITS] >= parameters[d.HIT_CAP]):
        record[CLOSES] |= bit


@d.inlined
def _first_ready(parameters, record, batch, bank, clock):
    """Return the first request of a bank's queue with a legal command (-1: none), the command, and when the next could be legal."""
    at = list_at(parameters, QUEUED, bank)
    if not (record[d.S_OPEN_ROWS] >> bank) & 1:
        ready = earliest_activate(record, bank)
        return (record[at + FIRST] if ready <= clock else -1), d.ACT, ready
    best, command, soonest = -1, -1, d.NEVER
    if (record[CLOSES] >> bank) & 1:
        ready = earliest_precharge(record, bank)
        if ready <= clock:
            return record[at + FIRST], d.PRE, clock
        soonest = ready
    if (record[READ_HITS] >> bank) & 1:
        ready = earliest_column(record, bank, 0)
        if ready <= clock:
            best, command = record[at + READ_HIT], d.RD
        else:
            soonest = min(soonest, ready)
    if (record[WRITE_HITS] >> bank) & 1:
        ready = earliest_column(record, bank, 1)
        if ready > clock:
            soonest = min(soonest, ready)
        elif best < 0 or batch[record[at + WRITE_HIT], d.C_ORDER] < batch[best, d.C_ORDER]:
            best, command = record[at + WRITE_HIT], d.WR
    return best, command, soonest


@d.inlined
def _let_go(record, clock):
    """Return the banks whose next command the rank allows at a clock, and when it allows one of the others."""
    banks, soonest = 0, d.NEVER
    for those, ready in (
        (record[WAITING + QUEUED] & ~record[d.S_OPEN_ROWS], earliest_any_activate(record)),
        (record[READ_HITS], record[d.S_READ]),
        (record[WRITE_HITS], record[d.S_WRITE]),
        (record[CLOSES], record[d.S_PRECHARGE]),
    ):
        if those:
            if ready <= clock:
                banks |= those
            else:
                soonest = min(soonest, ready)
    return banks, soonest


@d.lean
def choose(parameters, record, batch, clock):
    """Return request and command that go next, round robin over queues (-1: none), and when one could be legal."""
    banks, soonest = _let_go(record, clock)
    if parameters[d.ONE_QUEUE]:
        return _first_come(parameters, record, batch, banks, soonest, clock)
    before = banks & ((2 << record[d.S_ROBIN]) - 1)
    banks ^= before
    for _ in range(2):
        while banks:
            bank = lowest(banks)
            banks &= banks - 1
            at = list_at(parameters, QUEUED, bank) + READY
            if record[at] <= clock:
                i, command, record[at] = _first_ready(parameters, record, batch, bank, clock)
                if i >= 0:
                    record[d.S_ROBIN] = bank
                    return i, command, clock
            soonest = min(soonest, record[at])
        banks = before
    record[SOONEST] = soonest
    return -1, -1, soonest


@d.lean
def _first_come(parameters, record, batch, banks, soonest, clock):
    """Choose where all banks share a queue: the first entry in it whose command is legal."""
    best, command = -1, -1
    while banks:
        i, its, ready = _first_ready(parameters, record, batch, lowest(banks), clock)
        banks &= banks - 1
        if i < 0:
            soonest = min(soonest, ready)
        elif best < 0 or batch[i, d.C_ORDER] < batch[best, d.C_ORDER]:
            best, command = i, its
    record[SOONEST] = soonest if best < 0 else 0
    return best, command, soonest
