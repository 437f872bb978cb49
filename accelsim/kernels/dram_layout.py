"""Where each number of a DRAM channel stands: one int64 vector of parameters, one int64 record of state.

All times are clocks of the command bus. A record holds the channel's scalars, then ``BANK_FIELDS`` numbers for each
bank, then ``GROUP_FIELDS`` numbers for each bank group, then the controller's lists of waiting requests, which are empty between batches.
Bank numbers count group by group. A batch is an array of one row for each burst.
"""

import numpy as np
from numba import njit

# Arrays only pass through these kernels, and counting references to them took two thirds of their time.
lean = njit(cache=True, nogil=True, _nrt=False)
# For what is called at every clock: handing the arrays over costs as much as the work.
inlined = njit(cache=True, nogil=True, _nrt=False, forceinline=True)

NEVER = 1 << 60

# Geometry, and the mapping: segments of address bits, low to high, each (field, width).
BANKS, BANKS_PER_GROUP, MAPPING_SEGMENTS, BANK_XOR_ROW = 0, 1, 2, 3
MAPPING = 4
LARGEST_MAPPING = 8
COLUMN, GROUP, BANK, ROW = 0, 1, 2, 3
# Command to command [clocks].
READ_LATENCY = 20  # RD to the last beat of its data: CL + burst
WRITE_LATENCY = 21  # WR to the last beat of its data: CWL + burst
RCD_READ, RCD_WRITE, RP, RP_ALL, RAS, RC = 22, 23, 24, 25, 26, 27
READ_TO_PRECHARGE, WRITE_TO_PRECHARGE = 28, 29
READ_TO_READ, READ_TO_READ_GROUP, WRITE_TO_WRITE, WRITE_TO_WRITE_GROUP = 30, 31, 32, 33
READ_TO_WRITE, WRITE_TO_READ, WRITE_TO_READ_GROUP = 34, 35, 36
RRD, RRD_GROUP, FAW, PPD = 37, 38, 39, 40
REFI, RFC, REFI_BANK, RFC_BANK, REFRESH_BANK_GAP, REFRESH_BANK_TO_ACTIVATE = 41, 42, 43, 44, 45, 46
SPLIT_ACTIVATE = 47  # largest ACT-1 to ACT-2 distance; 0 where activation is one command
CLOCK_SYNC, SYNC_READ, SYNC_WRITE = 48, 49, 50  # 1: data clock needs CAS; clocks that it then runs after RD and WR
POWER_DOWN_EXIT, SELF_REFRESH_EXIT = 51, 52
BURST = 53  # clocks that a burst holds the data bus
# The controller.
STRUCTURE = 60
BANK_QUEUES, AGE_ORDERED = 0, 1
READ_QUEUE, WRITE_QUEUE, BANK_QUEUE, ONE_QUEUE = 61, 62, 63, 64  # entries; ONE_QUEUE 1: one queue for all banks
DRAIN_HIGH, DRAIN_LOW = 65, 66  # bank queues: drain above LOW when idle, or full; age order: enter above HIGH, leave below LOW
HIT_CAP = 67
REFRESH = 68
NO_REFRESH, ALL_BANK, PER_BANK = 0, 1, 2
DUAL_COMMAND, FLUSH = 69, 70
BURST_BY_BURST = 71  # the engines serve transfers by the exact kernel
POWER_DOWN_AFTER, SELF_REFRESH_AFTER = 72, 73
QUEUES_AT = 74  # where the controller's queues start in the record; set by ``with_places``
PARAMETERS = 80

# Scalars of the record: earliest clock of each rank-wide command.
S_ACTIVATE, S_READ, S_WRITE, S_PRECHARGE, S_PRECHARGE_ALL, S_REFRESH, S_REFRESH_BANK = 0, 1, 2, 3, 4, 5, 6
S_WINDOW, S_OLDEST = 7, 11  # the last four ACT plus tFAW, and which is oldest
S_CLOCK = 12  # next clock to look at
S_REFRESH_DUE, S_REFRESH_PENDING, S_REFRESH_NEXT_BANK, S_REFRESHING = 13, 14, 15, 16
S_ROBIN, S_WRITE_MODE, S_DRAINING = 17, 18, 19
S_OPEN_ROWS, S_OPEN_SINCE = 20, 21  # the banks with an open row, one bit each
S_SYNC_UNTIL = 22
S_IDLE_SINCE, S_POWER = 23, 24
S_ACTIVATING, S_ACTIVATING_DEADLINE, S_ACTIVATING_REQUEST = 25, 26, 27
S_LAST_REQUEST = 28
S_NEXT = 29  # the batch's next request
AWAKE, POWERED_DOWN, SELF_REFRESHING = 0, 1, 2
# Counters in the record.
COUNTS = 32
(
    N_ACTIVATE,
    N_PRECHARGE,
    N_READ,
    N_WRITE,
    N_REFRESH,
    N_REFRESH_BANK,
    N_PRECHARGE_ALL,
    N_CAS,
    N_ROW_HIT,
    N_FORWARDED,
    N_MERGED,
    N_ACTIVE_CLOCKS,
    N_POWER_DOWN_CLOCKS,
    N_ACTIVE_POWER_DOWN_CLOCKS,
    N_SELF_REFRESH_CLOCKS,
    N_DUAL,
) = range(16)
QUEUE_COUNTS = COUNTS + 16  # sets and lengths of the controller's lists, see ``dram_bank_lists`` and the controllers
SCALARS = QUEUE_COUNTS + 16

# Columns of a batch: given by the caller; written by ``serve``; its own.
C_ADDRESS, C_WRITE, C_ARRIVAL = 0, 1, 2
C_ACCEPTED, C_FINISH = 3, 4
C_BANK, C_ROW = 5, 6
C_NEXT, C_ORDER = 7, 8  # the request behind it in its list; when it came to its command queue
C_LINK = 9  # a read that waits for the same data
BATCH_COLUMNS = 10

B_ROW, B_ACTIVATE, B_READ, B_WRITE, B_PRECHARGE, B_REFRESH, B_HITS = 0, 1, 2, 3, 4, 5, 6
B_GROUP_AT = 7  # where the numbers of its group start
BANK_FIELDS = 8
G_ACTIVATE, G_READ, G_WRITE = 0, 1, 2
GROUP_FIELDS = 4
CLOSED = -1

# Codes of commands in a log.
ACT, PRE, RD, WR, REF, REFPB, PREAB, CAS, ACT2 = 0, 1, 2, 3, 4, 5, 6, 7, 8
LOG_FIELDS = 4  # clock, command, bank, row


LARGEST_BANKS = 32  # of a channel: sets of banks are masks
LISTS, LIST_FIELDS = 3, 8
# Buckets that count pending addresses, so that looking for an equal one is rarely needed.
BUCKETS = 256
# Clocks of a stream's pace are counted in fractions, so that 6.03 clocks a burst do not become 6.
FRACTION = 256


@lean
def bucket(address):
    """Return the bucket of an address."""
    return (address ^ (address >> 8) ^ (address >> 16)) & (BUCKETS - 1)


def with_places(parameters: np.ndarray) -> np.ndarray:
    """Return parameters that also say where the record's parts stand; call once when they are complete."""
    parameters = parameters.copy()
    banks = int(parameters[BANKS])
    parameters[QUEUES_AT] = SCALARS + banks * BANK_FIELDS + banks // int(parameters[BANKS_PER_GROUP]) * GROUP_FIELDS
    return parameters


def record_size(parameters: np.ndarray) -> int:
    """Return how many int64 numbers the state record of a channel takes."""
    return int(parameters[QUEUES_AT]) + LISTS * int(parameters[BANKS]) * LIST_FIELDS + 2 * BUCKETS


def fresh_record(parameters: np.ndarray) -> np.ndarray:
    """Return the record of a channel at clock 0: every bank closed, the first refresh one interval away."""
    record = np.zeros(record_size(parameters), np.int64)
    banks = int(parameters[BANKS])
    for bank in range(banks):
        at = SCALARS + bank * BANK_FIELDS
        record[at + B_ROW] = CLOSED
        record[at + B_GROUP_AT] = SCALARS + banks * BANK_FIELDS + bank // int(parameters[BANKS_PER_GROUP]) * GROUP_FIELDS
    per_bank = parameters[REFRESH] == PER_BANK
    record[S_REFRESH_DUE] = parameters[REFI_BANK if per_bank else REFI] if parameters[REFRESH] != NO_REFRESH else NEVER
    record[S_ACTIVATING] = -1
    return record


@lean
def locate(parameters, address):
    """Return bank and row of one burst number."""
    group = bank = row = group_bits = bank_bits = row_bits = 0
    for s in range(parameters[MAPPING_SEGMENTS]):
        field, width = parameters[MAPPING + 2 * s], parameters[MAPPING + 2 * s + 1]
        part = address & ((1 << width) - 1)
        address >>= width
        if field == GROUP:
            group |= part << group_bits
            group_bits += width
        elif field == BANK:
            bank |= part << bank_bits
            bank_bits += width
        elif field == ROW:
            row |= part << row_bits
            row_bits += width
    if parameters[BANK_XOR_ROW]:
        bank ^= row & ((1 << bank_bits) - 1)
    return group * parameters[BANKS_PER_GROUP] + bank, row


@lean
def decode(parameters, batch):
    """Split the burst addresses of a batch into bank and row.

    Parameters
    ----------
    parameters : ndarray, shape (PARAMETERS,), int64
    batch : ndarray, shape (bursts, BATCH_COLUMNS), int64
        C_BANK (group by group) and C_ROW are written.
    """
    for i in range(batch.shape[0]):
        batch[i, C_BANK], batch[i, C_ROW] = locate(parameters, batch[i, C_ADDRESS])
