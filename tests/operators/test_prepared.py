"""What a node's constants decide is made once, and never for the wrong constants."""

import numpy as np

from accelsim.graph.graph import Node
from accelsim.graph.numerics import Numerics
from accelsim.graph.tensor import Tensor
from accelsim.operators import Call
from accelsim.operators._prepared import prepared


def sum_of_weights(call):
    return float(call.values[1].sum())


def call_of(weights, output):
    source = Tensor("x", (1,), "float32")
    return Call(Node("n", "mul", ("x", "w"), ("y",)), (source, weights), (output,), (np.zeros(1, np.float32), weights.values), Numerics(), {})


def constant(value):
    return Tensor("w", (1,), "float32", values=np.full(1, value, np.float32))


def test_a_node_is_prepared_once():
    made = []
    call = call_of(constant(2.0), Tensor("y", (1,), "float32"))
    prepare = made.append
    for _ in range(3):
        prepared(call, prepare)
    assert len(made) == 1


def test_other_weights_before_the_same_output_are_prepared_anew():
    output = Tensor("y", (1,), "float32")
    assert [prepared(call_of(constant(value), output), sum_of_weights) for value in (2.0, 3.0)] == [2.0, 3.0]
