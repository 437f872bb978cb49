"""An RBF classifier chip of the NeuroMem family, or a daisy chain of them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from accelsim.base.clocks import Clock, clock_of
from accelsim.base.schema import Count, Described, Frequency, Power, field
from accelsim.graph.work import Match, Work
from accelsim.hardware.cost import Cost
from accelsim.hardware.neuromem import AccessCycles, cycles_of
from accelsim.hardware.unit import Unit


class AccessTimes(Described):
    """Clock cycles of the register accesses that do not take one cycle."""

    last_component: Count = field("write LCOMP", unit="cycle", default=3)
    last_component_empty: Count = field("write LCOMP with no committed neuron", unit="cycle", default=1)
    distance: Count = field("read DIST", unit="cycle", default=18)
    category: Count = field("read CAT", unit="cycle", default=19)
    category_identified: Count = field("read CAT of an identified vector", unit="cycle", default=3)
    learn: Count = field("write CAT", unit="cycle", default=19)
    learn_identified: Count = field("write CAT of an identified vector", unit="cycle", default=1)
    distance_of_none: Literal["one_cycle", "full_race"] = field("read DIST when no neuron is left", default="one_cycle")
    fast_learning: Literal["same_category", "any_identified"] = field("for which identified vectors write CAT is short", default="same_category")


class LearningRules(Described):
    """What the manuals leave open; meanings in ``functional/neuromem_state.py``."""

    nearest_counts_same_category: bool = field("a new field ends at the closest neuron of any category", default=True)
    degenerates_at_commit: bool = field("a new neuron with a field of MINIF or less is flagged at once", default=True)
    full_chain_shrinks: bool = field("a full chain still shrinks fields", default=True)
    degenerated_bit_in_race: bool = field("the flag takes part when categories compete", default=True)
    degenerated_bit_in_identification: bool = field("neurons that differ only in the flag leave a vector uncertain", default=False)
    context_zero_uses_own_norm: bool = field("under context 0 each neuron keeps its own norm", default=True)
    knn_shrinks_only_inward: bool = field("in KNN mode learning never widens a field", default=True)
    test_component_fills_all_in_save_restore: bool = field("TESTCOMP in save-and-restore mode writes all neurons", default=True)


class NeuroMem(Unit):
    """An RBF classifier chip of the NeuroMem family, or a daisy chain of them.

    Every neuron compares its stored vector with what is broadcast; search and sort is a race over the bits of a shared bus, so
    that time does not depend on the number of neurons. Cycles are those of the register accesses.

    References
    ----------
    NM500 User's Manual v1.6.3 (2019), p. 11 and 27; CM1K Hardware User's Manual, p. 24, 39, 46-47; US5740326 (search and sort).
    """

    kind: Literal["neuromem"]
    clock: Frequency = field("clock of a single chip", unit="Hz")
    chained_clock: Frequency | None = field("clock of several chips in a chain; null: they do not chain", unit="Hz", default=None)
    neurons: Count = field("of one chip", unit="neuron")
    components: Annotated[int, Field(ge=1, le=256, strict=True)] = field("8-bit components of a neuron, at most 256", unit="B")
    chips: Count = field("in the daisy chain", default=1)
    cycles: AccessTimes = field("clock cycles of register accesses", default=AccessTimes())
    rules: LearningRules = field("the manuals' open questions, each with its likeliest answer", default=LearningRules())
    active_power: Power = field("of one chip during an access, at its single-chip clock, idle power included", unit="W")
    idle_power: Power = field("of one chip between accesses", unit="W")
    pull_up_power: Power = field("through the pull-up resistor of one bus line while it is low", unit="W", default=0.0)
    low_lines: Annotated[float, Field(ge=0, le=26)] = field("bus lines that are low during an access, on average; the chain shares one bus", default=8.0)

    @model_validator(mode="after")
    def _is_consistent(self) -> "NeuroMem":
        if self.active_power < self.idle_power:
            raise ValueError("active_power is below idle_power, which it includes")
        if self.chips > 1 and self.chained_clock is None:
            raise ValueError(f"{self.chips} chips need a chained_clock; without one they do not chain")
        return self

    @property
    def capacity(self) -> int:
        """Neurons of the whole chain."""
        return self.neurons * self.chips

    def exact_clock(self) -> Clock:
        """Return the clock at which this chain runs."""
        return clock_of(self.clock if self.chips == 1 else self.chained_clock)

    def access_cycles(self) -> AccessCycles:
        """Return the cycle table in the form that counts accesses."""
        return AccessCycles(**self.cycles.model_dump())

    def refuses(self, work: Work) -> str:
        """Return why not: it only matches vectors."""
        return "" if isinstance(work, Match) else f"an RBF chip learns and recognises vectors; it does no {type(work).__name__}"

    def cost(self, work: Match) -> Cost:
        """Return the cycles of register accesses; the components reach every chip at once."""
        cycles = cycles_of(work.runs, self.access_cycles())
        return Cost(cycles=cycles, actions=(("active_cycle", cycles * self.chips), ("pull_up_cycle", cycles)), note=f"{work.neurons} neurons at once")

    @property
    def active_cycle_energy(self) -> float:
        """Energy of one chip in one cycle of an access, above idling [J]."""
        return (self.active_power - self.idle_power) / self.clock

    @property
    def pull_up_cycle_energy(self) -> float:
        """Energy in the bus's pull-up resistors in one cycle of an access [J]; they draw as long as the cycle lasts."""
        return self.pull_up_power * self.low_lines / self.exact_clock().hz


DESCRIPTION = NeuroMem
