"""Which orders and tiles are tried for a layer, and what its work then costs group by group."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from accelsim.graph.work import Contraction, Work
from accelsim.hardware.chip import Compiler
from accelsim.hardware.cost import Cost
from accelsim.hardware.partition import filters_of, part_of
from accelsim.mapping.cascades import rows_part
from accelsim.mapping.layers import Layer
from accelsim.mapping.operands import Operands

CASCADE = "cascade"
FILTER_ORDERS = ("filters_outer", "weights_streamed")
Runs = list[tuple[Cost, int]]


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


def candidates(operands: Operands, compiler: Compiler, granules: tuple[int, int], pin: Pin | None, stripes: tuple[int, ...], prefers_staged: bool) -> Iterator[Candidate]:
    """Yield what is tried for a layer, the simplest first.

    Parameters
    ----------
    granules : tuple of int
        Output rows and filters whose multiples the unit computes without loss.
    stripes : tuple of int
        Rows of each stripe where the layer belongs to a cascade.
    prefers_staged : bool
        What is staged may be computed faster: it may end the search.
    """
    layer = operands.layer
    work = product_of(layer)
    may_stage = operands.can_stage
    if operands.direct and compiler.vectors_direct and work is not None and _of_a_vector(work):
        may_stage = False
    staging = ([False] if operands.direct else []) + ([True] if may_stage else []) or [False]
    if prefers_staged:
        staging.reverse()
    for stage in staging:
        if operands.in_place:
            yield Candidate("whole", 0, False)
            return
        if stripes:
            yield Candidate(CASCADE, max(stripes), stage, stripes)
        elif pin is not None:
            yield Candidate(pin.order, pin.tile, stage)
        elif work is None or compiler.uncut_products or not (stage or operands.far):
            yield Candidate("whole", 0, stage)
        else:
            # Rows outside pay only where rows of a far input can stay.
            orders = ("filters_outer", "rows_outer", "weights_streamed") if operands.far else FILTER_ORDERS
            yield from _tilings(granules, work, stage, orders)


def product_of(layer: Layer) -> Contraction | None:
    """Return the one product that a layer is; None where it is something else."""
    return layer.works[0] if len(layer.works) == 1 and isinstance(layer.works[0], Contraction) else None


def _of_a_vector(work: Contraction) -> bool:
    """Return whether each weight is used once an input: the product of a matrix and a vector."""
    return work.out_h * work.out_w * work.filter_h * work.filter_w == 1


def _tilings(granules: tuple[int, int], work: Contraction, stage: bool, orders: tuple[str, ...]) -> Iterator[Candidate]:
    """Yield the orders with tiles halved from the whole down to the unit's granule."""
    rows_step, filters_step = granules
    for order in orders:
        for tile in _tiles(filters_of(work), filters_step) if order in FILTER_ORDERS else _tiles(work.out_h, rows_step):
            yield Candidate(order, tile, stage)


@lru_cache(maxsize=1 << 12)
def _tiles(size: int, step: int) -> tuple[int, ...]:
    found: dict[int, None] = {}
    tile = size
    while tile and (tile := min(size, -(-tile // step) * step)) not in found:
        found[tile] = None
        tile //= 2
    return tuple(found)


def groups_of(layer: Layer, candidate: Candidate) -> int:
    """Return how many groups a candidate has."""
    if candidate.order == "whole":
        return 1
    return len(candidate.rows) or -(-_cut(layer.works[0], candidate) // candidate.tile)


def _cut(work: Contraction, candidate: Candidate) -> int:
    """Return the filters or rows that a candidate cuts into groups."""
    return filters_of(work) if candidate.order in FILTER_ORDERS else work.out_h


def group_costs(cost: Callable[[Work], Cost], layer: Layer, candidate: Candidate) -> Runs:
    """Return the cost of each group of a candidate, and how many alike follow one another."""
    if candidate.order == "whole":
        return [(total_cost([(cost(work), 1) for work in layer.works]), 1)]
    work = layer.works[0]
    if candidate.rows:
        made = layer.outputs[0].shape[1]
        return [(cost(rows_part(work, rows, made)), sum(1 for _ in same)) for rows, same in groupby(candidate.rows)]
    whole, rest = divmod(_cut(work, candidate), candidate.tile)
    part = (lambda size: part_of(work, None, size)) if candidate.order in FILTER_ORDERS else (lambda size: part_of(work, size))
    runs = [(cost(part(candidate.tile)), whole)] if whole else []
    return _following(runs + ([(cost(part(rest)), 1)] if rest else []))


def _following(runs: Runs) -> Runs:
    """Return the groups as they follow each other: of all but the last, the next one hides the tail."""
    if not any(cost.tail_cycles for cost, _ in runs):
        return runs
    *before, (last, times) = runs
    hidden = [(replace(cost, cycles=cost.cycles - cost.tail_cycles), count) for cost, count in (*before, (last, times - 1)) if count]
    return [*hidden, (last, 1)]


def total_cost(runs: Runs) -> Cost:
    """Return the cost of pieces of work one after another."""
    first, times = runs[0]
    if len(runs) == 1 and times == 1:
        return first
    actions: dict[str, int] = {}
    for cost, times in runs:
        for name, count in cost.actions:
            actions[name] = actions.get(name, 0) + times * count
    return replace(
        first,
        cycles=sum([times * c.cycles for c, times in runs]),
        activation_bytes=sum([times * c.activation_bytes for c, times in runs]),
        weight_bytes=sum([times * c.weight_bytes for c, times in runs]),
        output_bytes=sum([times * c.output_bytes for c, times in runs]),
        actions=tuple(actions.items()),
        issued_macs=sum([times * c.issued_macs for c, times in runs]),
    )
