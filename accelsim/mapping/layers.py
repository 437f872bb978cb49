"""Which unit does which node: layers, their work, and what falls back to the host."""

from dataclasses import dataclass, fields

from accelsim.base.errors import UnsupportedError
from accelsim.graph.graph import Graph, Node
from accelsim.graph.tensor import Tensor
from accelsim.graph.work import Convert, Elementwise, Move, Work
from accelsim.hardware.chip import Chip
from accelsim.mapping.kept import kept_of
from accelsim.operators import work_of

# Element-wise work that a unit's output stage does in passing, right behind the product that made the element.
IN_PASSING = ("relu", "relu6", "clip")


@dataclass(frozen=True, eq=False)
class Layer:
    """Nodes that one unit does as one piece.

    Attributes
    ----------
    nodes : tuple of Node
        The first gives the name; the others are fused behind it.
    unit : str
    works : tuple of Work
    inputs, outputs : tuple of Tensor
        Activations that are read and written in memory.
    constants : tuple of Tensor
    why : str
        Why the preferred unit does not do it; empty where it does.
    """

    index: int
    nodes: tuple[Node, ...]
    unit: str
    works: tuple[Work, ...]
    inputs: tuple[Tensor, ...]
    constants: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    why: str = ""

    @property
    def name(self) -> str:
        """Name of the first node."""
        return self.nodes[0].name

    @property
    def operator(self) -> str:
        """Operators, fused ones joined by +."""
        return "+".join(node.operator for node in self.nodes)

    @property
    def macs(self) -> int:
        """Algorithmic multiply-accumulates."""
        return sum(work.macs for work in self.works)

    @property
    def is_view(self) -> bool:
        """True where the output is the input's bytes under another shape."""
        return all(isinstance(work, Move) and work.pattern == "view" for work in self.works)


def layers_of(graph: Graph, chip: Chip) -> tuple[Layer, ...]:
    """Return the network as layers on the chip's units; the same objects for all chips that divide it alike.

    Raises
    ------
    UnsupportedError
        No unit does a node's work and the chip file has no host; names operator and node.
    """
    return kept_of(graph).get(("layers", *chip.descriptions.items(), chip.host, chip.compiler), lambda: _divided(graph, chip))


def _divided(graph: Graph, chip: Chip) -> tuple[Layer, ...]:
    kept = kept_of(graph)
    readers = kept.get("readers", lambda: _readers(graph))
    works = kept.get("works", lambda: {node.name: work_of(node, graph) for node in graph.nodes})
    order = list(dict.fromkeys((*chip.compiler.unit_order, *(u for u in chip.units if u != chip.host), *([chip.host] if chip.host else []))))
    layers: list[Layer] = []
    fused: set[str] = set()
    for node in graph.nodes:
        if node.name in fused:
            continue
        unit, why = _unit_for(node, works[node.name], chip, order, graph)
        group = [node]
        if unit != chip.host:
            while (following := _fusable(group[-1], graph, readers, works)) is not None:
                group.append(following)
                fused.add(following.name)
        made = _layer(len(layers), tuple(group), unit, works[node.name], graph, why)
        layers.append(kept.get(("layer", *(getattr(made, each.name) for each in fields(made))), lambda made=made: made))
    return tuple(layers)


def _unit_for(node: Node, works: tuple[Work, ...], chip: Chip, order: list[str], graph: Graph) -> tuple[str, str]:
    reasons = []
    for name in order:
        refusals = [reason for work in works if (reason := chip.units[name].declines(work))]
        if not refusals:
            return name, "; ".join(reasons)
        reasons.append(f"{name}: {refusals[0]}")
    hint = "; ".join((*reasons, *(("the chip file has no host to fall back to",) if chip.host is None else ())))
    raise UnsupportedError(f"{graph.name}: node '{node.name}'", f"no unit of '{chip.name}' does {node.operator}", hint)


def _readers(graph: Graph) -> dict[str, list[Node]]:
    readers: dict[str, list[Node]] = {}
    for node in graph.nodes:
        for name in node.inputs:
            if name is not None:
                readers.setdefault(name, []).append(node)
    return readers


def _fusable(node: Node, graph: Graph, readers: dict[str, list[Node]], works: dict[str, tuple[Work, ...]]) -> Node | None:
    """Return the only reader of a node's only output where its work is done in passing."""
    if len(node.outputs) != 1 or node.outputs[0] in graph.outputs:
        return None
    following = readers.get(node.outputs[0], [])
    if len(following) != 1 or len(following[0].outputs) != 1:
        return None
    done = works[following[0].name]
    in_passing = all((isinstance(w, Elementwise) and w.operands == 1 and w.operation in IN_PASSING) or (isinstance(w, Convert) and w.operation == "requantize") for w in done)
    return following[0] if done and in_passing else None


def _layer(index: int, nodes: tuple[Node, ...], unit: str, works: tuple[Work, ...], graph: Graph, why: str) -> Layer:
    made = {name for node in nodes for name in node.outputs}
    names = dict.fromkeys(name for node in nodes for name in node.inputs if name is not None and name not in made)
    tensors = [graph.tensors[name] for name in names]
    return Layer(
        index,
        nodes,
        unit,
        works,
        tuple(t for t in tensors if not t.is_constant),
        tuple(t for t in tensors if t.is_constant),
        graph.of(nodes[-1].outputs),
        why,
    )
