"""The compiled engine: the same Plan, the same meaning of time, a heap over arrays."""

import numpy as np

from accelsim.engine.trace import Trace, check_complete, check_length, dram_records
from accelsim.kernels import event_loop
from accelsim.kernels.service import BANKED, STATES
from accelsim.mapping.plan import Plan

TO_THE_END = -1


class Run:
    """A simulation that can stop at a time and go on: all its life is in flat records."""

    def __init__(self, plan: Plan):
        check_length(plan)
        self.plan = plan
        self.start = np.full(plan.tasks, -1, np.int64)
        self.finish = np.full(plan.tasks, -1, np.int64)
        self.state = np.zeros((len(plan.resources), STATES), np.int64)
        self.dram = plan.dram_tables()
        self._next = event_loop.successors(plan.before, plan.after, plan.tasks)
        self._services, self._parameters = plan.services(), plan.parameters()
        queue, queues = plan.resource, len(plan.resources) * plan.requesters
        self._turns = None
        self._banked = True if any(resource.service == BANKED for resource in plan.resources) else None
        if plan.requesters > 1:
            queue = plan.queue()
            self._turns = queue, plan.requesters, np.zeros(queues, np.int64), plan.fair, np.zeros(len(plan.resources), np.int64)
        self._records = event_loop.begin(queue, plan.resource, plan.amount, _in_order(plan.release), plan.after, queues, self._services, self._parameters)

    def run_until(self, time: int = TO_THE_END) -> int:
        """Advance to the last event not after a time [ps], or to the end; return how many tasks are done."""
        plan = self.plan
        return int(
            event_loop.run(
                plan.resource, plan.amount, plan.write, plan.address, plan.priority, plan.release, *self._next,
                self._services, self._parameters, self.state, self.dram, self._records, self.start, self.finish, time, self._turns, self._banked,
            )
        )  # fmt: skip

    def trace(self) -> Trace:
        """Return what has happened so far."""
        return Trace(self.plan, self.start, self.finish, self.state, "compiled", dram_records(self.dram))


def _in_order(release: np.ndarray) -> np.ndarray:
    """Return the tasks that are released later than at 0, the earliest first."""
    later = np.flatnonzero(release)
    return later[np.argsort(release[later], kind="stable")]


def simulate(plan: Plan) -> Trace:
    """Return the Trace of a Plan.

    Raises
    ------
    AccelsimError
        The needs form a circle.
    """
    run = Run(plan)
    check_complete(plan, run.run_until())
    return run.trace()
