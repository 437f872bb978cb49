"""Plain-Python twins of the kernels on packed signs."""

import numpy as np
from naive_bit_planes import population


def _write(out, reached):
    out[:] = 0
    for i, word in np.ndindex(*out.shape):
        out[i, word] = sum(1 << bit for bit in range(64) if reached(i, word * 64 + bit))


def signs_of_words(operands, bases, steps, columns, least, out):
    def reached(i, j):
        block = min(j // 16, len(columns) - 1)
        return sum(population(x ^ y) for x, y in zip(operands[bases[i] + steps], columns[block, :, j % 16], strict=True)) >= least[j]

    _write(out, reached)


def signs_of_bytes(operands, bases, steps, weights, least, out):
    def reached(i, j):
        block, four = min(j // 16, len(weights) - 1), j % 16 * 4
        terms = (int(operands[bases[i] + step + k]) * int(weights[block, s, four + k]) for s, step in enumerate(steps) for k in range(4))
        return sum(terms) >= least[j]

    _write(out, reached)


def any_set(images, filter_h, filter_w, stride_h, stride_w, pad_top, pad_left, out):
    _, in_h, in_w, _ = images.shape
    for n, y, x, w in np.ndindex(*out.shape):
        rows = range(y * stride_h - pad_top, y * stride_h - pad_top + filter_h)
        columns = range(x * stride_w - pad_left, x * stride_w - pad_left + filter_w)
        seen = [int(images[n, i, j, w]) for i in rows for j in columns if 0 <= i < in_h and 0 <= j < in_w]
        out[n, y, x, w] = int(np.bitwise_or.reduce(np.array(seen, np.uint64))) if seen else 0
