"""How a chip's power is managed: voltage domains and their operating points, leakage by temperature, states of rest, heat.

Dynamic energy goes with the square of the supply, leakage with the supply and, from ``reference_temperature``, by a factor of two every
``leakage_doubles_every`` kelvin (subthreshold current; an empirical rule, not a device model).
"""

from typing import Literal, Self

from pydantic import model_validator

from accelsim.base.schema import Described, Energy, Fraction, Positive, Power, Temperature, Time, Voltage, field



class OperatingPoint(Described):
    """A clock and the supply that it needs."""

    clock: Positive = field("clock over the nominal one")
    voltage: Voltage = field("supply", unit="V")


class Domain(Described):
    """Units, memories and links on one clock and supply."""

    members: tuple[str, ...] = field("units, memories and links of the domain")
    voltage: Voltage = field("supply at which the chip file's energies hold", unit="V")
    points: dict[str, OperatingPoint] = field("operating points by name", default={})
    point: str | None = field("the point at which it runs; null: nominal clock and supply", default=None)

    @model_validator(mode="after")
    def _runs_at_one_of_its_points(self) -> Self:
        if self.point is not None and self.point not in self.points:
            raise ValueError(f"point '{self.point}' is not one of {', '.join(self.points) or 'none'}")
        return self

    @property
    def clock_factor(self) -> float:
        """Clock over the nominal one."""
        return self.points[self.point].clock if self.point else 1.0

    @property
    def voltage_factor(self) -> float:
        """Supply over the nominal one."""
        return self.points[self.point].voltage / self.voltage if self.point else 1.0


class RestState(Described):
    """What the chip is between inferences: idle, clock-gated, retention, off."""

    power: Power = field("drawn in this state", unit="W")
    wake_time: Time = field("until the next inference may begin", unit="s", default=0.0)
    wake_energy: Energy = field("to come back, state restored", unit="J", default=0.0)


class Thermal(Described):
    """A body of one temperature: heat in, a resistance to the ambient, a capacity; above a limit the chip slows down."""

    resistance: Positive = field("from die to ambient", unit="K/W")
    capacity: Positive = field("heat that warms it by a kelvin", unit="J/K")
    ambient: Temperature = field("of the surroundings", unit="degC", default=25.0)
    throttle_at: Temperature = field("above this the throttled points are taken at the next task boundary", unit="degC", default=85.0)
    resume_at: Temperature = field("below this the own points come back", unit="degC", default=80.0)
    throttled: dict[str, str] = field("operating point of each domain while throttled", default={})


class PowerManagement(Described):
    """Domains, leakage, states of rest and heat of a chip."""

    domains: dict[str, Domain] = field("clock and voltage domains by name", default={})
    leaking_share: Fraction = field("share of static power that is leakage; the rest is clocks and bias", default=1.0)
    leakage_doubles_every: Positive = field("temperature step that doubles leakage", unit="K", default=25.0)
    reference_temperature: Temperature = field("at which the static powers hold", unit="degC", default=25.0)
    states: dict[Literal["idle", "clock_gated", "retention", "power_off"], RestState] = field("states of rest by name", default={})
    thermal: Thermal | None = field("lumped thermal model; null: temperature stays at the reference", default=None)

    def domain_of(self, component: str) -> Domain | None:
        """Return the domain of a unit, memory or link; None where it is in none."""
        return next((domain for domain in self.domains.values() if component in domain.members), None)

    def energy_factor(self, component: str) -> float:
        """Return dynamic energy over that at the nominal supply."""
        domain = self.domain_of(component)
        return domain.voltage_factor**2 if domain is not None else 1.0

    def static_factor(self, component: str) -> float:
        """Return static power over that at the nominal supply, at the reference temperature."""
        domain = self.domain_of(component)
        return domain.voltage_factor if domain is not None else 1.0

    def leakage_factor(self, temperature: float) -> float:
        """Return static power at a temperature [degC] over that at the reference temperature."""
        growth = 2 ** ((temperature - self.reference_temperature) / self.leakage_doubles_every)
        return 1 - self.leaking_share + self.leaking_share * growth
