"""Which unit does which node: layers, their work, and what falls back to the host."""

from dataclasses import dataclass, fields

from accelsim.base.errors import UnsupportedError
from accelsim.graph.graph import Graph, Node
from accelsim.graph.tensor import Tensor
from accelsim.graph.work import Move, Work
from accelsim.hardware.chip import Chip
from accelsim.mapping.fused_kernels import as_one_kernel, fused_runs
from accelsim.mapping.kept import kept_of
from accelsim.mapping.passing import fusable, operands_at_hand
from accelsim.operators import work_of


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

    @property
    def passing(self) -> frozenset[str]:
        """Names of the inputs that only fused nodes read: operands of sums done in passing."""
        return frozenset(t.name for t in self.inputs if t.name not in self.nodes[0].inputs)

    @property
    def is_join(self) -> bool:
        """True where the output is its inputs one after another."""
        return all(isinstance(work, Move) and work.pattern != "view" and len(work.reads) > 1 for work in self.works)


def layers_of(graph: Graph, chip: Chip) -> tuple[Layer, ...]:
    """Return the network as layers on the chip's units; the same objects for all chips that divide it alike.

    Raises
    ------
    UnsupportedError
        No unit does a node's work and the chip file has no host; names operator and node.
    """
    kept = kept_of(graph)

    def divided() -> tuple[Layer, ...]:
        works = kept.get("works", lambda: {node.name: work_of(node, graph) for node in graph.nodes})
        order = list(dict.fromkeys((*chip.compiler.unit_order, *(u for u in chip.units if u != chip.host), *([chip.host] if chip.host else []))))
        units = tuple([_unit_for(works[node.name], chip, order) for node in graph.nodes])
        own = tuple(chip.descriptions.items()) if chip.compiler.fused_kernels else ()  # whether a unit takes a kernel its answers on nodes do not say
        return kept.get(("divided", units, own, chip.host, chip.compiler), lambda: _divided(graph, chip, works, units))

    return kept.get(("layers", *chip.descriptions.items(), chip.host, chip.compiler), divided)


def _divided(graph: Graph, chip: Chip, works: dict[str, tuple[Work, ...]], units: tuple[tuple[str, str], ...]) -> tuple[Layer, ...]:
    """Return the network as layers, given the first unit that does each node and why others do not; a node that is done in passing needs none."""
    kept = kept_of(graph)
    readers = kept.get("readers", lambda: _readers(graph))
    layers: list[Layer] = []
    fused: set[str] = set()
    runs = fused_runs(graph, chip)
    ready = {*graph.inputs, *(name for name, tensor in graph.tensors.items() if tensor.is_constant)}
    for node, (unit, why) in zip(graph.nodes, units, strict=True):
        if node.name in fused:
            continue
        if not unit:
            hint = why if chip.host is not None else f"{why}; the chip file has no host to fall back to"
            raise UnsupportedError(f"{graph.name}: node '{node.name}'", f"no unit of '{chip.name}' does {node.operator}", hint)
        group = [node]
        kernel = as_one_kernel(runs[node.name], works, chip.units[unit], graph) if node.name in runs else None
        if kernel is not None:
            group = list(runs[node.name])
            fused.update(each.name for each in group)
            ready.update(name for each in group for name in each.outputs)
            layers.append(_layer(len(layers), tuple(group), unit, (kernel,), graph, why))
            continue
        ready.update(node.outputs)
        if unit != chip.host:
            operands = operands_at_hand(works[node.name], graph, ready) if chip.compiler.fuses_sums and works[node.name] else frozenset()
            while (following := fusable(group[-1], graph, readers, works, operands)) is not None:
                group.append(following)
                fused.add(following.name)
                ready.update(following.outputs)
        made = _layer(len(layers), tuple(group), unit, works[node.name], graph, why)
        layers.append(kept.get(("layer", *(getattr(made, each.name) for each in fields(made))), lambda made=made: made))
    return tuple(layers)


def _unit_for(works: tuple[Work, ...], chip: Chip, order: list[str]) -> tuple[str, str]:
    """Return the first unit that does all of a node's work, and why those before do not; none where no unit does."""
    reasons = []
    for name in order:
        refusals = [reason for work in works if (reason := chip.units[name].declines(work))]
        if not refusals:
            return name, "; ".join(reasons)
        reasons.append(f"{name}: {refusals[0]}")
    return "", "; ".join(reasons)


def _readers(graph: Graph) -> dict[str, list[Node]]:
    readers: dict[str, list[Node]] = {}
    for node in graph.nodes:
        for name in node.inputs:
            if name is not None:
                readers.setdefault(name, []).append(node)
    return readers


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
