"""Do windows hold what flows in them?"""

import naive_spans
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from accelsim.kernels import span_loop, spans

SPAN = st.tuples(st.integers(0, 60), st.integers(0, 30), st.floats(0, 9), st.integers(0, 2))


@given(st.lists(SPAN, max_size=12), st.lists(st.floats(0, 80), min_size=2, max_size=9, unique=True))
def test_each_window_holds_the_overlaps(cases, borders):
    rows = np.array(cases, float).reshape(-1, 4)
    start, length, where = rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64), rows[:, 3].astype(np.int64)
    edges = np.sort(np.array(borders))
    found, expected = (np.zeros((3, edges.size - 1)) for _ in range(2))
    spans.spread(start, start + length, rows[:, 2], where, edges, found)
    naive_spans.spread(start, start + length, rows[:, 2], where, edges, expected)
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-12)
    looped = np.zeros_like(found)
    span_loop.spread(start, start + length, rows[:, 2], where, edges, looped)
    assert np.array_equal(looped, found)  # to the bit: a sweep's peak is the page's


def test_windows_over_the_whole_run_hold_all_of_it():
    found = np.zeros((1, 4))
    spans.spread(np.array([0, 3, 7]), np.array([8, 3, 8]), np.array([2.0, 1.0, 4.0]), np.zeros(3, np.int64), np.linspace(0, 8, 5), found)
    assert found.sum() == 7.0 and found[0, 1] == 1.5
