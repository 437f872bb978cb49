"""Convolution as matrix products: patches become rows of a panel that stays in cache, BLAS multiplies.

Integer operands are carried as float32 while every partial sum provably stays below 2**24, where float32 counts
exactly, and as float64 (2**53) otherwise; so the sums are the integers that an int32 or int64 accumulator holds.
"""

from collections.abc import Callable

import numpy as np
from numba import njit

from accelsim.kernels.reduced_floats import Product

Finish = Callable[[np.ndarray, np.ndarray], None]
PANEL_BYTES = 1 << 19  # a panel, its product and the weights together fit a common 1-2 MiB second-level cache
WEIGHT_SHARE = 4  # a product packs all weights anew: its panel must be larger than them for that not to count


@njit(cache=True, nogil=True)
def patches(image, zero, first_channel, filter_h, filter_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left, first_row, out_w, panel):
    """Write one row of operands per output pixel: (filter_h, filter_w, channels) values less their zero point.

    Parameters
    ----------
    image : ndarray, shape (in_h, in_w, all channels)
    zero : scalar of the panel's type
        Zero point; padding writes real zero.
    first_channel : int
        Where the group's channels start.
    first_row, out_w : int
        First output row of the panel; output width.
    panel : ndarray, shape (rows * out_w, filter_h, filter_w, channels), float32 or float64
        Written in place.
    """
    in_h, in_w, all_channels = image.shape
    channels = panel.shape[3]
    run = filter_w * channels
    flat = panel.reshape((panel.shape[0], filter_h, run))
    lines = image.reshape((in_h, in_w * all_channels))
    whole_runs = channels == all_channels and dilation_w == 1
    # The loops copy between slices: their indices cannot be negative, which is what lets the compiler vectorise them.
    for pixel in range(panel.shape[0]):
        top = (first_row + pixel // out_w) * stride_h - pad_top
        left = (pixel % out_w) * stride_w - pad_left
        whole = whole_runs and left >= 0 and left + filter_w <= in_w
        for fy in range(filter_h):
            y = top + fy * dilation_h
            target = flat[pixel, fy]
            if y < 0 or y >= in_h:
                target[:] = 0
            elif whole:
                source = lines[y, left * channels : left * channels + run]
                for k in range(run):
                    target[k] = source[k] - zero
            else:
                for fx in range(filter_w):
                    x = left + fx * dilation_w
                    part = target[fx * channels : (fx + 1) * channels]
                    if x < 0 or x >= in_w:
                        part[:] = 0
                    else:
                        channel = image[y, x, first_channel : first_channel + channels]
                        for k in range(channels):
                            part[k] = channel[k] - zero


def exact_type(weights: np.ndarray, largest_operand: int) -> type:
    """Return float32 where no sum of |weight| * largest_operand over a filter reaches 2**24, else float64."""
    total = np.abs(weights.reshape(weights.shape[0], -1)).sum(axis=1, dtype=np.float64).max(initial=0.0)
    return np.float32 if total * largest_operand < 2**24 else np.float64


def by_depth(weights: np.ndarray) -> np.ndarray:
    """Return filters (O, H, W, C) that lie in memory as (H, W, C, O): BLAS packs that faster, which counts where pixels are few."""
    return np.ascontiguousarray(weights.reshape(weights.shape[0], -1).T).T.reshape(weights.shape)


def convolve(
    images: np.ndarray,
    weights: np.ndarray,
    zero: int,
    stride: tuple[int, int],
    dilation: tuple[int, int],
    pad_top: int,
    pad_left: int,
    out: np.ndarray,
    finish: Finish,
    product: Product,
) -> None:
    """Convolve a batch, panel by panel.

    Parameters
    ----------
    images : ndarray, shape (batch, in_h, in_w, groups * channels)
    weights : ndarray, shape (filters, filter_h, filter_w, channels), float32 or float64
        Less their zero point; the type decides in which type products are summed.
    zero : int
        Zero point of the images.
    out : ndarray, shape (batch, out_h, out_w, filters)
        Written by ``finish``.
    finish : callable (sums, out)
        Adds bias, rounds, clips; both of shape (pixels, filters).
    product : callable (rows, columns, out)
        The matrix product, of ``reduced_floats.product``.
    """
    in_h, in_w, all_channels = images.shape[1:]
    filters, filter_h, filter_w, channels = weights.shape
    groups, kind = all_channels // channels, weights.dtype
    out_h, out_w = out.shape[1:3]
    depth, share = filter_h * filter_w * channels, filters // groups
    matrix = weights.reshape(groups, share, depth).transpose(0, 2, 1)
    rows = panel_rows(out_h, kind.itemsize * out_w * max(depth, filters), weights.nbytes)
    pointwise = filter_h == filter_w == 1 and stride == (1, 1) and pad_top == pad_left == 0 and (out_h, out_w) == (in_h, in_w)
    in_place = pointwise and groups == 1 and images.dtype == kind and zero == 0
    panel = np.empty((0 if in_place else rows * out_w, filter_h, filter_w, channels), kind)
    sums = np.empty((rows * out_w, filters), kind)
    part = sums if groups == 1 else np.empty((rows * out_w, share), kind)
    for image, result in zip(images, out, strict=True):
        pixels_in, pixels_out = image.reshape(-1, all_channels), result.reshape(-1, filters)
        for first in range(0, out_h, rows):
            begin, end = first * out_w, min(first + rows, out_h) * out_w
            count = end - begin
            for group in range(groups):
                operand = pixels_in[begin:end] if in_place else panel[:count].reshape(count, depth)
                if not in_place:
                    patches(image, kind.type(zero), group * channels, filter_h, filter_w, *stride, *dilation, pad_top, pad_left, first, out_w, panel[:count])
                product(operand, matrix[group], part[:count])
                if groups > 1:
                    sums[:count, group * share : (group + 1) * share] = part[:count]
            finish(sums[:count], pixels_out[begin:end])


def panel_rows(out_h: int, row_bytes: int, weight_bytes: int) -> int:
    """Return how many output rows one panel holds."""
    return max(1, min(out_h, max(PANEL_BYTES, WEIGHT_SHARE * weight_bytes) // max(1, row_bytes)))


def multiply(rows: np.ndarray, weights: np.ndarray, zero: int, out: np.ndarray, finish: Finish, product: Product) -> None:
    """Multiply rows (n, k), less their zero point, by weights (filters, k) and finish into out (n, filters)."""
    operand = rows.astype(weights.dtype)
    if zero:
        operand -= weights.dtype.type(zero)
    sums = np.empty((rows.shape[0], weights.shape[0]), weights.dtype)
    product(operand, weights.T, sums)
    finish(sums, out)
