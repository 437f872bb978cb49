"""A GPU: kernels whose output tiles are dealt out to streaming multiprocessors, wave after wave."""

from typing import Literal

from accelsim.base.schema import Capacity, Count, Described, Fraction, Positive, Time, field
from accelsim.graph.tensor import BITS
from accelsim.graph.work import Contraction, Convert, Lookup, Match, Move, Reduce, Scan, Select, SpikeStep, Transform, Window, Work
from accelsim.hardware.cost import Cost
from accelsim.hardware.unit import Unit


class Tile(Described):
    """The output that one thread block computes."""

    m: Count = field("rows of the product: positions of the output")
    n: Count = field("columns of the product: filters")


class Gpu(Unit):
    """A GPU: kernels whose output tiles are dealt out to streaming multiprocessors, wave after wave.

    A product M x K x N (a convolution is one with M = positions, K = channels x filter, N = filters) is cut into tiles; each thread block computes one
    and an SM has ``blocks_per_sm`` in flight. The last wave leaves SMs idle (wave quantisation), an SM with fewer warps than ``warps_to_fill``
    cannot hide its own latencies (occupancy), K is padded to ``k_step``. A layer of few tiles may cut K into up to ``split_k`` parts, whose
    sums are added afterwards. The fastest tile of ``tiles`` is taken, as the library's auto-tuner does. Tiles fetch their operands
    through the L2 cache at ``l2_bytes_per_cycle``; DRAM sees an operand once where the smaller one fits in ``l2``, else once per row of tiles.
    Depthwise and grouped products and all other work run on the CUDA cores. Every kernel costs ``launch_time``. ``kernel_efficiency`` is the
    share of the tile rate that the library's code reaches in its inner loop.

    References
    ----------
    Tiles, waves and their quantisation: NVIDIA, "Matrix Multiplication Background User's Guide" (deep learning performance documentation).
    """

    kind: Literal["gpu"]
    sms: Count = field("streaming multiprocessors")
    cores_per_sm: Count = field("CUDA cores: fp32 multiply-accumulates per cycle")
    core_rates: dict[str, Positive] = field("multiply-accumulates per cycle and SM on the CUDA cores by element type", unit="MAC/cycle")
    tensor_rates: dict[str, Positive] = field("likewise on the tensor cores; empty: none", unit="MAC/cycle", default={})
    computes_as: dict[str, str] = field("element types that the library computes in another type", default={})
    tiles: tuple[Tile, ...] = field("tiles that the library has", default=(Tile(m=256, n=128), Tile(m=128, n=128), Tile(m=128, n=64), Tile(m=64, n=64), Tile(m=64, n=32), Tile(m=32, n=32)))
    k_step: Count = field("depth of one step of the inner loop", default=32)
    split_k: Count = field("most parts into which the library cuts the reduction", default=8)
    warps_per_block: Count = field("warps of a thread block", default=4)
    blocks_per_sm: Count = field("thread blocks that an SM holds at once", default=4)
    warps_to_fill: Count = field("warps at which an SM hides its latencies", default=8)
    kernel_efficiency: Fraction = field("share of the tile rate that compiled kernels reach", default=1.0)
    instructions_per_element: Positive = field("CUDA-core instructions per element of simple work", default=4.0)
    l2: Capacity = field("L2 cache", unit="B")
    l2_bytes_per_cycle: Positive = field("L2 to SMs, all together", unit="B/cycle")
    launch_time: Time = field("between the kernels of one stream", unit="s")

    @property
    def peak_macs_per_cycle(self) -> float:
        """The fastest type on the faster of CUDA and tensor cores."""
        return self.sms * max((*self.core_rates.values(), *self.tensor_rates.values()))

    def refuses(self, work: Work) -> str:
        """Return why not: devices of another kind, or a type that no core multiplies."""
        if isinstance(work, Match | SpikeStep):
            return f"a GPU does no {type(work).__name__}"
        if isinstance(work, Contraction) and self._rate(self._type(work), False) is None:
            return f"the cores multiply {', '.join(dict.fromkeys((*self.core_rates, *self.tensor_rates)))}, not {work.input_type}"
        return ""

    def split_granules(self, work: Work) -> tuple[int, int]:
        """Return whole tiles of filters."""
        return 1, min(tile.n for tile in self.tiles)

    def cost(self, work: Work) -> Cost:
        """Return the kernels' cycles and what DRAM sees."""
        if isinstance(work, Scan):
            return self._scan(work)
        if isinstance(work, Contraction):
            return self._product(work) if work.group == 1 and self._rate(self._type(work), True) is not None else self._plain_product(work)
        return self._simple(work)

    def _type(self, work: Contraction) -> str:
        return self.computes_as.get(work.input_type, work.input_type)

    def _rate(self, kind: str, tiled: bool) -> float | None:
        """Return multiply-accumulates per cycle and SM of a type; tiled products may use the tensor cores."""
        found = [rates[kind] for rates in ((self.tensor_rates, self.core_rates) if tiled else (self.core_rates,)) if kind in rates]
        return max(found) if found else self.tensor_rates.get(kind)

    @property
    def launch_cycles(self) -> int:
        """Cycles of one kernel launch."""
        return -int(-self.launch_time * (self.clock or 0.0) // 1)

    def _product(self, work: Contraction) -> Cost:
        kind = self._type(work)
        size = BITS[kind] / 8
        m, n, k = work.batch * work.out_h * work.out_w, work.filters, work.channels * work.filter_h * work.filter_w
        ways = [(self._tiled(m, n, k, tile, parts, kind), tile, parts) for tile in self.tiles for parts in _halvings(self.split_k)]
        cycles, tile, parts = min(ways, key=lambda way: way[0])
        inputs, weights = work.batch * work.channels * work.in_h * work.in_w * size, n * k * size
        # The operand that does not fit beside the other is fetched again for every row of tiles.
        again = -(-n // tile.n) if min(inputs, weights) > self.l2 else 1
        sums = 4 * m * n * parts if parts > 1 else 0
        return Cost(
            cycles=cycles + self.launch_cycles,
            activation_bytes=int(inputs * again) + (sums if sums > self.l2 else 0),
            weight_bytes=int(weights),
            output_bytes=work.outputs * BITS[self.computes_as.get(work.output_type, work.output_type)] // 8,
            actions=((f"mac_{kind}", work.macs), ("accumulator_access", work.macs // self.k_step)),
            issued_macs=work.macs,
            note=f"tile {tile.m}x{tile.n}" + (f", K in {parts}" if parts > 1 else "") + f", {-(-m // tile.m) * -(-n // tile.n) * parts} blocks on {self.sms} SMs",
        )

    def _tiled(self, m: int, n: int, k: int, tile: Tile, parts: int, kind: str) -> int:
        """Return the cycles of a product in one way to cut it."""
        blocks = -(-m // tile.m) * -(-n // tile.n) * parts
        depth = -(-(-(-k // parts)) // self.k_step) * self.k_step
        waves, rest = divmod(blocks, self.sms * self.blocks_per_sm)
        per_sm = [self.blocks_per_sm] * waves + ([-(-rest // self.sms)] if rest else [])
        rate = (self._rate(kind, True) or 1.0) * self.kernel_efficiency
        one_block = tile.m * tile.n * depth / rate
        compute = sum(held * one_block / min(1.0, held * self.warps_per_block / self.warps_to_fill) for held in dict.fromkeys(per_sm) for _ in range(per_sm.count(held)))
        fetched = blocks * depth * (tile.m + tile.n) * BITS[kind] / 8
        added = parts * m * n * 8 if parts > 1 else 0
        return -int(-(max(compute, fetched / self.l2_bytes_per_cycle) + added / self.l2_bytes_per_cycle) // 1)

    def _plain_product(self, work: Contraction) -> Cost:
        """Return the cost of a depthwise or grouped product, one thread an output."""
        kind = self._type(work)
        rate = self.sms * (self._rate(kind, False) or 1.0) * self.kernel_efficiency
        size = BITS[kind] / 8
        # A dot-product instruction needs its operands' channels side by side; a depthwise layer has one.
        lanes = self.cores_per_sm * self.sms * self.kernel_efficiency if work.is_depthwise else rate
        return Cost(
            cycles=-int(-work.macs / lanes // 1) + self.launch_cycles,
            activation_bytes=int(work.batch * work.group * work.channels * work.in_h * work.in_w * size),
            weight_bytes=int(work.group * work.filters * work.channels * work.filter_h * work.filter_w * size),
            output_bytes=work.outputs * BITS[self.computes_as.get(work.output_type, work.output_type)] // 8,
            actions=((f"mac_{kind}", work.macs),),
            issued_macs=work.macs,
            note="one thread an output",
        )

    def _simple(self, work: Work) -> Cost:
        """Return the cost of work that reads and writes each element once or a window of it."""
        if isinstance(work, Move) and work.pattern == "view":
            return Cost(cycles=0, note="view: nothing moves")
        elements, read, written = _elements(work)
        kinds = (work.input_type, work.output_type) if isinstance(work, Convert) else (work.element_type,) * 2
        cycles = elements * self.instructions_per_element / (self.sms * self.cores_per_sm)
        action = "lookup" if isinstance(work, Lookup) else "move" if isinstance(work, Move) else "compare" if isinstance(work, Select) else "add_int32"
        return Cost(
            cycles=-int(-cycles // 1) + self.launch_cycles,
            activation_bytes=read * BITS[self.computes_as.get(kinds[0], kinds[0])] // 8,
            output_bytes=written * BITS[self.computes_as.get(kinds[1], kinds[1])] // 8,
            actions=((action, elements),),
            note="on the CUDA cores",
        )

    def _scan(self, work: Scan) -> Cost:
        costs = [self.cost(inner) for inner in work.inner]
        actions: dict[str, int] = {}
        for name, count in (action for cost in costs for action in cost.actions):
            actions[name] = actions.get(name, 0) + count * work.steps
        total = lambda key: work.steps * sum(getattr(cost, key) for cost in costs)  # noqa: E731 of one column
        return Cost(total("cycles"), total("activation_bytes"), total("weight_bytes"), total("output_bytes"), tuple(actions.items()), work.macs, f"{work.steps} serial steps")


def _halvings(most: int) -> list[int]:
    """Return 1, 2, 4, ... up to ``most``."""
    return [1 << i for i in range(most.bit_length())]


def _elements(work: Work) -> tuple[int, int, int]:
    """Return how many elements are worked on, read and written."""
    if isinstance(work, Window):
        return work.elements * work.filter_h * work.filter_w, work.batch * work.in_h * work.in_w * work.channels, work.elements
    if isinstance(work, Reduce | Select):
        return work.elements, work.elements, work.results
    if isinstance(work, Transform):
        points = work.length * work.count
        return points * max(1, (work.length - 1).bit_length()) * 5, 2 * points, 2 * points
    return work.elements, work.elements * getattr(work, "operands", 1), work.elements


DESCRIPTION = Gpu
