"""Plain-Python twin of the depthwise convolution in register tiles."""

import numpy as np

LANES = 16


def depthwise_floats(images, weights, steps, filter_w, bias, low, high, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left, out):
    _, in_h, in_w, channels = images.shape
    for n, y, x, c in np.ndindex(*out.shape):
        block = min(c // LANES, len(weights) - 1)
        lane = c - min(block * LANES, channels - LANES)
        total = np.float32(0)
        for tap in range(len(steps)):
            row = y * stride_h - pad_top + tap // filter_w * dilation_h
            column = x * stride_w - pad_left + tap % filter_w * dilation_w
            if 0 <= row < in_h and 0 <= column < in_w:
                total += images[n, row, column, c] * weights[block, tap, lane]
        out[n, y, x, c] = min(max(total + bias[c], low), high)
