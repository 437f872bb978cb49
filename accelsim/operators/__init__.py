"""One file per operator.

A file ``operators/conv2d.py`` is the operator ``conv2d`` and defines

``Attributes``
    a frozen dataclass of its parameters with their defaults;
``output_shapes(node, inputs) -> tuple of shapes``
    from the input tensors;
``work(node, inputs, outputs) -> tuple of Work``
    which kinds of work it is (``accelsim.graph.work``);
``evaluate(call) -> tuple of ndarray``
    its real arithmetic, through ``accelsim.kernels``; ``call`` is a ``Call``.
"""

from types import ModuleType
from typing import NamedTuple

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError, guess
from accelsim.base.rooms import member, members
from accelsim.graph.graph import Graph, Node
from accelsim.graph.numerics import Numerics
from accelsim.graph.tensor import Tensor
from accelsim.graph.work import Work

# What numpy and the kernels raise when a damaged model file passes every check of shapes and types.
MISFIT = (ValueError, TypeError, IndexError, AttributeError, ArithmeticError)


class Call(NamedTuple):
    """One evaluation of an operator.

    Attributes
    ----------
    inputs, outputs : tuple of Tensor or None
        Shapes, types and quantisation.
    values : tuple of ndarray or None
        The inputs' values, in order. Read only: a view of them may be an output.
    memory : dict, optional
        What ``prepared`` keeps for this very node, its tensors and constants; without it nothing is kept.
    """

    node: Node
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    values: tuple[np.ndarray | None, ...]
    numerics: Numerics
    memory: dict | None = None

    def unsupported(self, what: str, hint: str = "") -> UnsupportedError:
        """Return the error for a combination that this operator does not compute."""
        return UnsupportedError(f"node '{self.node.name}' ({self.node.operator})", what, hint)


def load(operator: str) -> ModuleType:
    """Return the operator's module."""
    return member("accelsim.operators", operator)


def make_node(operator: str, name: str, inputs, outputs, **attributes) -> Node:
    """Return a node with checked attributes.

    Raises
    ------
    UnsupportedError
        No such operator, or an attribute that it does not have.
    """
    if operator not in members("accelsim.operators"):
        raise UnsupportedError(f"node '{name}'", f"operator '{operator}' has no kernel", guess(operator, members("accelsim.operators")))
    known = load(operator).Attributes
    try:
        checked = known(**attributes)
    except TypeError as error:
        raise AccelsimError(f"node '{name}' ({operator})", str(error).split("() ")[-1]) from error
    return Node(name, operator, tuple(inputs), tuple(outputs), checked)


def work_of(node: Node, graph: Graph) -> tuple[Work, ...]:
    """Return the node's work."""
    return load(node.operator).work(node, graph.of(node.inputs), graph.of(node.outputs))


def macs_of(graph: Graph) -> int:
    """Return the network's algorithmic multiply-accumulates."""
    return sum(work.macs for node in graph.nodes for work in work_of(node, graph))
