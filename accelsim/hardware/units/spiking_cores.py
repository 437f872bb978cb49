"""Spiking cores on a mesh of tiles, which work in time steps."""

from typing import Literal

from accelsim.base.clocks import Clock
from accelsim.base.schema import Count, field
from accelsim.graph.work import SpikeStep, Work
from accelsim.hardware.cost import Cost
from accelsim.hardware.spiking_core import SpikingCore
from accelsim.hardware.spiking_service import SpikingService, serve_spike_steps
from accelsim.hardware.unit import Unit

PICOSECONDS = Clock(1, 1)


class SpikingCores(SpikingCore, Unit):
    """Spiking cores on a mesh of tiles, which work in time steps.

    Within a step every core visits its neurons and serves the messages that reach it; the mesh carries one message per spike and target
    core, with finite router queues; a barrier ends the step. The cores are asynchronous: amounts are picoseconds.

    References
    ----------
    M. Davies et al., "Loihi: a neuromorphic manycore processor with on-chip learning", IEEE Micro 38(1), 2018.
    """

    kind: Literal["spiking_cores"]
    clock: None = field("none: the cores are asynchronous", default=None)
    arithmetic: Literal["integer", "float"] = field("integer: Loihi's compartments with 8-bit weights; float: any leaky integrate-and-fire neuron, not rounded")
    graded_spikes: bool = field("whether a spike carries a value", default=False)
    compartments_to_subtract: Count = field("compartments of a neuron from which a spike subtracts the threshold", default=1)

    def for_subtracting_neurons(self) -> "SpikingCores":
        """Return the unit as it is for neurons that take several compartments each: fewer fit, and each costs as many visits and updates."""
        many, limits, costs = self.compartments_to_subtract, self.limits, self.costs
        dearer = {name: many * getattr(costs, name) for name in ("access_time", "access_energy", "update_time", "update_energy")}
        fewer = limits.model_copy(update={"compartments": max(limits.compartments // many, 1)})
        return self.model_copy(update={"limits": fewer, "costs": costs.model_copy(update=dearer)})

    def exact_clock(self) -> Clock:
        """Return a clock of one picosecond, since the cores have none."""
        return PICOSECONDS

    def refuses(self, work: Work) -> str:
        """Return why not: it only runs spiking networks."""
        return "" if isinstance(work, SpikeStep) else f"spiking cores run spiking networks; they do no {type(work).__name__}"

    def served(self, work: SpikeStep) -> SpikingService:
        """Return what each step takes; ``work.counts`` is the layout and the record of the run."""
        layout, record = work.counts
        return serve_spike_steps(self, layout, record, work.first, work.first + work.steps)

    def cost(self, work: SpikeStep) -> Cost:
        """Return the picoseconds of the steps, one after another, and what happens in them."""
        service = self.served(work)
        actions = tuple((action, count) for action, count in service.counts().items() if count)
        return Cost(cycles=service.time, actions=actions, note=f"{work.steps} steps")


DESCRIPTION = SpikingCores
