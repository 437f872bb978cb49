"""Are the smallest weights gone, and only those?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from accelsim.base.errors import AccelsimError
from accelsim.functional.interpreter import execute
from accelsim.functional.pruning import _smallest_of_groups, pruned
from accelsim.functional.evaluate import random_inputs
from accelsim.importers import load_graph


def naive_smallest_of_groups(magnitudes, keep, of):
    gone = []
    for group in magnitudes.reshape(-1, of).tolist():
        kept = sorted(range(of), key=lambda i: (-group[i], i))[:keep]
        gone.append([i not in kept for i in range(of)])
    return np.array(gone).reshape(magnitudes.shape)


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.float32, (3, 8), elements=st.integers(0, 5)), st.integers(1, 3))
def test_the_largest_of_every_group_stay_and_of_equals_the_first(magnitudes, keep):
    assert (_smallest_of_groups(magnitudes, keep, 4) == naive_smallest_of_groups(magnitudes, keep, 4)).all()


@pytest.mark.parametrize("name", ["digits_cnn", "digits_cnn_float32"])
def test_a_share_of_every_tensor_is_zero_and_the_arithmetic_is_that_of_the_rest(name):
    graph = load_graph(name)
    thin = pruned(graph, "0.5")
    for node in graph.nodes:
        if node.operator == "conv2d":
            before, after = graph.tensors[node.inputs[1]], thin.tensors[node.inputs[1]]
            assert np.count_nonzero(after.values == 0) >= after.elements // 2
            assert ((after.values == before.values) | (after.values == 0)).all()
    inputs = random_inputs(graph, 0)
    of = [execute(g, inputs)[0][g.outputs[0]] for g in (graph, thin)]
    assert (of[0] != of[1]).any()


def test_channels_that_are_no_multiple_of_the_group_stay():
    graph = load_graph("digits_cnn")
    first = next(node for node in graph.nodes if node.operator == "conv2d").inputs[1]
    assert graph.tensors[first].shape[-1] == 1
    assert (pruned(graph, "2:4").tensors[first].values == graph.tensors[first].values).all()


@pytest.mark.parametrize("pattern", ["4:2", "0", "1.5", "half", "2:4:8"])
def test_a_pattern_that_is_none_is_refused(pattern):
    with pytest.raises(AccelsimError, match="neither N:M"):
        pruned(load_graph("digits_cnn"), pattern)
