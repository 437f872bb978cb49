"""A border that repeats the edge, or continues from the opposite side."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import mover
from accelsim.operators.pad import _run, _shape


@dataclass(frozen=True, slots=True)
class Attributes:
    """Elements before and after along each axis; whether the tensor goes round."""

    padding: tuple[tuple[int, int], ...] = ()
    wrap: bool = False


def _move(call: Call):
    a = call.node.attributes
    return np.pad(call.values[0], a.padding, mode="wrap" if a.wrap else "edge")


output_shapes, work, evaluate = mover(_shape, _move, _run)
