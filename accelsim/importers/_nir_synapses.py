"""NIR's linear nodes as synapses: fully connected, convolution, pooling, scale, delay."""

import numpy as np

from accelsim.base.errors import UnsupportedError
from accelsim.graph.spiking_synapses import ConvolutionSynapses, DenseSynapses, Synapses, one_to_one, pool_synapses
from accelsim.importers._nir_neurons import channels_last

LINEAR = ("Affine", "Linear", "Scale", "Conv1d", "Conv2d", "AvgPool2d", "SumPool2d", "Delay")


def synapses_of(node: object, kind: str, shape: tuple[int, ...], time_step: float, place: str) -> Synapses:
    """Return the synapses from a population of the given shape (channels last)."""
    if kind in ("Affine", "Linear"):
        return DenseSynapses(_dense(np.asarray(node.weight, np.float64), shape, place))
    if kind == "Scale":
        return one_to_one(np.broadcast_to(channels_last(np.asarray(node.scale, np.float64)), shape))
    if kind == "Delay":
        steps = np.rint(np.broadcast_to(channels_last(np.asarray(node.delay, np.float64)), shape) / time_step).astype(np.int64)
        return one_to_one(np.ones(shape), steps)
    if len(shape) != 3:
        raise UnsupportedError(place, f"{kind} needs an input of (channels, height, width), not {shape}")
    if kind in ("Conv1d", "Conv2d"):
        return _convolution(node, kind, shape, place)
    window = _pair(node.kernel_size)
    weight = 1.0 / (window[0] * window[1]) if kind == "AvgPool2d" else 1.0
    return pool_synapses(shape, window, _pair(node.stride), _pair(node.padding), weight)


def bias_of(node: object, targets: int) -> np.ndarray | None:
    """Return the node's bias per target neuron, channels last; None where it has none."""
    bias = getattr(node, "bias", None)
    if bias is None or not np.any(bias):
        return None
    return np.tile(np.ravel(bias), targets // np.size(bias)).astype(np.float64)


def _dense(weights: np.ndarray, shape: tuple[int, ...], place: str) -> np.ndarray:
    if weights.shape[1] != int(np.prod(shape)):
        raise UnsupportedError(place, f"weights {weights.shape} do not fit an input of {shape}")
    if len(shape) == 3:  # the file's order is (channels, height, width)
        height, width, channels = shape
        weights = weights.reshape(-1, channels, height, width).transpose(0, 2, 3, 1).reshape(weights.shape)
    return np.ascontiguousarray(weights.T)


def _convolution(node: object, kind: str, shape: tuple[int, ...], place: str) -> ConvolutionSynapses:
    weights = np.asarray(node.weight, np.float64)
    one_dimensional = kind == "Conv1d"
    weights = weights[:, :, None] if one_dimensional else weights
    stride, dilation = ((1, int(np.ravel(value)[0])) if one_dimensional else _pair(value) for value in (node.stride, node.dilation))
    kernel = weights.shape[2:]
    padding = _padding(node.padding, kernel, dilation, one_dimensional, place)
    parts = np.split(weights.transpose(2, 3, 1, 0), int(node.groups), axis=3)
    return ConvolutionSynapses(np.concatenate(parts, axis=2), shape, stride, padding, dilation, int(node.groups))


def _padding(padding: object, kernel: tuple[int, int], dilation: tuple[int, int], one_dimensional: bool, place: str) -> tuple[int, int]:
    if isinstance(padding, str):
        total = [d * (k - 1) if padding == "same" else 0 for k, d in zip(kernel, dilation, strict=True)]
        if any(t % 2 for t in total):
            raise UnsupportedError(place, f"padding '{padding}' of an even kernel {kernel} is lopsided")
        return total[0] // 2, total[1] // 2
    return (0, int(np.ravel(padding)[0])) if one_dimensional else _pair(padding)


def _pair(value: object) -> tuple[int, int]:
    flat = [int(v) for v in np.ravel(value)]
    return (flat[0], flat[0]) if len(flat) == 1 else (flat[0], flat[1])
