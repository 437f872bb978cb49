"""Which request of the age-ordered DRAM controller goes next: the oldest whose command is legal.

Of each bank only three requests can be it: with a closed row the oldest, which opens it; with an open row the oldest
that it serves (the hit) and the oldest that it does not (the miss). They are remembered and change with the row only,
so that a choice looks at banks, and at those alone that the rank lets go.
"""

from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram_bank_lists import FIRST, OWN, READS, WAITING, WRITES, first_of, list_at, lowest, remove
from accelsim.kernels.dram_timing import bank_at, earliest_activate, earliest_any_activate, earliest_column, earliest_precharge

OPENED = 2  # the list of requests whose ACT was issued, at most one a bank
HIT, MISS = 2, 3  # of a list: the oldest that the open row serves, and that it does not; where its bank is in the set
HITS, MISSES, SOONEST = OWN, OWN + 2, OWN + 4  # sets of banks of each kind; a clock before which none of a kind is ready


@d.lean
def _remember(parameters, record, batch, kind, bank, i, row):
    """Find the hit and the miss of a bank whose row is open, from a request on."""
    at = list_at(parameters, kind, bank)
    bit = 1 << bank
    while i >= 0 and not (record[HITS + kind] & record[MISSES + kind] & bit):
        if batch[i, d.C_ROW] == row:
            if not record[HITS + kind] & bit:
                record[HITS + kind] |= bit
                record[at + HIT] = i
        elif not record[MISSES + kind] & bit:
            record[MISSES + kind] |= bit
            record[at + MISS] = i
        i = batch[i, d.C_NEXT]


@d.lean
def waits(parameters, record, batch, kind, i):
    """Note a request that has come to the end of its list."""
    bank = batch[i, d.C_BANK]
    record[SOONEST + kind] = 0
    if (record[d.S_OPEN_ROWS] >> bank) & 1:
        _remember(parameters, record, batch, kind, bank, i, record[bank_at(bank) + d.B_ROW])


@d.lean
def row_opened(parameters, record, batch, bank, row):
    """Note that a bank has opened a row."""
    for kind in range(READS, WRITES + 1):
        record[SOONEST + kind] = 0
        _remember(parameters, record, batch, kind, bank, first_of(parameters, record, kind, bank), row)


@d.lean
def row_closed(record, bank):
    """Note that a bank, or every bank for -1, has closed its row."""
    others = 0 if bank < 0 else ~(1 << bank)
    for kind in range(READS, WRITES + 1):
        record[SOONEST + kind] = 0
        record[HITS + kind] &= others
        record[MISSES + kind] &= others


@d.lean
def without(parameters, record, batch, kind, hit):
    """Take a hit out of its list; the next of its row takes its place."""
    bank, following = batch[hit, d.C_BANK], batch[hit, d.C_NEXT]
    remove(parameters, record, batch, kind, hit)
    record[HITS + kind] &= ~(1 << bank)
    _remember(parameters, record, batch, kind, bank, following, batch[hit, d.C_ROW])


@d.lean
def _oldest_column(parameters, record, batch, kind, place, banks, clock):
    """Return the oldest request of some banks that may read or write now (NEVER: none), and when the next may."""
    best, soonest = d.NEVER, d.NEVER
    while banks:
        bank = lowest(banks)
        banks &= banks - 1
        i = record[list_at(parameters, kind, bank) + place]
        ready = earliest_column(record, bank, batch[i, d.C_WRITE])
        if ready <= clock:
            best = min(best, i)
        else:
            soonest = min(soonest, ready)
    return best, soonest


@d.lean
def _oldest_activate(parameters, record, kind, banks, clock):
    """Return the oldest request of some banks that may open its row now (NEVER: none), and when the next may."""
    ready = earliest_any_activate(record)
    if record[d.S_ACTIVATING] >= 0:
        ready = max(ready, clock + 1)
    if ready > clock:
        return d.NEVER, ready
    best, soonest = d.NEVER, d.NEVER
    while banks:
        bank = lowest(banks)
        banks &= banks - 1
        ready = earliest_activate(record, bank)
        if ready <= clock:
            best = min(best, record[list_at(parameters, kind, bank) + FIRST])
        else:
            soonest = min(soonest, ready)
    return best, soonest


@d.lean
def _oldest_precharge(parameters, record, kind, banks, clock):
    """Return the oldest request of some banks that may close the row now (NEVER: none), and when the next may."""
    best, soonest = d.NEVER, d.NEVER
    while banks:
        bank = lowest(banks)
        banks &= banks - 1
        ready = earliest_precharge(record, bank)
        if ready <= clock:
            best = min(best, record[list_at(parameters, kind, bank) + MISS])
        else:
            soonest = min(soonest, ready)
    return best, soonest


@d.lean
def oldest_ready(parameters, record, batch, kind, clock):
    """Return the oldest ready request of a kind (-1: none), its command, and when the next could be ready."""
    if record[SOONEST + kind] > clock:
        return -1, -1, record[SOONEST + kind]
    waiting, opened = record[WAITING + kind], record[WAITING + OPENED]
    activating = 1 << record[d.S_ACTIVATING] if record[d.S_ACTIVATING] >= 0 else 0
    command = d.RD
    if kind == OPENED:
        best, soonest = _oldest_column(parameters, record, batch, kind, FIRST, waiting, clock)
    else:
        best, soonest = _oldest_column(parameters, record, batch, kind, HIT, record[HITS + kind] & ~activating, clock)
        closed = waiting & ~record[d.S_OPEN_ROWS]
        if closed:
            request, ready = _oldest_activate(parameters, record, kind, closed, clock)
            soonest = min(soonest, ready)
            if request < best:
                best, command = request, d.ACT
        misses = record[MISSES + kind] & ~(opened | activating)
        if misses:
            request, ready = _oldest_precharge(parameters, record, kind, misses, clock)
            soonest = min(soonest, ready)
            if request < best:
                best, command = request, d.PRE
    if best == d.NEVER:
        record[SOONEST + kind] = soonest
        return -1, -1, soonest
    record[SOONEST + kind] = 0
    if command == d.RD and batch[best, d.C_WRITE]:
        command = d.WR
    return best, command, clock
