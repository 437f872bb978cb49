"""Amounts that flow evenly over their spans, laid into windows.

Whole arrays at a time, without a compiled loop: a page that is drawn from a saved run then compiles and loads nothing.
"""

import numpy as np


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
    some = np.flatnonzero(amount)
    begin, count = start[some].astype(np.float64), windows.shape[1]
    end = np.maximum(finish[some], start[some] + 1).astype(np.float64)
    rate = amount[some] / (end - begin)
    first = np.clip(np.searchsorted(edges, begin, "right") - 1, 0, count)
    behind = np.clip(np.searchsorted(edges, end, "left"), first, count)
    crossed = behind - first
    # One entry for each window that a span crosses: its span, and which window.
    span = np.repeat(np.arange(some.size), crossed)
    window = np.arange(span.size) - np.repeat(np.cumsum(crossed) - crossed, crossed) + first[span]
    overlap = np.minimum(end[span], edges[window + 1]) - np.maximum(begin[span], edges[window])
    windows += np.bincount(row[some][span] * count + window, np.maximum(overlap, 0.0) * rate[span], windows.size).reshape(windows.shape)
