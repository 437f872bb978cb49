"""A DRAM channel as the engines take it: a part under a controller, as numbers."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from accelsim.hardware.dram_parameters import channel_parameters
from accelsim.hardware.dram_part import DramPart, load_controller, load_part
from accelsim.kernels import dram_layout as d

_BATCH = 4096  # bursts that the exact kernel takes at once


@dataclass(frozen=True, eq=False)
class DramChannel:
    """One of several equal channels that work in step.

    Attributes
    ----------
    part : DramPart
    numbers : ndarray, shape (dram_layout.PARAMETERS,), int64
    pace : ndarray, shape (2,), int64
        Clocks of a burst of a long sequential read and write, in 1/``dram_steady.FRACTION``.
    """

    part: DramPart
    numbers: np.ndarray
    pace: np.ndarray


@lru_cache(maxsize=None)
def channel_of(part: str, controller: str, burst_by_burst: bool = False) -> DramChannel:
    """Return the channel of a part and a controller by name; whether the engines serve it by the exact kernel.

    Raises
    ------
    AccelsimError
        No such part or controller, or one that does not go with the other.
    """
    from accelsim.kernels.dram_steady import sequential_pace

    described, _ = load_part(part)
    numbers = channel_parameters(described, load_controller(controller), f"{part} under {controller}")
    pace = sequential_pace(numbers)
    if burst_by_burst:
        numbers[d.BURST_BY_BURST] = numbers[d.FLUSH] = 1  # each transfer is a batch, and ends
    return DramChannel(described, numbers, pace)


def tables_of(channels: list[DramChannel]) -> tuple:
    """Return the tables that ``kernels.dram_service.serve_dram`` takes, with fresh records."""
    from accelsim.kernels.dram_steady import STREAM_COLUMNS

    fresh = [d.fresh_record(channel.numbers) for channel in channels]
    records = np.zeros((len(channels), max(record.size for record in fresh)), np.int64)
    for row, record in zip(records, fresh, strict=True):
        row[: record.size] = record
    numbers, paces = np.array([c.numbers for c in channels]), np.array([c.pace for c in channels])
    bursts = _BATCH if any(c.numbers[d.BURST_BY_BURST] for c in channels) else 0
    batch = np.zeros((bursts, d.BATCH_COLUMNS), np.int64)
    return numbers, paces, records, np.zeros((1, STREAM_COLUMNS), np.int64), batch, np.zeros((1, d.LOG_FIELDS), np.int64)
