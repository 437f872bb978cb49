"""How large constants are in the form in which a tool chain stores them: entropy-coded weights, packed biases and scales."""

import math
from collections.abc import Iterator
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np

from accelsim.graph.graph import Graph
from accelsim.graph.tensor import Structure, Tensor
from accelsim.graph.work import Contraction
from accelsim.hardware.chip import Chip, Compiler
from accelsim.hardware.rice_code import RiceCode
from accelsim.hardware.unit import Unit
from accelsim.mapping.kept import kept_of
from accelsim.mapping.weight_streams import Lanes, streams
from accelsim.operators import work_of

CODED_TYPES = ("int8", "uint8")
CHUNK = 1 << 20
_sizes: WeakKeyDictionary[Tensor, dict] = WeakKeyDictionary()
_counts: WeakKeyDictionary[Tensor, np.ndarray] = WeakKeyDictionary()


def with_coded_weights(graph: Graph, chip: Chip) -> Graph:
    """Return the graph whose constants have the sizes that the chip's tool chain gives them; the same graph where it codes nothing.

    8-bit weights take the bytes of ``compiler.rice``, a stream a core; where it is not stated, the Shannon entropy of a tensor's values times
    1 + ``coding_overhead``. Zeros are included with which the tool chain fills up whole granules of filters, channels and taps. A bias takes ``scale_bytes`` per channel.
    """
    if chip.compiler.weight_coding == "plain":
        return graph
    name, array = next(((name, unit) for name, unit in chip.units.items() if hasattr(unit, "dot_channels")), ("", None))
    return kept_of(graph).get(("coded", chip.compiler, chip.descriptions.get(name)), lambda: _coded(graph, chip.compiler, array))


def _coded(graph: Graph, compiler: Compiler, array: Unit | None) -> Graph:
    tensors = dict(graph.tensors)
    for work, weights, bias in _contractions(graph):
        if weights.dtype in CODED_TYPES and weights.structure is None:
            size = _rice_bytes(work, weights, array, compiler.rice) if compiler.rice is not None else _ideal_bytes(work, weights, array, compiler)
            tensors[weights.name] = replace(weights, structure=Structure("coded", math.ceil(size)))
        if bias is not None and compiler.scale_bytes:
            tensors[bias.name] = replace(bias, structure=Structure("coded", compiler.scale_bytes * bias.elements))
    return replace(graph, tensors=tensors)


def _contractions(graph: Graph) -> Iterator[tuple[Contraction, Tensor, Tensor | None]]:
    """Yield each product with constant weights and its bias."""
    for node in graph.nodes:
        constants = [graph.tensors[name] for name in node.inputs if name is not None and graph.tensors[name].is_constant]
        works = work_of(node, graph) if constants else ()
        if len(works) == 1 and isinstance(works[0], Contraction):
            yield works[0], constants[0], next((tensor for tensor in constants[1:] if len(tensor.shape) == 1), None)


def _ideal_bytes(work: Contraction, weights: Tensor, array: Unit | None, compiler: Compiler) -> float:
    return coded_bytes(weights, _fill(work, array) if array is not None else 0) * (1 + compiler.coding_overhead)


def _rice_bytes(work: Contraction, weights: Tensor, array: Unit | None, code: RiceCode) -> float:
    """Return the bytes of the streams of all cores, kept with the weights for every array that takes them alike."""
    lanes = Lanes.of(work, array)
    kept = _sizes.setdefault(weights, {})
    if (lanes, code) not in kept:
        zero = int(weights.quantization.zero_point[0]) if weights.quantization is not None else 0
        kept[lanes, code] = sum(code.bytes_of(stream) * share for stream, share in streams(work, weights.values, zero, lanes))
    return kept[lanes, code]


def _fill(work: Contraction, array) -> int:
    """Return the zeros that fill a layer's weights up to the array's granules."""
    up = lambda value, granule: -(-value // granule) * granule  # noqa: E731 a rounding
    taps = work.filter_h * work.filter_w
    plain = work.group * work.filters * work.channels * taps
    if work.is_depthwise:
        return up(work.group, array.unit_block.c) * up(taps, array.step_positions) - plain
    channels = up(work.channels, array.channels_per_step if taps == 1 and work.out_h * work.out_w == 1 else array.dot_channels)
    return work.group * up(work.filters, array.unit_block.c) * channels * taps - plain


def coded_bytes(weights: Tensor, fill: int = 0) -> float:
    """Return the bytes of an ideal code of a tensor's values and ``fill`` further zeros."""
    counts = _histogram(weights).astype(np.float64)
    zero_point = int(weights.quantization.zero_point[0]) if weights.quantization is not None else 0
    counts[(zero_point + 128) % 256 if weights.dtype == "int8" else zero_point] += max(0, fill)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum() * counts.sum() / 8)


def _histogram(weights: Tensor) -> np.ndarray:
    """Return how often each of the 256 codes occurs, from the smallest on."""
    if weights not in _counts:
        flat = np.ascontiguousarray(weights.values).reshape(-1)
        offset = 128 if weights.dtype == "int8" else 0
        _counts[weights] = sum(np.bincount(flat[i : i + CHUNK].astype(np.int64) + offset, minlength=256) for i in range(0, max(flat.size, 1), CHUNK))
    return _counts[weights]
