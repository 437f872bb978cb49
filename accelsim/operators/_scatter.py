"""What the two scatters share: where equal places meet, updates come in their order."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call

COMBINATIONS = {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}


@dataclass(frozen=True, slots=True)
class Attributes:
    """The axis (of scattered elements), and how an update meets what stands there: "none" replaces it."""

    axis: int = 0
    combination: str = "none"


def combine(call: Call, data: np.ndarray, index: tuple[np.ndarray, ...], updates: np.ndarray) -> np.ndarray:
    """Return a copy of the data with the updates put in."""
    result, combination = data.copy(), call.node.attributes.combination
    if combination == "none":
        result[index] = updates
    elif combination in COMBINATIONS:
        COMBINATIONS[combination].at(result, index, updates)
    else:
        raise call.unsupported(f"combination '{combination}' is not one of none, {', '.join(COMBINATIONS)}")
    return result
