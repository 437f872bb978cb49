"""Depthwise convolution, direct and vectorised over channels."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def depthwise_rows(image, weights, zero, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left, first_row, out_w, sums):
    """Write the sums of products of some output rows.

    Parameters
    ----------
    image : ndarray, shape (in_h, in_w, channels)
    weights : ndarray, shape (filter_h, filter_w, channels * multiplier), of the type of ``sums``
        Less their zero point.
    zero : scalar of the type of ``sums``
        Zero point of the image; padding adds nothing.
    sums : ndarray, shape (rows * out_w, channels * multiplier), int32, int64 or float32
        Written in place.
    """
    in_h, in_w, channels = image.shape
    filter_h, filter_w, outputs = weights.shape
    multiplier = outputs // channels
    three = multiplier == 1 and filter_w == 3
    for pixel in range(sums.shape[0]):
        total = sums[pixel]
        total[:] = 0
        top = (first_row + pixel // out_w) * stride_h - pad_top
        left = (pixel % out_w) * stride_w - pad_left
        for fy in range(filter_h):
            y = top + fy * dilation_h
            if y < 0 or y >= in_h:
                continue
            if three and left >= 0 and left + 2 * dilation_w < in_w:
                # Three taps in one pass, added in the same order: the sums are loaded and stored once.
                first, second, third = image[y, left], image[y, left + dilation_w], image[y, left + 2 * dilation_w]
                one, two, last = weights[fy, 0], weights[fy, 1], weights[fy, 2]
                for channel in range(channels):
                    running = total[channel] + (first[channel] - zero) * one[channel]
                    running += (second[channel] - zero) * two[channel]
                    total[channel] = running + (third[channel] - zero) * last[channel]
                continue
            for fx in range(filter_w):
                x = left + fx * dilation_w
                if x < 0 or x >= in_w:
                    continue
                operand = image[y, x]
                weight = weights[fy, fx]
                if multiplier == 1:
                    for channel in range(channels):
                        total[channel] += (operand[channel] - zero) * weight[channel]
                else:
                    for channel in range(channels):
                        value = operand[channel] - zero
                        for m in range(channel * multiplier, (channel + 1) * multiplier):
                            total[m] += value * weight[m]


def depthwise_convolve(images, weights, zero, stride, dilation, pad_top, pad_left, out, finish) -> None:
    """Convolve each channel of a batch with its own filters, some rows at a time so that the sums stay in cache.

    Parameters
    ----------
    images : ndarray, shape (batch, in_h, in_w, channels)
    weights : ndarray, shape (filter_h, filter_w, channels * multiplier), int32, int64 or float32
        Less their zero point; the type is that of the sums.
    out : ndarray, shape (batch, out_h, out_w, channels * multiplier)
        Written by ``finish(sums, out)``, both of shape (pixels, channels * multiplier).
    """
    out_h, out_w, outputs = out.shape[1:]
    rows = max(1, min(out_h, (1 << 17) // max(1, weights.dtype.itemsize * out_w * outputs)))
    sums = np.empty((rows * out_w, outputs), weights.dtype)
    for image, result in zip(images, out, strict=True):
        pixels = result.reshape(-1, outputs)
        for first in range(0, out_h, rows):
            begin, count = first * out_w, (min(first + rows, out_h) - first) * out_w
            depthwise_rows(image, weights, weights.dtype.type(zero), *stride, *dilation, pad_top, pad_left, first, out_w, sums[:count])
            finish(sums[:count], pixels[begin : begin + count])
