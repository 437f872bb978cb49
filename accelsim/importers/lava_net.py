"""lava-dl's network exchange format ``.net`` (HDF5) -> SpikingNetwork.

Layers stand under ``layer/N`` with ``type``, ``weight``, ``bias`` and ``neuron``; weights and biases are mantissas of
Loihi (times 64 in units of the voltage), shapes are (channels, height, width).
"""

from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.spiking_network import Population, Projection, SpikingNetwork, make_network
from accelsim.graph.spiking_neurons import LARGEST_VOLTAGE, LoihiNeuron, SourceNeuron
from accelsim.graph.spiking_synapses import ConvolutionSynapses, DenseSynapses

UNIT = 64
WEIGHT_BITS = 8
LAYERS = ("input", "dense", "conv", "flatten")
NEURONS = ("LOIHI", "CUBA")


def load_lava_net(path: str | Path, delay: int = 1, threshold_inclusive: bool = False, spikes_in: bool = False) -> SpikingNetwork:
    """Return the network of a ``.net`` file.

    Parameters
    ----------
    delay : int
        Steps from one layer to the next: 1 on the chip and in netx, 0 in lava-dl's training framework.
    threshold_inclusive : bool
        Whether a voltage equal to the threshold spikes: False on the chip, True in lava-dl's training framework.
    spikes_in : bool
        Give spikes to the first layer instead of currents.

    Raises
    ------
    AccelsimError
        Not an HDF5 file, or not one of lava-dl.
    UnsupportedError
        A layer or neuron type by name.
    """
    import h5py

    path = Path(path)
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise AccelsimError(path.name, "is not an HDF5 file" if path.exists() else "no such file") from error
    with file:
        if "layer" not in file:
            raise AccelsimError(path.name, "has no group 'layer'", "is it a lava-dl .net file?")
        layers = [file["layer"][str(i)] for i in range(len(file["layer"]))]
        populations, projections = [], []
        for i, layer in enumerate(layers):
            _add(populations, projections, layer, f"{path.name}: layer {i}", delay, threshold_inclusive, spikes_in)
    first, last = populations[0].name, populations[-1].name
    return make_network(path.stem, populations, projections, inputs=(first,), outputs=(last,), source=path.name)


def _add(populations: list, projections: list, layer, place: str, delay: int, inclusive: bool, spikes_in: bool) -> None:
    kind = _word(layer["type"])
    if kind not in LAYERS:
        raise UnsupportedError(place, f"layer type '{kind}' is not imported", f"known are {', '.join(LAYERS)}")
    if "delay" in layer and np.any(layer["delay"][()]):
        raise UnsupportedError(place, "axonal delays are not imported")
    if kind == "flatten":
        return
    if not populations:
        populations.append(_source(layer, kind, place, inclusive, spikes_in))
        if kind == "input":
            return
    source = populations[-1]
    exponent = int(layer["neuron/wgtExp"][()]) if "neuron/wgtExp" in layer else 0
    synapses = _convolution(layer, source, exponent) if kind == "conv" else _dense(layer, source, exponent)
    shape = synapses.out_shape if kind == "conv" else (synapses.targets,)
    populations.append(Population(f"{kind}-{len(projections)}", shape, _neuron(layer, shape, place, inclusive)))
    projections.append(Projection(f"{source.name}>{populations[-1].name}", source.name, populations[-1].name, synapses, delay, weight_bits=WEIGHT_BITS))


def _source(layer, kind: str, place: str, inclusive: bool, spikes_in: bool) -> Population:
    if kind != "input":
        features = int(layer["inFeatures"][()]) if "inFeatures" in layer else None
        if features is None:
            raise UnsupportedError(place, f"a network that begins with '{kind}' does not state its input shape")
        return Population("input", (features,), SourceNeuron())
    shape = _channels_last(layer["shape"][()])
    weight, bias = (float(np.ravel(layer[name][()])[0]) if name in layer else 0.0 for name in ("weight", "bias"))
    neuron = SourceNeuron() if spikes_in else _neuron(layer, None, place, inclusive)
    return Population("input", shape, neuron, drive_scale=2 * weight * UNIT, drive_offset=(bias - weight) * UNIT)


def _neuron(layer, shape, place: str, inclusive: bool) -> LoihiNeuron:
    if "neuron" not in layer:
        return LoihiNeuron(threshold=LARGEST_VOLTAGE)
    neuron = layer["neuron"]
    kind = _word(neuron["type"])
    if kind not in NEURONS:
        raise UnsupportedError(
            place, f"neuron type '{kind}' is not imported", f"known are {', '.join(NEURONS)}; the file does not carry its fixed-point scales"
        )
    if "gradedSpike" in neuron and bool(neuron["gradedSpike"][()]):
        raise UnsupportedError(place, "graded spikes of a CUBA neuron are not imported")
    bias = 0
    if shape is not None and "bias" in layer:
        bias = np.broadcast_to(np.rint(layer["bias"][()] * UNIT).astype(np.int32), shape).ravel()
    return LoihiNeuron(
        current_decay=int(neuron["iDecay"][()]), voltage_decay=int(neuron["vDecay"][()]), threshold=int(neuron["vThMant"][()]) * UNIT, bias=bias,
        refractory=int(neuron["refDelay"][()]) if "refDelay" in neuron else 1, threshold_inclusive=inclusive,
    )  # fmt: skip


def _dense(layer, source: Population, exponent: int) -> DenseSynapses:
    weights = layer["weight"][()]
    weights = weights.reshape(int(np.prod(layer["shape"][()])), -1)
    if len(source.shape) == 3:
        height, width, channels = source.shape
        weights = weights.reshape(-1, channels, height, width).transpose(0, 2, 3, 1).reshape(weights.shape)
    return DenseSynapses(_effective(weights.T, exponent))


def _convolution(layer, source: Population, exponent: int) -> ConvolutionSynapses:
    pairs = (tuple(int(x) for x in layer[name][()]) for name in ("stride", "padding", "dilation"))
    weights = _effective(layer["weight"][()].transpose(2, 3, 1, 0), exponent)
    groups = int(layer["groups"][()])
    stride, padding, dilation = pairs
    return ConvolutionSynapses(_by_group(weights, groups), source.shape, stride, padding, dilation, groups)


def _by_group(weights: np.ndarray, groups: int) -> np.ndarray:
    """Return (h, w, in per group, out) as (h, w, in, out per group)."""
    parts = np.split(weights, groups, axis=3)
    return np.concatenate(parts, axis=2)


def _effective(weights: np.ndarray, exponent: int) -> np.ndarray:
    """Return mantissas in units of the voltage: w * 2**(6 + exponent), cut to a multiple of 64 as the chip does."""
    return np.ascontiguousarray(np.floor(weights * 2.0**exponent) * UNIT).astype(np.int32)


def _channels_last(shape: np.ndarray) -> tuple[int, ...]:
    shape = tuple(int(n) for n in shape)
    return (*shape[1:], shape[0]) if len(shape) == 3 else shape


def _word(dataset) -> str:
    value = np.ravel(dataset[()])[0]
    return value.decode() if isinstance(value, bytes) else str(value)
