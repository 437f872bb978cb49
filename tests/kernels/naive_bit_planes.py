"""Plain-Python twins of the bit-plane kernels."""

import numpy as np

WORD = 64


def population(word):
    return bin(int(word)).count("1")


def pack(codes, bit, flip, words):
    for row, values in enumerate(codes):
        bits = [(int(v) >> bit) & 1 for v in values]
        for w in range(words.shape[1]):
            words[row, w] = sum(b << k for k, b in enumerate(bits[w * WORD : (w + 1) * WORD])) ^ int(flip)


def _column(columns, j):
    return columns[j // 16, :, j % 16]


def differing(operands, bases, steps, columns, depth, out):
    for (i, j), _ in np.ndenumerate(out):
        out[i, j] = depth - 2 * sum(population(x ^ y) for x, y in zip(operands[bases[i] + steps], _column(columns, j), strict=True))


def common(operands, bases, steps, columns, coefficient, out):
    for (i, j), _ in np.ndenumerate(out):
        out[i, j] += coefficient * sum(population(x & y) for x, y in zip(operands[bases[i] + steps], _column(columns, j), strict=True))


def thresholded(values, limits, low, step, out):
    for (row, c), value in np.ndenumerate(values):
        out[row, c] = low + step * sum(bool(value >= limit) for limit in limits[:, c])
