"""Softmax on an array that has no divider."""

from math import ceil
from typing import NamedTuple

from accelsim.base.schema import Count, CountOrZero, Described, field
from accelsim.graph.work import Elementwise, Lookup, Reduce
from accelsim.hardware.cost import Cost

BYTES = 4  # what one pass leaves for the next is a word


class Pace(NamedTuple):
    """How fast an array passes over words: elements per cycle, cycles of the way in or out, bytes per cycle of its port (None: in no time), commands in flight."""

    elements: float
    latency: float
    port: float | None
    overlap: float


class SoftmaxPasses(Described):
    """Softmax of 8-bit data as passes over all elements, and steps on one number a row that approximate its reciprocal.

    References
    ----------
    ethos-u-vela 5.2 (PyPI) lists them as operators of their own (``--verbose-performance``).
    """

    maximum: Count = field("passes that find the maximum of each row", default=1)
    exponentials: Count = field("passes that subtract it and look exponentials up", default=2)
    sum: Count = field("passes that add these up", default=1)
    reciprocal: CountOrZero = field("steps on one number a row", default=21)
    quotients: Count = field("passes that multiply and round", default=3)

    def cost(self, work: Elementwise | Lookup | Reduce, pace: Pace) -> Cost:
        """Return the cost of a piece of softmax."""
        steps = self._steps(work)
        done = sum(passes * elements for passes, elements, _ in steps)
        return Cost(
            cycles=sum(passes * _cycles(elements, folds, pace) for passes, elements, folds in steps),
            activation_bytes=2 * BYTES * done,
            output_bytes=work.elements if isinstance(work, Elementwise) else 0,
            actions=(("lookup" if isinstance(work, Lookup) else "add_int32", done),),
            note="softmax in passes",
        )

    def _steps(self, work: Elementwise | Lookup | Reduce) -> list[tuple[int, int, bool]]:
        """Return how many passes over how many elements a piece is, and whether they fold rows."""
        if isinstance(work, Lookup):
            return [(self.exponentials, work.elements, False)]
        if isinstance(work, Elementwise):
            return [(self.quotients, work.elements, False)]
        if work.operation == "max":
            return [(self.maximum, work.elements, True)]
        return [(self.sum, work.elements, True), (self.reciprocal, work.results, False)]


def _cycles(elements: int, folds: bool, pace: Pace) -> int:
    """Return the cycles of one pass: at its pace, or of its chain where it is short; what folds rows begins and ends with its ways."""
    taken, ways = elements / pace.elements, 2 * pace.latency + (2 * BYTES * elements / pace.port if pace.port else 0.0)
    return ceil(taken + ways if folds else max(taken, (ways + taken) / pace.overlap))
