"""Tasks and needs as arrays: collected one by one, and repeated into the Plan of several inferences."""

from dataclasses import dataclass

import numpy as np

from accelsim.hardware.resource import Resource
from accelsim.mapping.outline import check
from accelsim.mapping.plan import MILESTONE, Plan

NO_TASKS = np.zeros(0, np.int64)
COLUMNS = ("resource", "amount", "write", "role", "layer", "priority")
DTYPES = (np.int32, np.int64, np.bool_, np.int32, np.int32, np.int32)


@dataclass(frozen=True, eq=False, slots=True)
class Closed:
    """Tasks and their needs as arrays; the fields are those of a Plan.

    Attributes
    ----------
    addresses : ndarray or None, shape (tasks,), int64
        At a server that asks where bytes lie; None where no task has one.
    """

    resource: np.ndarray
    amount: np.ndarray
    write: np.ndarray
    role: np.ndarray
    layer: np.ndarray
    priority: np.ndarray
    before: np.ndarray
    after: np.ndarray
    addresses: np.ndarray | None

    @property
    def count(self) -> int:
        """Number of tasks."""
        return self.resource.size


class Tasks:
    """Tasks that belong to no layer, as they are added."""

    def __init__(self) -> None:
        self.count = 0
        self._parts: dict[str, list[np.ndarray]] = {name: [] for name in COLUMNS}
        self._before: list[np.ndarray] = []
        self._after: list[np.ndarray] = []

    def add(self, total: int, pieces: int, resource: int, role: int, write: bool = False) -> np.ndarray:
        """Add an amount in pieces on one resource; return their numbers."""
        order = np.arange(pieces)
        row = (resource, shares(total, pieces), write, role, -1, order)
        for name, dtype, value in zip(COLUMNS, DTYPES, row, strict=True):
            self._parts[name].append(np.broadcast_to(value, pieces).astype(dtype))
        self.count += pieces
        return order + self.count - pieces

    def milestone(self) -> int:
        """Add a task that takes no time; return its number."""
        return int(self.add(0, 1, -1, MILESTONE)[0])

    def need(self, before: np.ndarray, after: np.ndarray) -> None:
        """Let each task of ``after`` wait for its partner in ``before``."""
        self._before.append(before)
        self._after.append(after)

    def close(self) -> Closed:
        """Return all tasks so far as arrays."""
        before, after = (np.concatenate([NO_TASKS, *parts]).astype(np.int32) for parts in (self._before, self._after))
        return Closed(*(np.concatenate(self._parts[name]) for name in COLUMNS), before, after, None)


def shares(total: int, pieces: int) -> np.ndarray:
    """Cut a whole number into pieces that differ by at most one and add up exactly.

    Raises
    ------
    AccelsimError
        Cycles or bytes so many that their products leave int64.
    """
    check(total, pieces)
    edges = np.arange(pieces + 1, dtype=np.int64) * total // pieces
    return edges[1:] - edges[:-1]


def repeat(tasks: Closed, resources: tuple[Resource, ...], frames: int, period_ps: int, in_flight: int, prologue: Closed | None) -> Plan:
    """Return the Plan of several inferences one after another.

    Parameters
    ----------
    tasks : Closed
        One inference, the first its start and the last its end.
    frames : int
    period_ps : int
        Inference i is released at i times this [ps]; 0: all at once.
    in_flight : int
        Inferences that the memories hold at once: the next begins when the one this many before it has ended.
    prologue : Closed, optional
        Tasks before the first inference, which waits for the last of them.
    """
    lead, n = prologue.count if prologue is not None else 0, tasks.count
    column = {name: getattr(tasks, name) for name in COLUMNS}
    before, after, frame = tasks.before, tasks.after, np.zeros(n, np.int32)
    begins = lead + np.arange(frames) * n
    if frames > 1:
        column = {name: np.tile(part, frames) for name, part in column.items()}
        frame = np.repeat(np.arange(frames, dtype=np.int32), n)
        column["priority"] += frame * (int(tasks.priority.max(initial=0)) + 1)
        offsets = np.repeat(np.arange(frames, dtype=np.int32) * n, before.size)
        waits = np.arange(in_flight, frames) * n
        before = np.concatenate([np.tile(before, frames) + offsets, waits - (in_flight - 1) * n - 1])
        after = np.concatenate([np.tile(after, frames) + offsets, waits])
    if prologue is not None:
        column = {name: np.concatenate([getattr(prologue, name), part]) for name, part in column.items()}
        frame = np.concatenate([np.full(lead, -1, np.int32), frame])
        before = np.concatenate([prologue.before, before + lead, np.full(n, lead - 1)])
        after = np.concatenate([prologue.after, after + lead, np.arange(lead, lead + n)])
    release = np.zeros(lead + n * frames, np.int64)
    release[begins] = np.arange(frames) * period_ps
    return Plan(
        resources, **column, frame=frame, release=release, before=before.astype(np.int32, copy=False), after=after.astype(np.int32, copy=False),
        starts=begins, ends=begins + n - 1, addresses=_addresses(tasks, frames, prologue),
    )  # fmt: skip


def _addresses(tasks: Closed, frames: int, prologue: Closed | None) -> np.ndarray | None:
    """Return the addresses of all frames' transfers; frames use the same buffers."""
    parts = [part for part in (prologue, tasks) if part is not None]
    if all(part.addresses is None for part in parts):
        return None
    columns = [np.zeros(part.count, np.int64) if part.addresses is None else part.addresses for part in parts]
    return np.concatenate([*columns[:-1], np.tile(columns[-1], frames)])
