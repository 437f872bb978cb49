"""Convolutions whose images are read where they lie and whose products are summed in register tiles."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.kernels.byte_products import packed
from accelsim.kernels.register_tiles import Step
from accelsim.kernels.walks import Window, frame
from accelsim.operators import Call
from accelsim.operators._quantized import Finish

PANEL_BYTES = 1 << 17  # sums that are finished while a second-level cache of 1 MiB still holds them, beside operands and weights


@dataclass(frozen=True, eq=False)
class Tiles:
    """How one type of operands is multiplied.

    Attributes
    ----------
    step : Step
    sums : callable (operands, bases, steps, weights, start, out)
        The kernel.
    carried : type
        Unsigned integers as which images are copied into their border.
    flip, border : int
        Bits turned over in the images' elements; what stands in the border.
    start : callable (filters of a group, its number) -> ndarray, shape (1, filters)
        Where the sums begin.
    into : type
        Of sums.
    """

    step: Step
    sums: Callable[..., None]
    carried: type
    flip: int
    border: int
    start: Callable[[np.ndarray, int], np.ndarray]
    into: type


def tiled_convolution(call: Call, window: Window, filters: np.ndarray, tiles: Tiles, finish: Finish, bare: bool) -> Callable[[Call, np.ndarray], None]:
    """Return the function (call, out) that convolves images (batch, H, W, C) with filters (O, H, W, C / groups).

    Parameters
    ----------
    bare : bool
        Sums of the result's type are the result: nothing is added, rounded or cut off.
    """
    depth, (count, _, _, taken) = call.inputs[0].shape[3], filters.shape
    (out_h, out_w), line = window.out_hw, max(1, 4 * window.out_hw[1] * count)
    pixels = out_h * out_w
    at_once = max(1, PANEL_BYTES // max(1, line * out_h))
    framed = frame(window, min(at_once, call.inputs[0].shape[0]), depth, taken, tiles.step.unit, copied=tiles.flip != 0)
    # Sums that are yet to be finished stay in cache meanwhile, so that the result passes through it once.
    in_place = bare and taken == depth and carrier(call.outputs[0].dtype) == tiles.into
    panel = max(1, at_once * pixels if at_once > 1 or in_place else max(1, min(out_h, PANEL_BYTES // line)) * out_w)
    groups = [
        (packed(part.reshape(len(part), framed.runs, -1), tiles.step), tiles.start(part, group))
        for group, part in enumerate(np.split(filters, depth // taken))
    ]  # fmt: skip
    single = len(groups) == 1

    def convolve(call: Call, out: np.ndarray) -> None:
        images, share = np.ascontiguousarray(call.values[0]).view(tiles.carried), count // len(groups)
        scratch = None if in_place else np.empty((len(groups), min(panel, len(out) * pixels), share), tiles.into)
        for first in range(0, len(images), at_once):
            operands = framed.operands(images[first : first + at_once], tiles.border, tiles.flip).view(tiles.step.element)
            results = out[first : first + at_once].reshape(-1, count)
            for begin in range(0, len(results), panel):
                target = results[begin : begin + panel]
                sums = target[None] if in_place else scratch[:, : len(target)]
                for group, (weights, start) in enumerate(groups):
                    tiles.sums(operands, *framed.walk.part(begin, begin + len(target), group * taken), weights, start, sums[group])
                if not in_place:
                    finish(sums[0] if single else np.ascontiguousarray(sums.transpose(1, 0, 2)).reshape(-1, count), target)

    return convolve
