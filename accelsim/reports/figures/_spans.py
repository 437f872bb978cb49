"""The layers of a result's first simulated inference, on the clock of its trace."""

from functools import lru_cache

from accelsim.base.errors import AccelsimError
from accelsim.mapping.choice import Choice
from accelsim.mapping.mapper import NetworkMapping
from accelsim.results.layer_table import LayerResult, layer_results
from accelsim.results.result import Result


def has_layers(result: Result) -> bool:
    """Return whether a result is that of a network of layers, not of an RBF or spiking chip."""
    return isinstance(result.mapping, NetworkMapping)


@lru_cache(maxsize=4)
def rows_of(result: Result) -> tuple[LayerResult, ...]:
    """Return the layer table on the clock of ``result.trace``, which may begin with a cold chip.

    Raises
    ------
    AccelsimError
        The result is not that of a network of layers.
    """
    if not has_layers(result):
        raise AccelsimError(f"{result.model} on {result.chip}", "needs a network of layers")
    return layer_results(result.mapping, result.trace, result.columns.by_layer(len(result.mapping.layers)) if result.energy_j is not None else None)


def layer_spans(result: Result) -> list[tuple[Choice, float]]:
    """Return every choice with its layer's span [s]."""
    rows = rows_of(result)
    return [(choice, row.seconds) for choice, row in zip(result.mapping.choices, rows, strict=True)]
