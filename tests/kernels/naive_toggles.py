"""What every multiplier of an array sees, listed step by step, and the bits that change: to be read beside ``kernels.toggles``."""

import numpy as np


def patches(inputs, work, group, pad):
    """Return the M x K matrix of input words of a group's product."""
    rows = []
    for image in range(work.batch):
        for y in range(work.out_h):
            for x in range(work.out_w):
                row = []
                for fy in range(work.filter_h):
                    for fx in range(work.filter_w):
                        iy = y * work.stride_h - work.pad_top + fy * work.dilation_h
                        ix = x * work.stride_w - work.pad_left + fx * work.dilation_w
                        inside = 0 <= iy < work.in_h and 0 <= ix < work.in_w
                        row += [int(inputs[image, iy, ix, group * work.channels + c]) if inside else pad for c in range(work.channels)]
                rows.append(row)
    return np.array(rows)


def grid_steps(dataflow, rows, cols, sizes):
    """Yield, for each PE of a grid, the places (m, k, n) that it works on, one after another."""
    on_rows, on_cols, streamed = dataflow
    for r in range(min(rows, sizes[on_rows])):
        for c in range(min(cols, sizes[on_cols])):
            yield [
                {on_rows: row, on_cols: col, streamed: step}
                for col in range(c, sizes[on_cols], cols)
                for row in range(r, sizes[on_rows], rows)
                for step in range(sizes[streamed])
            ]


def lane_steps(run, lanes, filters, sizes):
    """Yield the same for each lane of a dot-product array that holds its weights for a run of positions."""
    for lane in range(min(lanes, sizes["k"])):
        for f in range(min(filters, sizes["n"])):
            yield [
                {"m": m, "k": k, "n": n}
                for first in range(0, sizes["m"], run)
                for n in range(f, sizes["n"], filters)
                for k in range(lane, sizes["k"], lanes)
                for m in range(first, min(first + run, sizes["m"]))
            ]


def operand_toggles(a, b, multipliers):
    """Return the bits of both operands that change in all, of an M x K matrix and an N x K one."""
    found = [0, 0]
    for steps in multipliers:
        for now, then in zip(steps, steps[1:], strict=False):
            found[0] += bin(int(a[now["m"], now["k"]]) ^ int(a[then["m"], then["k"]])).count("1")
            found[1] += bin(int(b[now["n"], now["k"]]) ^ int(b[then["n"], then["k"]])).count("1")
    return found
