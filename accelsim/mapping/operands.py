"""A layer's operands: where they lie, how they get to its unit, and the streams that this makes before it is known in which pieces it works."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from accelsim.graph.tensor import Tensor
from accelsim.graph.work import Move
from accelsim.hardware.chip import Chip
from accelsim.hardware.unit import Unit
from accelsim.mapping.homes import Homes, stored_bytes
from accelsim.mapping.layers import Layer
from accelsim.mapping.routes import Hop, Routes

# What a lane's bytes follow from: a port of the unit, or how often its own passes fetch them.
NOTHING, WEIGHTS, ACTIVATIONS, RESULTS = range(4)
ONCE, INPUTS, CONSTANTS = range(3)
# Columns of a table of lanes; hops read from and written to at each server follow.
PORT, LEAST, LESS, FETCHED, SIZE, WHOLE, BURST = range(7)
FIGURES = 7


@dataclass(frozen=True, slots=True)
class Lane:
    """A stream of bytes of which only the amount is open.

    It carries its share ``size / whole`` of what passes a port of the unit, but no less than ``least``, of which ``less`` does not count; or, where ``fetched``
    says so, ``size`` once or with every group.

    Attributes
    ----------
    role : str
    tensor : str
        Name of the tensor; empty for sums that come back.
    at_home : bool
        It begins or ends where the tensor lies.
    hops : tuple of Hop
    port, fetched : int
    size, whole, least, less : int [B]
    burst : int
        Least bytes that its memory moves for a run of them; 0: they lie as the unit likes it [B].
    """

    role: str
    tensor: str
    at_home: bool
    hops: tuple[Hop, ...]
    port: int = NOTHING
    size: int = 0
    whole: int = 1
    least: int = 0
    less: int = 0
    fetched: int = ONCE
    burst: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class Lanes:
    """All lanes of a layer, and as a table, shape (lanes, figures), int64."""

    lanes: tuple[Lane, ...]
    table: np.ndarray


class Operands:
    """A layer's operands; the same for all its candidates, whatever the unit costs.

    Attributes
    ----------
    far_inputs, far_outputs : set of str
        Tensors that the unit does not read or write where they lie.
    moved : tuple of int
        Bytes that pass through the working memory: of constants that have to, of all that can be staged, of inputs and outputs; and elements that the layer makes [B].
    direct : bool
        The unit reads all constants where they lie.
    can_stage : bool
        There are constants elsewhere, and links that bring all of them to the working memory.
    offered : dict
        Candidates by what they depend on besides.
    """

    def __init__(self, layer: Layer, chip: Chip, routes: Routes, homes: Homes, columns: Mapping[int, int]):
        self.layer, self.routes, self.columns = layer, routes, columns
        unit = chip.units[layer.unit]
        self.near, self.working = unit.memories, unit.memories[0]
        self.in_place = layer.is_join and chip.compiler.joins_in_place
        tensors = (*layer.inputs, *layer.constants, *layer.outputs)
        self.homes = {t.name: homes.memory[t.name] for t in tensors}
        self.callers = {t.name for t in layer.inputs if t.name in homes.callers}
        self.bursts = {home: chip.memories[home].burst for home in self.homes.values()}
        self.sizes = {t.name: fetched_bytes(t, layer) for t in layer.constants}
        self.stored = sum(self.sizes.values())
        self.plain = max(1, sum(t.bytes for t in layer.constants))
        self.passed = passed_sizes(layer, unit)
        self.far_inputs = {t.name for t in layer.inputs if self.homes[t.name] not in self.near}
        self.far_outputs = {t.name for t in layer.outputs if self.homes[t.name] not in self.near}
        sizes = {t.name: t.bytes for t in (*layer.inputs, *layer.outputs)}
        through = (*(self.staged(stage) for stage in (False, True)), self.far_inputs, self.far_outputs)
        moved = [0 if self.in_place else sum((sizes | self.sizes)[name] for name in names) for names in through]
        self.moved = (*moved, sum(t.elements for t in layer.outputs))
        of_constants = {self.homes[t.name] for t in layer.constants}
        self.direct = of_constants <= set(self.near)
        elsewhere = of_constants - {self.working}
        self.can_stage = bool(elsewhere) and all(any(home in link.sources and self.working in link.targets for link in chip.links.values()) for home in elsewhere)
        self.offered: dict[Hashable, Any] = {}
        self._lanes: dict[bool, Lanes] = {}

    @property
    def far(self) -> bool:
        """Whether an input or output lies beyond the unit's reach."""
        return bool(self.far_inputs or self.far_outputs)

    def staged(self, stage: bool) -> set[str]:
        """Return the constants that pass through the working memory, where those are staged that the unit could read itself, or not."""
        return {name for name in self.sizes if self.homes[name] != self.working and (stage or self.homes[name] not in self.near)}

    def lanes(self, stage: bool) -> Lanes:
        """Return the layer's lanes with constants staged or not."""
        if stage not in self._lanes:
            lanes = () if self.in_place else (*self._constants(self.staged(stage)), *self._inputs(), *self._outputs())
            self._lanes[stage] = Lanes(lanes, self._table(lanes))
        return self._lanes[stage]

    def _constants(self, staged: set[str]) -> Iterator[Lane]:
        whole = max(1, self.stored)
        for name, size in self.sizes.items():
            home = self.homes[name]
            if name in staged:
                yield Lane("constant", name, True, self._way_in(home), size=size, fetched=CONSTANTS)
            yield Lane("constant", name, name not in staged, (self.routes.access(self.working if name in staged else home, False),), WEIGHTS, size, whole, least=size)

    def _inputs(self) -> Iterator[Lane]:
        tensors = self.layer.inputs
        whole = max(1, sum(t.bytes for t in tensors if t.name not in self.passed))
        for tensor in tensors:
            name, home, far = tensor.name, self.homes[tensor.name], tensor.name in self.far_inputs
            if far:
                yield Lane("input", name, True, self._way_in(home), size=tensor.bytes, fetched=INPUTS)
            hops = (self.routes.access(self.working if far else home, False),)
            least, burst = tensor.bytes if far else 0, self.bursts[home] if name in self.callers and not far else 0
            if name in self.passed:
                yield Lane("input", name, not far, hops, least=max(least, self.passed[name]), burst=burst)
            else:
                yield Lane("input", name, not far, hops, ACTIVATIONS, tensor.bytes, whole, least, burst=burst)

    def _outputs(self) -> Iterator[Lane]:
        whole = max(1, sum(t.bytes for t in self.layer.outputs))
        for tensor in self.layer.outputs:
            if tensor.name in self.far_outputs:
                yield Lane("output", tensor.name, True, self._way_out(tensor), least=tensor.bytes)
                # Sums that come back stay in the working memory.
                yield Lane("output", "", False, (self.routes.access(self.working, True),), RESULTS, tensor.bytes, whole, least=tensor.bytes, less=tensor.bytes)
            else:
                yield Lane("output", tensor.name, True, (self.routes.access(self.homes[tensor.name], True),), RESULTS, tensor.bytes, whole)

    def _way_in(self, home: str) -> tuple[Hop, ...]:
        """Return the hops from a home to the working memory."""
        return self.routes.way(home, self.working, f"operand of layer '{self.layer.name}'")

    def _way_out(self, tensor: Tensor) -> tuple[Hop, ...]:
        """Return the hops of an output from the unit to its home."""
        there = self.routes.way(self.working, self.homes[tensor.name], f"output '{tensor.name}' of layer '{self.layer.name}'")
        return self.routes.access(self.working, True), *there

    def _table(self, lanes: tuple[Lane, ...]) -> np.ndarray:
        count = len(self.columns)
        table = np.zeros((len(lanes), FIGURES + 2 * count), np.int64)
        for row, lane in zip(table, lanes, strict=True):
            row[:FIGURES] = lane.port, lane.least, lane.less, lane.fetched, lane.size, lane.whole, lane.burst
            for hop in lane.hops:
                if hop.resource is not None:
                    row[FIGURES + count * hop.write + self.columns[hop.resource]] += 1
        return table


def passed_sizes(layer: Layer, unit: Unit) -> dict[str, int]:
    """Return of each operand of a sum that is done in passing what its memory sees [B]."""
    return {t.name: unit.through_memory(t.bytes) for t in layer.inputs if t.name in layer.passing} if len(layer.nodes) > 1 else {}


def fetched_bytes(tensor: Tensor, layer: Layer) -> int:
    """Return the bytes of a constant that a layer reads once: all, or of a table what its gathers pick [B]."""
    readers = [work for work in layer.works if tensor.name in work.weights]
    if not readers or not all(isinstance(work, Move) and work.pattern == "gather" and work.element_type == tensor.dtype for work in readers):
        return stored_bytes(tensor)
    return min(stored_bytes(tensor), sum(work.elements for work in readers) * tensor.bits // 8)
