"""Plain-Python twins of the network kernels: one loop, one number at a time, no cleverness."""

import math
from fractions import Fraction

import numpy as np


def half_up(x: Fraction) -> int:
    return math.floor(x + Fraction(1, 2))


def half_away(x: Fraction) -> int:
    return half_up(x) if x >= 0 else -half_up(-x)


def high_multiply(x, multiplier):
    return half_up(Fraction(int(x) * int(multiplier), 2**31))


def shift_right_rounding(x, exponent):
    return half_away(Fraction(int(x), 2 ** int(exponent)))


def _clamped(x, zero_point, low, high):
    return min(max(x + zero_point, low), high)


def requantize_double(sums, bias, multiplier, left, right, zero_point, low, high, out):
    for (row, c), total in np.ndenumerate(sums):
        x = high_multiply((int(total) + int(bias[c])) * 2 ** int(left[c]), multiplier[c])
        out[row, c] = _clamped(shift_right_rounding(x, right[c]), zero_point, low, high)


def requantize_single(sums, bias, multiplier, left, right, zero_point, low, high, out):
    for (row, c), total in np.ndenumerate(sums):
        exact = Fraction((int(total) + int(bias[c])) * int(multiplier[c]) * 2 ** int(left[c]), 2 ** (31 + int(right[c])))
        out[row, c] = _clamped(half_up(exact), zero_point, low, high)


def requantize_wide(sums, bias, multiplier, left, right, zero_point, low, high, out):
    for (row, c), total in np.ndenumerate(sums):
        reduced = min(half_up(Fraction(int(multiplier[c]), 2**16)), 0x7FFF)
        exact = Fraction((int(total) + int(bias[c])) * reduced * 2 ** int(left[c]), 2 ** (15 + int(right[c])))
        out[row, c] = _clamped(half_up(exact), zero_point, low, high)


def requantize_float(sums, bias, scale, zero_point, low, high, out):
    for (row, c), total in np.ndenumerate(sums):
        out[row, c] = _clamped(round(float(np.float32(int(total) + int(bias[c])) * scale[c])), zero_point, low, high)


def bias_and_clip(sums, bias, low, high, out):
    for (row, c), total in np.ndenumerate(sums):
        out[row, c] = min(max(total + bias[c], low), high)


def patches(image, zero, first_channel, filter_h, filter_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left, first_row, out_w, panel):
    in_h, in_w, _ = image.shape
    for (pixel, fy, fx, c), _ in np.ndenumerate(panel):
        y = (first_row + pixel // out_w) * stride_h - pad_top + fy * dilation_h
        x = pixel % out_w * stride_w - pad_left + fx * dilation_w
        panel[pixel, fy, fx, c] = float(image[y, x, first_channel + c]) - float(zero) if 0 <= y < in_h and 0 <= x < in_w else 0


def depthwise_rows(image, weights, zero, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left, first_row, out_w, sums):
    in_h, in_w, channels = image.shape
    filter_h, filter_w, outputs = weights.shape
    for (pixel, o), _ in np.ndenumerate(sums):
        total = 0
        for fy in range(filter_h):
            for fx in range(filter_w):
                y = (first_row + pixel // out_w) * stride_h - pad_top + fy * dilation_h
                x = pixel % out_w * stride_w - pad_left + fx * dilation_w
                if 0 <= y < in_h and 0 <= x < in_w:
                    total += (int(image[y, x, o // (outputs // channels)]) - int(zero)) * int(weights[fy, fx, o])
        sums[pixel, o] = total


def _window(image, top, left, filter_h, filter_w):
    in_h, in_w = image.shape[:2]
    return [image[y, x] for y in range(top, top + filter_h) for x in range(left, left + filter_w) if 0 <= y < in_h and 0 <= x < in_w]


def max_pool(images, filter_h, filter_w, stride_h, stride_w, pad_top, pad_left, low, high, out):
    for (n, oy, ox, c), _ in np.ndenumerate(out):
        inside = _window(images[n, :, :, c], oy * stride_h - pad_top, ox * stride_w - pad_left, filter_h, filter_w)
        out[n, oy, ox, c] = min(max(max(inside), low), high)


def average_integers(images, filter_h, filter_w, stride_h, stride_w, pad_top, pad_left, low, high, sums, out):
    for (n, oy, ox, c), _ in np.ndenumerate(out):
        inside = _window(images[n, :, :, c], oy * stride_h - pad_top, ox * stride_w - pad_left, filter_h, filter_w)
        out[n, oy, ox, c] = min(max(half_away(Fraction(sum(int(i) for i in inside), len(inside))), low), high)


def average_floats(images, filter_h, filter_w, stride_h, stride_w, pad_top, pad_left, low, high, sums, out):
    for (n, oy, ox, c), _ in np.ndenumerate(out):
        inside = _window(images[n, :, :, c], oy * stride_h - pad_top, ox * stride_w - pad_left, filter_h, filter_w)
        out[n, oy, ox, c] = min(max(sum(float(i) for i in inside) / len(inside), low), high)
