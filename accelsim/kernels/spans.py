"""Amounts that flow evenly over their spans, laid into windows."""

from numba import njit


@njit(cache=True, nogil=True)
def spread(start, finish, amount, row, edges, windows):
    """Add what of each amount flows in each window.

    Parameters
    ----------
    start, finish : ndarray, shape (spans,), int64
        A span of no length counts as one of length 1.
    amount : ndarray, shape (spans,), float64
    row : ndarray, shape (spans,), int64
        The row of ``windows`` that an amount goes to.
    edges : ndarray, shape (windows + 1,), float64
        Borders, rising; what lies before the first or behind the last is not counted.
    windows : ndarray, shape (rows, windows), float64
        Added to in place.
    """
    window = 0
    for i in range(start.size):
        if amount[i] == 0.0:
            continue
        end = float(max(finish[i], start[i] + 1))
        rate = amount[i] / (end - start[i])
        begin = float(start[i])
        while window > 0 and edges[window] > begin:  # tasks lie near the ones before them
            window -= 1
        while window < windows.shape[1] and edges[window + 1] <= begin:
            window += 1
        at = window
        while at < windows.shape[1] and edges[at] < end:
            windows[row[i], at] += max(0.0, min(end, edges[at + 1]) - max(begin, edges[at])) * rate
            at += 1
