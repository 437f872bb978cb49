"""Does the fast rule change weights as the naive one?"""

import naive_stdp as naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import stdp


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_step_of_learning_is_the_naive_one(seed):
    random = np.random.default_rng(seed)
    sources, targets = (np.flatnonzero(random.random(n) < 0.4).astype(np.int32) for n in (6, 5))
    weights, traces = random.integers(-60, 60, (6, 5)).astype(np.int32), [random.integers(0, 128, n).astype(np.int32) for n in (6, 5)]
    results = []
    for module in (stdp, naive):
        mine, own = weights.copy(), [t.copy() for t in traces]
        module.decay_traces(own[0], 3000, 12)
        module.bump_traces(own[1], targets, 64, 127)
        results.append((module.learn_pairs(mine, sources, targets, *own, 16, 9, 5, -64, 63), mine.tolist(), [t.tolist() for t in own]))
    assert results[0] == results[1]
