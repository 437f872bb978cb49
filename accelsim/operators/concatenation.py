"""Tensors one after another along an axis; where scales differ, each input is requantised.

Source of the integer rule: TensorFlow Lite ``reference_ops::ConcatenationWithScaling`` (uint8), in single precision.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import axis_of, misfit, mover, trailing_run
from accelsim.operators._onnxruntime import coded, is_onnxruntime, real
from accelsim.operators._quantized import bounds, round_away, scale_of, zero_of


@dataclass(frozen=True, slots=True)
class Attributes:
    """The axis along which the inputs follow each other."""

    axis: int = -1


def _shape(node, inputs):
    shapes = [t.shape for t in inputs]
    axis = axis_of(node, node.attributes.axis, len(shapes[0]))
    if any(s[:axis] + s[axis + 1 :] != shapes[0][:axis] + shapes[0][axis + 1 :] for s in shapes):
        raise misfit(node, f"shapes {shapes} differ outside axis {axis}")
    return (*shapes[0][:axis], sum(s[axis] for s in shapes), *shapes[0][axis + 1 :])


def _run(node, inputs, shape):
    return min(trailing_run(t.shape, axis_of(node, node.attributes.axis, len(shape))) for t in inputs)


def _rescaled(call: Call, values: np.ndarray, source, output) -> np.ndarray:
    if output.quantization is None or (scale_of(source), zero_of(source)) == (scale_of(output), zero_of(output)):
        return values
    if is_onnxruntime(call.numerics):
        return coded(output, real(source, values))
    factor = scale_of(source) * (np.float32(1) / scale_of(output))
    codes = round_away(values.astype(np.float32) * factor + np.float32(-zero_of(source)) * factor).astype(np.int64) + zero_of(output)
    return np.clip(codes, *bounds(output.dtype)).astype(output.dtype)


def _move(call: Call):
    parts = [_rescaled(call, values, source, call.outputs[0]) for values, source in zip(call.values, call.inputs, strict=True)]
    return np.concatenate(parts, axis=call.node.attributes.axis)


output_shapes, work, evaluate = mover(_shape, _move, _run)
