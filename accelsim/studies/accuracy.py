"""How often a network is right on a labelled data set, and how sure that is."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from accelsim.base.errors import AccelsimError
from accelsim.functional.evaluate import measure_accuracy
from accelsim.graph.graph import Graph
from accelsim.graph.numerics import Numerics
from accelsim.importers.datasets import DataSet, fit_input

# Normal quantile of a two-sided confidence of 95 %.
QUANTILE = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The result of one study.

    Attributes
    ----------
    correct, items : int
        Items whose highest score stands at their label, of how many.
    low, high : float
        Wilson's interval of the share at ``confidence``.
    split : str
        Which items these were.
    """

    network: str
    data: str
    split: str
    correct: int
    items: int
    low: float
    high: float
    confidence: float = 0.95

    @property
    def top1(self) -> float:
        """The share that is right."""
        return self.correct / self.items


def study_accuracy(
    graph: Graph,
    data: DataSet,
    numerics: Numerics | None = None,
    pixels: str | None = None,
    limit: int | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> Accuracy:
    """Return the accuracy of a network on a data set.

    Parameters
    ----------
    numerics : Numerics, optional
        A chip's arithmetic; by default that of the model's own runtime.
    pixels : str, optional
        What uint8 pixels mean to a float network (``fit_input``).
    limit : int, optional
        Only the first items.
    on_progress : callable (what, done, total), optional

    Raises
    ------
    AccelsimError
        The data do not fit the network's input, or a label its output.
    """
    if len(graph.inputs) != 1:
        raise AccelsimError(graph.name, f"has {len(graph.inputs)} inputs; a data set feeds one")
    if limit is not None and limit < 1:
        raise AccelsimError("--limit", f"{limit} is not at least 1")
    items = fit_input(data.inputs[:limit], graph.tensors[graph.inputs[0]], pixels, place=data.name)
    labels = data.labels[:limit]
    if not len(labels):
        raise AccelsimError(data.name, "has no items")
    share = measure_accuracy(graph, items, labels, numerics or graph.numerics, on_progress)
    correct = round(share * len(labels))
    low, high = wilson_interval(correct, len(labels))
    split = data.split if len(labels) == len(data) else f"the first {len(labels)} of {data.split}"
    return Accuracy(graph.name, data.name, split, correct, len(labels), low, high)


def wilson_interval(correct: int, items: int) -> tuple[float, float]:
    """Return the 95 % interval of a share seen as ``correct`` of ``items``.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209-212.
    """
    share, square = correct / items, QUANTILE**2
    middle = (share + square / (2 * items)) / (1 + square / items)
    half = QUANTILE / (1 + square / items) * math.sqrt(share * (1 - share) / items + square / (4 * items**2))
    # At the ends the formula gives exactly 0 and 1, which rounding may miss.
    return 0.0 if correct == 0 else middle - half, 1.0 if correct == items else middle + half
