"""Float activations with int8 weights: each batch item is quantised while it runs, multiplied in integers, scaled back.

Source: TensorFlow Lite ``kernels/conv.cc`` (EvalHybrid: per-tensor weights meet a symmetric input;
EvalHybridPerChannel: per-channel ones an asymmetric input) and ``tensor_utils`` (SymmetricQuantizeFloats,
AsymmetricQuantizeFloats).
"""

import numpy as np

from accelsim.kernels.convolution import convolve, exact_type
from accelsim.kernels.reduced_floats import product
from accelsim.operators import Call
from accelsim.operators._contraction import centred_weights
from accelsim.operators._quantized import float_clamp, round_away


def quantize_asymmetric(values: np.ndarray) -> tuple[np.ndarray, np.float32, int]:
    """Return (int8 values, scale, zero point) of the range that holds the values and zero."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    if low == high:
        return np.zeros(values.shape, np.int8), np.float32(1.0), 0
    scale = (high - low) / 255.0
    from_low, from_high = -128 - low / scale, 127 - high / scale
    error_low, error_high = 128 + abs(low / scale), 127 + abs(high / scale)
    exact = from_low if error_low < error_high else from_high
    zero = int(np.clip(round_away(exact), -128, 127))
    single = np.float32(scale)
    codes = round_away(values * (np.float32(1.0) / single) + np.float32(zero))
    return np.clip(codes, -128, 127).astype(np.int8), single, zero


def quantize_symmetric(values: np.ndarray) -> tuple[np.ndarray, np.float32, int]:
    """Return (int8 values within 127, scale, 0)."""
    reach = np.float32(np.abs(values).max(initial=0.0))
    if reach == 0:
        return np.zeros(values.shape, np.int8), np.float32(1.0), 0
    codes = round_away(values * (np.float32(127.0) / reach))
    return np.clip(codes, -127, 127).astype(np.int8), reach / np.float32(127.0), 0


def hybrid_rows(call: Call, values: np.ndarray, symmetric: bool, activation: str):
    """Yield per batch item (codes, zero point, finish)."""
    weights = call.inputs[1].quantization.scale.astype(np.float32)
    low, high = (np.float32(limit) for limit in float_clamp(call, activation))
    bias = np.float32(0) if call.values[2] is None else call.values[2]
    for item in values:
        codes, scale, zero = quantize_symmetric(item) if symmetric else quantize_asymmetric(item)

        def finish(sums, out, factor=scale):
            np.clip(sums.astype(np.float32) * (weights * factor) + bias, low, high, out=out)

        yield codes, zero, finish


def hybrid_convolve(call: Call, attributes, top: int, left: int, out: np.ndarray) -> None:
    """Write the convolution of float images with int8 filters."""
    centred = centred_weights(call.inputs[1], call.values[1], np.float32)
    weights = centred.astype(exact_type(centred, 255), copy=False)
    symmetric = call.inputs[1].quantization.per_tensor
    for index, (codes, zero, finish) in enumerate(hybrid_rows(call, call.values[0], symmetric, attributes.activation)):
        convolve(codes[None], weights, zero, attributes.stride, attributes.dilation, top, left, out[index : index + 1], finish, product("float32"))
