"""Where tensors lie in a memory while they live: largest first, lowest gap that is free all their life."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def place(sizes, first, last, order, capacity, offsets):
    """Write each tensor's offset; -1 where it does not fit below the capacity.

    Parameters
    ----------
    sizes, first, last : ndarray, shape (tensors,), int64
        Bytes, and the first and last layer during which a tensor lives (inclusive).
    order : ndarray, shape (tensors,), int64
        Who chooses first.
    capacity : int
        Bytes; negative: unlimited.
    offsets : ndarray, shape (tensors,), int64
        Written in place.

    Returns
    -------
    int
        Bytes up to the highest end of a placed tensor.
    """
    count = sizes.size
    by_offset = np.empty(count, np.int64)  # placed tensors, sorted by offset
    placed, peak = 0, 0
    for i in range(count):
        offsets[i] = -1
    for n in range(count):
        i = order[n]
        gap = 0
        for j in range(placed):
            other = by_offset[j]
            if last[other] < first[i] or last[i] < first[other]:
                continue
            if offsets[other] - gap >= sizes[i]:
                break
            gap = max(gap, offsets[other] + sizes[other])
        if capacity >= 0 and gap + sizes[i] > capacity:
            continue
        offsets[i] = gap
        peak = max(peak, gap + sizes[i])
        j = placed
        while j > 0 and offsets[by_offset[j - 1]] > gap:
            by_offset[j] = by_offset[j - 1]
            j -= 1
        by_offset[j] = i
        placed += 1
    return peak
