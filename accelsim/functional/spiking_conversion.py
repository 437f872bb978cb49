"""A trained ReLU network as a spiking one: activations become rates, weights are balanced on data.

Every ReLU layer becomes integrate-and-fire neurons of threshold 1 that subtract it at a spike; weights are scaled by the
layer's and its predecessor's activation at a percentile of the data, so that a rate of one spike a step stands for it.

References
----------
B. Rueckauer et al., "Conversion of continuous-valued deep networks to efficient event-driven networks for image
classification", Frontiers in Neuroscience 11:682, 2017, section 2.2 (input as current, 2.2.1; percentile, 2.2.3).
"""

from dataclasses import replace

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.functional.interpreter import execute
from accelsim.functional.spiking import execute_spiking
from accelsim.functional.spiking_layers import RateLayer, rate_layers
from accelsim.functional.spiking_program import compile_network
from accelsim.functional.spiking_taps import largest, synapses_of
from accelsim.graph.graph import Graph
from accelsim.graph.spiking_network import Population, Projection, SpikingNetwork, make_network
from accelsim.graph.spiking_neurons import LinearNeuron, relay


def convert_to_spikes(graph: Graph, samples: np.ndarray, percentile: float = 99.9, delay: int = 0, rate_coded_input: bool = False) -> SpikingNetwork:
    """Return the spiking network of a float32 ReLU graph of one input, one output and batch 1.

    Parameters
    ----------
    samples : ndarray, shape (n, ...)
        Inputs on which activations are measured; n of the graph's input without its batch.
    percentile : float
        Of a layer's activations over all samples: what one spike a step stands for.
    delay : int
        Steps from one layer to the next: 0 layer by layer within a step, 1 as on a chip.
    rate_coded_input : bool
        Input neurons integrate the input and spike, as on a chip; otherwise they send its value every step.

    Raises
    ------
    UnsupportedError
        An operator that rates do not express, by name.
    AccelsimError
        Inputs below 0, which no rate stands for.
    """
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise UnsupportedError(graph.name, f"{len(graph.inputs)} inputs and {len(graph.outputs)} outputs; conversion knows one of each")
    if graph.tensors[graph.inputs[0]].dtype != "float32":
        raise UnsupportedError(graph.name, f"its input is {graph.tensors[graph.inputs[0]].dtype}; conversion knows float32 networks")
    if rate_coded_input and samples.min() < 0:
        raise AccelsimError(graph.name, "inputs below 0 have no rate", "input values of 0 and above, such as --pixels unit")
    layers = rate_layers(graph)
    scale = _activation_scales(graph, samples, percentile)
    source = graph.inputs[0]
    populations = {source: Population(source, _shape(graph, source), _integrator() if rate_coded_input else relay(), drive_scale=1 / scale[source])}
    projections: list[Projection] = []
    for layer in layers:
        _add(graph, layer, scale, populations, projections, delay)
    output = layers[-1].name
    notes = (f"rate coded; thresholds balanced at percentile {percentile:g} of {len(samples)} samples",)
    return make_network(
        graph.name, populations.values(), projections, inputs=(source,), outputs=(output,), labels=graph.labels, source=graph.source, notes=notes
    )


def _integrator(bias: np.ndarray | float = 0.0, threshold: float = 1.0) -> LinearNeuron:
    return LinearNeuron(voltage_kept=1.0, bias=bias, threshold=threshold, threshold_inclusive=True, reset="subtract")


def _add(graph: Graph, layer: RateLayer, scale: dict[str, float], populations: dict[str, Population], projections: list[Projection], delay: int) -> None:
    """Add the populations of one layer, and the projections that lead to them."""
    if layer.pooled:
        scale[layer.name] = scale[layer.parts[0].source]
    if layer.node.operator == "max_pool2d":
        source = populations[layer.parts[0].source]
        found = largest(graph, layer.node, layer.name, source, delay)
        populations |= {name: Population(name, shape, _integrator()) for name, shape in found.shapes.items()}
        projections += found.projections
        return
    after = scale[layer.name] if layer.rectified else 1.0
    bias: np.ndarray | float = 0.0
    for number, part in enumerate(layer.parts):
        synapses, own = synapses_of(graph, part, populations[part.source])
        synapses = replace(synapses, weights=synapses.weights * (scale[part.source] / after))
        name = part.node.name if part.node is not None else f"{layer.node.name}.{number}"
        projections.append(Projection(name, part.source, layer.name, synapses, delay))
        bias = bias + own
    populations[layer.name] = Population(layer.name, _shape(graph, layer.name), _integrator(bias / after, 1.0 if layer.rectified else np.inf))


def largest_output(graph: Graph, samples: np.ndarray) -> float:
    """Return the largest magnitude of the tensor that a converted network's output adds up to, each step."""
    name, source = rate_layers(graph)[-1].name, graph.tensors[graph.inputs[0]]
    inputs = (np.asarray(sample, np.float32).reshape(source.shape) for sample in samples)
    return max(float(np.abs(execute(graph, {source.name: sample})[2].values[name]).max()) for sample in inputs)


def accuracy_over_time(network: SpikingNetwork, samples: np.ndarray, labels: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Return accuracy after each step, and mean synaptic events per sample after each step.

    Parameters
    ----------
    samples : ndarray, shape (n, ...)
    labels : ndarray, shape (n,), int

    Returns
    -------
    accuracy, events : ndarray, shape (steps,)
    """
    program = compile_network(network)
    source, output = network.population(network.inputs[0]), network.population(network.outputs[0])
    probes = network.starts[output.name] + np.arange(output.neurons)
    right, events = np.zeros(steps), np.zeros(steps)
    for sample, label in zip(samples, labels, strict=True):
        record, _ = execute_spiking(program, steps, drive={source.name: source.drive(sample.ravel())}, probes=probes)
        right += record.probed_voltage.argmax(axis=1) == label
        events += np.cumsum(record.events.sum(axis=1))
    return right / len(samples), events / len(samples)


def _activation_scales(graph: Graph, samples: np.ndarray, percentile: float) -> dict[str, float]:
    source = graph.tensors[graph.inputs[0]]
    seen: dict[str, list[np.ndarray]] = {}
    for sample in samples:
        _, _, activity = execute(graph, {source.name: np.asarray(sample, np.float32).reshape(source.shape)})
        for name, value in activity.values.items():
            if value.dtype.kind == "f":
                seen.setdefault(name, []).append(np.maximum(value, 0).ravel())
    scales = {name: float(np.percentile(np.concatenate(values), percentile)) for name, values in seen.items()}
    scales[source.name] = float(max(np.abs(samples).max(), 1e-12))
    return {name: scale if scale > 0 else 1.0 for name, scale in scales.items()}


def _shape(graph: Graph, name: str) -> tuple[int, ...]:
    shape = graph.tensors[name].shape[1:]
    return shape if len(shape) == 3 else (int(np.prod(shape)),)
