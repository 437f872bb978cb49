"""Runs of a placed spiking network -> Plans: one task of the cores per time step, one after another."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accelsim.base.errors import UnsupportedError
from accelsim.graph.graph import Node
from accelsim.hardware.chip import Chip
from accelsim.hardware.cost import Cost
from accelsim.hardware.spiking_layout import SpikingLayout
from accelsim.hardware.units.spiking_cores import SpikingCores
from accelsim.mapping.choice import Choice
from accelsim.mapping.layers import Layer
from accelsim.mapping.plan import COMPUTE, MILESTONE, Plan
from accelsim.mapping.routes import Routes

PS = 1e-12


@dataclass(frozen=True, eq=False)
class SpikingMapping:
    """Inferences of a spiking network on the cores that hold it, before they follow one another.

    Attributes
    ----------
    unit : str
        Name in the chip file.
    name : str
        Of the network.
    steps : ndarray, shape (inferences, steps), int64
        Duration of each step, as the unit serves it [ps].
    subtracting : bool
        Whether its neurons take the compartments that subtracting a threshold needs.
    """

    chip: Chip
    unit: str
    name: str
    layout: SpikingLayout
    steps: np.ndarray
    subtracting: bool = False

    @property
    def cores(self) -> SpikingCores:
        """The unit as this network uses it."""
        described = self.chip.units[self.unit]
        return described.for_subtracting_neurons() if self.subtracting else described

    @cached_property
    def routes(self) -> Routes:
        """The chip's servers."""
        return Routes(self.chip)

    def plan(self, chosen: np.ndarray | None = None, period_ps: int = 0) -> Plan:
        """Return the Plan of some inferences, each a frame of its own.

        Parameters
        ----------
        chosen : ndarray of int, optional
            Indices of the inferences, in order; all, once, by default.
        period_ps : int
            Time between releases [ps]; 0: back to back.
        """
        chosen = np.arange(len(self.steps)) if chosen is None else chosen
        frames, width = chosen.size, self.steps.shape[1] + 2
        amount = np.pad(self.steps[chosen], ((0, 0), (1, 1)))
        release = np.zeros((frames, width), np.int64)
        release[:, 0] = np.arange(frames) * period_ps
        resource = np.full((frames, width), -1, np.int32)
        resource[:, 1:-1] = self.routes.index[self.unit]
        role = np.where(resource >= 0, COMPUTE, MILESTONE).astype(np.int32)
        tasks = np.arange(frames * width, dtype=np.int32)
        return Plan(
            tuple(self.routes.resources), resource.ravel(), amount.ravel(), np.zeros(tasks.size, np.bool_), role.ravel(), np.zeros(tasks.size, np.int32),
            np.repeat(np.arange(frames, dtype=np.int32), width), tasks, release.ravel(), tasks[:-1], tasks[1:], tasks[::width], tasks[width - 1 :: width],
        )  # fmt: skip

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The steps as the one layer of an inference, with its mean duration, for traces and tables."""
        mean = round(self.steps.sum(axis=1).mean())
        layer = Layer(0, (Node("steps", "spike_steps", (), ()),), self.unit, (), (), (), ())
        note = f"{self.steps.shape[1]} steps on {self.layout.used_cores().size} cores"
        return (Choice(layer, "whole", 1, 1, (mean,), Cost(mean, note=note), (), {self.unit: mean * PS}, mean * PS, (("whole", mean * PS),)),)


def spiking_unit(chip: Chip) -> str | None:
    """Return the name of a chip's spiking cores; None where it has none."""
    return next((name for name, unit in chip.units.items() if isinstance(unit, SpikingCores)), None)


def require_spiking_unit(chip: Chip) -> str:
    """Return the name of a chip's spiking cores.

    Raises
    ------
    UnsupportedError
        It has none.
    """
    name = spiking_unit(chip)
    if name is None:
        raise UnsupportedError(chip.name, f"runs no spiking networks: none of its units ({', '.join(chip.units)}) is of kind 'spiking_cores'", "loihi's are")
    return name
