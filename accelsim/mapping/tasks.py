"""Collect tasks and needs as arrays and close them into a Plan."""

from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.hardware.resource import Resource
from accelsim.mapping.plan import MILESTONE, Plan

LARGEST_PRODUCT = 2**62
NO_TASKS = np.zeros(0, np.int64)
COLUMNS = ("resource", "write", "role", "layer", "amount", "priority")
PRIORITY = COLUMNS.index("priority")


@dataclass(frozen=True, eq=False, slots=True)
class Closed:
    """Tasks and their needs as arrays.

    Attributes
    ----------
    table : ndarray, shape (columns, tasks), int64
        Rows as in ``COLUMNS``.
    before, after : ndarray, shape (needs,), int64
    addresses : ndarray or None, shape (tasks,), int64
        At a DRAM channel; None where no task has one.
    """

    table: np.ndarray
    before: np.ndarray
    after: np.ndarray
    addresses: np.ndarray | None

    @property
    def count(self) -> int:
        """Number of tasks."""
        return self.table.shape[1]


class Tasks:
    """Tasks as they are emitted: new ones, and closed ones that are placed as a whole."""

    def __init__(self) -> None:
        self.count = 0
        self._tables: list[np.ndarray] = []
        self._firsts: list[int] = []  # of each table
        self._clocks: list[int] = []
        self._before: list[np.ndarray] = []
        self._after: list[np.ndarray] = []
        self._moved: list[int] = []  # what is added to the numbers in each pair of arrays
        self._ties: list[int] = []  # before and after in turn
        self._addresses: list[tuple[int, np.ndarray]] = []

    def add(self, amount: np.ndarray, resource: int, role: int, layer: int, priority: np.ndarray, write: bool = False, address: np.ndarray | None = None) -> np.ndarray:
        """Add tasks on one resource; return their numbers. ``address`` is for transfers at a DRAM channel."""
        table = np.empty((len(COLUMNS), amount.size), np.int64)
        table[0], table[1], table[2], table[3], table[4], table[5] = resource, write, role, layer, amount, priority
        first = self._append(table, 0)
        if address is not None:
            self._addresses.append((first, address))
        return np.arange(first, self.count)

    def _append(self, table: np.ndarray, clock: int) -> int:
        first = self.count
        self.count += table.shape[1]
        self._tables.append(table)
        self._firsts.append(first)
        self._clocks.append(clock)
        return first

    def milestone(self, layer: int, priority: int) -> int:
        """Add a task that takes no time; return its number."""
        self._append(np.array([[-1], [0], [MILESTONE], [layer], [0], [priority]], np.int64), 0)
        return self.count - 1

    def place(self, closed: Closed, clock: int) -> int:
        """Add closed tasks and the needs among them, their priorities moved on by ``clock``; return the number of the first."""
        first = self._append(closed.table, clock)
        self._before.append(closed.before)
        self._after.append(closed.after)
        self._moved.append(first)
        if closed.addresses is not None:
            self._addresses.append((first, closed.addresses))
        return first

    def need(self, before: np.ndarray | int, after: np.ndarray | int) -> None:
        """Let each task of ``after`` wait for its partner in ``before`` (one of them may be a single task)."""
        before = before if isinstance(before, np.ndarray) else np.array([before])
        after = after if isinstance(after, np.ndarray) else np.array([after])
        size = max(before.size, after.size) if min(before.size, after.size) else 0
        self._before.append(before if before.size == size else np.repeat(before, size))
        self._after.append(after if after.size == size else np.repeat(after, size))
        self._moved.append(0)

    def tie(self, before: int, after: int) -> None:
        """Let one task wait for another."""
        self._ties += before, after

    def close(self) -> Closed:
        """Return all tasks so far as arrays."""
        if not self._tables:
            return Closed(np.zeros((len(COLUMNS), 0), np.int64), NO_TASKS, NO_TASKS, None)
        table = np.concatenate(self._tables, axis=1)
        table[PRIORITY] += np.repeat(self._clocks, [part.shape[1] for part in self._tables])
        ties = np.array(self._ties, np.int64).reshape(-1, 2)
        moved = np.repeat(self._moved, [part.size for part in self._before]) if self._before else 0
        inner = [np.concatenate(parts) + moved if parts else NO_TASKS for parts in (self._before, self._after)]
        return Closed(table, np.concatenate([inner[0], ties[:, 0]]), np.concatenate([inner[1], ties[:, 1]]), self._all_addresses())

    def _all_addresses(self) -> np.ndarray | None:
        if not self._addresses:
            return None
        column = np.zeros(self.count, np.int64)
        for first, address in self._addresses:
            column[first : first + address.size] = address
        return column


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


def repeat(tasks: Closed, resources: tuple[Resource, ...], frames: int, period_ps: int, begin: int, end: int, in_flight: int, prologue: Closed | None, gate: int) -> Plan:
    """Return the Plan of several inferences one after another.

    Parameters
    ----------
    tasks : Closed
        One inference.
    frames : int
    period_ps : int
        Inference i is released at i times this [ps]; 0: all at once.
    begin, end : int
        Milestones of one inference.
    in_flight : int
        Inferences that the memories hold at once: the next begins when the one this many before it has ended.
    prologue : Closed, optional
        Tasks before the first inference; ``gate`` is the one for which the first inference waits.
    """
    lead, n = prologue.count if prologue is not None else 0, tasks.count
    frame = np.repeat(np.arange(frames), n)
    table = tasks.table
    if frames > 1:
        table = np.tile(table, frames)
        table[PRIORITY] += frame * (int(tasks.table[PRIORITY].max(initial=0)) + 1)
    waits = np.arange(in_flight, frames)
    offsets = lead + np.repeat(np.arange(frames) * n, tasks.before.size)
    before = np.concatenate([np.tile(tasks.before, frames) + offsets, lead + (waits - in_flight) * n + end])
    after = np.concatenate([np.tile(tasks.after, frames) + offsets, lead + waits * n + begin])
    release = np.zeros(lead + n * frames, np.int64)
    release[lead + begin :: n] = np.arange(frames) * period_ps
    if prologue is not None:
        table = np.concatenate([prologue.table, table], axis=1)
        before = np.concatenate([prologue.before, before, np.full(n, gate)])
        after = np.concatenate([prologue.after, after, np.arange(lead, lead + n)])
        frame = np.concatenate([np.full(lead, -1), frame])
    column = dict(zip(COLUMNS, table, strict=True))
    return Plan(
        resources, column["resource"].astype(np.int32), column["amount"], column["write"].astype(np.bool_), column["role"].astype(np.int32),
        column["layer"].astype(np.int32), frame.astype(np.int32), column["priority"].astype(np.int32), release,
        before.astype(np.int32), after.astype(np.int32), lead + begin + np.arange(frames) * n, lead + end + np.arange(frames) * n,
        _addresses(tasks, frames, prologue),
    )  # fmt: skip


def _addresses(tasks: Closed, frames: int, prologue: Closed | None) -> np.ndarray | None:
    """Return the addresses of all frames' transfers; frames use the same buffers."""
    parts = [part for part in (prologue, tasks) if part is not None]
    if all(part.addresses is None for part in parts):
        return None
    columns = [np.zeros(part.count, np.int64) if part.addresses is None else part.addresses for part in parts]
    return np.concatenate([*columns[:-1], np.tile(columns[-1], frames)])
