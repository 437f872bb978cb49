"""A chip that warms up: inferences one after another, a lumped thermal model, and slower clocks above a limit.

The chip's layers are the task boundaries: when one ends, its heat has warmed the die, and the next runs at the points that the temperature then allows.
SimPy keeps the time; each layer's span and joules come from a simulated inference at each set of points.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import simpy

from accelsim.base.errors import AccelsimError
from accelsim.base.quantities import show
from accelsim.graph.graph import Graph
from accelsim.hardware.chip import Chip
from accelsim.hardware.operating_points import with_points
from accelsim.hardware.power_management import PowerManagement
from accelsim.pipeline import Options, run
from accelsim.results.result import Request, Result

FINEST = 2000  # rounds in a thermal time constant


@dataclass(frozen=True, slots=True)
class _Step:
    """One layer at some points: span [s], dynamic joules, static power at the reference temperature [W]."""

    seconds: float
    joules: float
    static: float


@dataclass(frozen=True, eq=False)
class Heat:
    """Temperature and power over time.

    Attributes
    ----------
    times, temperatures, watts : ndarray, shape (steps,)
        End of each step [s], temperature then [degC], mean power of the step [W].
    throttled : ndarray, shape (steps,), bool
    ends : ndarray, shape (rounds,)
        When each round of inferences ended [s].
    inferences : int
        Inferences that ended.
    """

    times: np.ndarray
    temperatures: np.ndarray
    watts: np.ndarray
    throttled: np.ndarray
    ends: np.ndarray
    inferences: int

    def words(self) -> Iterator[str]:
        """Yield what a reader wants to know, a line each."""
        yield f"{self.inferences} inferences in {show(float(self.times[-1]), 's')}; {show(self.joules, 'J')}, {show(self.joules / float(self.times[-1]), 'W')} on average"
        yield f"temperature: {self.temperatures[-1]:.1f} degC at the end, {self.temperatures.max():.1f} degC at most"
        yield f"throttled {self.throttled_share:.1%} of the time; {self.inferences / float(self.times[-1]):.4g} inferences/s"

    @property
    def joules(self) -> float:
        """All energy: the integral of the power."""
        return float((self.watts * np.diff(self.times, prepend=0.0)).sum())

    @property
    def throttled_share(self) -> float:
        """Share of the time at throttled points."""
        return float((self.throttled * np.diff(self.times, prepend=0.0)).sum() / self.times[-1])


def heat_up(chip: Chip, graph: Graph | str, seconds: float, rate: float | None = None, ambient: float | None = None) -> Heat:
    """Return what happens to a chip that runs a network for some time.

    Parameters
    ----------
    seconds : float
        At least this long; the last inference is finished.
    rate : float, optional
        Inferences per second; by default back to back. Between them the chip rests at its static power.
    ambient : float, optional
        Temperature of the surroundings [degC]; by default the chip file's.

    Raises
    ------
    AccelsimError
        A chip without thermal model, energy or clock; a time that is not above 0.
    """
    power = chip.file.power
    if power is None or power.thermal is None:
        raise AccelsimError(f"heat {chip.name}", "the chip file states no power.thermal", "see 'accelsim explain chip'")
    if not seconds > 0:
        raise AccelsimError("--seconds", f"{seconds} is not above 0")
    surroundings = power.thermal.ambient if ambient is None else ambient
    steps = {False: _steps(run(chip, graph, Request(), Options(execute=False)))}
    steps[True] = _steps(run(_throttled(chip, power), graph, Request(), Options(execute=False))) if power.thermal.throttled else steps[False]
    return _Body(power, surroundings, steps).run(seconds, rate)


def _throttled(chip: Chip, power: PowerManagement) -> Chip:
    if any(domain.point is not None for domain in power.domains.values()):
        raise AccelsimError("heat", "throttling starts from the nominal point", "leave power.domains.*.point out")
    for name, point in power.thermal.throttled.items():
        if name not in power.domains or point not in power.domains[name].points:
            raise AccelsimError(f"{chip.path}: power.thermal.throttled.{name}", f"'{point}' is no point of a domain '{name}'")
    return replace(chip, file=with_points(chip.file, dict(power.thermal.throttled)))


def _steps(result: Result) -> list[_Step]:
    """Return an inference as steps from one layer's end to the next, all joules and all time in them."""
    if result.energy_j is None or result.latency_s is None:
        raise AccelsimError(f"heat {result.chip}", "needs joules and seconds", result.why_no_energy or result.why_no_time)
    static = result.energy_j["static"] / result.latency_s
    ends = np.maximum.accumulate([row.end_s for row in result.layer_rows])
    spans = np.diff(ends, prepend=0.0)
    spans[-1] += result.latency_s - ends[-1]
    elsewhere = result.energy_j["dynamic"] - sum(row.energy_j for row in result.layer_rows)
    return [_Step(float(span), row.energy_j + elsewhere * float(span) / result.latency_s, static) for span, row in zip(spans, result.layer_rows, strict=True) if span > 0]


class _Body:
    """A die of one temperature and the chip that warms it."""

    def __init__(self, power: PowerManagement, ambient: float, steps: dict[bool, list[_Step]]):
        self.power, self.thermal, self.ambient, self.steps = power, power.thermal, ambient, steps
        self.temperature, self.slow, self.count = ambient, False, 0
        self.rows: list[tuple[float, float, float, bool]] = []
        self.ends: list[float] = []

    def run(self, seconds: float, rate: float | None) -> Heat:
        environment = simpy.Environment()
        environment.process(self._inferences(environment, seconds, rate))
        environment.run()
        columns = [np.array(column) for column in zip(*self.rows, strict=True)]
        return Heat(*columns, np.array(self.ends), self.count)

    def _inferences(self, environment: simpy.Environment, seconds: float, rate: float | None) -> Iterator[simpy.Event]:
        round_of = self._inferences_a_round(rate)
        while environment.now < seconds:
            for index in range(len(self.steps[False]) if round_of == 1 else 1):
                step = self._at_its_points(index) if round_of == 1 else self._whole(round_of)
                yield from self._pass(environment, step.seconds, step.joules, step.static)
            self.ends.append(environment.now)
            self.count += round_of
            if rate is not None and (slack := self.count / rate - environment.now) > 0:
                yield from self._pass(environment, slack, 0.0, self.steps[self.slow][0].static)

    def _inferences_a_round(self, rate: float | None) -> int:
        """Return how many short inferences pass as one: a round stays far below the time in which the die warms."""
        one = max(sum(step.seconds for step in self.steps[False]), 1 / rate if rate is not None else 0.0)
        return max(1, int(self.thermal.resistance * self.thermal.capacity / FINEST / one))

    def _whole(self, count: int) -> _Step:
        self._at_its_points(0)
        steps = self.steps[self.slow]
        return _Step(count * sum(step.seconds for step in steps), count * sum(step.joules for step in steps), steps[0].static)

    def _at_its_points(self, index: int) -> _Step:
        """Return a step at the points that the temperature allows now."""
        if self.temperature > self.thermal.throttle_at:
            self.slow = True
        elif self.temperature < self.thermal.resume_at:
            self.slow = False
        steps = self.steps[self.slow]
        return steps[min(index, len(steps) - 1)]

    def _pass(self, environment: simpy.Environment, seconds: float, joules: float, static: float) -> Iterator[simpy.Event]:
        """Let time pass at a constant power: the die goes to its equilibrium exponentially."""
        watts = joules / seconds + static * self.power.leakage_factor(self.temperature)
        yield environment.timeout(seconds)
        goal = self.ambient + watts * self.thermal.resistance
        self.temperature = goal + (self.temperature - goal) * math.exp(-seconds / (self.thermal.resistance * self.thermal.capacity))
        self.rows.append((environment.now, self.temperature, watts, self.slow))
