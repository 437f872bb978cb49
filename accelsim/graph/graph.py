"""A network: tensors by name and nodes in an order in which they can run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from accelsim.base.errors import AccelsimError
from accelsim.graph.numerics import Numerics
from accelsim.graph.tensor import Tensor


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One operator applied to tensors.

    Attributes
    ----------
    operator : str
        A file of ``accelsim/operators``.
    inputs : tuple of str or None
        Tensor names; None for an optional input that is absent.
    attributes : object
        The operator's own frozen ``Attributes``.
    """

    name: str
    operator: str
    inputs: tuple[str | None, ...]
    outputs: tuple[str, ...]
    attributes: object = None


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Graph:
    """A network as loaded: real shapes, real constants, and the arithmetic its origin defines.

    Attributes
    ----------
    numerics : Numerics
        Rounding and accumulation of the runtime that the file comes from; a chip may declare its own.
    labels : tuple of str
        Class names where the file or data set carries them.
    source : str
        Where it came from, for reports.
    """

    name: str
    tensors: Mapping[str, Tensor]
    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    numerics: Numerics = Numerics()
    labels: tuple[str, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = field(default=())

    def of(self, names: Iterable[str | None]) -> tuple[Tensor | None, ...]:
        """Return the tensors of the given names; None stays None."""
        return tuple(None if name is None else self.tensors[name] for name in names)

    def constants(self) -> tuple[Tensor, ...]:
        """Return the constant tensors that nodes read, each once, in first-use order."""
        used = dict.fromkeys(name for node in self.nodes for name in node.inputs if name is not None)
        return tuple(self.tensors[name] for name in used if self.tensors[name].is_constant)

    def renamed(self, name: str) -> "Graph":
        """Return the same network under another name."""
        return replace(self, name=name)


def make_graph(name: str, tensors: Iterable[Tensor], nodes: Iterable[Node], inputs: Iterable[str], outputs: Iterable[str], **facts) -> Graph:
    """Return a graph after checking that every name exists, is written once and before it is read.

    Raises
    ------
    AccelsimError
        A node reads a tensor that nothing wrote, or two nodes write one tensor.
    """
    table = {tensor.name: tensor for tensor in tensors}
    nodes, inputs, outputs = tuple(nodes), tuple(inputs), tuple(outputs)
    known = set(inputs) | {t.name for t in table.values() if t.is_constant or t.is_state}
    for node in nodes:
        for read in node.inputs:
            if read is not None and (read not in known or read not in table):
                raise AccelsimError(f"{name}: node '{node.name}'", f"reads tensor '{read}' which no earlier node writes")
        for written in node.outputs:
            if written not in table:
                raise AccelsimError(f"{name}: node '{node.name}'", f"writes tensor '{written}' which has no shape")
            if written in known and not table[written].is_state:
                raise AccelsimError(f"{name}: node '{node.name}'", f"writes tensor '{written}' a second time")
            known.add(written)
    for out in outputs:
        if out not in known:
            raise AccelsimError(name, f"output tensor '{out}' is never written")
    return Graph(name, MappingProxyType(table), nodes, inputs, outputs, **facts)
