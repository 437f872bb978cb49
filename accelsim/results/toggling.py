"""How many bits change at a unit's multipliers, of real tensors in the order in which its dataflow feeds them."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.activity import Activity
from accelsim.graph.declared_activity import RANDOM_TOGGLES
from accelsim.graph.tensor import Tensor
from accelsim.graph.work import Contraction
from accelsim.hardware.traversal import Traversal
from accelsim.kernels import toggles
from accelsim.mapping.layers import Layer

STEPS = 1 << 16  # of a layer's steps that are looked at, drawn with a fixed seed
SEED = 7
_WORDS = {1: np.uint8, 2: np.uint16, 4: np.uint32}


@dataclass(frozen=True)
class OperandToggles:
    """Share of the wires of both operands that change from a step to the next; random data at every step has 0.5.

    Attributes
    ----------
    inputs, weights : float
    error : float
        Standard error of their mean, from the spread of the steps looked at.
    """

    inputs: float
    weights: float
    error: float

    @property
    def of_random(self) -> float:
        """Both operands' changes over those of random data at every step."""
        return (self.inputs + self.weights) / 2 / RANDOM_TOGGLES


def operand_toggles(layer: Layer, traversal: Traversal, activity: Activity, steps: int = STEPS) -> OperandToggles | None:
    """Return the toggles of a product's operands; None for work that is no product with constant weights, or whose words are not whole bytes.

    Parameters
    ----------
    steps : int
        Steps that are looked at: all of them where there are no more, else a seeded sample with replacement.
    """
    work = layer.works[0] if layer.works else None
    weights = _weights(layer, work) if isinstance(work, Contraction) and layer.inputs else None
    if weights is None:
        return None
    inputs = activity.value(layer.inputs[0].name)
    if inputs.dtype.itemsize not in _WORDS or weights.dtype.itemsize not in _WORDS or inputs.size != work.batch * work.in_h * work.in_w * work.group * work.channels:
        return None
    extents = np.array([work.batch * work.out_h * work.out_w, work.filter_h * work.filter_w * work.channels, work.filters], np.int64)
    places = _places(work.group, extents, steps)
    flips = np.zeros((len(places), 2), np.int64)
    words = _bits(inputs).reshape(work.batch, work.in_h, work.in_w, work.group * work.channels)
    toggles.operand_toggles(words, _bits(weights), _geometry(work), nest_of(traversal), extents, places, _padding(layer.inputs[0], inputs), flips)
    shares = flips / (8 * np.array([inputs.dtype.itemsize, weights.dtype.itemsize]))
    error = float(shares.mean(axis=1).std() / np.sqrt(len(shares)))
    return OperandToggles(float(shares[:, 0].mean()), float(shares[:, 1].mean()), error)


def nest_of(traversal: Traversal) -> np.ndarray:
    """Return a traversal as the kernel takes it."""
    return np.array([("mkn".index(dimension), step, span) for dimension, step, span in traversal.loops], np.int64)


def _places(groups: int, extents: np.ndarray, steps: int) -> np.ndarray:
    sizes = np.array([groups, *extents], np.int64)
    whole = int(np.prod(sizes, dtype=object))
    if whole <= steps:
        return np.stack(np.unravel_index(np.arange(whole), sizes), axis=1).astype(np.int64)
    return np.random.default_rng(SEED).integers(0, sizes, (steps, len(sizes)))


def _bits(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values).view(_WORDS[values.dtype.itemsize])


def _padding(tensor: Tensor, values: np.ndarray) -> int:
    """Return the word that stands for zero."""
    zero = np.zeros(1, values.dtype) if tensor.quantization is None else tensor.quantization.zero_point[:1].astype(values.dtype)
    return int(_bits(zero)[0])


def _weights(layer: Layer, work: Contraction) -> np.ndarray | None:
    """Return a product's constant weights as (groups * filters, taps * channels), None where they have another form."""
    reduced = work.filter_h * work.filter_w * work.channels
    found = next((t for t in layer.constants if t.values is not None and t.elements == work.group * work.filters * reduced), None)
    if found is None or not work.weight_is_constant:
        return None
    if found.shape[-1] == work.channels:
        return found.values.reshape(-1, reduced)
    if work.is_depthwise and found.shape[-1] == work.group * work.filters:
        return np.ascontiguousarray(found.values.reshape(reduced, -1).T)
    return None


def _geometry(work: Contraction) -> np.ndarray:
    return np.array(
        [work.out_h, work.out_w, work.in_h, work.in_w, work.channels, work.filter_h, work.filter_w, work.stride_h, work.stride_w,
         work.dilation_h, work.dilation_w, work.pad_top, work.pad_left], np.int64,
    )  # fmt: skip
