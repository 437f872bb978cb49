"""Collect tasks and needs as arrays and close them into a Plan."""

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.hardware.resource import Resource
from accelsim.mapping.plan import MILESTONE, Plan

LARGEST_PRODUCT = 2**62
NO_TASKS = np.zeros(0, np.int64)
# Columns that are one value for all tasks of an ``add``, and those that differ from task to task.
SAME, OWN = ("resource", "write", "role", "layer"), ("amount", "priority")
COLUMNS = (*SAME, *OWN)


class Tasks:
    """One inference's tasks; frames are made of it by repetition."""

    def __init__(self) -> None:
        self.count = 0
        self._sizes: list[int] = []
        self._columns: dict[str, list] = {name: [] for name in COLUMNS}
        self._before: list[np.ndarray] = []
        self._after: list[np.ndarray] = []
        self._addresses: list[tuple[int, np.ndarray]] = []

    def add(self, amount: np.ndarray, resource: int, role: int, layer: int, priority: np.ndarray, write: bool = False, address: np.ndarray | None = None) -> np.ndarray:
        """Add tasks on one resource; return their numbers. ``address`` is for transfers at a DRAM channel."""
        first, size = self.count, amount.size
        self.count += size
        self._sizes.append(size)
        if address is not None:
            self._addresses.append((first, address))
        columns = self._columns
        columns["resource"].append(resource)
        columns["write"].append(write)
        columns["role"].append(role)
        columns["layer"].append(layer)
        columns["amount"].append(amount)
        columns["priority"].append(priority)
        return np.arange(first, self.count)

    def milestone(self, layer: int, priority: int) -> int:
        """Add a task that takes no time; return its number."""
        return int(self.add(np.zeros(1, np.int64), -1, MILESTONE, layer, np.array([priority]))[0])

    def need(self, before: np.ndarray | int, after: np.ndarray | int) -> None:
        """Let each task of ``after`` wait for its partner in ``before`` (one of them may be a single task)."""
        before = before if isinstance(before, np.ndarray) else np.array([before])
        after = after if isinstance(after, np.ndarray) else np.array([after])
        size = max(before.size, after.size) if min(before.size, after.size) else 0
        self._before.append(before if before.size == size else np.repeat(before, size))
        self._after.append(after if after.size == size else np.repeat(after, size))

    def column(self, name: str) -> np.ndarray:
        """Return one column over all tasks so far."""
        values = self._columns[name]
        if not values:
            return NO_TASKS
        return np.repeat(values, self._sizes) if name in SAME else np.concatenate(values)

    def addresses(self) -> np.ndarray | None:
        """Return the address of every task; None where none has one."""
        if not self._addresses:
            return None
        column = np.zeros(self.count, np.int64)
        for first, address in self._addresses:
            column[first : first + address.size] = address
        return column

    def needs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs (before, after)."""
        if not self._before:
            return NO_TASKS, NO_TASKS
        return np.concatenate(self._before), np.concatenate(self._after)


def shares(total: int, pieces: int) -> np.ndarray:
    """Cut a whole number into pieces that differ by at most one and add up exactly.

    Raises
    ------
    AccelsimError
        Cycles or bytes so many that their products leave int64.
    """
    if total * pieces > LARGEST_PRODUCT:
        raise AccelsimError("plan", f"{total} cycles or bytes of one layer are more than can be simulated")
    edges = np.arange(pieces + 1, dtype=np.int64) * total // pieces
    return edges[1:] - edges[:-1]


def repeat(tasks: Tasks, resources: tuple[Resource, ...], frames: int, period_ps: int, begin: int, end: int, in_flight: int, prologue: Tasks | None, gate: int) -> Plan:
    """Return the Plan of several inferences one after another.

    Parameters
    ----------
    tasks : Tasks
        One inference.
    frames : int
    period_ps : int
        Inference i is released at i times this [ps]; 0: all at once.
    begin, end : int
        Milestones of one inference.
    in_flight : int
        Inferences that the memories hold at once: the next begins when the one this many before it has ended.
    prologue : Tasks, optional
        Tasks before the first inference; ``gate`` is the one for which the first inference waits.
    """
    lead = prologue.count if prologue is not None else 0
    n = tasks.count
    columns = {name: np.tile(tasks.column(name), frames) for name in COLUMNS}
    frame = np.repeat(np.arange(frames), n)
    highest = int(columns["priority"].max(initial=0)) + 1
    columns["priority"] = columns["priority"] + frame * highest
    before, after = tasks.needs()
    offsets = np.repeat(np.arange(frames) * n, before.size)
    before, after = np.tile(before, frames) + offsets, np.tile(after, frames) + offsets
    release = np.zeros(n * frames, np.int64)
    release[begin::n] = np.arange(frames) * period_ps
    waits = np.arange(in_flight, frames)
    before = np.concatenate([before, (waits - in_flight) * n + end])
    after = np.concatenate([after, waits * n + begin])
    if prologue is not None:
        columns = {name: np.concatenate([prologue.column(name), column]) for name, column in columns.items()}
        first_before, first_after = prologue.needs()
        before = np.concatenate([first_before, before + lead, np.full(n, gate)])
        after = np.concatenate([first_after, after + lead, np.arange(lead, lead + n)])
        frame = np.concatenate([np.full(lead, -1), frame])
        release = np.concatenate([np.zeros(lead, np.int64), release])
    return Plan(
        resources, columns["resource"].astype(np.int32), columns["amount"].astype(np.int64), columns["write"].astype(np.bool_),
        columns["role"].astype(np.int32), columns["layer"].astype(np.int32), frame.astype(np.int32), columns["priority"].astype(np.int32), release,
        before.astype(np.int32), after.astype(np.int32), lead + begin + np.arange(frames) * n, lead + end + np.arange(frames) * n,
        _addresses(tasks, frames, prologue),
    )  # fmt: skip


def _addresses(tasks: Tasks, frames: int, prologue: Tasks | None) -> np.ndarray | None:
    """Return the addresses of all frames' transfers; frames use the same buffers."""
    parts = [] if prologue is None else [prologue]
    known = [part.addresses() for part in (*parts, tasks)]
    if all(column is None for column in known):
        return None
    columns = [np.zeros(part.count, np.int64) if column is None else column for part, column in zip((*parts, tasks), known, strict=True)]
    return np.concatenate([*columns[:-1], np.tile(columns[-1], frames)])
