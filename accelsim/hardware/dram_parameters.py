"""From a described DRAM part and controller to the numbers that the kernels take, and back from counts to names."""

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.hardware.dram_part import BankQueueController, DramController, DramPart
from accelsim.kernels import dram_layout as d

_REFRESH = {"none": d.NO_REFRESH, "all_bank": d.ALL_BANK, "per_bank": d.PER_BANK}
_FIELDS = {"column": d.COLUMN, "bank_group": d.GROUP, "bank": d.BANK, "row": d.ROW}
COUNTERS = {
    "activate": d.N_ACTIVATE,
    "precharge": d.N_PRECHARGE,
    "precharge_all": d.N_PRECHARGE_ALL,
    "read": d.N_READ,
    "write": d.N_WRITE,
    "refresh": d.N_REFRESH,
    "refresh_bank": d.N_REFRESH_BANK,
    "clock_sync": d.N_CAS,
    "row_hit": d.N_ROW_HIT,
    "forwarded": d.N_FORWARDED,
    "merged": d.N_MERGED,
    "precharge_power_down_clocks": d.N_POWER_DOWN_CLOCKS,
    "active_power_down_clocks": d.N_ACTIVE_POWER_DOWN_CLOCKS,
    "self_refresh_clocks": d.N_SELF_REFRESH_CLOCKS,
}


def channel_parameters(part: DramPart, controller: DramController, place: str = "dram") -> np.ndarray:
    """Return the parameter vector of a channel.

    Returns
    -------
    ndarray, shape (dram_layout.PARAMETERS,), int64

    Raises
    ------
    AccelsimError
        The controller asks what the part does not state (per-bank refresh, self-refresh, a mapping wider than a field), or
        the part has more banks than are served.
    """
    if controller.refresh == "per_bank" and not part.timing.tREFIpb:
        raise AccelsimError(place, f"the controller refreshes bank by bank, '{part.name}' states no tREFIpb", "use refresh: all_bank")
    if controller.self_refresh_after and not part.timing.tXS:
        raise AccelsimError(place, f"the controller uses self-refresh, '{part.name}' states no tXS", "set self_refresh_after: 0")
    if part.geometry.banks > d.LARGEST_BANKS:
        raise AccelsimError(place, f"'{part.name}' has {part.geometry.banks} banks, at most {d.LARGEST_BANKS} are served", "describe one rank or pseudo channel")
    numbers = np.zeros(d.PARAMETERS, np.int64)
    for values in (_geometry(part, controller, place), _rows(part), _columns(part), _refresh(part), _queues(controller)):
        for at, value in values.items():
            numbers[at] = value
    numbers[d.DUAL_COMMAND] = part.geometry.row_and_column_commands and isinstance(controller, BankQueueController)
    return d.with_places(numbers)


def _geometry(part: DramPart, controller: DramController, place: str) -> dict[int, int]:
    geometry = part.geometry
    left = {
        "column": (geometry.columns // geometry.burst_length).bit_length() - 1,
        "bank_group": geometry.bank_groups.bit_length() - 1,
        "bank": geometry.banks_per_group.bit_length() - 1,
        "row": geometry.rows.bit_length() - 1,
    }
    split = [(word.partition(":")[0], word.partition(":")[2]) for word in controller.mapping]
    for name, bits in split:
        left[name] -= int(bits or 0)
        if left[name] < 0:
            raise AccelsimError(place, f"mapping takes more {name} bits than '{part.name}' has")
    if len(split) > d.LARGEST_MAPPING:
        raise AccelsimError(place, f"mapping has {len(split)} entries, at most {d.LARGEST_MAPPING} are read")
    values = {d.BANKS: geometry.banks, d.BANKS_PER_GROUP: geometry.banks_per_group, d.MAPPING_SEGMENTS: len(split), d.BANK_XOR_ROW: controller.bank_xor_row}
    for i, (name, bits) in enumerate(split):
        values[d.MAPPING + 2 * i] = _FIELDS[name]
        values[d.MAPPING + 2 * i + 1] = int(bits) if bits else left[name]
    return values


def _rows(part: DramPart) -> dict[int, int]:
    t = part.timing
    burst = part.geometry.burst_clocks
    return {
        d.RCD_READ: t.tRCD,
        d.RCD_WRITE: t.tRCDWR or t.tRCD,
        d.RP: t.tRP,
        d.RP_ALL: t.tRPab or t.tRP,
        d.RAS: t.tRAS,
        d.RC: t.tRC or t.tRAS + t.tRP,
        d.READ_TO_PRECHARGE: t.tRTP,
        d.WRITE_TO_PRECHARGE: t.tCWL + burst + t.tWR,
        d.RRD: t.tRRD_S,
        d.RRD_GROUP: t.tRRD_L,
        d.FAW: t.tFAW,
        d.PPD: t.tPPD,
        d.SPLIT_ACTIVATE: t.tAAD,
    }


def _columns(part: DramPart) -> dict[int, int]:
    t = part.timing
    burst = part.geometry.burst_clocks
    read = t.tCL + t.tDQSCK + burst
    return {
        d.BURST: burst,
        d.READ_LATENCY: read,
        d.WRITE_LATENCY: t.tCWL + burst,
        d.READ_TO_READ: max(burst, t.tCCD_S),
        d.WRITE_TO_WRITE: max(burst, t.tCCD_S),
        d.READ_TO_READ_GROUP: max(burst, t.tCCD_L),
        d.WRITE_TO_WRITE_GROUP: max(burst, t.tCCD_L),
        d.READ_TO_WRITE: read - t.tCWL + t.tRTW_gap,
        d.WRITE_TO_READ: t.tCWL + burst + t.tWTR_S,
        d.WRITE_TO_READ_GROUP: t.tCWL + (t.tWTR_L_burst or burst) + t.tWTR_L,
        d.CLOCK_SYNC: t.data_clock_sync,
        d.SYNC_READ: read + t.tWCKPST,
        d.SYNC_WRITE: t.tCWL + burst + t.tWCKPST,
    }


def _refresh(part: DramPart) -> dict[int, int]:
    t = part.timing
    return {
        d.REFI: t.tREFI,
        d.RFC: t.tRFC,
        d.REFI_BANK: t.tREFIpb,
        d.RFC_BANK: t.tRFCpb,
        d.REFRESH_BANK_GAP: t.tpbR2pbR,
        d.REFRESH_BANK_TO_ACTIVATE: t.tpbR2act,
        d.POWER_DOWN_EXIT: t.tXP,
        d.SELF_REFRESH_EXIT: t.tXS,
    }


def _queues(controller: DramController) -> dict[int, int]:
    values = {
        d.READ_QUEUE: controller.read_queue,
        d.WRITE_QUEUE: controller.write_queue,
        d.REFRESH: _REFRESH[controller.refresh],
        d.POWER_DOWN_AFTER: controller.power_down_after,
        d.SELF_REFRESH_AFTER: controller.self_refresh_after,
    }
    if isinstance(controller, BankQueueController):
        return values | {
            d.STRUCTURE: d.BANK_QUEUES,
            d.BANK_QUEUE: controller.bank_queue,
            d.ONE_QUEUE: controller.one_queue,
            d.DRAIN_LOW: controller.drain_above,
            d.HIT_CAP: controller.hit_cap,
            d.FLUSH: controller.flush,
        }
    # Marks in thousandths of an entry, so that 0.8 of 32 entries stays 25.6.
    return values | {
        d.STRUCTURE: d.AGE_ORDERED,
        d.DRAIN_HIGH: round(controller.drain_high * controller.write_queue * 1000),
        d.DRAIN_LOW: round(controller.drain_low * controller.write_queue * 1000),
        d.FLUSH: 1,
    }


def channel_counts(record: np.ndarray, clock: int) -> dict[str, int]:
    """Return what a channel has done up to a clock: commands, and clocks in each power state.

    ``active_clocks`` counts clocks with an open row, ``precharged_clocks`` the others that were not asleep; ``closed``
    counts rows that were closed, whether alone or all at once.
    """
    counts = {name: int(record[d.COUNTS + at]) for name, at in COUNTERS.items()}
    counts["closed"] = counts["activate"] - int(record[d.S_OPEN_ROWS]).bit_count()
    asleep = max(0, clock - int(record[d.S_IDLE_SINCE])) if record[d.S_POWER] != d.AWAKE else 0
    if record[d.S_POWER] == d.SELF_REFRESHING:
        counts["self_refresh_clocks"] += asleep
    elif record[d.S_POWER] == d.POWERED_DOWN:
        counts["active_power_down_clocks" if record[d.S_OPEN_ROWS] else "precharge_power_down_clocks"] += asleep
    opened = int(record[d.COUNTS + d.N_ACTIVE_CLOCKS]) + (max(0, clock - int(record[d.S_OPEN_SINCE])) if record[d.S_OPEN_ROWS] else 0)
    counts["active_clocks"] = opened - counts["active_power_down_clocks"]
    counts["precharged_clocks"] = clock - opened - counts["precharge_power_down_clocks"] - counts["self_refresh_clocks"]
    return counts
