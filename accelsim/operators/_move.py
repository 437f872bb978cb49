"""Operators that only move bytes: shape rule and evaluation differ, the work is a Move."""

import math
from collections.abc import Callable

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.work import Move
from accelsim.operators import Call

RUN_BYTES = 64


def misfit(node, message: str) -> AccelsimError:
    """Return the error for attributes that do not fit the input."""
    return AccelsimError(f"node '{node.name}' ({node.operator})", message)


def axis_of(node, axis: int, rank: int) -> int:
    """Return an axis counted from the front."""
    if not -rank <= axis < rank:
        raise misfit(node, f"axis {axis} of a tensor of rank {rank}")
    return axis % rank


def mover(shape: Callable, move: Callable[[Call], np.ndarray], run: Callable[..., int] | str):
    """Return (output_shapes, work, evaluate) of an operator with one output.

    Parameters
    ----------
    shape : callable (node, inputs) -> tuple of int
    move : callable (call) -> ndarray
    run : callable (node, inputs, output shape) -> int, or a pattern
        Elements that stay neighbours; it decides between contiguous and strided. "view" where nothing moves.
    """

    def output_shapes(node, inputs):
        return (shape(node, inputs),)

    def work(node, inputs, outputs):
        kind, output = inputs[0].dtype, outputs[0]
        if isinstance(run, str):
            pattern = run
        else:
            pattern = "contiguous" if run(node, inputs, output.shape) * output.bits >= 8 * RUN_BYTES else "strided"
        moving = tuple(t.name for t in inputs if t is not None and not t.is_constant)
        constant = tuple(t.name for t in inputs if t is not None and t.is_constant)
        return (Move(reads=moving, weights=constant, writes=tuple(t.name for t in outputs), pattern=pattern, elements=output.elements, element_type=kind),)

    def evaluate(call: Call):
        return (move(call),)

    return output_shapes, work, evaluate


def trailing_run(shape: tuple[int, ...], axis: int) -> int:
    """Return how many neighbouring elements one step along an axis holds."""
    return math.prod(shape[axis:])
