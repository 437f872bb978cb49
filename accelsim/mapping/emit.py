"""Turn the layers' choices into tasks: pieces of streams and of work, and what waits for what."""

from collections.abc import Mapping

import numpy as np

from accelsim.hardware.chip import Chip
from accelsim.mapping.choice import Choice, Stream
from accelsim.mapping.homes import Homes
from accelsim.mapping.plan import COMPUTE, MOVE, READ, START, WRITE
from accelsim.mapping.routes import Hop, Routes
from accelsim.mapping.tasks import Tasks, shares

Ids = np.ndarray


class Emitter:
    """Emits one inference's tasks.

    Buffers are double (or single): a piece's bytes move in when the piece two (one) before it has been computed, and a
    piece is computed when the result two before it has moved out. Constants move ahead across layers by the same
    rule; activations wait until their producers are done and until nobody still reads the bytes that they will overwrite.
    """

    def __init__(self, chip: Chip, routes: Routes, homes: Homes):
        self.chip, self.routes, self.homes = chip, routes, homes
        self.tasks = Tasks()
        self.depth = 2 if chip.compiler.double_buffering else 1
        self.clock = 0  # priority: the number of the piece over all layers
        self.done: dict[str, int] = {}  # tensor name to the milestone after which it is complete
        self.recent: dict[str, list[int]] = {}  # per unit, the last compute tasks
        self.groups_ended: dict[tuple[str, str], list[int]] = {}  # per unit and role, the last compute tasks of its groups

    def begin(self, inputs: tuple[str, ...]) -> int:
        """Emit the start of an inference: its release and the host's call."""
        begin = self.tasks.milestone(-1, 0)
        ready = begin
        if self.chip.host is not None and self.chip.start.warm_cycles:
            call = self.tasks.add(np.array([self.chip.start.warm_cycles]), self.routes.index[self.chip.host], START, -1, np.zeros(1, np.int64))
            self.tasks.need(begin, call)
            ready = int(call[0])
        self.ready = ready
        for name in inputs:
            self.done[name] = ready
        return begin

    def layer(self, choice: Choice, overwrites: list[int]) -> None:
        """Emit one layer."""
        layer, tasks = choice.layer, self.tasks
        pieces = choice.groups * choice.pieces
        order = self.clock + np.arange(pieces)
        self.clock += pieces
        start = tasks.milestone(layer.index, int(order[0]))
        waits = {self.done[t.name] for t in layer.inputs if t.name in self.done} | set(overwrites) | {self.ready}
        tasks.need(np.array(sorted(waits)), start)
        setup = choice.cost.setup_cycles if choice.groups == 1 else 0
        if setup:
            begun = tasks.add(np.array([setup]), self.routes.index[layer.unit], COMPUTE, layer.index, order[:1])
            tasks.need(start, begun)
            start = int(begun[0])
        cycles = np.concatenate([shares(c - setup, choice.pieces) for c in choice.group_cycles])
        compute = tasks.add(cycles, self.routes.index[layer.unit], COMPUTE, layer.index, order)
        tasks.need(start, compute[:1])
        tasks.need(compute[:-1], compute[1:])  # a unit works through a layer in order, whatever else is ready
        for stream in choice.streams:
            if stream.role != "output":
                self._feed(choice, stream, compute, order, start)
        ends = [compute]
        for stream in choice.streams:
            if stream.role == "output":
                ends.append(self._drain(choice, stream, compute, order))
        done = tasks.milestone(layer.index, int(order[-1]))
        for ids in ends:
            tasks.need(ids[-self.depth :], done)
        for tensor in layer.outputs:
            self.done[tensor.name] = done
        self._remember(choice, compute)

    def _feed(self, choice: Choice, stream: Stream, compute: Ids, order: Ids, start: int) -> None:
        """Emit a stream towards the unit."""
        when = self._pieces_fed(choice, stream)
        chunks = self._chunks(stream, when.size)
        first, last = self._hops(stream, np.repeat(order[when], chunks), choice.layer.index)
        if first is None:
            return
        tasks, unit = self.tasks, choice.layer.unit
        tasks.need(last[chunks - 1 :: chunks], compute[when])
        if stream.grouped:
            self._gate_groups(choice, stream.role, first.reshape(-1, chunks), compute)
        else:
            late = when >= self.depth
            tasks.need(compute[when[late] - self.depth], first[late])
            if stream.role == "constant":
                early = np.flatnonzero(~late)
                recent = self.recent.get(unit, [])
                for k in early[: len(recent)]:
                    tasks.need(recent[k], first[k])
        if stream.role == "input" or choice.cost.setup_cycles:  # constants too move only once the kernel that reads them runs
            tasks.need(start, first[: self.depth] if not stream.grouped else first)

    def _chunks(self, stream: Stream, groups: int) -> int:
        """Return the transfers in which a group's bytes move, so that what is more urgent can pass between them."""
        if not stream.grouped:
            return 1
        compiler = self.chip.compiler
        return max(1, min(compiler.most_pieces, round(stream.payload / groups / compiler.transfer_chunk)))

    def _pieces_fed(self, choice: Choice, stream: Stream) -> Ids:
        """Return the pieces at which bytes of a stream arrive."""
        pieces = choice.groups * choice.pieces
        if stream.grouped:
            return np.arange(0, pieces, choice.pieces)
        return np.arange(choice.pieces if stream.first_group_only else pieces)

    def _gate_groups(self, choice: Choice, role: str, first: Ids, compute: Ids) -> None:
        """A group's bytes move in when the group two before it, in this layer or an earlier one, has been computed."""
        ended = self.groups_ended.get((choice.layer.unit, role), [])
        history = ended + compute[choice.pieces - 1 :: choice.pieces].tolist()
        ahead = self.depth - len(ended)
        late = np.arange(max(0, ahead), len(first))
        if late.size:
            self.tasks.need(np.repeat(np.array(history)[late - ahead], first.shape[1]), first[late].ravel())

    def _remember(self, choice: Choice, compute: Ids) -> None:
        """Keep the tasks after which the next layer on this unit may fill its buffers."""
        unit = choice.layer.unit
        self.recent[unit] = (self.recent.get(unit, []) + compute.tolist())[-self.depth :]
        for role in {stream.role for stream in choice.streams if stream.grouped}:
            ends = self.groups_ended.get((unit, role), []) + compute[choice.pieces - 1 :: choice.pieces].tolist()
            self.groups_ended[unit, role] = ends[-self.depth :]

    def _drain(self, choice: Choice, stream: Stream, compute: Ids, order: Ids) -> Ids:
        """Emit a stream away from the unit; return the tasks after which its bytes are home."""
        if self.chip.compiler.reads_first:
            order = order + self.depth  # a tie with the last operands that may be fetched meanwhile, which were emitted first
        first, last = self._hops(stream, order, choice.layer.index)
        if first is None:
            return compute
        self.tasks.need(compute, first)
        self.tasks.need(last[: -self.depth], compute[self.depth :])
        return last

    def _hops(self, stream: Stream, order: Ids, layer: int) -> tuple[Ids | None, Ids | None]:
        """Emit a task a hop and piece; return those of the first and of the last hop."""
        first = last = None
        for hop, amount in stream.loads:
            if hop.resource is None:
                continue
            amounts = shares(amount, order.size)
            ids = self.tasks.add(amounts, hop.resource, _role(hop, self.chip.links), layer, order, hop.write, self._addresses(hop, stream, amounts))
            if last is not None:
                self.tasks.need(last, ids)
            first, last = ids if first is None else first, ids
        return first, last

    def _addresses(self, hop: Hop, stream: Stream, amounts: Ids) -> Ids | None:
        """Return where the pieces begin at a DRAM channel: one behind the other, round and round where they are read again."""
        if self.routes.resources[hop.resource].dram is None:
            return None
        return stream.address + (np.cumsum(amounts) - amounts) % max(1, stream.extent)

    def end(self, outputs: tuple[str, ...]) -> int:
        """Emit the end of an inference."""
        end = self.tasks.milestone(-1, self.clock)
        waits = {self.done[name] for name in self.done} | {self.ready}
        self.tasks.need(np.array(sorted(waits)), end)
        return end


def _role(hop: Hop, links: Mapping[str, object]) -> int:
    return MOVE if hop.place in links else WRITE if hop.write else READ


def prologue(chip: Chip, routes: Routes, homes: Homes) -> tuple[Tasks, int]:
    """Return what happens once before the first inference of a cold chip, and the task after which it is over.

    The driver starts, and constants whose home is volatile come from ``placement.loaded_from``.
    """
    tasks = Tasks()
    ends = []
    if chip.host is not None and chip.start.cold_cycles:
        ends.append(tasks.add(np.array([chip.start.cold_cycles]), routes.index[chip.host], START, -1, np.zeros(1, np.int64)))
    source = chip.placement.loaded_from
    for home, size in homes.constants.items():
        if not chip.memories[home].volatile or source in (None, home):
            continue
        pieces = max(1, -(-size // int(chip.compiler.transfer_chunk)))
        last = None
        for hop in routes.way(source, home, "constants at a cold start"):
            if hop.resource is None:
                continue
            ids = tasks.add(shares(size, pieces), hop.resource, _role(hop, chip.links), -1, np.arange(pieces), hop.write)
            if last is not None:
                tasks.need(last, ids)
            last = ids
        if last is not None:
            ends.append(last)
    gate = tasks.milestone(-1, 0)
    for ids in ends:
        tasks.need(ids, gate)
    return tasks, gate
