"""The layers of a result's first simulated inference, on the clock of its trace."""

from functools import lru_cache

from accelsim.base.errors import AccelsimError
from accelsim.mapping.choice import Choice
from accelsim.mapping.mapper import NetworkMapping
from accelsim.results.busy import stalls
from accelsim.results.layer_table import LayerResult, layer_results
from accelsim.results.own_time import Turn, overlapping, turns
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


@lru_cache(maxsize=4)
def turns_of(result: Result) -> tuple[Turn, ...]:
    """Return the turns that layers take at their units."""
    return tuple(turns(result.mapping, result.trace, rows_of(result)))


@lru_cache(maxsize=4)
def own_times(result: Result) -> tuple[float, ...]:
    """Return how long each layer has its unit [s]: its span, or in a cascade its turns."""
    seconds = [0.0] * len(rows_of(result))
    for turn in turns_of(result):
        seconds[turn.row] += turn.end_s - turn.begin_s
    return tuple(seconds)


@lru_cache(maxsize=4)
def spent_times(result: Result) -> tuple[dict[str, float], ...]:
    """Return what each layer's time is spent on, as ``results.busy.stalls`` tells it of one span [s]."""
    spent: list[dict[str, float]] = [{} for _ in rows_of(result)]
    mine = turns_of(result)
    for turn, one in zip(mine, stalls(result.trace, [(turn.unit, turn.begin_s, turn.end_s) for turn in mine]), strict=True):
        for name, seconds in one.items():
            spent[turn.row][name] = spent[turn.row].get(name, 0.0) + seconds
    return tuple(spent)


def interleaved(result: Result) -> list[list[int]]:
    """Return the rows that are done depth first, group by group."""
    return [group for group in overlapping(rows_of(result)) if len(group) > 1]


def layer_spans(result: Result) -> list[tuple[Choice, float]]:
    """Return every choice with the time in which its layer has its unit [s]."""
    return list(zip(result.mapping.choices, own_times(result), strict=True))
