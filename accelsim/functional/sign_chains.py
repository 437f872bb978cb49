"""Chains of layers between signs: nodes side by side that are computed as one, on packed bits, with the same result.

A binarised network multiplies signs by signs, compares each sum and hands on the sign. Where nobody else reads what lies
between, a chain keeps it in words; a tensor inside a chain is computed, node after node, when somebody asks for it.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from typing import NamedTuple

import numpy as np

from accelsim.graph.graph import Graph, Node
from accelsim.graph.numerics import Numerics
from accelsim.operators import MISFIT, Call
from accelsim.operators._sign_limits import is_pointwise
from accelsim.operators._signs import (
    Link,
    codes_of,
    keeps_words,
    largest_of_signs,
    packed_for,
    regrouped,
    signs_of_codes,
    signs_of_signs,
    sums_of_signs,
    takes_bytes,
    takes_signs,
)

WIDEST_SUM = 32  # bits of an accumulator in which these kernels add


class Chain(NamedTuple):
    """Some nodes of a graph, in order, and the function from what the first reads to what the last writes."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]

    def evaluate(self, call: Call) -> tuple[np.ndarray]:
        """Return the last node's output, as an operator does."""
        (value,) = call.values
        for link in self.links:
            value = link(value)
        return (value,)


class Computed(Mapping[str, np.ndarray]):
    """The values of a run, those inside chains included, which are computed when they are first asked for.

    Parameters
    ----------
    values : dict of str to ndarray
        What the run left behind.
    inside : set of str
        Tensors inside chains.
    compute : callable (name)
        Adds one of them to the values.
    """

    def __init__(self, values: dict[str, np.ndarray], inside: Set[str], compute: Callable[[str], None]):
        self._values, self._inside, self._compute = values, inside, compute

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._values and name in self._inside:
            self._compute(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._values, *self._inside)))

    def __len__(self) -> int:
        return len(self._values.keys() | self._inside)


def sign_chains(graph: Graph, numerics: Numerics) -> list[Chain]:
    """Return the chains of a graph; no node is in two."""
    if numerics.accumulator_bits < WIDEST_SUM or not any(t.dtype == "binary" and not t.is_constant for t in graph.tensors.values()):
        return []
    finder, chains, taken = _Finder(graph, numerics), [], set()
    for node in graph.nodes:
        if node.outputs[0] not in taken and (chain := finder.chain_from(node)):
            chains.append(chain)
            taken |= {inner.outputs[0] for inner in chain.nodes}
    return chains


class _Finder:
    """Follows a graph from node to node."""

    def __init__(self, graph: Graph, numerics: Numerics):
        self._graph, self._numerics = graph, numerics
        self._readers: dict[str, list[Node]] = {}
        for node in graph.nodes:
            for name in {name for name in node.inputs if name is not None}:
                self._readers.setdefault(name, []).append(node)

    def chain_from(self, first: Node) -> Chain | None:
        """Return the longest chain that starts with a product and holds signs between nodes."""
        call, links, nodes = self._call(first), [], []
        if takes_bytes(call):
            step = self._signs(call, signs_of_codes)
        elif takes_signs(call):
            links, step = [packed_for(call)], self._signs(call, signs_of_signs)
        else:
            return None
        while step is not None:
            links, nodes = [*links, step[0]], [*nodes, *step[1]]
            step = self._next(nodes[-1])
        if not nodes:
            return None
        last = self._graph.tensors[nodes[-1].outputs[0]]
        ending = [codes_of(last)] if last.dtype == "binary" else []
        return Chain(tuple(nodes), (*links, *ending))

    def _next(self, node: Node) -> tuple[Link, tuple[Node, ...]] | None:
        """Return the link that reads what a node wrote, and its nodes."""
        name = node.outputs[0]
        follower = self._only_reader(name)
        if follower is None or self._graph.tensors[name].dtype != "binary":
            return None
        call, source = self._call(follower), self._graph.tensors[name]
        if follower.operator == "max_pool2d" and follower.attributes.activation == "none" and call.outputs[0].dtype == "binary":
            return largest_of_signs(call), (follower,)
        if follower.operator == "reshape" and call.outputs[0].dtype == "binary" and keeps_words(source, call.outputs[0].shape[-1]):
            return regrouped(call.outputs[0]), (follower,)
        if follower.inputs[0] == name and takes_signs(call) and keeps_words(source, call.inputs[1].shape[-1]):
            return self._signs(call, signs_of_signs) or (sums_of_signs(call), (follower,))
        return None

    def _signs(self, product: Call, link_of: Callable[[Call, list[Call]], Link | None]) -> tuple[Link, tuple[Node, ...]] | None:
        """Return the link of a product and the nodes behind it up to the sign; None where its sums do not end in one."""
        after, name = [], product.outputs[0].name
        while self._graph.tensors[name].dtype != "binary":
            follower = self._only_reader(name)
            if follower is None or not is_pointwise(call := self._call(follower), name):
                return None
            after, name = [*after, call], follower.outputs[0]
        try:
            link = link_of(product, after)
        except MISFIT:  # a damaged file: the node that it concerns is named when it runs by itself
            return None
        return None if link is None else (link, (product.node, *(call.node for call in after)))

    def _only_reader(self, name: str) -> Node | None:
        readers = self._readers.get(name, ())
        return readers[0] if len(readers) == 1 and name not in self._graph.outputs and not self._graph.tensors[name].is_state else None

    def _call(self, node: Node) -> Call:
        """Return a call that knows constants only."""
        inputs = self._graph.of(node.inputs)
        values = tuple(tensor.values if tensor is not None and tensor.is_constant else None for tensor in inputs)
        return Call(node, inputs, self._graph.of(node.outputs), values, self._numerics)
