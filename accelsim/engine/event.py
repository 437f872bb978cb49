"""The reference engine: the same Plan as SimPy events, to be read beside ``compiled``."""

import heapq

import numpy as np
import simpy

from accelsim.engine.trace import Trace, check_complete, check_length, dram_records
from accelsim.kernels.bank_service import serve_banked
from accelsim.kernels.dram_service import serve_dram
from accelsim.kernels.event_loop import next_queue
from accelsim.kernels.service import BANKED, DRAM, FREE_AT, STATES, serve
from accelsim.mapping.plan import Plan

AFTER_ALL_COMPLETIONS = 2  # SimPy processes a timestamp's events in order of priority: URGENT 0, NORMAL 1, then this


class GrantPhase(simpy.Event):
    """The second phase of a timestamp: happens when everything else at this time has happened."""

    def __init__(self, env: simpy.Environment, grant):
        super().__init__(env)
        self._ok, self._value = True, None
        self.callbacks.append(grant)
        env.schedule(self, priority=AFTER_ALL_COMPLETIONS)


class Simulation:
    """Queues and records of one run."""

    def __init__(self, plan: Plan):
        check_length(plan)
        self.plan, self.env = plan, simpy.Environment(initial_time=0)
        self.start = np.full(plan.tasks, -1, np.int64)
        self.finish = np.full(plan.tasks, -1, np.int64)
        self.state = np.zeros((len(plan.resources), STATES), np.int64)
        self.parameters, self.services = plan.parameters(), plan.services()
        self.dram = plan.dram_tables()
        self.queue_of, self.address = plan.queue(), plan.address
        self.ready = [[] for _ in range(len(plan.resources) * plan.requesters)]
        self.waiting = np.zeros(len(self.ready), np.int64)
        self.taken = np.zeros(len(self.ready), np.int64)
        self.level = np.zeros(len(plan.resources), np.int64)
        self.waits = np.bincount(plan.after, minlength=plan.tasks) + (plan.release > 0)
        self.following = [[] for _ in range(plan.tasks)]
        for before, after in zip(plan.before.tolist(), plan.after.tolist(), strict=True):
            self.following[before].append(after)
        self.done, self.grant_is_due = 0, False

    def at(self, time: int, happening) -> None:
        """Let something happen at a time [ps]."""
        self.env.timeout(int(time) - self.env.now).callbacks.append(lambda event: happening())

    def fulfil(self, task: int) -> None:
        """Take one of a task's needs away; without needs it queues, or, as a milestone, is finished."""
        self.waits[task] -= 1
        if self.waits[task] == 0:
            self.queue(task)

    def queue(self, task: int) -> None:
        resource = self.plan.resource[task]
        if resource < 0:
            self.start[task] = self.finish[task] = self.env.now
            self.complete(task)
        else:
            k = self.queue_of[task]
            if not self.ready[k]:  # after a pause: level with the one served last
                self.taken[k] = max(self.taken[k], self.level[resource])
            heapq.heappush(self.ready[k], (self.plan.priority[task], task))
            self.waiting[k] += 1
            self.want_grants()

    def complete(self, task: int) -> None:
        self.done += 1
        for following in self.following[task]:
            self.fulfil(following)
        self.want_grants()

    def want_grants(self) -> None:
        if not self.grant_is_due:
            self.grant_is_due = True
            GrantPhase(self.env, self.grant)

    def grant(self, event: simpy.Event) -> None:
        self.grant_is_due = False
        for r in range(len(self.plan.resources)):
            while self.state[r, FREE_AT] <= self.env.now and self.waiting[k := next_queue(r, self.plan.requesters, self.waiting, self.taken, self.plan.fair)]:
                task = heapq.heappop(self.ready[k])[1]
                self.waiting[k] -= 1
                self.level[r] = self.taken[k]
                self.taken[k] += self.plan.amount[task]
                self.serve(r, task)

    def serve(self, r: int, task: int) -> None:
        self.start[task] = self.env.now
        plan, now = self.plan, self.env.now
        if self.services[r] == BANKED:
            finish = serve_banked(self.parameters[r], self.state[r], plan.amount[task], plan.write[task], self.address[task], now)
        elif self.services[r] == DRAM:
            finish = serve_dram(self.parameters[r], self.state[r], self.dram, plan.amount[task], plan.write[task], self.address[task], now)
        else:
            finish = serve(self.services[r], self.parameters[r], self.state[r], plan.amount[task], plan.write[task], now)
        self.finish[task] = finish
        self.at(finish, lambda: self.complete(task))
        if self.state[r, FREE_AT] > self.env.now and self.state[r, FREE_AT] != finish:
            self.at(self.state[r, FREE_AT], self.want_grants)

    def run(self) -> int:
        for task in np.flatnonzero(self.plan.release > 0):
            self.at(self.plan.release[task], lambda task=int(task): self.fulfil(task))
        for task in np.flatnonzero(self.waits == 0):
            self.queue(int(task))
        self.env.run()
        return self.done


def simulate(plan: Plan) -> Trace:
    """Return the Trace of a Plan; raises as the compiled engine does."""
    simulation = Simulation(plan)
    check_complete(plan, simulation.run())
    return Trace(plan, simulation.start, simulation.finish, simulation.state, "event", dram_records(simulation.dram))
