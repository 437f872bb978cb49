"""Spans laid into windows, overlap by overlap."""

import numpy as np


def spread(start, finish, amount, row, edges, windows):
    for begin, end, quantity, where in zip(start, np.maximum(finish, start + 1), amount, row, strict=True):
        for window, (low, high) in enumerate(zip(edges, edges[1:], strict=False)):
            windows[where, window] += quantity * max(0.0, min(end, high) - max(begin, low)) / (end - begin)
