"""Which orders and tiles are tried for a layer, and what its work then costs group by group."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from accelsim.graph.work import Contraction, Work
from accelsim.hardware.chip import Chip
from accelsim.hardware.cost import Cost
from accelsim.hardware.partition import filters_of, part_of
from accelsim.hardware.unit import Unit
from accelsim.mapping.cascades import rows_part
from accelsim.mapping.homes import Homes
from accelsim.mapping.layers import Layer
from accelsim.mapping.surroundings import cares

CASCADE = "cascade"
FILTER_ORDERS = ("filters_outer", "weights_streamed")


@dataclass(frozen=True, slots=True)
class Pin:
    """A decision that the user took; ``tile`` is filters or rows per group, ``cascade`` the name of the cascade to which the layer belongs."""

    order: str
    tile: int
    cascade: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An order, filters or rows of a group, and whether constants are staged that the unit could read where they lie.

    ``rows`` are those of each stripe in a cascade, whose groups differ.
    """

    order: str
    tile: int
    stage_constants: bool
    rows: tuple[int, ...] = ()


def candidates(layer: Layer, chip: Chip, homes: Homes, pin: Pin | None) -> Iterator[Candidate]:
    """Yield what is tried for a layer, the simplest first."""
    unit = chip.units[layer.unit]
    far = any(homes.memory[t.name] not in unit.memories for t in (*layer.inputs, *layer.outputs))
    direct = all(homes.memory[t.name] in unit.memories for t in layer.constants)
    work = layer.works[0] if len(layer.works) == 1 and isinstance(layer.works[0], Contraction) else None
    may_stage = any(homes.memory[t.name] != unit.memories[0] for t in layer.constants) and _can_stage(layer, chip, homes)
    if direct and chip.compiler.vectors_direct and work is not None and _of_a_vector(work):
        may_stage = False
    staging = ([False] if direct else []) + ([True] if may_stage else []) or [False]
    if cares(unit):
        staging.reverse()  # what is staged may be computed faster: it may end the search
    cascade = homes.cascade_of(layer.index)
    for stage in staging:
        if cascade is not None:
            rows = tuple(count for count in cascade.rows_of(layer.index) if count)
            yield Candidate(CASCADE, max(rows), stage, rows)
        elif pin is not None:
            yield Candidate(pin.order, pin.tile, stage)
        elif work is None or chip.compiler.uncut_products or not (stage or far):
            yield Candidate("whole", 0, stage)
        else:
            # Rows outside pay only where rows of a far input can stay.
            orders = ("filters_outer", "rows_outer", "weights_streamed") if far else FILTER_ORDERS
            yield from _tilings(unit, work, stage, orders)


def _of_a_vector(work: Contraction) -> bool:
    """Return whether each weight is used once an input: the product of a matrix and a vector."""
    return work.out_h * work.out_w * work.filter_h * work.filter_w == 1


def _can_stage(layer: Layer, chip: Chip, homes: Homes) -> bool:
    working = chip.units[layer.unit].memories[0]
    where = {homes.memory[t.name] for t in layer.constants} - {working}
    return all(any(home in link.sources and working in link.targets for link in chip.links.values()) for home in where)


def _tilings(unit: Unit, work: Contraction, stage: bool, orders: tuple[str, ...]) -> Iterator[Candidate]:
    """Yield the orders with tiles halved from the whole down to the unit's granule."""
    rows_step, filters_step = unit.split_granules(work)
    for order in orders:
        size, step = (filters_of(work), filters_step) if order in FILTER_ORDERS else (work.out_h, rows_step)
        tile, seen = size, set()
        while True:
            tile = min(size, -(-tile // step) * step)
            if tile in seen:
                break
            seen.add(tile)
            yield Candidate(order, tile, stage)
            tile //= 2
            if tile < 1:
                break


def groups_of(layer: Layer, candidate: Candidate) -> int:
    """Return how many groups a candidate has."""
    if candidate.order == "whole":
        return 1
    return len(candidate.rows) or -(-_cut(layer.works[0], candidate) // candidate.tile)


def _cut(work: Contraction, candidate: Candidate) -> int:
    """Return the filters or rows that a candidate cuts into groups."""
    return filters_of(work) if candidate.order in FILTER_ORDERS else work.out_h


def group_costs(cost: Callable[[Work], Cost], layer: Layer, candidate: Candidate) -> list[Cost]:
    """Return the cost of each group of a candidate."""
    if candidate.order == "whole":
        return [total_cost([cost(work) for work in layer.works])]
    work = layer.works[0]
    if candidate.rows:
        made = layer.outputs[0].shape[1]
        return [cost(rows_part(work, rows, made)) for rows in candidate.rows]
    whole, rest = divmod(_cut(work, candidate), candidate.tile)
    key = "filters" if candidate.order in FILTER_ORDERS else "rows"
    costs = [cost(part_of(work, **{key: candidate.tile}))] * whole
    return costs + ([cost(part_of(work, **{key: rest}))] if rest else [])


def total_cost(costs: list[Cost]) -> Cost:
    """Return the cost of pieces of work one after another."""
    if len(costs) == 1:
        return costs[0]
    runs = [(next(same), 1 + sum(1 for _ in same)) for _, same in groupby(costs, key=id)]  # most groups are alike
    actions: dict[str, int] = {}
    for cost, times in runs:
        for name, count in cost.actions:
            actions[name] = actions.get(name, 0) + times * count
    return Cost(
        sum([times * c.cycles for c, times in runs]),
        sum([times * c.activation_bytes for c, times in runs]),
        sum([times * c.weight_bytes for c, times in runs]),
        sum([times * c.output_bytes for c, times in runs]),
        tuple(actions.items()),
        sum([times * c.issued_macs for c, times in runs]),
        costs[0].note,
        costs[0].run_bytes,
        costs[0].setup_cycles,
        costs[0].input_fetches,
        costs[0].constant_fetches,
        costs[0].traversal,
    )
