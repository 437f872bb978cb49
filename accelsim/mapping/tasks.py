"""Collect tasks and needs as arrays and close them into a Plan."""

import numpy as np

from accelsim.hardware.resource import Resource
from accelsim.mapping.plan import MILESTONE, Plan

NO_TASKS = np.zeros(0, np.int64)
COLUMNS = ("resource", "amount", "write", "role", "layer", "priority")


class Tasks:
    """One inference's tasks; frames are made of it by repetition."""

    def __init__(self) -> None:
        self.count = 0
        self._columns: dict[str, list[np.ndarray]] = {name: [] for name in COLUMNS}
        self._before: list[np.ndarray] = []
        self._after: list[np.ndarray] = []

    def add(self, amount: np.ndarray, resource: int, role: int, layer: int, priority: np.ndarray, write: bool = False) -> np.ndarray:
        """Add tasks on one resource; return their numbers."""
        size = amount.size
        first = self.count
        self.count += size
        values = {"resource": resource, "amount": amount, "write": write, "role": role, "layer": layer, "priority": priority}
        for name, value in values.items():
            self._columns[name].append(value if isinstance(value, np.ndarray) else np.full(size, value))
        return np.arange(first, self.count)

    def milestone(self, layer: int, priority: int) -> int:
        """Add a task that takes no time; return its number."""
        return int(self.add(np.zeros(1, np.int64), -1, MILESTONE, layer, np.array([priority]))[0])

    def need(self, before: np.ndarray | int, after: np.ndarray | int) -> None:
        """Let each task of ``after`` wait for its partner in ``before`` (one of them may be a single task)."""
        before, after = np.broadcast_arrays(before, after)
        self._before.append(before.ravel())
        self._after.append(after.ravel())

    def column(self, name: str) -> np.ndarray:
        """Return one column over all tasks so far."""
        return np.concatenate(self._columns[name]) if self._columns[name] else NO_TASKS

    def needs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs (before, after)."""
        if not self._before:
            return NO_TASKS, NO_TASKS
        return np.concatenate(self._before), np.concatenate(self._after)


def shares(total: int, pieces: int) -> np.ndarray:
    """Cut a whole number into pieces that differ by at most one and add up exactly."""
    edges = np.arange(pieces + 1, dtype=np.int64) * total // pieces
    return np.diff(edges)


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
        resources, *(columns[name].astype(kind) for name, kind in zip(COLUMNS[:4], (np.int32, np.int64, np.bool_, np.int32), strict=True)),
        columns["layer"].astype(np.int32), frame.astype(np.int32), columns["priority"].astype(np.int32), release,
        before.astype(np.int32), after.astype(np.int32), lead + begin + np.arange(frames) * n, lead + end + np.arange(frames) * n,
    )  # fmt: skip
