"""A border that mirrors the tensor, with or without repeating the edge."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import mover
from accelsim.operators.pad import _run, _shape


@dataclass(frozen=True, slots=True)
class Attributes:
    """Elements before and after along each axis; whether the edge itself is repeated."""

    padding: tuple[tuple[int, int], ...] = ()
    repeat_edge: bool = False


def _move(call: Call):
    a = call.node.attributes
    return np.pad(call.values[0], a.padding, mode="symmetric" if a.repeat_edge else "reflect")


output_shapes, work, evaluate = mover(_shape, _move, _run)
