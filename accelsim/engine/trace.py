"""A Trace: when every task of a Plan started and finished."""

from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.mapping.plan import Plan


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
    """

    plan: Plan
    start: np.ndarray
    finish: np.ndarray
    state: np.ndarray
    engine: str

    @property
    def makespan(self) -> int:
        """Time of the last completion [ps]."""
        return int(self.finish.max(initial=0))


def check_complete(plan: Plan, done: int) -> None:
    """Refuse a run in which tasks wait for each other."""
    if done != plan.tasks:
        raise AccelsimError("plan", f"{plan.tasks - done} of {plan.tasks} tasks never start", "their needs form a circle")
