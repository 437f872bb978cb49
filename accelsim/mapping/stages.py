"""One network in stages on several units: each stage a network of its own, what it hands over lies in memory, inferences follow one another through them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.graph import Graph
from accelsim.hardware.chip import Chip
from accelsim.mapping.caches import bound_of
from accelsim.mapping.choice import Choice, Stream
from accelsim.mapping.cuts import Cut, handed_over, memory_between, why_not
from accelsim.mapping.layers import layers_of
from accelsim.mapping.mapper import NetworkMapping
from accelsim.mapping.plan import Plan
from accelsim.mapping.together import Mapper, Neighbours, map_together


@dataclass(frozen=True, eq=False)
class Stages:
    """A network in stages.

    Attributes
    ----------
    graph : Graph
        The whole network.
    cut : Cut
    neighbours : Neighbours
        The stages as networks side by side in the chip's memories.
    handed : tuple of dict of str to int
        Of each stage but the last, the tensors that it hands to the next and their bytes [B].
    memory : str
        Where they lie meanwhile.
    """

    graph: Graph
    cut: Cut
    neighbours: Neighbours
    handed: tuple[dict[str, int], ...]
    memory: str

    @property
    def in_flight(self) -> int:
        """Inferences that the memories hold at once."""
        return sum(mapping.in_flight for mapping in self.neighbours.mappings)

    def plan(self, frames: int = 1, fair: bool = True) -> tuple[Plan, tuple[slice, ...]]:
        """Return the Plan of some inferences back to back through all stages, and which of its tasks are of which.

        A stage begins an inference when the stage before has ended it, and ends none for which no buffer is free: what it hands over has as many as
        both stages have inferences in flight, so it waits for the next stage to be through with the inference so many before.
        """
        count = len(self.neighbours.mappings)
        plan, slices = self.neighbours.plan([frames] * count, [0] * count, fair)
        starts, ends = plan.starts.reshape(count, frames), plan.ends.reshape(count, frames)
        before, after = [plan.before], [plan.after]
        for k in range(count - 1):
            buffers = sum(mapping.in_flight for mapping in self.neighbours.mappings[k : k + 2])
            before += ends[k], ends[k + 1, : max(0, frames - buffers)]
            after += starts[k + 1], starts[k, buffers:]
        return replace(plan, before=np.concatenate(before).astype(np.int32), after=np.concatenate(after).astype(np.int32)), slices


def map_stages(graph: Graph, chip: Chip, cut: Cut, mapper: Mapper) -> Stages:
    """Return the mapping of a network in stages.

    What a stage hands over is bound to the last of the chip's homes of activations; a unit that keeps results to itself, such as a GPU in its cache,
    writes and reads these bytes there all the same.

    Raises
    ------
    AccelsimError
        A stated cut that cannot be, a unit that the chip does not have, work that none of a stage's units does, or no room.
    """
    for begin in cut.begins[1:]:
        reason = why_not(graph, chip, begin)
        if reason:
            raise AccelsimError(f"{graph.name}: a stage from node '{graph.nodes[begin].name}' on", reason, "cut it elsewhere")
    parts = parts_of(graph, cut.begins)
    handed = [{name: graph.tensors[name].bytes for name in handed_over(graph, begin)} for begin in cut.begins[1:]]
    memory = memory_between(chip)
    which = {part: k for k, part in enumerate(parts)}

    def mapped(part: Graph, view: Chip) -> NetworkMapping:
        k = which[part]
        if all(layer.is_view for layer in layers_of(part, view)):
            raise AccelsimError(f"{graph.name}: the stage from node '{part.nodes[0].name}' on", "has nothing to do, it only looks at bytes under another shape", "cut it elsewhere")
        placement = view.placement.model_copy(update=({"inputs": memory} if k else {}) | ({"outputs": memory} if k < len(parts) - 1 else {}))
        return mapper(part, Chip(view.file.model_copy(update={"placement": placement}), view.provenance, view.path))

    neighbours = map_together(parts, chip, cut.units, mapped)
    passed = [{*(handed[k - 1] if k else ()), *(handed[k] if k < len(handed) else ())} for k in range(len(parts))]
    mappings = tuple(_through(mapping, names, memory) for mapping, names in zip(neighbours.mappings, passed, strict=True))
    return Stages(graph, cut, replace(neighbours, mappings=mappings), tuple(handed), memory)


def parts_of(graph: Graph, begins: Sequence[int]) -> tuple[Graph, ...]:
    """Return the stages as networks; what is handed on through a stage that does not read it is its input and its output."""
    if len(begins) == 1:
        return (graph,)
    edges = [graph.inputs, *(handed_over(graph, begin) for begin in begins[1:]), graph.outputs]
    nodes = [graph.nodes[a:b] for a, b in zip(begins, (*begins[1:], len(graph.nodes)), strict=True)]
    return tuple(
        replace(graph, name=f"{graph.name}.{k + 1}", nodes=own, inputs=edges[k], outputs=edges[k + 1]) for k, own in enumerate(nodes)
    )


def _through(mapping: NetworkMapping, passed: set[str], memory: str) -> NetworkMapping:
    """Return a stage whose units write to memory, and read there once, all that is handed over."""
    made, read = _on_whose_bytes(mapping, passed)
    choices = _raised(mapping, mapping.choices, made, read, memory)
    if choices == mapping.choices:
        return mapping
    return replace(mapping, choices=choices, first_choices=_raised(mapping, mapping.first_choices, made, read, memory), _template={})


def _on_whose_bytes(mapping: NetworkMapping, passed: set[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the tensors whose writing and whose reading moves what is passed, with the bytes: itself, and where layers between move nothing, what they look at or make."""
    made, read = ({name: mapping.graph.tensors[name].bytes for name in passed} for _ in range(2))
    moving = {choice.layer.index for choice in mapping.choices if choice.streams}
    still = [layer for layer in mapping.layers if layer.index not in moving]  # views, and joins that are written side by side
    for layer in reversed(still):
        if any(t.name in made for t in layer.outputs):
            made |= {t.name: t.bytes for t in layer.inputs}
    for layer in still:
        parts = sum(read.get(t.name, 0) for t in layer.inputs)
        if parts:
            read |= {t.name: parts for t in layer.outputs}
    return made, read


def _raised(mapping: NetworkMapping, choices: Sequence[Choice], made: dict[str, int], read: dict[str, int], memory: str) -> tuple[Choice, ...]:
    """Return layers whose streams at a memory carry at least what is handed over, in the first that reads it and in the one that writes it."""
    unread, found = dict(read), []
    for choice in choices:
        streams = tuple(_at_least(stream, made if stream.role == "output" else unread, memory) for stream in choice.streams)
        for stream in choice.streams:
            if stream.role == "input" and _passes(stream, memory):
                unread.pop(stream.tensor, None)
        changed = streams != choice.streams
        found.append(replace(choice, streams=streams, bound=bound_of(choice, mapping.routes, choice.cost.cycles, streams)) if changed else choice)
    return tuple(found)


def _at_least(stream: Stream, sizes: dict[str, int], memory: str) -> Stream:
    size = sizes.get(stream.tensor, 0) if _passes(stream, memory) and not stream.amounts_at else 0  # a cache before the memory may keep some
    return replace(stream, payload=size) if stream.payload < size else stream


def _passes(stream: Stream, memory: str) -> bool:
    return any(hop.place == memory for hop in stream.hops)
