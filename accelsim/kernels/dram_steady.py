"""A DRAM channel for long streams: row by row instead of burst by burst.

A stream reads or writes consecutive bursts. Rows open and close by the same rules and in the same record as in the
exact kernel; within a row the column commands follow each other at a pace, which ``sequential_pace`` takes once from
the exact kernel (it holds what reordering makes of the mapping and the bank groups). The next row opens while the
bursts before it still move, as far ahead as the controller's queue reaches.
"""

import numpy as np

from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram import serve
from accelsim.kernels.dram_timing import (
    activate,
    bank_at,
    earliest_activate,
    earliest_column,
    earliest_precharge,
    precharge,
    precharge_all,
    raise_to,
    read,
    refresh_all,
    refresh_bank,
    write,
)

# Columns of a table of streams: given, and written by ``serve_streams``.
T_FIRST, T_BURSTS, T_WRITE, T_ARRIVAL = 0, 1, 2, 3
T_FINISH = 4
STREAM_COLUMNS = 5
FRACTION = d.FRACTION
_NO_LOG = np.zeros((1, d.LOG_FIELDS), np.int64)


def sequential_pace(parameters: np.ndarray) -> np.ndarray:
    """Return the clocks that a burst of a long sequential read and write takes, in 1/FRACTION; refresh not included.

    Returns
    -------
    ndarray, shape (2,), int64
    """
    quiet = parameters.copy()
    quiet[d.REFRESH], quiet[d.FLUSH] = d.NO_REFRESH, 1
    pace = np.zeros(2, np.int64)
    for is_write in (0, 1):
        batch = np.zeros((12288, d.BATCH_COLUMNS), np.int64)
        batch[:, d.C_ADDRESS] = np.arange(len(batch))
        batch[:, d.C_WRITE] = is_write
        serve(quiet, d.fresh_record(quiet), batch, 0, _NO_LOG)
        finish = np.sort(batch[:, d.C_FINISH])
        pace[is_write] = round(FRACTION * int(finish[-1024] - finish[1024]) / (len(finish) - 2048))
    return pace


@d.lean
def _block(parameters):
    """Return how many bursts share their rows (a power of two), and over how many banks they turn."""
    bits, banks = 0, 1
    for s in range(parameters[d.MAPPING_SEGMENTS]):
        field, width = parameters[d.MAPPING + 2 * s], parameters[d.MAPPING + 2 * s + 1]
        if field == d.BANK or field == d.ROW or (s > 0 and parameters[d.MAPPING] == d.COLUMN and width > 0):
            break
        bits += width
        if field == d.GROUP:
            banks <<= width
    return 1 << bits, banks


@d.lean
def _refresh(parameters, record, log):
    """Do the refresh that is due: close what it needs closed, refresh, set the next one."""
    due = record[d.S_REFRESH_DUE]
    if parameters[d.REFRESH] == d.PER_BANK:
        bank = record[d.S_REFRESH_NEXT_BANK]
        if record[bank_at(bank) + d.B_ROW] != d.CLOSED:
            precharge(parameters, record, bank, max(due, earliest_precharge(record, bank)), log)
        refresh_bank(parameters, record, bank, max(due, max(record[bank_at(bank) + d.B_REFRESH], record[d.S_REFRESH_BANK])), log)
        record[d.S_REFRESH_NEXT_BANK] = (bank + 1) % parameters[d.BANKS]
        record[d.S_REFRESH_DUE] = due + parameters[d.REFI_BANK]
        return
    if record[d.S_OPEN_ROWS] != 0:
        precharge_all(parameters, record, max(due, record[d.S_PRECHARGE_ALL]), log)
    refresh_all(parameters, record, max(due, record[d.S_REFRESH]), log)
    record[d.S_REFRESH_DUE] = due + parameters[d.REFI]


@d.lean
def _nap(parameters, record, clock):
    """Count the power-down of a span without work that ends at a clock."""
    after = parameters[d.POWER_DOWN_AFTER]
    slept = clock - record[d.S_IDLE_SINCE] - after
    if after > 0 and slept > 0:
        record[d.COUNTS + (d.N_ACTIVE_POWER_DOWN_CLOCKS if record[d.S_OPEN_ROWS] != 0 else d.N_POWER_DOWN_CLOCKS)] += slept
        for at in range(d.S_ACTIVATE, d.S_REFRESH_BANK + 1):
            raise_to(record, at, clock + parameters[d.POWER_DOWN_EXIT])
    record[d.S_IDLE_SINCE] = max(record[d.S_IDLE_SINCE], clock)


@d.lean
def idle_until(parameters, record, clock, log):
    """Follow refreshes and power states of a channel without work up to a clock."""
    deep = parameters[d.SELF_REFRESH_AFTER]
    asleep_at = record[d.S_LAST_REQUEST] + deep if deep > 0 else d.NEVER
    while record[d.S_REFRESH_DUE] <= min(clock, asleep_at):
        _nap(parameters, record, record[d.S_REFRESH_DUE])
        _refresh(parameters, record, log)
    if asleep_at >= clock:
        _nap(parameters, record, clock)
        return
    _nap(parameters, record, asleep_at)
    if record[d.S_OPEN_ROWS] != 0:
        precharge_all(parameters, record, max(asleep_at, record[d.S_PRECHARGE_ALL]), log)
    record[d.COUNTS + d.N_SELF_REFRESH_CLOCKS] += clock - asleep_at
    for at in range(d.S_ACTIVATE, d.S_REFRESH_BANK + 1):
        raise_to(record, at, clock + parameters[d.SELF_REFRESH_EXIT])
    record[d.S_IDLE_SINCE] = record[d.S_LAST_REQUEST] = clock
    record[d.S_REFRESH_DUE] = clock + parameters[d.REFI_BANK if parameters[d.REFRESH] == d.PER_BANK else d.REFI]


@d.lean
def _open_rows(parameters, record, address, banks, from_clock, log):
    """Make the rows of a block the open ones, from a clock on."""
    for j in range(banks):
        bank, row = d.locate(parameters, address + j)
        open_row = record[bank_at(bank) + d.B_ROW]
        if open_row == row:
            continue
        if open_row != d.CLOSED:
            precharge(parameters, record, bank, max(from_clock, earliest_precharge(record, bank)), log)
        activate(parameters, record, bank, row, max(from_clock, earliest_activate(record, bank)), log)


@d.lean
def _columns(parameters, record, pace, first, bursts, banks, is_write, bus, log):
    """Issue the column commands of a block whose rows are open; return the bus time [1/FRACTION clocks] after the last."""
    start = bus
    for j in range(banks):
        bank, _ = d.locate(parameters, first + j)
        start = max(start, earliest_column(record, bank, is_write) * FRACTION - j * pace)
    for j in range(banks):
        bank, _ = d.locate(parameters, first + j)
        last = bursts - 1 - (bursts - 1 - j) % banks
        clock = (start + last * pace) // FRACTION
        if is_write:
            write(parameters, record, bank, clock, log)
        else:
            read(parameters, record, bank, clock, log)
    record[d.COUNTS + (d.N_WRITE if is_write else d.N_READ)] += bursts - banks
    record[d.COUNTS + d.N_ROW_HIT] += bursts - banks
    return start + bursts * pace


@d.lean
def serve_streams(parameters, pace, record, streams, log):
    """Serve streams one after the other.

    Parameters
    ----------
    parameters : ndarray, shape (dram_layout.PARAMETERS,), int64
    pace : ndarray, shape (2,), int64
        From ``sequential_pace``.
    record : ndarray, shape (dram_layout.record_size(parameters),), int64
        The channel's state, the same as ``dram.serve`` uses; changed in place.
    streams : ndarray, shape (streams, STREAM_COLUMNS), int64
        T_FIRST [burst number], T_BURSTS, T_WRITE, T_ARRIVAL [clock, not decreasing]; T_FINISH is written: the clock at
        which the last beat has moved.
    log : ndarray, shape (1, LOG_FIELDS), int64

    Returns
    -------
    int
        The last finish.
    """
    block, turn = _block(parameters)
    # Clocks from arrival to the first command, and bursts that the controller sees ahead.
    front, ahead = (2, parameters[d.READ_QUEUE] + parameters[d.BANK_QUEUE]) if parameters[d.STRUCTURE] == d.BANK_QUEUES else (1, parameters[d.READ_QUEUE])
    now = finish = record[d.S_CLOCK]
    bus = now * FRACTION
    for s in range(streams.shape[0]):
        address, left, is_write = streams[s, T_FIRST], streams[s, T_BURSTS], streams[s, T_WRITE]
        arrival = max(streams[s, T_ARRIVAL], now)
        if arrival > record[d.S_IDLE_SINCE]:
            idle_until(parameters, record, arrival, log)
        bus = max(bus, (arrival + front) * FRACTION)
        while left > 0:
            bursts = min(left, block - (address & (block - 1)))
            while record[d.S_REFRESH_DUE] * FRACTION <= bus:
                _refresh(parameters, record, log)
            from_clock = max(arrival + front, (bus - ahead * pace[is_write]) // FRACTION)
            banks = min(turn, bursts)
            _open_rows(parameters, record, address, banks, from_clock, log)
            bus = _columns(parameters, record, pace[is_write], address, bursts, banks, is_write, bus, log)
            address += bursts
            left -= bursts
        last = (bus - pace[is_write]) // FRACTION
        finish = last + parameters[d.WRITE_LATENCY if is_write else d.READ_LATENCY]
        streams[s, T_FINISH] = finish
        record[d.S_IDLE_SINCE] = record[d.S_LAST_REQUEST] = max(record[d.S_IDLE_SINCE], bus // FRACTION)
    record[d.S_CLOCK] = max(now, bus // FRACTION - front)
    return finish
