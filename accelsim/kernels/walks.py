"""Where the operands of a product lie in memory: convolutions read their images in place, without a copy of every patch.

Step s of a row takes the elements from ``bases[row] + steps[s]`` on. A convolution's rows are its output pixels, its steps pass
over the filter; those of a plain matrix follow each other.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import njit

Pair = tuple[int, int]


class Walk(NamedTuple):
    """Places of operands in a flat array.

    Attributes
    ----------
    bases : ndarray, shape (rows,), int64
        Where each row's operands start.
    steps : ndarray, shape (steps,), int64
        Offsets of the operands of each step (``register_tiles.Step.unit`` elements); the last step of a run of neighbours
        may reach beyond it, where weights are 0.
    """

    bases: np.ndarray
    steps: np.ndarray

    def part(self, begin: int, end: int, shift: int = 0) -> "Walk":
        """Return some of the rows, their operands that many elements further on."""
        return Walk(self.bases[begin:end] + shift if shift else self.bases[begin:end], self.steps)


@dataclass(frozen=True, slots=True)
class Window:
    """A filter that moves over images.

    Attributes
    ----------
    in_hw, out_hw, filter_hw, stride, dilation : tuple of 2 int
    pad : tuple of 2 int
        Border above and to the left.
    """

    in_hw: Pair
    out_hw: Pair
    filter_hw: Pair
    stride: Pair
    dilation: Pair
    pad: Pair

    @property
    def covered(self) -> Pair:
        """Height and width that all positions of the filter cover together, the border included."""
        return tuple((out - 1) * s + (f - 1) * d + 1 for out, f, s, d in zip(self.out_hw, self.filter_hw, self.stride, self.dilation, strict=True))

    @property
    def inside(self) -> bool:
        """Whether no position of the filter touches the border."""
        return self.pad == (0, 0) and all(c <= extent for c, extent in zip(self.covered, self.in_hw, strict=True))


@dataclass(frozen=True, slots=True)
class Frame:
    """How a convolution reads some images: where they lie, or from a copy with their border.

    Attributes
    ----------
    walk : Walk
        Over the output pixels of all images.
    runs : int
        Runs of neighbouring elements in the filter: its pixels, or its lines where the pixels of one adjoin.
    in_place : bool
        They are read where they lie.
    hw : tuple of 2 int
        Extents of one image as it is read.
    slack : int
        Elements that the last step may read behind the last image.
    """

    walk: Walk
    runs: int
    in_place: bool
    hw: Pair
    pad: Pair
    slack: int

    def operands(self, images: np.ndarray, border, flip) -> np.ndarray:
        """Return the flat operands of images (at most as many as the walk has, H, W, depth) of unsigned elements."""
        if self.in_place:
            return images.reshape(-1)
        height, width = self.hw
        whole = np.empty(len(images) * height * width * images.shape[3] + self.slack, images.dtype)
        put_inside(images, images.dtype.type(border), images.dtype.type(flip), *self.pad, height, width, whole)
        return whole


def frame(window: Window, images: int, depth: int, taken: int, unit: int, copied: bool) -> Frame:
    """Return how a convolution reads its images.

    Parameters
    ----------
    images : int
        How many are read at once.
    depth, taken : int
        Elements of a pixel, and how many of them are multiplied (fewer where channels form groups).
    unit : int
        Elements of a step.
    copied : bool
        The elements change on the way, so that no image is read where it lies.
    """
    whole = taken == depth and window.dilation[1] == 1
    length = window.filter_hw[1] * taken if whole else taken
    in_place = window.inside and not copied and length % unit == 0
    height, width = hw = window.in_hw if in_place else window.covered
    (down, across), (stride_y, stride_x) = (np.arange(n, dtype=np.int64) for n in window.out_hw), window.stride
    lines = np.arange(images, dtype=np.int64)[:, None] * height + down * stride_y
    bases = (lines[..., None] * width + across * stride_x) * depth
    filter_down = np.arange(window.filter_hw[0], dtype=np.int64)[:, None] * window.dilation[0] * width * depth
    filter_across = np.arange(1 if whole else window.filter_hw[1], dtype=np.int64) * window.dilation[1] * depth
    runs = (filter_down + filter_across).ravel()
    return Frame(Walk(bases.ravel(), (runs[:, None] + _steps(length, unit)).ravel()), len(runs), in_place, hw, window.pad, unit - 1)


@lru_cache(maxsize=256)
def rows_walk(rows: int, depth: int, unit: int) -> Walk:
    """Return the walk over a matrix (rows, depth)."""
    return Walk(np.arange(rows, dtype=np.int64) * depth, _steps(depth, unit))


def _steps(length: int, unit: int) -> np.ndarray:
    return np.arange(0, length, unit, dtype=np.int64)


@njit(cache=True, nogil=True)
def put_inside(images, border, flip, top, left, height, width, whole):
    """Write images with their border, or without their last lines and columns.

    Parameters
    ----------
    images : ndarray, shape (images, in_h, in_w, depth), unsigned
    border, flip : of the images' type
        Value of the border, also behind the last image; bits that are turned over in the images' values.
    top, left, height, width : int
        Border above and to the left; extents with the border.
    whole : ndarray, shape (at least images * height * width * depth,)
        Written in place.
    """
    count, in_h, in_w, depth = images.shape
    line = width * depth
    start, inside = left * depth, min(in_w, width - left) * depth
    for n in range(count):
        for y in range(height):
            target = whole[(n * height + y) * line : (n * height + y + 1) * line]
            if y < top or y >= top + in_h:
                target[:] = border
                continue
            target[:start] = border
            source, middle = images[n, y - top].reshape(in_w * depth), target[start : start + inside]
            for k in range(middle.size):
                middle[k] = source[k] ^ flip
            target[start + inside :] = border
    whole[count * height * line :] = border
