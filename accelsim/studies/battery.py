"""Average power at a duty cycle and the life of a battery: one inference, then the state of rest that costs least."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.base.quantities import show
from accelsim.hardware.power_management import RestState
from accelsim.results.ranges import energy_range
from accelsim.results.result import Result

SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Rest:
    """One way to spend the time between inferences: average power [W] of the whole period; None where it is too slow to wake."""

    state: str
    average_power: float | None


@dataclass(frozen=True, slots=True)
class DutyCycle:
    """A chip that runs one inference every period.

    Attributes
    ----------
    period, active : float
        Time between inferences, and of one [s].
    energy : float
        Of one inference [J].
    rests : tuple of Rest
        The chosen first, then by power.
    average_power, low_power, high_power : float
        With the chosen state [W]; the ends are those of the inference's energy range, the state's power as stated.
    """

    period: float
    active: float
    energy: float
    rests: tuple[Rest, ...]
    average_power: float
    low_power: float
    high_power: float

    def words(self, battery_joules: float) -> Iterator[str]:
        """Yield what a reader wants to know, a line each."""
        rest = self.rests[0]
        yield f"inference: {show(self.energy, 'J')} in {show(self.active, 's')}, every {show(self.period, 's')} ({self.active / self.period:.2%} of the time), then '{rest.state}'"
        yield f"average power: {show(self.average_power, 'W')} ({show(self.low_power, 'W', 3)} to {show(self.high_power, 'W', 3)} by the energies' ranges)"
        hours = self.hours(battery_joules)
        yield f"battery of {show(battery_joules / SECONDS_PER_HOUR, 'Wh')}: {hours:.4g} h ({hours / 24:.3g} days); self-discharge and conversion losses are not counted"
        for other in self.rests[1:]:
            yield f"  with '{other.state}': " + (show(other.average_power, "W") if other.average_power is not None else "too slow to wake")

    def hours(self, battery_joules: float) -> float:
        """Return the life of a battery [h]; self-discharge and conversion losses are not counted."""
        return battery_joules / self.average_power / SECONDS_PER_HOUR


def duty_cycle(result: Result, rate: float, state: str | None = None) -> DutyCycle:
    """Return the average power at a rate of inferences.

    A state of rest is entered when an inference ends and left so that the next begins on time; waking takes its time at the state's
    power, and its energy.

    Parameters
    ----------
    result : Result
        Of one warm inference.
    rate : float
        Inferences per second.
    state : str, optional
        The state of rest; by default the one that costs least.

    Raises
    ------
    AccelsimError
        No energy or time, a rate that the chip does not reach, a state that it has not or that is too slow to wake.
    """
    if result.energy_j is None or result.latency_s is None:
        raise AccelsimError(f"battery {result.chip}", "needs joules and seconds", result.why_no_energy or result.why_no_time)
    if not rate > 0 or result.latency_s * rate > 1:
        raise AccelsimError("--rate", f"{rate:g} per second is not between 0 and {1 / result.latency_s:.4g}, what {result.chip} reaches with {result.model}")
    period, active, energy = 1 / rate, result.latency_s, result.energy_j["total"]
    rests = [Rest(name, _average(period, active, energy, rest)) for name, rest in _states(result).items()]
    rests.sort(key=lambda rest: (rest.average_power is None, rest.average_power))
    if state is not None:
        if state not in [rest.state for rest in rests]:
            raise AccelsimError("--rest", f"'{state}' is not a state of {result.chip}", f"it has {', '.join(rest.state for rest in rests)}")
        rests.sort(key=lambda rest: rest.state != state)
    chosen = rests[0]
    if chosen.average_power is None:
        raise AccelsimError("--rest", f"'{chosen.state}' takes longer to wake than the {period - active:.3g} s between two inferences")
    spread = energy_range(result.terms)
    ends = (chosen.average_power + (end - energy) / period for end in (spread.low_j, spread.high_j))
    return DutyCycle(period, active, energy, tuple(rests), chosen.average_power, *ends)


def lives(result: Result, battery_joules: float, points: int = 121) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return rates from one inference a day to the most that the chip reaches, and a battery's life at each.

    Returns
    -------
    rates : ndarray, shape (points,)
        Inferences per second.
    hours : dict of state to ndarray, shape (points,)
        NaN where a state is too slow to wake.
    """
    rates = np.geomspace(1 / (24 * SECONDS_PER_HOUR), 1 / result.latency_s, points)
    hours = {}
    for name, rest in _states(result).items():
        powers = [_average(1 / rate, result.latency_s, result.energy_j["total"], rest) for rate in rates]
        hours[name] = np.array([np.nan if power is None else battery_joules / power / SECONDS_PER_HOUR for power in powers])
    return rates, hours


def _states(result: Result) -> dict[str, RestState]:
    """Return the chip's states of rest; one without any stays on at its static power."""
    management = result.mapping.chip.file.power
    stated = dict(management.states) if management is not None else {}
    return stated or {"on": RestState(power=result.energy_j["static"] / result.latency_s)}


def _average(period: float, active: float, energy: float, rest: RestState) -> float | None:
    if rest.wake_time > period - active:
        return None
    return (energy + rest.wake_energy + rest.power * (period - active)) / period
