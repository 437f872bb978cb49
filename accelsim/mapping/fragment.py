"""One layer's tasks, numbered from 0: pieces of streams and of work, and what waits for what among them."""

from dataclasses import dataclass

import numpy as np

from accelsim.hardware.chip import Chip
from accelsim.mapping.choice import Choice, Stream, chunks_of
from accelsim.mapping.plan import COMPUTE, MILESTONE, MOVE, READ, WRITE
from accelsim.mapping.routes import Hop, Routes
from accelsim.mapping.tasks import Closed, Tasks, shares

Ids = np.ndarray


@dataclass(frozen=True, eq=False, slots=True)
class Fragment:
    """A layer's tasks and where its neighbours take hold of them; the first is its start, the last the milestone after which it is done.

    Attributes
    ----------
    pieces : int
    computed : list of int
        The last pieces of work.
    early : list of list of int
        Of each constant that streams by: the transfers that may run ahead into buffers of the layer before.
    gated : list of (str, list of list of int)
        Of each stream that moves in groups, its role and the transfers of the first groups, which need the buffers of groups in an earlier layer.
    ended : list of int
        The last piece of work of each of the last groups.
    """

    tasks: Closed
    pieces: int
    computed: list[int]
    early: list[list[int]]
    gated: list[tuple[str, list[list[int]]]]
    ended: list[int]


def fragment_of(choice: Choice, chip: Chip, routes: Routes) -> Fragment:
    """Return a layer's tasks, kept with the choice's form."""
    if "fragment" not in choice.known:
        choice.known["fragment"] = _Builder(choice, chip, routes).build()
    return choice.known["fragment"]


class _Builder:
    """Emits one layer.

    Buffers are double (or single): a piece's bytes move in when the piece two (one) before it has been computed, and a
    piece is computed when the result two before it has moved out.
    """

    def __init__(self, choice: Choice, chip: Chip, routes: Routes):
        self.choice, self.chip, self.routes = choice, chip, routes
        self.tasks = Tasks()
        self.depth = 2 if chip.compiler.double_buffering else 1
        self.ahead = 2 if chip.compiler.constants_ahead else self.depth  # of constants that are not grouped
        self.order = np.arange(choice.groups * choice.pieces)
        self.early: list[list[int]] = []
        self.gated: list[tuple[str, list[list[int]]]] = []

    def build(self) -> Fragment:
        choice, tasks = self.choice, self.tasks
        index = choice.layer.index
        self.start = tasks.milestone(index, 0)
        unit = self.routes.index[choice.layer.unit]
        setup = choice.cost.setup_cycles if choice.groups == 1 else 0
        if setup:
            begun = tasks.add(np.array([setup]), unit, COMPUTE, index, self.order[:1])
            tasks.need(self.start, begun)
            self.start = int(begun[0])
        cycles = np.concatenate([shares(c - setup, choice.pieces) for c in choice.group_cycles])
        self.compute = tasks.add(cycles, unit, COMPUTE, index, self.order)
        tasks.need(self.start, self.compute[:1])
        tasks.need(self.compute[:-1], self.compute[1:])  # a unit works through a layer in order, whatever else is ready
        for stream in choice.streams:
            if stream.role != "output":
                self._feed(stream)
        ends = [self.compute] + [self._drain(stream) for stream in choice.streams if stream.role == "output"]
        done = tasks.milestone(index, int(self.order[-1]))
        for ids in ends:
            tasks.need(ids[-self.depth :], done)
        ended = self.compute[choice.pieces - 1 :: choice.pieces][-self.depth :].tolist()
        return Fragment(tasks.close(), self.order.size, self.compute[-self.ahead :].tolist(), self.early, self.gated, ended)

    def _feed(self, stream: Stream) -> None:
        """Emit a stream towards the unit."""
        when = self._pieces_fed(stream)
        chunks = chunks_of(stream, when.size, self.chip.compiler)
        first, last = self._hops(stream, np.repeat(self.order[when], chunks))
        if first is None:
            self.gated += [(stream.role, [])] if stream.grouped else []
            return
        tasks, depth = self.tasks, self.ahead if stream.role == "constant" else self.depth
        tasks.need(last[chunks - 1 :: chunks], self.compute[when])
        if stream.grouped:
            self._gate_groups(stream.role, first.reshape(-1, chunks))
        else:
            tasks.need(self.compute[when[depth:] - depth], first[depth:])
            if stream.role == "constant":
                self.early.append(first[:depth].tolist())
        if stream.role == "input" or self.choice.cost.setup_cycles:  # constants too move only once the kernel that reads them runs
            tasks.need(self.start, first[:depth] if not stream.grouped else first)

    def _pieces_fed(self, stream: Stream) -> Ids:
        """Return the pieces at which bytes of a stream arrive."""
        if stream.grouped:
            return self.order[:: self.choice.pieces]
        return self.order[: self.choice.pieces] if stream.first_group_only else self.order

    def _gate_groups(self, role: str, first: Ids) -> None:
        """A group's bytes move in when the group two before it, in this layer or an earlier one, has been computed."""
        ends = self.compute[self.choice.pieces - 1 :: self.choice.pieces]
        late = first[self.depth :]
        self.tasks.need(np.repeat(ends[: len(late)], first.shape[1]), late.ravel())
        self.gated.append((role, first[: self.depth].tolist()))

    def _drain(self, stream: Stream) -> Ids:
        """Emit a stream away from the unit; return the tasks after which its bytes are home."""
        # Where reads go first: a tie with the last operands that may be fetched meanwhile, which were emitted first.
        order = self.order + self.depth if self.chip.compiler.reads_first else self.order
        first, last = self._hops(stream, order)
        if first is None:
            return self.compute
        self.tasks.need(self.compute, first)
        self.tasks.need(last[: -self.depth], self.compute[self.depth :])
        return last

    def _hops(self, stream: Stream, order: Ids) -> tuple[Ids | None, Ids | None]:
        """Emit a task a hop and piece; return those before which none of them begins, and those after which all have ended."""
        served = [(hop, amount) for hop, amount in stream.loads if hop.resource is not None]
        if not served:
            return None, None
        first = before = None
        together: list[Ids] = []
        if any(hop.beside for hop, _ in served[1:2]):
            first = before = self._meet([], order)
        for i, (hop, amount) in enumerate(served):
            amounts = shares(amount, order.size)
            ids = self.tasks.add(amounts, hop.resource, role_of(hop, self.chip), self.choice.layer.index, order, hop.write, self._addresses(hop, stream, amounts))
            together.append(ids)
            if before is not None:
                self.tasks.need(before, ids)
            first = ids if first is None else first
            if i + 1 == len(served) or not served[i + 1][0].beside:
                before = ids if len(together) == 1 else self._meet(together, order)
                together = []
        return first, before

    def _meet(self, together: list[Ids], order: Ids) -> Ids:
        """Emit a milestone a piece for which hops side by side wait, or which waits for them."""
        meet = self.tasks.add(np.zeros(order.size, np.int64), -1, MILESTONE, -1, order)
        for ids in together:
            self.tasks.need(ids, meet)
        return meet

    def _addresses(self, hop: Hop, stream: Stream, amounts: Ids) -> Ids | None:
        """Return where the pieces begin in a memory that asks: one behind the other, round and round where they are read again; -1 where nobody knows."""
        server = self.routes.resources[hop.resource]
        if not server.addressed:
            return None
        at_home = [one for one in stream.hops if one.place in self.chip.memories][-1 if stream.role == "output" else 0]
        if server.dram is None and (hop is not at_home or stream.extent == 1):  # staged pieces lie wherever there is room
            return np.full(amounts.size, -1, np.int64)
        return stream.address + (np.cumsum(amounts) - amounts) % max(1, stream.extent)


def role_of(hop: Hop, chip: Chip) -> int:
    """Return what a transfer at a hop is called."""
    return MOVE if hop.place in chip.links else WRITE if hop.write else READ
