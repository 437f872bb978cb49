"""Products of matrices of any element type, and what brings them to the output's type."""

import numpy as np

from accelsim.kernels.reduced_floats import product, rounded
from accelsim.operators import Call
from accelsim.operators._quantized import bounds, quantization_of, scale_of, zero_of

NARROW = ("int8", "uint8", "int16")


def exact_products(call: Call, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a @ b: floats in float32 as the numerics say, 8- and 16-bit integers exactly in float64, wide ones in their own type."""
    if a.dtype.kind == "f":
        return _float_products(call, a, b)
    if call.inputs[0].dtype not in NARROW:
        return a @ b
    return (a.astype(np.float64) - _zeros(call.inputs[0], a, -2)) @ (b.astype(np.float64) - _zeros(call.inputs[1], b, -1))


def _float_products(call: Call, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = (rounded(x, call.numerics.float_operand) for x in (a, b))
    if call.numerics.float_accumulator == "float32":
        return a @ b
    multiply = product(call.numerics.float_accumulator)
    leading = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    left, right = np.broadcast_to(a, (*leading, *a.shape[-2:])), np.broadcast_to(b, (*leading, *b.shape[-2:]))
    out = np.empty((*leading, a.shape[-2], b.shape[-1]), np.float32)
    for index in np.ndindex(leading):
        multiply(left[index], right[index], out[index])
    return out


def _zeros(tensor, values: np.ndarray, axis: int):
    """Return zero points that broadcast along the rows of a left operand or the columns of a right one."""
    q = tensor.quantization
    if q is None or q.per_tensor:
        return float(zero_of(tensor))
    shape = [1] * values.ndim
    shape[axis] = -1
    return q.zero_point.astype(np.float64).reshape(shape)


def finish_products(call: Call, sums: np.ndarray) -> np.ndarray:
    """Return sums as the output's type: as they are, as int32, or requantised with onnxruntime's float rule."""
    output = call.outputs[0]
    if output.dtype not in NARROW or output.quantization is None:
        return sums
    left, right = (np.float32(quantization_of(t).scale) for t in call.inputs[:2])
    left = left[0] if left.size == 1 else left[:, None]
    factors = left * (right[0] if right.size == 1 else right) / scale_of(output)
    low, high = bounds(output.dtype)
    codes = np.rint(sums.astype(np.float32) * factors.astype(np.float32)) + zero_of(output)
    return np.clip(codes, low, high).astype(output.dtype)
