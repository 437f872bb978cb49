"""A network on a batch gives each input what it gets alone."""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.functional.interpreter import execute
from accelsim.functional.rebatch import with_batch
from accelsim.graph.graph import make_graph
from accelsim.graph.tensor import Tensor
from accelsim.operators import load, macs_of, make_node


def chain(shape, *steps, constants=()):
    """Return a graph of operators one after another; a step is (operator, names of constant inputs, attributes)."""
    rng = np.random.default_rng(0)
    tensors = [Tensor("t0", shape, "float32")] + [Tensor(n, s, "float32", values=rng.normal(size=s).astype(np.float32)) for n, s in constants]
    nodes = []
    for i, (operator, names, attributes) in enumerate(steps):
        node = make_node(operator, f"{operator}_{i}", (f"t{i}", *names), (f"t{i + 1}",), **attributes)
        table = {t.name: t for t in tensors}
        tensors.append(Tensor(f"t{i + 1}", load(operator).output_shapes(node, [table[n] for n in node.inputs])[0], "float32"))
        nodes.append(node)
    return make_graph("chain", tensors, nodes, ["t0"], [f"t{len(steps)}"])


CLASSIFIER = (
    ("conv2d", ("w",), {"padding": "same", "stride": (2, 2)}), ("mul", ("gain",), {}), ("max_pool2d", (), {}), ("strided_slice", (), {
        "begin": (0, 1, 0, 0), "end": (1, 3, 3, 4), "strides": (1, 1, 1, 1)}), ("transpose", (), {"permutation": (0, 3, 1, 2)}),
    ("reshape", (), {"shape": (1, 16)}), ("fully_connected", ("m",), {}), ("softmax", (), {}),
)  # fmt: skip
CONSTANTS = (("w", (4, 3, 3, 2)), ("gain", (4,)), ("m", (5, 16)))


def test_each_input_of_a_batch_gets_what_it_gets_alone():
    graph = chain((1, 12, 8, 2), *CLASSIFIER, constants=CONSTANTS)
    batched = with_batch(graph, 3)
    inputs = np.random.default_rng(1).normal(size=(3, 12, 8, 2)).astype(np.float32)
    together = execute(batched, {"t0": inputs})[0]["t8"]
    alone = [execute(graph, {"t0": one[None]})[0]["t8"][0] for one in inputs]
    np.testing.assert_allclose(together, alone, rtol=1e-5)
    assert macs_of(batched) == 3 * macs_of(graph)


def test_a_batch_of_the_same_size_is_the_same_graph():
    graph = chain((1, 12, 8, 2), *CLASSIFIER, constants=CONSTANTS)
    assert with_batch(graph, 1) is graph


@pytest.mark.parametrize(
    ("operator", "names", "attributes"),
    [
        ("mean", (), {"axes": (0,)}), ("transpose", (), {"permutation": (1, 0, 2)}), ("reshape", (), {"shape": (2, 12)}), ("softmax", (), {"axis": 0}),
        ("squeeze", (), {}), ("expand_dims", (), {"axis": 0}), ("add", ("block",), {}), ("pad", (), {"padding": ((1, 0), (0, 0), (0, 0))}),
        ("strided_slice", (), {"begin": (0, 0, 0), "end": (1, 4, 6), "strides": (1, 1, 1), "dropped": (0,)}),
    ],
)  # fmt: skip
def test_a_node_that_mixes_the_batch_is_refused_by_name(operator, names, attributes):
    graph = chain((1, 4, 6), (operator, names, attributes), constants=(("block", (5, 4, 6)),))
    with pytest.raises(UnsupportedError, match=rf"chain: node '{operator}_0'.*batch axis"):
        with_batch(graph, 2)


def test_a_batch_is_at_least_one():
    with pytest.raises(AccelsimError, match="not a positive number"):
        with_batch(chain((1, 4), ("relu", (), {})), 0)


def test_a_network_that_is_already_batched_is_refused():
    with pytest.raises(UnsupportedError, match="not one batch of 1"):
        with_batch(chain((2, 4), ("relu", (), {})), 3)
