"""The same elements under another shape; one extent may be -1."""

import math
from dataclasses import dataclass

from accelsim.operators._move import misfit, mover


@dataclass(frozen=True, slots=True)
class Attributes:
    """The new shape; one extent may be -1 and follows from the others."""

    shape: tuple[int, ...] = (-1,)


def _shape(node, inputs):
    asked, elements = node.attributes.shape, inputs[0].elements
    known = math.prod(extent for extent in asked if extent != -1)
    if asked.count(-1) > 1 or (asked.count(-1) == 1 and (known == 0 or elements % known)) or (-1 not in asked and known != elements):
        raise misfit(node, f"{elements} elements do not fill shape {asked}")
    return tuple(elements // known if extent == -1 else extent for extent in asked)


output_shapes, work, evaluate = mover(_shape, lambda call: call.values[0].reshape(call.node.attributes.shape), "view")
