"""What a spiking neuron computes in one time step: frozen parameters, no state."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from accelsim.base.errors import AccelsimError

Reset = Literal["value", "subtract", "none"]
DECAY_ONE = 4096
LARGEST_VOLTAGE = 2**23 - 1


@dataclass(frozen=True, eq=False, slots=True)
class SourceNeuron:
    """A neuron whose spikes are given from outside."""


@dataclass(frozen=True, eq=False, slots=True)
class LoihiNeuron:
    """Loihi's integer compartment.

    u loses ``current_decay`` / 4096 a step, rounded toward zero, then takes the sum that arrives; v loses
    ``voltage_decay`` / 4096, then takes u and the bias; v above the threshold spikes and returns to 0.

    Attributes
    ----------
    current_decay : int
        0..4096. The chip adds 1 to its 12-bit register, so register 4095 is 4096 here.
    voltage_decay : int
        0..4096.
    threshold, bias : ndarray of int32, or int
        In units of v: a threshold mantissa times 64, a bias mantissa shifted by its exponent.
    refractory : int
        Steps from one spike to the next at least; 1 = none.
    threshold_inclusive : bool
        Spike at v equal to the threshold too (the chip: strictly above).
    overflow : str
        Of v: "clip" or "wrap" (24 bits); u always wraps.
    lowest, highest : int
        The clip limits.
    accumulator_bits : int
        Magnitude bits of the sum that arrives, which wraps.
    sum_exponent : int
        Power of two applied to the sum instead of to each weight.

    References
    ----------
    M. Davies et al., IEEE Micro 38(1), 2018; registers and offsets as in nengo-loihi 1.1 and lava 0.10.
    """

    current_decay: int = DECAY_ONE
    voltage_decay: int = 0
    threshold: np.ndarray | int = 64
    bias: np.ndarray | int = 0
    refractory: int = 1
    threshold_inclusive: bool = False
    reset: Reset = "value"
    overflow: Literal["clip", "wrap"] = "clip"
    lowest: int = -LARGEST_VOLTAGE
    highest: int = LARGEST_VOLTAGE
    accumulator_bits: int = 21
    sum_exponent: int = 0

    def __post_init__(self):
        for name in ("current_decay", "voltage_decay"):
            if not 0 <= getattr(self, name) <= DECAY_ONE:
                raise AccelsimError("Loihi neuron", f"{name} {getattr(self, name)} is outside 0..{DECAY_ONE}")
        if self.refractory < 1:
            raise AccelsimError("Loihi neuron", f"refractory {self.refractory} is below 1", "1 means none")


@dataclass(frozen=True, eq=False, slots=True)
class SigmaDeltaNeuron:
    """Loihi 2's sigma-delta neuron: it sums graded messages, applies an activation and sends changes past a threshold.

    Attributes
    ----------
    threshold, bias : ndarray of int32, or int
        In state units (2**state_exponent times the payload's).
    activation : str
        "relu", "unit", or "given" (an input layer that encodes the drive's changes).
    state_exponent : int
        Bits that a payload loses against the state.
    """

    threshold: np.ndarray | int
    bias: np.ndarray | int = 0
    activation: Literal["unit", "relu", "given"] = "relu"
    state_exponent: int = 6


@dataclass(frozen=True, eq=False, slots=True)
class LinearNeuron:
    """A leaky integrator in float64: per receptor u = u * kept + arriving; v = v * kept + sum of gain * u + bias.

    Every field may be one number or one per neuron; the current fields have one entry per receptor.

    Attributes
    ----------
    current_kept, current_gain : tuple
        Of each receptor.
    voltage_kept, bias : float or ndarray
    threshold : float or ndarray
        Infinite where the neuron never spikes.
    reset_voltage : float or ndarray
    refractory : int
        Steps from one spike to the next at least; 1 = none.
    emits : str
        "spike", or "voltage": every step the non-zero voltage as a graded value.
    """

    current_kept: tuple = (0.0,)
    current_gain: tuple = (1.0,)
    voltage_kept: np.ndarray | float = 0.0
    bias: np.ndarray | float = 0.0
    threshold: np.ndarray | float = np.inf
    threshold_inclusive: bool = False
    reset: Reset = "value"
    reset_voltage: np.ndarray | float = 0.0
    refractory: int = 1
    emits: Literal["spike", "voltage"] = "spike"

    def __post_init__(self):
        if len(self.current_kept) != len(self.current_gain) or not self.current_kept:
            raise AccelsimError("neuron", f"{len(self.current_kept)} current decays and {len(self.current_gain)} gains are not one per receptor")


Neuron = SourceNeuron | LoihiNeuron | SigmaDeltaNeuron | LinearNeuron


def relay(bias=0.0) -> LinearNeuron:
    """Return a neuron that passes on what arrives, plus a bias, as a graded value in the same step."""
    return LinearNeuron(bias=bias, emits="voltage")
