"""The layers of a result's first simulated inference, on the clock of its trace."""

from functools import lru_cache

from accelsim.mapping.choice import Choice
from accelsim.results.layer_table import LayerResult, layer_results
from accelsim.results.result import Result


@lru_cache(maxsize=4)
def rows_of(result: Result) -> tuple[LayerResult, ...]:
    """Return the layer table on the clock of ``result.trace``, which may begin with a cold chip."""
    return layer_results(result.mapping, result.trace, list(result.terms) if result.energy_j is not None else None)


def layer_spans(result: Result) -> list[tuple[Choice, float]]:
    """Return every choice with its layer's span [s]."""
    return [(choice, row.seconds) for choice, row in zip(result.mapping.choices, rows_of(result), strict=True)]
