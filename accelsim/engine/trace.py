"""A Trace: when every task of a Plan started and finished."""

from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.kernels.service import QUANTUM, READ_LATENCY, WRITE_LATENCY, P, Q, loads
from accelsim.mapping.plan import Plan

LONGEST_PS = 2**61


@dataclass(frozen=True, eq=False)
class Trace:
    """The result of simulating a Plan.

    Attributes
    ----------
    plan : Plan
    start, finish : ndarray, shape (tasks,), int64
        Grant and completion of every task [ps].
    state : ndarray, shape (resources, STATES), int64
        The servers' records at the end.
    engine : str
    dram : ndarray or None, shape (channels, largest record), int64
        The DRAM channels' records at the end.
    """

    plan: Plan
    start: np.ndarray
    finish: np.ndarray
    state: np.ndarray
    engine: str
    dram: np.ndarray | None = None

    @property
    def makespan(self) -> int:
        """Time of the last completion [ps]."""
        return int(self.finish.max(initial=0))

    def latency(self, frame: int = 0, from_release: bool = False) -> int:
        """Return how long an inference takes [ps]: from when the chip takes it on, or from its request."""
        begin, end = self.plan.starts[frame], self.plan.ends[frame]
        return int(self.finish[end] - (self.plan.release[begin] if from_release else self.finish[begin]))


def dram_records(tables: tuple | None) -> np.ndarray | None:
    """Return the channels' records out of a run's DRAM tables."""
    return None if tables is None else tables[2]


def check_length(plan: Plan) -> None:
    """Refuse a plan whose times would leave the range of int64 picoseconds."""
    rows = plan.parameters().astype(float)
    counts, amounts = loads(plan.resource, plan.amount, len(rows))
    busy = (amounts / rows[:, QUANTUM] + counts) * rows[:, P] / rows[:, Q]
    latest = (busy + counts * (rows[:, READ_LATENCY] + rows[:, WRITE_LATENCY])).sum() + plan.release.max(initial=0)
    if latest > LONGEST_PS:
        raise AccelsimError("plan", f"lasts longer than {LONGEST_PS // 10**12} s of simulated time", "fewer frames, or a clock or bandwidth that is not as slow")


def check_complete(plan: Plan, done: int) -> None:
    """Refuse a run in which tasks wait for each other."""
    if done != plan.tasks:
        raise AccelsimError("plan", f"{plan.tasks - done} of {plan.tasks} tasks never start", "their needs form a circle")
