"""Resampling of (N, H, W, C) to another height and width."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Elementwise
from accelsim.operators._move import misfit


@dataclass(frozen=True, slots=True)
class Attributes:
    """Output height and width, and how pixel centres of both grids meet."""

    size: tuple[int, int] = (1, 1)
    align_corners: bool = False
    half_pixel_centers: bool = False


def output_shapes(node, inputs):
    """Return (N, height, width, C)."""
    shape, size = inputs[0].shape, node.attributes.size
    if len(shape) != 4 or min(size) < 1:
        raise misfit(node, f"input {shape} to size {size}")
    return ((shape[0], *size, shape[3]),)


def interpolation(operation: str, operands: int):
    """Return the work function of a resampling that reads ``operands`` pixels per output."""

    def work(node, inputs, outputs):
        return (
            Elementwise(
                reads=(inputs[0].name,), writes=(outputs[0].name,), operation=operation, elements=outputs[0].elements, operands=operands,
                element_type=inputs[0].dtype,
            ),
        )  # fmt: skip

    return work


def scale(extent: int, size: int, align_corners: bool) -> np.float32:
    """Return input pixels per output pixel along one axis."""
    return np.float32(extent - 1) / np.float32(size - 1) if align_corners and size > 1 else np.float32(extent) / np.float32(size)
