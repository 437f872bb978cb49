"""A Plan: flat arrays of tasks, what each needs, and the resource that serves it."""

from dataclasses import dataclass, field

import numpy as np

from accelsim.hardware.dram_channel import tables_of
from accelsim.hardware.resource import Resource
from accelsim.kernels.service import CHANNEL

# What a task is, for reports and traces.
ROLES = ("milestone", "compute", "read", "write", "move", "start")
MILESTONE, COMPUTE, READ, WRITE, MOVE, START = range(len(ROLES))


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything that an engine needs; no field objects inside.

    Attributes
    ----------
    resources : tuple of Resource
    resource : ndarray, shape (tasks,), int32
        Index of the server; -1 for a milestone, which takes no time.
    amount : ndarray, shape (tasks,), int64
        Cycles of a unit, bytes of a channel or mover.
    write : ndarray, shape (tasks,), bool
        Direction of a transfer at its resource.
    role, layer, frame : ndarray, shape (tasks,), int32
        Index into ROLES; index of the layer (-1: none); number of the inference (-1: before the first).
    priority : ndarray, shape (tasks,), int32
        A resource takes the ready task of least (priority, index).
    release : ndarray, shape (tasks,), int64
        Not before this time [ps].
    before, after : ndarray, shape (needs,), int32
        Task ``after[i]`` starts only when task ``before[i]`` has finished.
    starts, ends : ndarray, shape (frames,), int32
        Milestones of the inferences.
    addresses : ndarray or None, shape (tasks,), int64
        Of a transfer's first byte in a DRAM channel or banked SRAM; negative: not known.
    requester : ndarray or None, shape (tasks,), int32
        Which of several networks a task is of; None: there is one.
    requesters : int
        Number of networks.
    fair : bool
        A server for which several networks wait takes the one for which it has done least; False: the first of them.
    """

    resources: tuple[Resource, ...]
    resource: np.ndarray
    amount: np.ndarray
    write: np.ndarray
    role: np.ndarray
    layer: np.ndarray
    frame: np.ndarray
    priority: np.ndarray
    release: np.ndarray
    before: np.ndarray
    after: np.ndarray
    starts: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    ends: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    addresses: np.ndarray | None = None
    requester: np.ndarray | None = None
    requesters: int = 1
    fair: bool = True

    @property
    def tasks(self) -> int:
        """Number of tasks."""
        return self.resource.size

    @property
    def address(self) -> np.ndarray:
        """Address of each transfer; all 0 where no server needs them."""
        return np.zeros(self.tasks, np.int64) if self.addresses is None else self.addresses

    def queue(self) -> np.ndarray:
        """Return the queue in which each task waits, one a server and network, shape (tasks,), int64; -1 for a milestone."""
        own = 0 if self.requester is None else self.requester
        return np.where(self.resource < 0, -1, self.resource.astype(np.int64) * self.requesters + own)

    def dram_tables(self) -> tuple | None:
        """Return fresh tables of the DRAM channels for an engine; None without such a channel."""
        channels = [resource.dram for resource in self.resources if resource.dram is not None]
        return tables_of(channels) if channels else None

    def parameters(self) -> np.ndarray:
        """Return the servers' parameter rows, shape (resources, PARAMETERS), int64."""
        rows = np.array([r.parameters for r in self.resources], dtype=np.int64).reshape(len(self.resources), -1)
        with_dram = [i for i, r in enumerate(self.resources) if r.dram is not None]
        rows[with_dram, CHANNEL] = np.arange(len(with_dram))
        return rows

    def services(self) -> np.ndarray:
        """Return the servers' service codes, shape (resources,), int64."""
        return np.array([r.service for r in self.resources], dtype=np.int64)
