"""A systolic array clock by clock: every register of every PE, the real product, and the cycles that it took.

The proof behind the closed form of ``hardware/units/systolic_array.py``. Nothing here counts ahead: operands enter at the
edges one step later per row (column), every PE reads its neighbours' registers of the cycle before, and the count is that
of the clock ticks until the last sum has left. The two kernels return -1 where two values would need one wire or register.
"""

import numpy as np
from numba import njit

NONE = -1


@njit(cache=True, nogil=True)
def output_stationary(left, top, rows, cols, full, shift, depth, product):
    """Multiply with sums that stay: fold by fold, each begun when the one before is out.

    Parameters
    ----------
    left : ndarray, shape (m, k), int64
        Enters from the left edge, one row of it per row of PEs.
    top : ndarray, shape (k, n), int64
        Enters from the top edge.
    rows, cols : int
        The array.
    full : bool
        Zeros fill up the folds at the edge of the product; else those folds use only the PEs they need.
    shift : bool
        When all sums are complete they step down and leave at the bottom; else each leaves on its column's bus at once.
    depth : int
        Registers between a PE's multiplier and its adder.
    product : ndarray, shape (m, n), int64
        Written in place.

    Returns
    -------
    int
        Clock cycles; -1 if two sums met on one bus.
    """
    m, n = left.shape[0], top.shape[1]
    ticks = 0
    for col in range(0, n, cols):
        for row in range(0, m, rows):
            r, c = (rows, cols) if full else (min(rows, m - row), min(cols, n - col))
            spent = _stationary_sums(left[row : row + r], top[:, col : col + c], r, c, shift, depth, product[row : row + r, col : col + c])
            if spent < 0:
                return NONE
            ticks += spent
    return ticks


@njit(cache=True, nogil=True)
def _stationary_sums(left, top, r, c, shift, depth, product):
    terms = left.shape[1]
    a, b = np.zeros((r, c), np.int64), np.zeros((r, c), np.int64)
    a_filled, b_filled = np.zeros((r, c), np.bool_), np.zeros((r, c), np.bool_)
    pipe = np.zeros((r, c, depth + 1), np.int64)
    pipe_filled = np.zeros((r, c, depth + 1), np.bool_)
    total, added = np.zeros((r, c), np.int64), np.zeros((r, c), np.int64)
    bus_used = np.full(c, NONE, np.int64)
    tick, complete = 0, 0
    while complete < r * c:
        for i in range(r - 1, -1, -1):  # from the far corner, so that neighbours still hold the cycle before
            for j in range(c - 1, -1, -1):
                if j > 0:
                    a[i, j], a_filled[i, j] = a[i, j - 1], a_filled[i, j - 1]
                else:
                    a_filled[i, 0] = 0 <= tick - i < terms
                    a[i, 0] = left[i, tick - i] if a_filled[i, 0] and i < left.shape[0] else 0
                if i > 0:
                    b[i, j], b_filled[i, j] = b[i - 1, j], b_filled[i - 1, j]
                else:
                    b_filled[0, j] = 0 <= tick - j < terms
                    b[0, j] = top[tick - j, j] if b_filled[0, j] and j < top.shape[1] else 0
                for d in range(depth, 0, -1):
                    pipe[i, j, d], pipe_filled[i, j, d] = pipe[i, j, d - 1], pipe_filled[i, j, d - 1]
                pipe[i, j, 0], pipe_filled[i, j, 0] = a[i, j] * b[i, j], a_filled[i, j] and b_filled[i, j]
                if not pipe_filled[i, j, depth]:
                    continue
                total[i, j] += pipe[i, j, depth]
                added[i, j] += 1
                if added[i, j] < terms:
                    continue
                complete += 1
                if shift:
                    continue
                if bus_used[j] == tick:
                    return NONE
                bus_used[j] = tick
                if i < product.shape[0] and j < product.shape[1]:
                    product[i, j] = total[i, j]
        tick += 1
    for out in range(r if shift else 0):
        for j in range(product.shape[1]):
            if r - 1 - out < product.shape[0]:
                product[r - 1 - out, j] = total[r - 1, j]
        for i in range(r - 1, 0, -1):
            total[i] = total[i - 1]
        tick += 1
    return tick


@njit(cache=True, nogil=True)
def operand_stationary(streamed, held, rows, cols, full, overlapped, depth, product):
    """Multiply with an operand that stays: folds of ``held`` are loaded, ``streamed`` passes, sums run down the columns.

    Every PE has two registers for its operand. A load enters a column from above, column j one cycle after column
    j - 1; a PE swaps when the first value of the fold arrives. Without ``overlapped`` a load begins when the last sum
    of the fold before has left; with it, when the fold before begins to stream. A sum leaves at its fold's last row on
    the column's bus, one a cycle.

    Parameters
    ----------
    streamed : ndarray, shape (t, k), int64
    held : ndarray, shape (k, n), int64
    rows, cols, full, depth
        As in ``output_stationary``.
    product : ndarray, shape (t, n), int64
        Zeros; added to in place, since every fold of k brings a part of the sums.

    Returns
    -------
    int
        Clock cycles; -1 if a register was overwritten before its use, or two sums met.
    """
    stream_length, k = streamed.shape
    n = held.shape[1]
    down, across = -(-k // rows), -(-n // cols)
    folds = down * across
    load_at, stream_at = np.full(folds, NONE, np.int64), np.full(folds, NONE, np.int64)
    left_over = np.zeros(folds, np.int64)  # sums of a fold that have not left
    inside = folds  # folds of which some have not
    span_r, span_c = np.empty(folds, np.int64), np.empty(folds, np.int64)
    for f in range(folds):  # the folds of one column of the product follow one another, so that its sums can stay in one accumulator
        span_r[f] = rows if full else min(rows, k - f % down * rows)
        span_c[f] = cols if full else min(cols, n - f // down * cols)
        left_over[f] = stream_length * span_c[f]
    now_held, next_held = np.zeros((rows, cols), np.int64), np.zeros((rows, cols), np.int64)
    now_fold, next_fold = np.full((rows, cols), NONE, np.int64), np.full((rows, cols), NONE, np.int64)
    x, x_fold, x_item = np.zeros((rows, cols), np.int64), np.full((rows, cols), NONE, np.int64), np.zeros((rows, cols), np.int64)
    pipe = np.zeros((rows, cols, depth + 1), np.int64)
    pipe_fold, pipe_item = np.full((rows, cols, depth + 1), NONE, np.int64), np.zeros((rows, cols, depth + 1), np.int64)
    partial, partial_fold, partial_item = np.zeros((rows, cols), np.int64), np.full((rows, cols), NONE, np.int64), np.zeros((rows, cols), np.int64)
    bus_used = np.full(cols, NONE, np.int64)
    feeding = np.zeros(rows, np.int64)  # the fold that each row takes in
    loading = np.zeros(cols, np.int64)  # the fold that each column loads
    load_at[0] = 0
    waiting, tick = 0, 0  # the fold that waits to stream
    while inside > 0:
        if waiting < folds and load_at[waiting] != NONE and _may_stream(waiting, tick, load_at, stream_at, span_r, stream_length):
            stream_at[waiting] = tick
            if overlapped and waiting + 1 < folds:
                load_at[waiting + 1] = tick
            waiting += 1
        for i in range(rows - 1, -1, -1):
            for j in range(cols - 1, -1, -1):
                # the streamed operand steps right, or enters
                if j > 0:
                    x[i, j], x_fold[i, j], x_item[i, j] = x[i, j - 1], x_fold[i, j - 1], x_item[i, j - 1]
                    if x_fold[i, j] != NONE and j >= span_c[x_fold[i, j]]:
                        x_fold[i, j] = NONE
                else:
                    x_fold[i, 0] = NONE
                    f = feeding[i]
                    if f < folds and stream_at[f] != NONE and tick - i >= stream_at[f]:
                        item = tick - i - stream_at[f]
                        if i < span_r[f]:
                            place = f % down * rows + i
                            x[i, 0], x_fold[i, 0], x_item[i, 0] = streamed[item, place] if place < k else 0, f, item
                        if item == stream_length - 1:
                            feeding[i] += 1
                f = x_fold[i, j]
                if f != NONE and now_fold[i, j] != f:
                    if next_fold[i, j] != f:
                        return NONE  # its operand is not there
                    now_held[i, j], now_fold[i, j] = next_held[i, j], f
                for d in range(depth, 0, -1):
                    pipe[i, j, d], pipe_fold[i, j, d], pipe_item[i, j, d] = pipe[i, j, d - 1], pipe_fold[i, j, d - 1], pipe_item[i, j, d - 1]
                pipe[i, j, 0], pipe_fold[i, j, 0], pipe_item[i, j, 0] = x[i, j] * now_held[i, j], f, x_item[i, j]
                # the sum from above takes in this PE's product and goes on, or leaves
                f, item = pipe_fold[i, j, depth], pipe_item[i, j, depth]
                above = 0
                if i > 0 and f != NONE:
                    if partial_fold[i - 1, j] != f or partial_item[i - 1, j] != item:
                        return NONE  # the sum from above belongs to another row of the product
                    above = partial[i - 1, j]
                partial[i, j], partial_fold[i, j], partial_item[i, j] = above + pipe[i, j, depth], f, item
                if f != NONE and i == span_r[f] - 1:
                    if bus_used[j] == tick:
                        return NONE
                    bus_used[j] = tick
                    left_over[f] -= 1
                    inside -= left_over[f] == 0
                    place = f // down * cols + j
                    if place < n:
                        product[item, place] += partial[i, j]
        for j in range(cols):  # loads step down behind the swap of this cycle
            f = loading[j]
            step = tick - load_at[f] - j if f < folds and load_at[f] != NONE else NONE
            if step < 0:
                continue
            if j < span_c[f]:
                for i in range(min(step, span_r[f] - 1), 0, -1):
                    next_held[i, j], next_fold[i, j] = next_held[i - 1, j], next_fold[i - 1, j]
                row, col = f % down * rows + span_r[f] - 1 - step, f // down * cols + j
                next_held[0, j], next_fold[0, j] = held[row, col] if row < k and col < n else 0, f
            if step == span_r[f] - 1:
                loading[j] += 1
        tick += 1
        if not overlapped and waiting < folds and waiting > 0 and load_at[waiting] == NONE and left_over[waiting - 1] == 0:
            load_at[waiting] = tick
    return tick


@njit(cache=True, nogil=True)
def _may_stream(fold, tick, load_at, stream_at, span_r, stream_length):
    """Return whether a fold is loaded, the edge is free, and its first sum would leave behind the last of the fold before."""
    if tick < load_at[fold] + span_r[fold]:
        return False
    if fold == 0:
        return True
    free = stream_at[fold - 1] + stream_length
    return tick >= free and tick + span_r[fold] >= free + span_r[fold - 1]
