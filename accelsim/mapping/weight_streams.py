"""Weights in the order in which an array's cores take them, zeros filled in up to whole granules."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from accelsim.graph.work import Contraction
from accelsim.hardware.unit import Unit

MOST = 1 << 24  # weights of which a part speaks for the rest


class Lanes(NamedTuple):
    """What of an array decides how weights are arranged: cores, and the granules of outputs, input channels and filter positions; input channels that stand side by side."""

    cores: int = 1
    outputs: int = 1
    channels: int = 1
    positions: int = 1
    beside: int = 1

    @classmethod
    def of(cls, work: Contraction, array: Unit | None) -> "Lanes":
        """Return how an array takes the weights of a product; plainly without an array."""
        if array is None:
            return cls()
        taps = work.filter_h * work.filter_w
        if work.is_depthwise:
            return cls(array.cores, array.unit_block.c, 1, array.step_positions)
        if array.part_kernel_pays(work.channels, taps):
            return cls(array.cores, array.unit_block.c, array.dot_channels, array.step_positions, array.dot_channels)
        return cls(array.cores, array.unit_block.c, array.channels_per_step, 1, array.dot_channels)


def streams(work: Contraction, values: np.ndarray, zero: int, lanes: Lanes) -> Iterator[tuple[np.ndarray, float]]:
    """Yield the weights of each core less their zero point, shape (weights,), int16, and how many such streams it stands for.

    Values lie as in TFLite: outputs, filter positions, input channels; of a depthwise product filter positions, outputs. Another layout
    only changes which weights stand together.
    """
    taps = work.filter_h * work.filter_w
    outputs = work.group * work.filters
    plain = values.reshape(taps, outputs).T[:, :, None] if work.is_depthwise else values.reshape(outputs, taps, work.channels)
    step = max(1, -(-plain.size // MOST))
    for core in range(min(lanes.cores, outputs)):
        own = plain[core :: lanes.cores]
        part = own[::step]
        yield _arranged(part, zero, lanes), len(own) / len(part)


def _arranged(weights: np.ndarray, zero: int, lanes: Lanes) -> np.ndarray:
    """Return weights, shape (outputs, positions, channels), granule of outputs by granule, channels side by side innermost."""
    up = lambda size, granule: -(-size // granule) * granule  # noqa: E731 a rounding
    outputs, positions, channels = weights.shape
    filled = np.zeros((up(outputs, lanes.outputs), up(positions, lanes.positions), up(channels, lanes.channels)), np.int16)
    filled[:outputs, :positions, :channels] = weights
    filled[:outputs, :positions, :channels] -= zero
    apart = filled.reshape(-1, lanes.outputs, filled.shape[1], filled.shape[2] // lanes.beside, lanes.beside)
    return apart.transpose(0, 3, 2, 1, 4).reshape(-1)
