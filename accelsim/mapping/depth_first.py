"""Choose which layers are done depth first: those between which a tensor found no room near its unit, in stripes as high as room allows."""

from collections.abc import Iterator, Mapping

from accelsim.base.errors import AccelsimError
from accelsim.graph.graph import Graph
from accelsim.hardware.chip import Chip
from accelsim.mapping.candidates import Pin
from accelsim.mapping.cascades import Cascade, can_be_cut, in_stripes, stretches
from accelsim.mapping.homes import Homes, aliases_of, plan_homes, reach_of, reserved, stored_bytes
from accelsim.mapping.kept import kept_of
from accelsim.mapping.layers import Layer

MOST_ROUNDS = 4
BUFFERS = 2
# Layers by which a run grows before and behind it until its buffers find room.
LONGER = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 1), (2, 2), (3, 3))


def cascades_of(graph: Graph, layers: tuple[Layer, ...], chip: Chip) -> tuple[Cascade, ...]:
    """Return the cascades in which a network is done on a chip; none where its tool chain knows none or everything has room.

    Each round looks where the tensors lie with the cascades so far: what gave way to them may be done depth first too, and a cascade whose
    buffers still found no room is done in lower stripes, or not at all.
    """
    if not chip.compiler.cascading:
        return ()
    capacities = tuple((name, memory.capacity) for name, memory in chip.memories.items())
    return kept_of(graph).get(("cascades", layers, capacities, reach_of(chip), *chip.descriptions.items(), chip.placement, chip.compiler), lambda: _searched(graph, layers, chip))


def _searched(graph: Graph, layers: tuple[Layer, ...], chip: Chip) -> tuple[Cascade, ...]:
    aliases = aliases_of(graph, layers)
    aliased = {*aliases, *aliases.values()}
    homes = plan_homes(graph, layers, chip)
    lower: dict[str, int] = {}
    for _ in range(MOST_ROUNDS):
        far = _far(layers, homes, chip)
        for cascade in homes.cascades:
            if any(name in far for name, _ in cascade.rolling):
                lower |= {name: 2 * lower.get(name, 1) for name, _ in cascade.rolling}
        wanted = far | {name for cascade in homes.cascades for name, _ in cascade.rolling}
        found = tuple(_each(stretches(layers, wanted, aliased, chip), layers, graph, homes, chip, lower))
        if found == homes.cascades:
            break
        homes = plan_homes(graph, layers, chip, 0.0, found)
    far = _far(layers, homes, chip)
    return tuple(cascade for cascade in homes.cascades if cascade.rolling and not any(name in far for name, _ in cascade.rolling))


def pinned_cascades(graph: Graph, layers: tuple[Layer, ...], pins: Mapping[str, Pin]) -> tuple[Cascade, ...]:
    """Return the cascades that the user asked for.

    Raises
    ------
    AccelsimError
        Layers that are not one behind the other on one unit, or of which one cannot be cut into rows.
    """
    runs: dict[str, list[Layer]] = {}
    for layer in layers:
        if (pin := pins.get(layer.name)) is not None and pin.cascade:
            runs.setdefault(pin.cascade, []).append(layer)
    found = []
    for name, run in runs.items():
        place = f"--mapping: cascade '{name}'"
        if len(run) < 2 or run[-1].index - run[0].index + 1 != len(run) or len({layer.unit for layer in run}) > 1:
            raise AccelsimError(place, "its layers are not at least two, one behind the other on one unit", ", ".join(layer.name for layer in run))
        for layer in run:
            if not can_be_cut(layer):
                raise AccelsimError(place, f"layer '{layer.name}' cannot be cut into rows")
        found.append(in_stripes(tuple(run), min(pins[run[-1].name].tile, run[-1].outputs[0].shape[1]), graph))
    return tuple(found)


def _far(layers: tuple[Layer, ...], homes: Homes, chip: Chip) -> set[str]:
    """Return the results that do not lie in the working memory of the unit that makes them."""
    return {t.name for layer in layers for t in layer.outputs if homes.memory[t.name] != chip.units[layer.unit].memories[0]}


def _each(runs: Iterator[tuple[Layer, ...]], layers: tuple[Layer, ...], graph: Graph, homes: Homes, chip: Chip, lower: dict[str, int]) -> Iterator[Cascade]:
    """Yield a cascade for each run, longer than the run where its first input or last output leaves too little room."""
    free = 0
    for run in runs:
        # At first with room for what goes in and comes out, too, then only between.
        for longer, ends_near in [(longer, ends_near) for ends_near in (True, False) for longer in _longer(run, layers, free)]:
            cascade = _highest(longer, graph, homes, chip, max(lower.get(layer.outputs[0].name, 1) for layer in longer), ends_near)
            if cascade is not None:
                free = cascade.last + 1
                yield cascade
                break


def _longer(run: tuple[Layer, ...], layers: tuple[Layer, ...], free: int) -> Iterator[tuple[Layer, ...]]:
    """Yield a run and runs around it, from the layer on that is free of other cascades."""
    begin, end = run[0].index, run[-1].index
    for before, after in LONGER:
        grown = layers[max(0, begin - before) : end + 1 + after]
        if grown[0].index >= free and len(grown) == len(run) + before + after and all(can_be_cut(one) and one.unit == run[0].unit for one in grown):
            yield grown


def _highest(run: tuple[Layer, ...], graph: Graph, homes: Homes, chip: Chip, divided: int, ends_near: bool) -> Cascade | None:
    """Return a run of layers in the highest stripes whose buffers have room beside what else lives meanwhile; None where not even the lowest have.

    Parameters
    ----------
    divided : int
        Part of the output's rows from which the search goes down.
    ends_near : bool
        Leave room for what the run reads and makes at its ends.
    """
    unit = chip.units[run[0].unit]
    working, chunk = unit.memories[0], chip.compiler.transfer_chunk
    capacity = chip.memories[working].capacity
    if capacity is None:
        return None
    between = {layer.outputs[0].name for layer in run[:-1]}
    ends = {t.name for layer in run for t in (*layer.inputs, *layer.outputs) if t.name not in homes.bound} if ends_near else set()
    others = sum(
        size
        for name, size in homes.sizes.items()
        if name not in between and (homes.memory[name] == working or name in ends) and homes.lives[name][0] <= run[-1].index and run[0].index <= homes.lives[name][1]
    )
    staged = sum(min(BUFFERS * chunk, sum(stored_bytes(t) for t in layer.constants)) for layer in run)
    room = capacity - homes.constants.get(working, 0) - reserved(chip, working, 0.0) - others - staged
    granule = unit.split_granules(run[-1].works[0])[0]
    height = run[-1].outputs[0].shape[1] // divided
    while height > granule:
        height = -(-(height // 2) // granule) * granule
        cascade = in_stripes(run, height, graph)
        if sum(size for _, size in cascade.rolling) <= room:
            return cascade
    return None
