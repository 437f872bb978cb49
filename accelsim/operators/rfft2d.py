"""Fourier transform of real matrices (..., H, W): complex coefficients (..., height, width / 2 + 1) of the half that is not a mirror image.

Inputs: tensor; the two lengths of the transform, to which the matrix is cut or filled up with zeros.

Source: TensorFlow Lite ``kernels/rfft2d.cc``, which computes in double precision and keeps single.
"""

import math
from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Transform
from accelsim.operators import Call
from accelsim.operators._move import misfit


@dataclass(frozen=True, slots=True)
class Attributes:
    """Lengths of the transform along the last two axes, powers of two; the width at least 2."""

    height: int = 1
    width: int = 2


def output_shapes(node, inputs):
    """Return (..., height, width / 2 + 1)."""
    a, shape = node.attributes, inputs[0].shape
    if len(shape) < 2:
        raise misfit(node, f"input {shape} is not a matrix")
    if any(length < 1 or length & (length - 1) for length in (a.height, a.width)):
        raise misfit(node, f"lengths {a.height} x {a.width} are not powers of two, the only ones that TensorFlow Lite transforms")
    if a.width == 1:
        raise misfit(node, "a width of 1 is not transformed: TensorFlow Lite's own kernel gives no Fourier coefficients there")
    return ((*shape[:-2], a.height, a.width // 2 + 1),)


def work(node, inputs, outputs):
    """Return the transforms of the rows, which are real, and of the columns that they leave; a single row has no columns to transform."""
    a, matrices = node.attributes, math.prod(inputs[0].shape[:-2])
    common = {"reads": (inputs[0].name,), "writes": (outputs[0].name,), "element_type": inputs[0].dtype}
    rows = Transform(operation="real_fft", length=a.width, count=matrices * a.height, **common)
    columns = Transform(operation="fft", length=a.height, count=matrices * (a.width // 2 + 1), **common)
    return (rows, columns) if a.height > 1 else (rows,)


def evaluate(call: Call):
    """Return the coefficients in single precision."""
    if call.inputs[0].dtype != "float32":
        raise call.unsupported(f"no kernel transforms {call.inputs[0].dtype}")
    a = call.node.attributes
    return (np.fft.rfft2(call.values[0].astype(np.float64), s=(a.height, a.width)).astype(np.complex64),)
