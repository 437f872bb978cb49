"""``spans.spread`` as a compiled loop, bit for bit the same: for many runs in a row, which have loaded the compiler anyway."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def spread(start, finish, amount, row, edges, windows):
    """Add what of each amount flows in each window; parameters as in ``spans.spread``."""
    count, window = windows.shape[1], 0
    added = np.zeros_like(windows)
    for i in range(start.size):
        if amount[i] == 0.0:
            continue
        begin, end = float(start[i]), float(max(finish[i], start[i] + 1))
        rate = amount[i] / (end - begin)
        while window > 0 and edges[window] > begin:  # tasks lie near the ones before them
            window -= 1
        while window < count and edges[window + 1] <= begin:
            window += 1
        at = window
        while at < count and edges[at] < end:
            added[row[i], at] += max(0.0, min(end, edges[at + 1]) - max(begin, edges[at])) * rate
            at += 1
    windows += added
