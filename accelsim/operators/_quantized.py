"""Scales, zero points and clamps of quantised operators, and the step from sums to stored integers.

Source of the rules: TensorFlow Lite ``kernels/internal/quantization_util.cc`` (QuantizeMultiplier) and
``kernels/kernel_util.cc`` (effective scales, activation ranges).
"""

import math
from collections.abc import Callable

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.tensor import Quantization, Tensor
from accelsim.kernels import requantize
from accelsim.operators import Call

INTEGERS = ("int8", "uint8", "int16")
FLOATS = ("float32",)
FEW_BITS = {"binary": (-1, 1), "ternary": (-1, 1), "int2": (-2, 1), "uint2": (0, 3), "int4": (-8, 7), "uint4": (0, 15)}
CLAMPS = {"none": (-math.inf, math.inf), "relu": (0.0, math.inf), "relu6": (0.0, 6.0), "relu_n1_to_1": (-1.0, 1.0)}


def zero_of(tensor: Tensor) -> int:
    """Return the per-tensor zero point."""
    return int(tensor.quantization.zero_point[0]) if tensor.quantization is not None else 0


def quantization_of(tensor: Tensor) -> Quantization:
    """Return a tensor's quantisation.

    Raises
    ------
    AccelsimError
        It has none.
    """
    if tensor.quantization is None:
        raise AccelsimError(f"tensor '{tensor.name}'", f"is {tensor.dtype} without a scale, which this operator needs")
    return tensor.quantization


def scale_of(tensor: Tensor) -> np.float32:
    """Return the per-tensor scale."""
    return np.float32(quantization_of(tensor).scale[0])


def bounds(dtype: str) -> tuple[int, int]:
    """Return the smallest and largest value of an integer type."""
    if dtype in FEW_BITS:
        return FEW_BITS[dtype]
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)


def quantize_multiplier(real: float) -> tuple[int, int]:
    """Return (multiplier with the binary point at bit 31, shift): real = multiplier * 2**(shift - 31)."""
    if real == 0:
        return 0, 0
    fraction, shift = math.frexp(real)
    multiplier = int(math.floor(fraction * 2**31 + 0.5))
    if multiplier == 2**31:
        multiplier, shift = multiplier // 2, shift + 1
    return (0, 0) if shift < -31 else (multiplier, shift)


def round_away(x: np.ndarray | float) -> np.ndarray:
    """Round half away from zero, as C's ``round`` does."""
    return np.trunc(x + np.copysign(0.5, x))


def clamp_range(call: Call, activation: str, output: Tensor) -> tuple[int, int]:
    """Return the output integers between which a fused activation clamps.

    Raises
    ------
    UnsupportedError
        The activation is no clamp (a fused tanh).
    """
    low, high = bounds(output.dtype)
    real_low, real_high = float_clamp(call, activation)
    scale, zero = scale_of(output), zero_of(output)
    if real_low > -math.inf:
        low = max(low, zero + int(round_away(np.float32(real_low) / scale)))
    if real_high < math.inf:
        high = min(high, zero + int(round_away(np.float32(real_high) / scale)))
    return low, high


def float_clamp(call: Call, activation: str) -> tuple[float, float]:
    """Return the real numbers between which a fused activation clamps."""
    if activation not in CLAMPS:
        raise call.unsupported(f"fused activation '{activation}' is not one of {', '.join(CLAMPS)}")
    return CLAMPS[activation]


def effective_scales(source: Tensor, weights: Tensor, output: Tensor, channels: int, per_channel: bool) -> np.ndarray:
    """Return input scale * weight scale / output scale per channel, float64.

    The reference multiplies in double precision for per-channel (int8, int16) convolutions and in single
    precision for per-tensor (uint8) ones and fully-connected layers.
    """
    if per_channel:
        product = np.float64(scale_of(source)) * quantization_of(weights).scale.astype(np.float64)
    else:
        product = (scale_of(source) * quantization_of(weights).scale.astype(np.float32)).astype(np.float64)
    return np.broadcast_to(product / np.float64(scale_of(output)), (channels,))


def single_scales(source: Tensor, weights: Tensor, output: Tensor, channels: int) -> np.ndarray:
    """Return input scale * weight scale / output scale per channel, every step in single precision as onnxruntime forms it."""
    product = scale_of(source) * quantization_of(weights).scale.astype(np.float32)
    return np.broadcast_to(product / scale_of(output), (channels,))


def fixed_point(scales: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return int64 arrays (multiplier, left shift, right shift) of real factors: ``quantize_multiplier`` of each."""
    fractions, shifts = np.frexp(scales.astype(np.float64))
    multipliers = np.floor(fractions * 2**31 + 0.5).astype(np.int64)
    full = multipliers == 2**31
    multipliers, shifts = np.where(full, 1 << 30, multipliers), shifts.astype(np.int64) + full
    gone = (shifts < -31) | (multipliers == 0)
    multipliers[gone], shifts[gone] = 0, 0
    return multipliers, np.maximum(shifts, 0), np.maximum(-shifts, 0)


Finish = Callable[[np.ndarray, np.ndarray], None]


def integer_finish(call: Call, rounding: str, scales: np.ndarray, bias: np.ndarray | None, activation: str) -> Finish:
    """Return the function that writes stored integers from exact sums of shape (rows, channels)."""
    output = call.outputs[0]
    low, high = clamp_range(call, activation, output)
    zero = zero_of(output)
    offsets = np.zeros(scales.size, np.int64) if bias is None else bias.astype(np.int64).ravel()
    if rounding == "float_half_even":
        factors = scales.astype(np.float32)
        return lambda sums, out: requantize.requantize_float(sums, offsets, factors, zero, low, high, out)
    multiplier, left, right = fixed_point(scales)
    if output.dtype == "int16":
        kernel = requantize.requantize_wide
    else:
        kernel = requantize.requantize_double if rounding == "gemmlowp_double" else requantize.requantize_single
    return lambda sums, out: kernel(sums, offsets, multiplier, left, right, zero, low, high, out)


def integer_sums(bias: np.ndarray | None) -> Finish:
    """Return the function that stores the sums themselves."""

    def finish(sums, out):
        out[...] = sums if bias is None else sums + bias

    return finish


def float_finish(call: Call, channels: int, bias: np.ndarray | None, activation: str) -> Finish:
    """Return the function that adds the bias and clamps in float32."""
    low, high = (np.float32(limit) for limit in float_clamp(call, activation))
    offsets = np.zeros(channels, np.float32) if bias is None else bias.astype(np.float32).ravel()
    return lambda sums, out: requantize.bias_and_clip(sums, offsets, low, high, out)
