"""The meaning of time in the plainest words: look at every moment at which something can change, in order."""

from fractions import Fraction

import numpy as np

import naive_banks
from accelsim.kernels.service import BANKED, CLOCKED, QUANTUM, READ_LATENCY, WRITE_LATENCY, P, Q


def _floor(value: Fraction) -> int:
    return value.numerator // value.denominator


def serve(resource, amount: int, write: bool, address: int, now: int, life: dict) -> tuple[int, int]:
    """Return (finish, free again) of a request that is granted now, in exact fractions of a picosecond."""
    row = resource.parameters
    if resource.service == BANKED:
        return naive_banks.serve_banked(row, life, int(amount), write, int(address), now)
    period = Fraction(row[P], row[Q])
    if resource.service == CLOCKED:
        n = 0 if now == 0 else _floor(Fraction(now) / period)
        while _floor(n * period) < now:
            n += 1
        finish = _floor((n + int(amount)) * period)
        return finish, finish
    beats = -(-int(amount) // row[QUANTUM])
    free = now + _floor(beats * period)
    return free + row[WRITE_LATENCY if write else READ_LATENCY], free


class Turns:
    """Who of several networks is next at one server."""

    def __init__(self, fair: bool):
        self.fair, self.done, self.level, self.waited = fair, {}, 0, set()

    def seen(self, waiting: set[int]) -> None:
        """Note who waits: who had not waited before starts level with the one that was served last."""
        for network in waiting - self.waited:
            self.done[network] = max(self.done.get(network, 0), self.level)
        self.waited = waiting

    def next(self, waiting: set[int]) -> int:
        """Return the network for which least was done, or the first."""
        return min(waiting, key=lambda network: (self.done[network] if self.fair else 0, network))

    def take(self, network: int, amount: int, left: set[int]) -> None:
        """Note that a task was taken, and who still waits."""
        self.level = self.done[network]
        self.done[network] += amount
        self.waited = left


def run(plan) -> tuple[list[int], list[int]]:
    """Return (start, finish) of every task; -1 where it never starts."""
    count = plan.tasks
    needs = [set() for _ in range(count)]
    for b, a in zip(plan.before.tolist(), plan.after.tolist(), strict=True):
        needs[a].add(b)
    start, finish = [-1] * count, [-1] * count
    free = [0] * len(plan.resources)
    network = [0] * count if plan.requester is None else plan.requester.tolist()
    lives = [naive_banks.fresh(resource.parameters) for resource in plan.resources]
    turns = [Turns(plan.fair) for _ in plan.resources]
    moments = {0, *plan.release.tolist()}
    now = -1
    while any(m > now for m in moments):
        now = min(m for m in moments if m > now)
        changed = True
        while changed:  # transfers and work that take no time happen within the moment

            def ready(i, now=now):
                return start[i] < 0 and plan.release[i] <= now and all(0 <= finish[b] <= now for b in needs[i])

            changed = False
            for i in range(count):
                if plan.resource[i] < 0 and ready(i):
                    start[i] = finish[i] = now
                    changed = True
            if changed:
                continue
            waiting = [i for i in range(count) if plan.resource[i] >= 0 and ready(i)]
            for r, resource in enumerate(plan.resources):
                queue = sorted((int(plan.priority[i]), i) for i in waiting if plan.resource[i] == r)
                turns[r].seen({network[i] for _, i in queue})
                while queue and free[r] <= now:
                    chosen = turns[r].next({network[i] for _, i in queue})
                    i = next(i for _, i in queue if network[i] == chosen)
                    queue.remove((int(plan.priority[i]), i))
                    turns[r].take(chosen, int(plan.amount[i]), {network[i] for _, i in queue})
                    start[i] = now
                    finish[i], free[r] = serve(resource, plan.amount[i], plan.write[i], plan.address[i], now, lives[r])
                    moments |= {finish[i], free[r]}
                    changed = True
    return np.array(start), np.array(finish)
