"""Identical cores that share a layer: its filters or its rows are dealt out, and the slowest core sets the time."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, SerializeAsAny, ValidationInfo, WithJsonSchema

from accelsim.base.rooms import member, members
from accelsim.base.schema import Count, CountOrZero, field
from accelsim.graph.tensor import BITS
from accelsim.graph.work import Contraction, Convert, Elementwise, Lookup, Move, Reduce, Window, Work
from accelsim.hardware.cost import Cost
from accelsim.hardware.partition import filters_of, part_of
from accelsim.hardware.unit import Surroundings, Unit

ROOM = "accelsim.hardware.units"
COUNTED = (Elementwise, Lookup, Convert, Move)


def _core(value: object, info: ValidationInfo) -> object:
    """Return the description of one core, which has the clock and the memories of the whole."""
    if not isinstance(value, dict):
        return value
    kinds = [name for name in members(ROOM) if name != "multicore"]
    if value.get("kind") not in kinds:
        raise ValueError(f"kind '{value.get('kind')}' is not one of {', '.join(kinds)}")
    for key in ("clock", "memories"):
        if key in value:
            raise ValueError(f"{key} is stated for all cores together, outside 'core'")
    whole: dict[str, Any] = {"clock": info.data.get("clock"), "memories": info.data.get("memories", ())}
    return member(ROOM, value["kind"]).DESCRIPTION.model_validate(whole | value)


class Multicore(Unit):
    """Identical cores that share a layer: its filters or its rows are dealt out, and the slowest core sets the time.

    Split over filters, every core reads the whole input (``multicast: inputs`` or ``both``: once for all of them) and its own weights;
    split over rows, every core reads its rows with their halo and all weights (``multicast: weights`` or ``both``: once for
    all). ``best`` takes whichever is faster, the one of less traffic among equals. Other work is dealt out by elements. A layer that has fewer parts
    than cores leaves the rest of them idle. Every layer begins with ``layer_cycles`` in which nothing is computed.

    References
    ----------
    Partition by output channels or by rows with duplicated weights is what the multi-core NPUs of J.-S. Park et al., ISSCC 2021 9.5, and
    Arm's ethos-u-vela 5.2 (two cores of U65-512) are built on; the cost here is arithmetic on parts, no fit.
    """

    kind: Literal["multicore"]
    cores: Count = field("identical cores")
    core: Annotated[SerializeAsAny[Unit], BeforeValidator(_core), WithJsonSchema({"type": "object"})] = field("one core: any other kind of unit, without clock and memories")
    partition: Literal["best", "filters", "rows"] = field("how a product is dealt out", default="best")
    layer_cycles: CountOrZero = field("to start a layer on all cores: their instructions, their barriers", unit="cycle", default=0)
    dense_depthwise: Count | None = field("channels of the blocks in which depthwise layers are computed as plain products, zero off the diagonal; null: as the core does them", default=None)
    multicast: Literal["none", "inputs", "weights", "both"] = field("operands that are fetched once for all cores", default="both")

    @property
    def peak_macs_per_cycle(self) -> float:
        """All cores."""
        return self.cores * self.core.peak_macs_per_cycle

    def refuses(self, work: Work) -> str:
        """Return the reason of one core."""
        return self.core.refuses(work)

    def within(self, surroundings: Surroundings) -> "Multicore":
        """Return the cores as they work within surroundings."""
        core = self.core.within(surroundings)
        return self if core is self.core else self.model_copy(update={"core": core})

    def split_granules(self, work: Work) -> tuple[int, int]:
        """Return the multiples at which every core has whole granules, over rows or filters."""
        rows, filters = self.core.split_granules(work)
        return rows * (1 if self.partition == "filters" else self.cores), filters * (1 if self.partition == "rows" else self.cores)

    def cost(self, work: Work) -> Cost:
        """Return the slowest core's cycles and the bytes and actions of all."""
        if isinstance(work, Move) and work.pattern == "view":
            return self._others(work)
        cost = self._best_product(work) if isinstance(work, Contraction) else self._others(work)
        return replace(cost, cycles=cost.cycles + self.layer_cycles) if self.layer_cycles else cost

    def _best_product(self, work: Contraction) -> Cost:
        ways = ("filters", "rows") if self.partition == "best" else (self.partition,)
        size = min(self.dense_depthwise, work.group) if self.dense_depthwise and work.is_depthwise and work.filters == 1 else 1
        if size == 1:
            costs = [self._product(work, way) for way in ways]
            return min(costs, key=lambda cost: (cost.cycles, cost.activation_bytes + cost.weight_bytes))
        dense = self._product(replace(work, group=-(-work.group // size), channels=size, filters=size), "rows")
        weights = work.group * work.filter_h * work.filter_w * BITS[work.weight_type] // 8
        return replace(dense, weight_bytes=weights, note=f"{dense.note}, depthwise as products of {size} channels")

    def _product(self, work: Contraction, way: str) -> Cost:
        size = filters_of(work) if way == "filters" else work.out_h
        granule = self.core.split_granules(work)[1 if way == "filters" else 0]
        share = min(size, -(-(-(-size // granule)) // self.cores) * granule)
        whole, rest = divmod(size, share)
        parts = [(share, whole)] + ([(rest, 1)] if rest else [])
        costs = [(self.core.cost(part_of(work, **{way: part})), count) for part, count in parts]
        used = whole + bool(rest)
        shared_inputs = way == "filters" and not work.is_depthwise and self.multicast in ("inputs", "both")
        shared_weights = way == "rows" and self.multicast in ("weights", "both")
        return replace(
            _together(costs),
            activation_bytes=costs[0][0].activation_bytes if shared_inputs else sum(c.activation_bytes * n for c, n in costs),
            weight_bytes=costs[0][0].weight_bytes if shared_weights else sum(c.weight_bytes * n for c, n in costs),
            note=f"{used} of {self.cores} cores by {way}: {costs[0][0].note}",
        )

    def _others(self, work: Work) -> Cost:
        if isinstance(work, Window):
            share = -(-work.out_h // self.cores)
            return self._dealt(work, work.out_h, share, lambda rows: replace(work, out_h=rows, in_h=min(work.in_h, (rows - 1) * work.stride_h + work.filter_h)))
        if isinstance(work, COUNTED):
            share = -(-work.elements // self.cores)
            return self._dealt(work, work.elements, share, lambda elements: replace(work, elements=elements))
        if isinstance(work, Reduce) and work.results >= self.cores:
            share = -(-work.results // self.cores)
            return self._dealt(work, work.results, share, lambda results: replace(work, results=results, elements=work.elements * results // work.results))
        return self.core.cost(work)

    def _dealt(self, work: Work, size: int, share: int, part) -> Cost:
        if not size:
            return self.core.cost(work)
        whole, rest = divmod(size, share)
        return _together([(self.core.cost(part(share)), whole)] + ([(self.core.cost(part(rest)), 1)] if rest else []))


def _together(costs: list[tuple[Cost, int]]) -> Cost:
    """Return the cost of cores that work at once: (cost, how many cores) pairs, the longest first."""
    actions: dict[str, int] = {}
    for cost, count in costs:
        for name, times in cost.actions:
            actions[name] = actions.get(name, 0) + times * count
    total = lambda key: sum(getattr(cost, key) * count for cost, count in costs)  # noqa: E731 of one column
    return Cost(
        max(cost.cycles for cost, _ in costs), total("activation_bytes"), total("weight_bytes"), total("output_bytes"),
        tuple(actions.items()), total("issued_macs"), costs[0][0].note, costs[0][0].run_bytes, traversal=costs[0][0].traversal,
    )  # fmt: skip


DESCRIPTION = Multicore
