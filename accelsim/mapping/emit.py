"""Join the layers' tasks into one inference: which layers wait for which, and which buffers pass from one to the next."""

import numpy as np

from accelsim.hardware.chip import Chip
from accelsim.mapping.choice import Choice
from accelsim.mapping.fabric import Fabric
from accelsim.mapping.fragment import Fragment, fragment_of, role_of
from accelsim.mapping.homes import Homes
from accelsim.mapping.plan import START
from accelsim.mapping.routes import Routes
from accelsim.mapping.tasks import Tasks, shares


class Emitter:
    """Emits one inference's tasks.

    Constants move ahead across layers into buffers as they fall free; activations wait until their producers are done and
    until nobody still reads the bytes that they will overwrite.
    """

    def __init__(self, chip: Chip, routes: Routes):
        self.chip, self.routes = chip, routes
        self.tasks = Tasks()
        self.depth = 2 if chip.compiler.double_buffering else 1
        self.ahead = 2 if chip.compiler.constants_ahead else self.depth
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
            ready = int(call[0])
            self.tasks.tie(begin, ready)
        self.ready = ready
        for name in inputs:
            self.done[name] = ready
        return begin

    def layer(self, choice: Choice, overwrites: list[int]) -> None:
        """Emit one layer."""
        layer, tasks = choice.layer, self.tasks
        fragment = fragment_of(choice, self.chip, self.routes)
        first = tasks.place(fragment.tasks, self.clock)
        self.clock += fragment.pieces
        for before in {self.done[t.name] for t in layer.inputs if t.name in self.done} | {*overwrites, self.ready}:
            tasks.tie(before, first)
        self._take_buffers(layer.unit, fragment, first)
        for tensor in layer.outputs:
            self.done[tensor.name] = tasks.count - 1

    def _take_buffers(self, unit: str, fragment: Fragment, first: int) -> None:
        """Let operands that move ahead wait for the work after which their buffers are free, and leave those of this layer to the next."""
        recent = self.recent.get(unit, [])
        for early in fragment.early:
            for before, after in zip(recent, early, strict=False):
                self.tasks.tie(before, first + after)
        self.recent[unit] = (recent + [first + task for task in fragment.computed])[-self.ahead :]
        ended = [first + task for task in fragment.ended]
        earlier = {role: self.groups_ended.get((unit, role), []) for role, _ in fragment.gated}
        for role, groups in fragment.gated:
            free = self.depth - len(earlier[role])
            for before, group in zip(earlier[role], groups[free:], strict=False):
                for after in group:
                    self.tasks.tie(before, first + after)
        for role, of_before in earlier.items():
            self.groups_ended[unit, role] = (of_before + ended)[-self.depth :]

    def end(self) -> int:
        """Emit the end of an inference."""
        end = self.tasks.milestone(-1, self.clock)
        for before in {*self.done.values(), self.ready}:
            self.tasks.tie(before, end)
        return end


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
        way = routes.way(source, home, "constants at a cold start")
        for hop, (moved,) in Fabric(chip, routes).passed(way, [(size,)] * len(way)):
            if hop.resource is None:
                continue
            ids = tasks.add(shares(moved, pieces), hop.resource, role_of(hop, chip), -1, np.arange(pieces), hop.write)
            if last is not None:
                tasks.need(last, ids)
            last = ids
        if last is not None:
            ends.append(last)
    gate = tasks.milestone(-1, 0)
    for ids in ends:
        tasks.need(ids, gate)
    return tasks, gate
