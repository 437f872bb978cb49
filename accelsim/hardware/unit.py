"""What every compute unit is: a frozen description with pure functions of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from accelsim.base.clocks import Clock, clock_of
from accelsim.base.schema import Described, Energy, Frequency, Power, field
from accelsim.graph.work import Contraction, Work
from accelsim.hardware.cost import Cost
from accelsim.hardware.resource import Resource, clocked

KEPT_UNITS = 64


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a layer's operands come from, as far as it changes how fast a unit works.

    Attributes
    ----------
    constants_staged : bool
        They come from the working memory instead of their home.
    latency : float or None
        Of the memory from which the input comes [cycles]; None: it is the working memory.
    bytes_per_cycle : float
        Of that memory [B/cycle].
    burst : int
        Least bytes that it moves for a run of an input that lies channels last; 0: the input lies as the unit likes it [B].
    """

    constants_staged: bool = False
    latency: float | None = None
    bytes_per_cycle: float = 0.0
    burst: int = 0


class Unit(Described, ABC):
    """Parameters that every unit has.

    Attributes
    ----------
    combinations : tuple of str
        What the unit can sum in a Contraction; arrays of multipliers know only products.
    """

    combinations: ClassVar[tuple[str, ...]] = ("product",)
    kind: str
    clock: Frequency | None = field("clock; null where a description has none (time is then in cycles)", unit="Hz")
    memories: tuple[str, ...] = field("memories whose data the unit reads and writes itself, the working memory first")
    static_power: Power = field("power while the chip is on, work or not", unit="W", default=0.0)
    clock_energy: Energy = field("of a clock cycle while the chip is on: clock tree and all that no action counts; of a core its run-mode current times supply over clock", unit="J", default=0.0)
    active_energy: Energy = field("of a clock cycle in which the unit computes, beyond what its actions cost: instructions and operands on their way; none while it waits or a kernel starts", unit="J", default=0.0)

    def exact_clock(self) -> Clock:
        """Return the unit's clock; 1 GHz stands in where there is none, so that cycles can be simulated."""
        return clock_of(self.clock if self.clock is not None else 1e9)

    def resource(self, name: str) -> Resource:
        """Return the unit's server for the engines."""
        return clocked(name, self.exact_clock())

    @abstractmethod
    def refuses(self, work: Work) -> str:
        """Return why the unit does not do this work; empty where it does."""

    def declines(self, work: Work) -> str:
        """Return why the unit does not do this work, what it sums included; empty where it does."""
        if isinstance(work, Contraction) and work.combination not in self.combinations:
            return f"it sums {' and '.join(self.combinations)}s, not {work.combination}s"
        return self.refuses(work)

    @abstractmethod
    def cost(self, work: Work) -> Cost:
        """Return cycles, traffic and actions of a piece of work that the unit does not refuse."""

    def within(self, surroundings: Surroundings) -> "Unit":
        """Return the unit as it works within surroundings; most do not care."""
        return self

    def split_granules(self, work: Work) -> tuple[int, int]:
        """Return (output rows, filters) whose multiples the unit computes without loss."""
        return 1, 1

    def type_of_weights(self, work: Contraction) -> str:
        """Return the element type in which the tool chain stores a product's weights."""
        return work.weight_type

    def through_memory(self, size: float) -> int:
        """Return the bytes of an operand of this size that its memory sees; fewer than all where the unit has a cache [B]."""
        return int(size)

    @property
    def peak_macs_per_cycle(self) -> float:
        """Multiply-accumulates per cycle at full use; 0 for units that only move or compare."""
        return 0.0


def description_of(unit: Unit) -> tuple[type, str]:
    """Return all that a unit's functions depend on, as a key."""
    return type(unit), unit.model_dump_json()


def costs_of(unit: Unit) -> Callable[[Work], Cost]:
    """Return ``unit.cost`` that remembers, for all units of the same description: variants of a chip share most of them."""
    known = _known(*description_of(unit))

    def cost(work: Work) -> Cost:
        found = known.get(work)
        if found is None:
            found = known[work] = unit.cost(work)
        return found

    return cost


@lru_cache(maxsize=KEPT_UNITS)
def _known(kind: type, description: str) -> dict[Work, Cost]:
    """Return the costs that are known of a description."""
    return {}
