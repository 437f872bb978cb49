"""Is the fast one the naive one?"""

import naive_neuromem as naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import neuromem as fast

FEW = settings(max_examples=60, deadline=None)


def network(seed, neurons, components, spread):
    """Neurons of a chain partly committed, with contexts, norms and degenerated flags mixed."""
    rng = np.random.default_rng(seed)
    categories = np.where(rng.random(neurons) < 0.7, rng.integers(1, 4, neurons), 0) | rng.integers(0, 2, neurons) << 15
    return {
        "memory": rng.integers(0, spread, (neurons, components)).astype(np.uint8),
        "contexts": rng.choice([1, 2, 129], neurons).astype(np.uint8),
        "categories": categories.astype(np.uint16),
        "influence": rng.integers(1, 4 * spread, neurons).astype(np.uint16),
        "minimum_influence": rng.integers(0, 4, neurons).astype(np.uint16),
        "distance": rng.integers(0, 4 * spread, neurons).astype(np.uint16),
        "race": rng.random(neurons) < 0.5,
    }


@FEW
@given(st.integers(0, 999), st.sampled_from([1, 3, 64, 255, 256]), st.integers(1, 9), st.sampled_from([2, 256]))
def test_distances_are_the_sums_and_maxima_of_the_naive_loop(seed, components, neurons, spread):
    rng = np.random.default_rng(seed)
    stored, vectors = (rng.integers(0, spread, (rows, components)).astype(np.uint8) for rows in (neurons, 3))
    results = [np.empty((3, neurons), np.uint16) for _ in range(2)]
    for module, result in zip((fast, naive), results, strict=True):
        module.distances(stored, vectors, neurons // 2, result)
    np.testing.assert_array_equal(*results)


def test_the_farthest_vectors_do_not_saturate():
    result = np.empty((1, 1), np.uint16)
    fast.distances(np.zeros((1, 256), np.uint8), np.full((1, 256), 255, np.uint8), 1, result)
    assert result[0, 0] == 65280


@FEW
@given(st.integers(0, 9999), st.integers(0, 12), st.integers(0, 4), st.sampled_from([3, 65281]))
def test_the_readout_sorts_as_the_naive_one(seed, neurons, k, spread):
    rng = np.random.default_rng(seed)
    result = rng.integers(0, spread, (4, neurons)).astype(np.uint16)
    limits = rng.integers(0, spread + 1, neurons).astype(np.int32)
    categories = (rng.integers(1, 3, neurons) | rng.integers(0, 2, neurons) << 15).astype(np.uint16)
    answers = [
        (np.empty(4, np.uint8), np.empty(4, np.int32), np.empty((4, k), np.uint16), np.empty((4, k), np.uint16), np.empty((4, k), np.int32)) for _ in range(2)
    ]
    for module, answer in zip((fast, naive), answers, strict=True):
        module.respond(result, limits, categories, categories & np.uint16(0x7FFF), np.arange(1, neurons + 1, dtype=np.int32), *answer)
    for one, other in zip(*answers, strict=True):
        np.testing.assert_array_equal(one, other)


RULES = st.builds(
    fast.Rules, st.sampled_from([0, 128, 1, 2, 129]), st.integers(0, 5), st.integers(0, 40), *[st.booleans()] * 6, st.sampled_from([0x7FFF, 0xFFFF])
)


@FEW
@given(RULES, st.integers(0, 9999), st.integers(1, 8), st.integers(1, 5), st.sampled_from([3, 256]))
def test_learning_leaves_the_same_network_as_the_naive_one(rules, seed, neurons, components, spread):
    rng = np.random.default_rng(seed)
    vectors = rng.integers(0, spread, (12, rng.integers(1, components + 1))).astype(np.uint8)
    wanted = rng.integers(0, 4, 12).astype(np.uint16)
    seen = []
    for module in (fast, naive):
        neurons_of = network(seed, neurons, components, spread)
        told = [np.empty(12, np.uint8), np.empty(12, bool), np.empty(12, np.int32), np.empty(12, np.int32)]
        module.learn(vectors, wanted, *neurons_of.values(), rules, *told)
        seen.append([*neurons_of.values(), *told])
    for one, other in zip(*seen, strict=True):
        np.testing.assert_array_equal(one, other)


@FEW
@given(st.integers(0, 9999), st.integers(0, 255), st.sampled_from([0, 128, 1, 129]))
def test_activity_and_the_next_free_neuron_are_the_naive_ones(seed, context, everywhere):
    categories = network(seed, 6, 1, 2)["categories"]
    assert fast.next_free(categories, 2) == naive.next_free(categories, 2)
    assert fast.is_active(context, everywhere) == naive.is_active(context, everywhere)
