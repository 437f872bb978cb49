"""Does a look at many candidates at once say of each what a look at it alone says?"""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.mapping.residency import CASCADE, FILTERS_OUTER, ROWS_OUTER, WEIGHTS_STREAMED, WHOLE, Needs, looked_at, residency

bytes_moved = st.integers(0, 5000)
candidate = st.tuples(st.integers(WHOLE, CASCADE), st.integers(1, 9), bytes_moved, bytes_moved, bytes_moved, st.integers(0, 300), st.sampled_from([0.0, 900.0, 3000.0, 20000.0, float("inf")]))


def alone(candidate, depth, chunk):
    """Return the bytes that one candidate takes, whether it fits, and whether its constants and its inputs stay after the first group."""
    order, groups, staged, inputs, outputs, sums, room = candidate
    under_way = depth * chunk
    a_group = lambda size: min(size, -(-size // groups) * (depth if groups > 1 else 1))  # noqa: E731 of this candidate
    of_constants = a_group(staged) if order == FILTERS_OUTER else min(staged, under_way)
    of_inputs = a_group(inputs) if order in (ROWS_OUTER, CASCADE) else min(inputs, under_way)
    taken = of_constants + of_inputs + min(outputs, under_way) + (4 * -(-sums // groups) if order == WEIGHTS_STREAMED else 0)
    left = room - taken
    constants_stay = order in (ROWS_OUTER, CASCADE) and staged - of_constants <= left
    inputs_stay = order in (FILTERS_OUTER, WEIGHTS_STREAMED) and inputs - of_inputs <= left
    return taken + (staged - of_constants if constants_stay and order == CASCADE else 0), left >= 0, constants_stay, inputs_stay


@settings(max_examples=300)
@given(st.lists(candidate, min_size=1, max_size=12), st.integers(1, 2), st.sampled_from([64.0, 1024.0]))
def test_what_stays_of_each_candidate_is_what_a_look_at_it_alone_finds(candidates, depth, chunk):
    found = residency(Needs(*(np.array(column) for column in zip(*candidates, strict=True))), depth, chunk)
    together = list(zip(found.taken.tolist(), found.fits.tolist(), found.constants_kept.tolist(), found.inputs_kept.tolist(), strict=True))
    assert together == [alone(one, depth, chunk) for one in candidates]


@settings(max_examples=300)
@given(st.lists(st.tuples(st.lists(st.tuples(st.booleans(), st.sampled_from([FILTERS_OUTER, WEIGHTS_STREAMED])), min_size=1, max_size=6), st.booleans()), min_size=1, max_size=5))
def test_weights_are_streamed_only_where_nothing_before_fits(layers):
    flat = [(fits, order, number) for number, (candidates, _) in enumerate(layers) for fits, order in candidates]
    fits, order, layer = (np.array(column) for column in zip(*flat, strict=True))
    expected = []
    for candidates, every in layers:
        found = 0
        for one_fits, its_order in candidates:
            expected.append(one_fits and (found == 0 or (every and its_order != WEIGHTS_STREAMED)))
            found += one_fits
    assert looked_at(fits, order, layer, np.array([every for _, every in layers])).tolist() == expected
