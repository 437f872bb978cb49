"""A few ways to map a network, of which the one that simulates best is kept: prediction sees one layer at a time, simulation the whole.

First comes the way of least predicted time with as many activations near their unit as find room. Then room is kept free for staging, layers are not
done depth first, and first groups are waited for less patiently. Last come the same ways with less of the working memory than there is: so that, where all are tried, a larger one is never slower.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from accelsim.base.errors import AccelsimError
from accelsim.graph.graph import Graph
from accelsim.hardware.chip import Chip
from accelsim.mapping.candidates import Pin
from accelsim.mapping.mapper import NetworkMapping, Way, changes, map_graph

BASE = Way()
# The most promising first: by up to 29 % faster where feature maps leave no room for constants (SqueezeNet on Ethos-U65).
WAYS = (BASE, Way(kept_free=(0.25,)), Way(cascading=False), Way(kept_free=(0.5,)), Way(patience=0.25), Way(kept_free=(0.25,), cascading=False), Way(patience=0.0), Way(kept_free=(0.75,)))
NEAR = 1.05  # what is predicted to be slower by more is not simulated: prediction of a whole network is off by 3 % or so
LEAST_ROOM = 1024  # bytes
STEPS = (1.0, 1.5)


def alternatives(graph: Graph, chip: Chip, pins: Mapping[str, Pin] | None = None) -> Iterator[NetworkMapping]:
    """Yield mappings that differ, of the first ``compiler.candidates`` ways those that may pay; the one of least predicted time first.

    Raises
    ------
    AccelsimError
        Of the first, where no way can be gone.
    """
    first = map_graph(graph, chip, pins)
    yield first
    seen, least = [_signature(first)], _predicted(first)
    short, deep = _is_short_of_room(first), bool(first.homes.cascades) and not pins
    for way in islice(_ways(chip), 1, chip.compiler.candidates):
        if not (way.rooms or way.patience != BASE.patience or (short and (way.cascading or deep))):
            continue  # nothing else would be found
        try:
            if way.patience == BASE.patience and not changes(first, way, pins):
                continue
            mapping = map_graph(graph, chip, pins, way)
        except AccelsimError:  # less room is no way for this network
            continue
        hopeless = not way.rooms and _predicted(mapping) > NEAR * least
        if not hopeless and _signature(mapping) not in seen:
            seen.append(_signature(mapping))
            least = min(least, _predicted(mapping))
            yield mapping


def _ways(chip: Chip) -> Iterator[Way]:
    for rooms in _rooms(chip):
        for way in WAYS:
            yield replace(way, rooms=rooms)


def _rooms(chip: Chip) -> Iterator[tuple[tuple[str, float], ...]]:
    """Yield all of the working memory, then less and less of it: powers of two and one and a half times these [B]."""
    yield ()
    working = dict.fromkeys(unit.memories[0] for name, unit in chip.units.items() if name != chip.host)
    for name in working:
        capacity = chip.memories[name].capacity
        if capacity is not None:
            levels = {LEAST_ROOM * 2**k * step for k in range(32) for step in STEPS}
            for level in sorted((level for level in levels if level < capacity), reverse=True):
                yield ((name, level),)


def _predicted(mapping: NetworkMapping) -> float:
    """Return the seconds of all layers, one after the other [s]."""
    return sum(choice.seconds for choice in mapping.choices)


def _is_short_of_room(mapping: NetworkMapping) -> bool:
    """Return whether a result that might lie in the working memory of the unit that makes it does not, or rolls there."""
    homes, units = mapping.homes, mapping.chip.units
    far = (t.name not in homes.bound and homes.memory[t.name] != units[layer.unit].memories[0] for layer in mapping.layers for t in layer.outputs)
    return bool(homes.cascades) or any(far)


def _signature(mapping: NetworkMapping) -> tuple:
    """Return what tells two mappings of a network apart."""
    return tuple((choice.order, choice.tile, choice.group_cycles, choice.streams) for choice in mapping.choices)
