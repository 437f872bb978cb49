"""Element-wise functions of two tensors, with broadcasting and a fused clamp."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.tensor import carrier
from accelsim.graph.work import Elementwise
from accelsim.operators import Call
from accelsim.operators._quantized import FLOATS, clamp_range, float_clamp


@dataclass(frozen=True, slots=True)
class FusedActivation:
    """The clamp that follows in the same operator."""

    activation: str = "none"


@dataclass(frozen=True, slots=True)
class NoAttributes:
    """The operator has no parameters."""


Function = Callable[[np.ndarray, np.ndarray], np.ndarray]
Codes = Callable[[Call, np.ndarray, np.ndarray], np.ndarray]
Whole = Callable[[Call], np.ndarray]


def broadcast_shape(node, inputs) -> tuple[int, ...]:
    """Return the shape that two operands broadcast to."""
    try:
        return np.broadcast_shapes(inputs[0].shape, inputs[1].shape)
    except ValueError as error:
        raise AccelsimError(f"node '{node.name}' ({node.operator})", f"shapes {inputs[0].shape} and {inputs[1].shape} do not broadcast") from error


def binary(
    operation: str,
    function: Function,
    codes: Codes | None = None,
    attributes: type = FusedActivation,
    to_bool: bool = False,
    whole: Whole | None = None,
):
    """Return (Attributes, output_shapes, work, evaluate) of an element-wise operator of two tensors.

    Parameters
    ----------
    codes : callable (call, codes of a, codes of b as int64) -> integers before clamping, optional
        The quantised rule; without it quantised tensors are refused.
    to_bool : bool
        The result is a truth value and has no clamp (comparisons).
    whole : callable (call) -> clamped integers of the output's type, optional
        The quantised rule instead of ``codes``, where one kernel does it all.
    """

    def output_shapes(node, inputs):
        return (broadcast_shape(node, inputs),)

    def work(node, inputs, outputs):
        moving = tuple(t.name for t in inputs if not t.is_constant)
        constant = tuple(t.name for t in inputs if t.is_constant)
        return (
            Elementwise(
                reads=moving, weights=constant, writes=(outputs[0].name,), operation=operation, elements=outputs[0].elements, operands=2,
                element_type=inputs[0].dtype,
            ),
        )  # fmt: skip

    def evaluate(call: Call):
        first, output = call.inputs[0], call.outputs[0]
        a, b = call.values[:2]
        activation = getattr(call.node.attributes, "activation", "none")
        if output.quantization is None and first.quantization is None or first.dtype in FLOATS or first.dtype in ("int32", "int64"):
            result = np.asarray(function(a, b))
            if activation != "none":
                result = clamped(result, *float_clamp(call, activation))
            return (result.astype(carrier(output.dtype), copy=False),)
        if whole is not None:
            return (whole(call),)
        if codes is None:
            raise call.unsupported(f"no kernel computes it on quantised {first.dtype}")
        result = codes(call, a.astype(np.int64), b.astype(np.int64))
        if to_bool:
            return (result,)
        low, high = clamp_range(call, activation, output)
        return (np.clip(result, low, high).astype(output.dtype),)

    return attributes, output_shapes, work, evaluate


def clamped(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Clamp a result in place, at no pass over the memory for a limit that does not exist."""
    if low > -np.inf:
        np.maximum(values, values.dtype.type(low), out=values)
    if high < np.inf:
        np.minimum(values, values.dtype.type(high), out=values)
    return values
