"""Plain-Python twins of the bit-plane kernels."""

import numpy as np

WORD = 64


def population(word):
    return bin(int(word)).count("1")


def pack(octets, shift, flip, words):
    for row, codes in enumerate(octets.view(np.uint8)):
        bits = [(int(v) >> int(shift)) & 1 ^ int(flip) for v in codes]
        for w in range(words.shape[1]):
            words[row, w] = sum(bit << k for k, bit in enumerate(bits[w * WORD : (w + 1) * WORD]))


def differing(rows, columns, depth, counts, out):
    for (i, j), _ in np.ndenumerate(out):
        out[i, j] = depth - 2 * sum(population(x ^ y) for x, y in zip(rows[i], columns[:, j], strict=True))


def common(rows, columns, coefficient, counts, out):
    for (i, j), _ in np.ndenumerate(out):
        out[i, j] += coefficient * sum(population(x & y) for x, y in zip(rows[i], columns[:, j], strict=True))


def thresholded(values, limits, low, step, out):
    for (row, c), value in np.ndenumerate(values):
        out[row, c] = low + step * sum(bool(value >= limit) for limit in limits[:, c])


def gather_words(image, filter_h, filter_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left, out_w, rows):
    for pixel in range(rows.shape[0]):
        words = []
        for fy in range(filter_h):
            for fx in range(filter_w):
                y, x = pixel // out_w * stride_h - pad_top + fy * dilation_h, pixel % out_w * stride_w - pad_left + fx * dilation_w
                inside = 0 <= y < image.shape[0] and 0 <= x < image.shape[1]
                words += list(image[y, x]) if inside else [np.uint64(0)] * image.shape[2]
        rows[pixel] = words
