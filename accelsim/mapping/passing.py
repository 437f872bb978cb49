"""What is done in passing, before a result is written: activations, and where the compiler does it sums, scales and shifts."""

from collections.abc import Mapping, Set

from accelsim.graph.graph import Graph, Node
from accelsim.graph.work import Contraction, Convert, Elementwise, Work

# Element-wise work that a unit's output stage does in passing, right behind the product that made the element.
IN_PASSING = ("relu", "relu6", "clip")
# What a compiler that fuses sums also does in passing with a constant: scale and shift of a batch normalisation.
SCALES = ("add", "sub", "mul")


def operands_at_hand(works: tuple[Work, ...], graph: Graph, ready: Set[str]) -> Set[str]:
    """Return the tensors with which the result of some work may be combined: constants, and behind a product all that is complete."""
    if isinstance(works[0], Contraction):
        return ready
    return {name for name in ready if graph.tensors[name].is_constant} if isinstance(works[0], Elementwise) else frozenset()


def fusable(node: Node, graph: Graph, readers: Mapping[str, list[Node]], works: Mapping[str, tuple[Work, ...]], operands: Set[str]) -> Node | None:
    """Return the only reader of a node's only output where its work is done in passing.

    Parameters
    ----------
    operands : set of str
        Tensors with which the compiler combines a result before it is written.
    """
    if len(node.outputs) != 1 or node.outputs[0] in graph.outputs:
        return None
    following = readers.get(node.outputs[0], [])
    if len(following) != 1 or len(following[0].outputs) != 1:
        return None
    done = works[following[0].name]
    others = [graph.tensors[name] for name in following[0].inputs if name not in (None, node.outputs[0])]
    combines = len(others) == 1 and others[0].name in operands and (others[0].is_constant or others[0].shape == graph.tensors[node.outputs[0]].shape)
    return following[0] if done and all(_needs_no_pass(work, combines and others[0].is_constant, combines) for work in done) else None


def _needs_no_pass(work: Work, scales: bool, adds: bool) -> bool:
    """Return whether work is done in passing; ``scales``: its other operand is a constant, ``adds``: it is one of the same shape at hand."""
    if isinstance(work, Convert):
        return work.operation == "requantize"
    if not isinstance(work, Elementwise):
        return False
    if work.operands == 1:
        return work.operation in IN_PASSING
    return (scales and work.operation in SCALES) or (adds and work.operation == "add")
