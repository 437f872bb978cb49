"""What a sum must reach to become 1: found by computing the very nodes between a sum and its sign on every sum there can be.

Whatever stands between (thresholds, scales, batch normalisation in float32, a clamp), a channel whose signs change at most
once along its sums is one comparison of integers, and exactly so.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from accelsim.graph.tensor import Tensor, carrier
from accelsim.operators import Call, load

# Operators whose every result follows from one element and constants of its channel.
POINTWISE = frozenset((
    "multi_threshold", "quantize_few_bits", "add", "sub", "mul", "div", "maximum", "minimum", "clip", "neg", "cast", "sign", "relu", "relu6",
    "relu_n1_to_1", "tanh", "round_half_even", "floor", "ceil",
))  # fmt: skip
LARGEST_TABLE = 1 << 22  # sums times channels


def is_pointwise(call: Call, moving: str) -> bool:
    """Return whether a node makes each element of one tensor from the same element of another, by name, and constants of its channel."""
    shape = call.outputs[0].shape
    if call.node.operator not in POINTWISE or len(call.outputs) != 1 or call.node.inputs.count(moving) != 1:
        return False
    others = [tensor for tensor in call.inputs if tensor is not None and tensor.name != moving]
    at_channels = call.node.operator == "multi_threshold" or all(t.elements in (1, t.shape[-1]) and len(t.shape) <= len(shape) for t in others)
    along = all(_is_along_channels(tensor) for tensor in (*call.outputs, *call.inputs) if tensor is not None and not tensor.is_constant)
    same = all(tensor.shape == shape for tensor in call.inputs if tensor is not None and tensor.name == moving)
    return same and along and at_channels and all(tensor.is_constant for tensor in others)


def _is_along_channels(tensor: Tensor) -> bool:
    return tensor.quantization is None or tensor.quantization.per_tensor or tensor.quantization.axis == len(tensor.shape) - 1


def sign_limits(product: Call, after: Sequence[Call], sums: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return what decides over the signs of a product, or None where no single comparison does.

    Parameters
    ----------
    product : Call
        A convolution or fully-connected layer of integers.
    after : sequence of Call
        The pointwise nodes from its output to the signs.
    sums : ndarray, int64
        Every sum that there can be, ascending.

    Returns
    -------
    direction : ndarray, shape (channels,), int8
        1, or -1 where small sums become 1.
    least : ndarray, shape (channels,), int64
        The sign is 1 where direction * sum is at least this.
    """
    channels = product.outputs[0].shape[-1]
    if sums.size * channels > LARGEST_TABLE:
        return None
    with np.errstate(all="ignore"):  # sums that no real input gives may overflow
        signs = _signs(product, after, sums)
    falling = signs[0] & ~signs[-1]
    if ((signs[1:] != signs[:-1]).sum(axis=0) > 1).any():
        return None
    set_bits = signs.sum(axis=0)
    beyond = np.append(sums, sums[-1] + 1)
    least = np.where(falling, -beyond[set_bits - 1], beyond[sums.size - set_bits])
    return np.where(falling, -1, 1).astype(np.int8), least


def _signs(product: Call, after: Sequence[Call], sums: np.ndarray) -> np.ndarray:
    """Return whether each sum becomes 1 in each channel, shape (sums, channels)."""
    channels, output = product.outputs[0].shape[-1], product.outputs[0]
    values = np.empty((sums.size, channels), carrier(output.dtype))
    load(product.node.operator).finish_sums(product)(np.repeat(sums.astype(np.int32)[:, None], channels, axis=1), values)
    shape = (sums.size, *[1] * (len(output.shape) - 2), channels)
    values, moving = values.reshape(shape), output.name
    for call in after:
        inputs = tuple(_at(tensor, shape) if tensor is not None and tensor.name == moving else tensor for tensor in call.inputs)
        operands = tuple(values if name == moving else given for name, given in zip(call.node.inputs, call.values, strict=True))
        (values,) = load(call.node.operator).evaluate(call._replace(inputs=inputs, outputs=(_at(call.outputs[0], shape),), values=operands, memory=None))
        moving = call.outputs[0].name
    return values.reshape(sums.size, channels) > 0


def _at(tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
    return replace(tensor, shape=shape)
