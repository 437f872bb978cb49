"""A trained ReLU network as a spiking one: activations become rates, weights are balanced on data.

Every ReLU layer becomes integrate-and-fire neurons of threshold 1 that subtract it at a spike; weights are scaled by the
layer's and its predecessor's activation at a percentile of the data, so that a rate of one spike a step stands for it.

References
----------
B. Rueckauer et al., "Conversion of continuous-valued deep networks to efficient event-driven networks for image
classification", Frontiers in Neuroscience 11:682, 2017, section 2.2 (input as current, 2.2.1; percentile, 2.2.3).
"""

from dataclasses import dataclass, replace

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.functional.interpreter import execute
from accelsim.functional.spiking import execute_spiking
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.graph import Graph, Node
from accelsim.graph.spiking_network import Population, Projection, SpikingNetwork, make_network
from accelsim.graph.spiking_neurons import LinearNeuron, relay
from accelsim.graph.spiking_synapses import ConvolutionSynapses, DenseSynapses, Synapses, pool_synapses
from accelsim.operators._spatial import window

WEIGHTED = ("conv2d", "depthwise_conv2d", "fully_connected")
SAME_NEURONS = ("reshape", "softmax")
CONVERTED = (*WEIGHTED, "average_pool2d", "relu", *SAME_NEURONS)


def convert_to_spikes(graph: Graph, samples: np.ndarray, percentile: float = 99.9, delay: int = 0) -> SpikingNetwork:
    """Return the spiking network of a float32 ReLU graph of one input, one output and batch 1.

    Parameters
    ----------
    samples : ndarray, shape (n, ...)
        Inputs on which activations are measured; n of the graph's input without its batch.
    percentile : float
        Of a layer's activations over all samples: what one spike a step stands for.
    delay : int
        Steps from one layer to the next: 0 layer by layer within a step, 1 as on a chip.

    Raises
    ------
    UnsupportedError
        An operator that rates do not express, by name.
    """
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise UnsupportedError(graph.name, f"{len(graph.inputs)} inputs and {len(graph.outputs)} outputs; conversion knows one of each")
    layers = _layers(graph)
    scale = _activation_scales(graph, samples, percentile)
    source = graph.inputs[0]
    homes, populations, projections = {source: source}, [Population(source, _shape(graph, source), relay(), drive_scale=1 / scale[source])], []
    for layer in layers:
        node, before = layer.node, homes[layer.node.inputs[0]]
        homes |= {name: layer.output for name in layer.names}
        synapses, bias = _synapses(graph, node, next(p.shape for p in populations if p.name == before))
        after = scale[layer.output] if layer.spikes else 1.0
        pooled = node.operator == "average_pool2d"
        scale[layer.output] = after = scale[before] if pooled else after
        weights = synapses.weights * (scale[before] / after)
        neuron = LinearNeuron(
            voltage_kept=1.0, bias=bias / after, threshold=1.0 if layer.spikes or pooled else np.inf, threshold_inclusive=True, reset="subtract"
        )
        shape = getattr(synapses, "out_shape", (synapses.targets,))
        populations.append(Population(layer.output, shape, neuron))
        projections.append(Projection(node.name, before, layer.output, replace(synapses, weights=weights), delay))
    notes = (f"rate coded; thresholds balanced at percentile {percentile:g} of {len(samples)} samples",)
    return make_network(
        graph.name, populations, projections, inputs=(source,), outputs=(populations[-1].name,), labels=graph.labels, source=graph.source, notes=notes
    )


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


@dataclass(frozen=True, slots=True)
class _Layer:
    """One population: the node that feeds it, the tensor it stands for, other names of that tensor, whether it spikes."""

    node: Node
    output: str
    names: tuple[str, ...]
    spikes: bool


def _layers(graph: Graph) -> list[_Layer]:
    layers: list[_Layer] = []
    aliases = {graph.inputs[0]: -1}
    for node in graph.nodes:
        place = f"{graph.name}: node '{node.name}'"
        if node.operator not in CONVERTED:
            raise UnsupportedError(place, f"'{node.operator}' has no rate-coded form", f"converted are {', '.join(CONVERTED)}")
        if node.operator in SAME_NEURONS or node.operator == "relu":
            index = aliases[node.inputs[0]]
            if node.operator == "softmax" and node.outputs[0] not in graph.outputs:
                raise UnsupportedError(place, "softmax before the output has no rate-coded form")
            if index >= 0:
                old = layers[index]
                spikes = old.spikes or node.operator == "relu"
                layers[index] = _Layer(old.node, node.outputs[0] if spikes and not old.spikes else old.output, (*old.names, node.outputs[0]), spikes)
            elif node.operator == "relu":
                raise UnsupportedError(place, "a ReLU on the input has no rate-coded form")
            aliases[node.outputs[0]] = index
            continue
        if node.inputs[0] not in aliases:
            raise AccelsimError(place, f"reads '{node.inputs[0]}', which no converted layer writes")
        activation = getattr(node.attributes, "activation", "none")
        if activation not in ("none", "relu"):
            raise UnsupportedError(place, f"activation '{activation}' has no rate-coded form", "only relu")
        aliases[node.outputs[0]] = len(layers)
        layers.append(_Layer(node, node.outputs[0], (node.outputs[0],), activation == "relu"))
    _check_hidden(graph, layers)
    return layers


def _check_hidden(graph: Graph, layers: list[_Layer]) -> None:
    read = {layer.node.inputs[0] for layer in layers}
    for layer in layers:
        if not layer.spikes and layer.node.operator in WEIGHTED and read & set(layer.names):
            raise UnsupportedError(f"{graph.name}: node '{layer.node.name}'", "has no ReLU: negative values have no rate")


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


def _synapses(graph: Graph, node: Node, shape: tuple[int, ...]) -> tuple[Synapses, np.ndarray | float]:
    """Return a node's synapses in the graph's own scale, and its bias per neuron."""
    if node.operator == "average_pool2d":
        a = node.attributes
        (height, width), (top, left) = window(shape[:2], a.window, a.stride, (1, 1), a.padding)
        if (top, left) != (0, 0) or (height - 1) * a.stride[0] + a.window[0] > shape[0] or (width - 1) * a.stride[1] + a.window[1] > shape[1]:
            raise UnsupportedError(f"{graph.name}: node '{node.name}'", "padded average pooling has no rate-coded form")
        return pool_synapses(shape, a.window, a.stride, weight=1.0 / (a.window[0] * a.window[1])), 0.0
    weights = graph.tensors[node.inputs[1]].values.astype(np.float64)
    bias = graph.tensors[node.inputs[2]].values.astype(np.float64) if len(node.inputs) > 2 and node.inputs[2] is not None else None
    if node.operator == "fully_connected":
        return DenseSynapses(np.ascontiguousarray(weights.T)), 0.0 if bias is None else bias
    synapses = _convolution(node, weights, shape)
    return synapses, 0.0 if bias is None else np.tile(bias, synapses.targets // bias.size)


def _convolution(node: Node, weights: np.ndarray, shape: tuple[int, ...]) -> ConvolutionSynapses:
    a = node.attributes
    if node.operator == "depthwise_conv2d":
        groups = shape[2]
        kernel = weights[0].reshape(*weights.shape[1:3], groups, -1)
    else:
        groups = shape[2] // weights.shape[3]
        kernel = np.concatenate(np.split(weights.transpose(1, 2, 3, 0), groups, axis=3), axis=2)
    (height, width), before = window(shape[:2], kernel.shape[:2], a.stride, a.dilation, a.padding)
    after = tuple(
        max((out - 1) * step + (size - 1) * spread + 1 - extent - first, 0)
        for out, step, size, spread, extent, first in zip((height, width), a.stride, kernel.shape[:2], a.dilation, shape[:2], before, strict=True)
    )
    return ConvolutionSynapses(kernel, shape, tuple(a.stride), before, tuple(a.dilation), groups, after)
