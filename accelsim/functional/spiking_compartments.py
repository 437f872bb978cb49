"""A converted network in Loihi's integers: 8-bit weights, thresholds and biases in the registers' widths."""

from dataclasses import replace

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.spiking_network import Population, Projection, SpikingNetwork, make_network
from accelsim.graph.spiking_neurons import LARGEST_VOLTAGE, LinearNeuron, LoihiNeuron, Reset
from accelsim.graph.spiking_synapses import Synapses

UNIT = 64
LARGEST_MANTISSA = 254
LARGEST_THRESHOLD = 2**17 - 1
LARGEST_EXPONENT = 7
BIAS_BITS = 12
FINE_THRESHOLD = 512
INPUT_THRESHOLD = 4096


def to_compartments(network: SpikingNetwork, largest_sum: float, reset: Reset = "subtract") -> SpikingNetwork:
    """Return a network of perfect integrators (``convert_to_spikes``) in integers.

    Each population takes the largest scale at which its weights fit 8 bits of mixed sign and one exponent. The output, which
    only adds up, takes one at which its sums stay within the voltage's 24 bits.

    Parameters
    ----------
    largest_sum : float
        What the output adds up to at most in a run, in the network's own scale.
    reset : str
        At a spike: "subtract" the threshold, or to the "value" 0 as a single compartment of Loihi does.

    Raises
    ------
    AccelsimError
        A population leaks or has receptors of its own: it is not of a converted network.
    """
    populations, projections = [], []
    for population in network.populations:
        incoming = [q for q in network.projections if q.target == population.name]
        made, scaled = _population(population, incoming, largest_sum, reset)
        populations.append(made)
        projections += scaled
    order = {q.name: i for i, q in enumerate(network.projections)}
    note = f"8-bit weights; at a spike {'the threshold is subtracted' if reset == 'subtract' else 'the voltage is set to 0'}"
    return make_network(
        network.name, populations, sorted(projections, key=lambda q: order[q.name]), inputs=network.inputs, outputs=network.outputs, labels=network.labels,
        source=network.source, notes=(*network.notes, note),
    )  # fmt: skip


def _population(population: Population, incoming: list[Projection], largest_sum: float, reset: Reset) -> tuple[Population, list[Projection]]:
    neuron = population.neuron
    if not isinstance(neuron, LinearNeuron) or np.any(neuron.voltage_kept != 1) or any(neuron.current_kept) or neuron.emits != "spike":
        raise AccelsimError(
            f"population '{population.name}'", "is no perfect integrator, so that its integers are not known", "networks that conversion made have one form"
        )
    if not incoming:
        made = LoihiNeuron(threshold=INPUT_THRESHOLD, reset=reset)
        return replace(
            population, neuron=made, drive_scale=population.drive_scale * INPUT_THRESHOLD, drive_offset=population.drive_offset * INPUT_THRESHOLD
        ), []
    spikes = bool(np.isfinite(neuron.threshold))
    scale, exponent = _scale(incoming, None if spikes else largest_sum)
    # The chip spikes strictly above the threshold: one unit less lets a sum that just reaches it spike.
    threshold = (min(round(scale * float(neuron.threshold)), LARGEST_THRESHOLD) - 1) * UNIT if spikes else LARGEST_VOLTAGE
    made = LoihiNeuron(threshold=threshold, bias=_bias(np.asarray(neuron.bias) * scale * UNIT), reset=reset if spikes else "none")
    return replace(population, neuron=made), [replace(q, synapses=_rounded(q.synapses, scale, exponent), weight_bits=8) for q in incoming]


def _scale(incoming: list[Projection], largest_sum: float | None) -> tuple[float, int]:
    """Return how many units of 64 stand for 1, and the power of two that the weights are stored without."""
    largest = max(float(np.abs(q.synapses.weights).max(initial=0.0)) for q in incoming) or 1.0
    scale, exponent = LARGEST_MANTISSA / largest, 0
    if largest_sum is not None:
        return min(scale, LARGEST_VOLTAGE / UNIT / max(largest_sum, 1e-12)), 0
    while scale < FINE_THRESHOLD and exponent < LARGEST_EXPONENT:
        scale, exponent = scale * 2, exponent + 1
    return min(scale, float(LARGEST_THRESHOLD)), exponent


def _rounded(synapses: Synapses, scale: float, exponent: int) -> Synapses:
    """Return even mantissas, as 8 bits of mixed sign hold, times the power of two."""
    mantissa = np.clip(2 * np.rint(synapses.weights * scale / 2**exponent / 2), -LARGEST_MANTISSA, LARGEST_MANTISSA)
    return replace(synapses, weights=(mantissa * 2**exponent * UNIT).astype(np.int32))


def _bias(bias: np.ndarray) -> np.ndarray | int:
    """Return biases as a 12-bit mantissa and sign hold them, one exponent for the population."""
    step = 2 ** max(int(np.ceil(np.log2(max(float(np.abs(bias).max(initial=0.0)), 1.0) / (2**BIAS_BITS - 1)))), 0)
    return (np.rint(bias / step) * step).astype(np.int32)
