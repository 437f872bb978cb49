"""Plain-Python twins of the kernels that read images in place and multiply bytes."""

import numpy as np


def put_inside(images, border, flip, top, left, height, width, whole):
    count, in_h, in_w, depth = images.shape
    whole[:] = border
    grid = whole[: count * height * width * depth].reshape(count, height, width, depth)
    for (n, y, x, c), _ in np.ndenumerate(grid):
        if 0 <= y - top < in_h and 0 <= x - left < in_w:
            grid[n, y, x, c] = images[n, y - top, x - left, c] ^ flip


def byte_sums(operands, bases, steps, weights, start, out):
    for (i, j), _ in np.ndenumerate(out):
        total = int(start[0, j])
        for s, step in enumerate(steps):
            four = weights[j // 16, s, j % 16 * 4 : j % 16 * 4 + 4]
            total += sum(int(x) * int(w) for x, w in zip(operands[bases[i] + step :], four, strict=False))
        out[i, j] = total


def float_sums(operands, bases, steps, weights, start, low, high, out):
    for (i, j), _ in np.ndenumerate(out):
        total = start[0, j] + sum(float(operands[bases[i] + step]) * float(weights[j // 16, s, j % 16]) for s, step in enumerate(steps))
        out[i, j] = min(max(total, low), high)
