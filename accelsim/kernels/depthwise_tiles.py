"""Depthwise convolution of floats in register tiles: a vector of channels of some neighbouring pixels, all taps in one pass.

Each sum is rounded after every product and every addition, in the order of the taps; taps outside the image add nothing. It
is then given its bias and clamp, so that no sum passes memory.
"""

from collections.abc import Callable

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from accelsim.kernels.float_tiles import clamp
from accelsim.kernels.register_tiles import FLOATS, I64

LANES = FLOATS.lanes  # also the fewest channels that these kernels take: the last vector of a pixel overlaps the one before
PIXELS = 4  # of a tile: their sums hide the latency of an addition


def _tile(pixels: int) -> Callable:
    """Return the function that writes a vector of channels of neighbouring pixels.

    Its parameters are (image, place, hop, steps, first, width, across, down, weights, panel, bias, channel, low, high, out,
    target, channels): flat arrays; where the first pixel's window starts in the image; elements from a pixel's window to the
    next one's; offset of each tap; first tap, taps of a line, and how many of them and of the lines lie inside the image;
    weights and which vector of them is tap 0; bias and first channel; limits; where the first pixel is written; elements of
    a pixel.
    """
    return _plain(pixels) if config.DISABLE_JIT else _compiled(pixels)


def _plain(pixels: int) -> Callable:
    def write(image, place, hop, steps, first, width, across, down, weights, panel, bias, channel, low, high, out, target, channels):
        lanes = channel + np.arange(LANES)
        for pixel in range(pixels):
            total = np.zeros(LANES, np.float32)
            for line in range(down):
                for tap in range(first + line * width, first + line * width + across):
                    total += image[place + pixel * hop + steps[tap] + lanes] * weights[(panel + tap) * LANES : (panel + tap + 1) * LANES]
            out[target + pixel * channels + lanes] = np.minimum(np.maximum(total + bias[lanes], low), high)

    return write


def _compiled(pixels: int) -> Callable:
    @intrinsic
    def write(typing, image, place, hop, steps, first, width, across, down, weights, panel, bias, channel, low, high, out, target, channels):
        n, f = types.int64, types.float32
        signature = types.void(image, n, n, steps, n, n, n, n, weights, n, bias, n, f, f, out, n, n)

        def generate(context, builder, signature, given):
            flat = [context.make_array(t)(context, builder, v).data if isinstance(t, types.Array) else v for t, v in zip(signature.args, given, strict=True)]
            _write(builder, pixels, *flat)
            return context.get_dummy_value()

        return signature, generate

    return write


def _write(builder, pixels, image, place, hop, steps, first, width, across, down, weights, panel, bias, channel, low, high, out, target, channels) -> None:
    """Write the loops over the taps, then the stores."""
    kind, ended = FLOATS.vector, clamp(builder, low, high)

    def load(pointer):
        value = builder.load(builder.bitcast(pointer, kind.as_pointer()))
        value.align = 4
        return value

    place, target = (builder.add(start, channel) for start in (place, target))
    weights = builder.gep(weights, [builder.mul(panel, I64(LANES))])
    windows = [builder.gep(image, [builder.add(place, builder.mul(hop, I64(pixel)))]) for pixel in range(pixels)]
    sums = [cgutils.alloca_once(builder, kind) for _ in range(pixels)]
    for total in sums:
        builder.store(ir.Constant(kind, None), total)
    with cgutils.for_range(builder, down) as lines:
        begin = builder.add(first, builder.mul(width, lines.index))
        with cgutils.for_range(builder, builder.add(begin, across), start=begin) as taps:
            step = builder.load(builder.gep(steps, [taps.index]))
            factor = load(builder.gep(weights, [builder.mul(taps.index, I64(LANES))]))
            for window, total in zip(windows, sums, strict=True):
                product = builder.fmul(load(builder.gep(window, [step])), factor)
                builder.store(builder.fadd(builder.load(total), product), total)
    offset = load(builder.gep(bias, [channel]))
    for pixel, total in enumerate(sums):
        pointer = builder.gep(out, [builder.add(target, builder.mul(channels, I64(pixel)))])
        builder.store(ended(offset, builder.load(total)), builder.bitcast(pointer, kind.as_pointer())).align = 4


_one, _some = _tile(1), _tile(PIXELS)


@njit(cache=True, nogil=True)
def _inside(start, step, taps, extent):
    """Return the first tap that lies inside an image and the one behind the last."""
    first = max(0, -(start // step)) if start < 0 else 0
    return first, max(first, min(taps, (extent - start + step - 1) // step))


@njit(cache=True, nogil=True)
def depthwise_floats(images, weights, steps, filter_w, bias, low, high, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left, out):
    """Write min(max(sums of products + bias, low), high).

    Parameters
    ----------
    images : ndarray, shape (batch, in_h, in_w, channels), float32
        At least 16 channels.
    weights : ndarray, shape (blocks, taps, 16), float32
        Of ``tap_panels``.
    steps : ndarray, shape (taps,), int64
        Of ``tap_steps``.
    filter_w : int
        Taps of a line.
    bias : ndarray, shape (channels,), float32
    low, high : float32
    out : ndarray, shape (batch, out_h, out_w, channels), float32
        Written in place.
    """
    in_h, in_w, channels = images.shape[1:]
    blocks, filter_h = weights.shape[0], steps.size // filter_w
    out_h, out_w = out.shape[1:3]
    image, result, taps, hop = images.reshape(-1), out.reshape(-1), weights.reshape(-1), stride_w * channels
    # Pixels of a line all of whose taps lie inside, from the first to the one behind the last.
    begin = min(out_w, -(-pad_left // stride_w))
    end = max(begin, min(out_w, (in_w - 1 + pad_left - (filter_w - 1) * dilation_w) // stride_w + 1))
    for n in range(images.shape[0]):
        for oy in range(out_h):
            top = oy * stride_h - pad_top
            first_y, last_y = _inside(top, dilation_h, filter_h, in_h)
            start, target = ((n * in_h + top) * in_w - pad_left) * channels, (n * out_h + oy) * out_w * channels
            ox = 0
            while ox < out_w:
                whole = begin <= ox < end and end - begin >= PIXELS
                if whole:
                    ox = min(ox, end - PIXELS)
                    first_x, last_x = 0, filter_w
                else:
                    first_x, last_x = _inside(ox * stride_w - pad_left, dilation_w, filter_w, in_w)
                place, written, first = start + ox * hop, target + ox * channels, first_y * filter_w + first_x
                for block in range(blocks):
                    c, panel = min(block * LANES, channels - LANES), block * steps.size
                    if whole:
                        _some(image, place, hop, steps, first, 0, (last_y - first_y) * filter_w, 1, taps, panel, bias, c, low, high, result, written, channels)
                    else:
                        _one(image, place, hop, steps, first, filter_w, last_x - first_x, last_y - first_y, taps, panel, bias, c, low, high, result, written, channels)
                ox += PIXELS if whole else 1


def tap_panels(filters: np.ndarray) -> np.ndarray:
    """Return filters (filter_h, filter_w, channels) as the kernel reads them: tap after tap of sixteen channels, the last sixteen at the end."""
    channels = filters.shape[-1]
    taps = filters.reshape(-1, channels)
    return np.stack([taps[:, min(c, channels - LANES) :][:, :LANES] for c in range(0, channels, LANES)])


def tap_steps(filters: np.ndarray, in_w: int, dilation: tuple[int, int]) -> np.ndarray:
    """Return where each tap of a window lies in an image, from the window's first one on."""
    filter_h, filter_w, channels = filters.shape
    down, across = np.arange(filter_h) * dilation[0] * in_w, np.arange(filter_w) * dilation[1]
    return ((down[:, None] + across) * channels).ravel().astype(np.int64)
