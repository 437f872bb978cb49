"""Values less their mean, over their standard deviation, along the last axes; then an optional scale and bias.

Source: J. L. Ba et al., "Layer Normalization", arXiv:1607.06450, equation 4; without the mean: B. Zhang, R. Sennrich,
"Root Mean Square Layer Normalization", arXiv:1910.07467, equation 4.
"""

import math
from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Elementwise, Reduce
from accelsim.operators import Call
from accelsim.operators._move import axis_of, misfit


@dataclass(frozen=True, slots=True)
class Attributes:
    """First normalised axis, what is added to the variance, and whether the mean is taken off (else the root mean square divides)."""

    axis: int = -1
    epsilon: float = 1e-5
    centred: bool = True


def output_shapes(node, inputs):
    """Return the input's shape."""
    shape = inputs[0].shape
    axis_of(node, node.attributes.axis, len(shape))
    for parameter in inputs[1:]:
        if parameter is not None and np.broadcast_shapes(shape, parameter.shape) != shape:
            raise misfit(node, f"scale or bias {parameter.shape} does not fit {shape}")
    return (shape,)


def work(node, inputs, outputs):
    """Return means and squares per row, then one product and one sum per element, and those of scale and bias."""
    source, kind = inputs[0], inputs[0].dtype
    n = source.elements
    rows = math.prod(source.shape[: axis_of(node, node.attributes.axis, len(source.shape))])
    works = [Reduce(reads=(source.name,), operation="sum_squares", elements=n, results=rows, element_type=kind)]
    if node.attributes.centred:
        works.append(Reduce(operation="mean", elements=n, results=rows, element_type=kind))
        works.append(Elementwise(operation="sub", elements=n, operands=2, element_type=kind))
    works.append(Elementwise(operation="rsqrt", elements=rows, element_type=kind))
    parameters = [t for t in inputs[1:] if t is not None]
    steps = [("mul", None), *zip(("mul", "add"), parameters, strict=False)]
    for index, (operation, parameter) in enumerate(steps):
        works.append(
            Elementwise(
                operation=operation, elements=n, operands=2, element_type=kind, writes=(outputs[0].name,) if index == len(steps) - 1 else (),
                reads=(parameter.name,) if parameter is not None and not parameter.is_constant else (),
                weights=(parameter.name,) if parameter is not None and parameter.is_constant else (),
            )
        )  # fmt: skip
    return tuple(works)


def evaluate(call: Call):
    """Return the normalised values; sums in float32."""
    a, x = call.node.attributes, call.values[0]
    if x.dtype.kind != "f":
        raise call.unsupported(f"no kernel computes it on {call.inputs[0].dtype}")
    wide = x.astype(np.float32, copy=False)
    axes = tuple(range(a.axis % x.ndim, x.ndim))
    centred = wide - wide.mean(axis=axes, keepdims=True) if a.centred else wide
    result = centred / np.sqrt(np.mean(np.square(centred), axis=axes, keepdims=True) + np.float32(a.epsilon))
    for step, parameter in zip((np.multiply, np.add), call.values[1:], strict=False):
        result = result if parameter is None else step(result, parameter.astype(np.float32, copy=False))
    return (result.astype(x.dtype, copy=False),)
