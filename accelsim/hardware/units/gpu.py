"""A GPU: kernels whose output tiles are dealt out to streaming multiprocessors, wave after wave."""

from math import ceil
from typing import Literal

from accelsim.base.schema import Capacity, Count, CountOrZero, Described, Fraction, Positive, Time, field
from accelsim.graph.tensor import BITS
from accelsim.graph.work import Contraction, Convert, Elementwise, Fused, Lookup, Match, Move, Reduce, Scan, Select, SpikeStep, Transform, Window, Work
from accelsim.hardware.cost import Cost
from accelsim.hardware.gpu_waves import Blocks, wave_cycles
from accelsim.hardware.sparsity import SparseWeights
from accelsim.hardware.unit import Unit

REGISTER_BITS = 32  # a CUDA core's operand: four int8 channels, two fp16 ones

class Tile(Described):
    """The output that one thread block computes."""

    m: Count = field("rows of the product: positions of the output")
    n: Count = field("columns of the product: filters")


class Gpu(Unit):
    """A GPU: kernels whose output tiles are dealt out to streaming multiprocessors, wave after wave.

    A product M x K x N (a convolution is one with M = positions, K = channels x filter, N = filters) is cut into tiles; each thread block computes one
    and an SM has up to ``blocks_per_sm`` in flight, as many as ``accumulators`` hold the sums of. The last wave leaves SMs idle (wave quantisation), an SM with fewer warps than ``warps_to_fill``
    cannot hide its own latencies (occupancy), K is padded to ``k_step``. Each block's loop waits for operands that come from memory after ``l2_latency`` and ``memory_latency``, ``stages`` tiles ahead
    (``hardware/gpu_waves.py``): with few blocks a kernel is bound by that chain, not by the multipliers. Channels are padded to the operand layout: ``tensor_channels`` on the tensor cores, a register on
    the CUDA cores. A layer of few tiles may cut K into up to ``split_k`` parts, whose
    sums are added by a second kernel. The fastest of tiles and layouts is taken, as the library's auto-tuner does. Tiles fetch their operands
    through the L2 cache at ``l2_bytes_per_cycle``; DRAM sees an operand once where the smaller one fits in ``l2``, else once per row of tiles, and no activation that waits in the ``l2_keeps`` of the cache for its readers.
    A vector times a matrix has a kernel of its own, one thread an output. Depthwise and grouped products run on the CUDA cores, one thread an output, or where the library has no such kernels (``grouped``) as one product a group on the tiles.
    Products that the library has one kernel for (``compiler.fused_kernels``) are computed one after the other in one launch; what they hand to one another is seen by no memory.
    All other work runs on the CUDA cores. Every kernel costs ``launch_time`` after the one before it; its transfers begin after it. The host issues kernels ahead: one that is
    shorter than ``issue_time`` waits for the next one's issue. ``kernel_efficiency`` is the share of the tile rate that the library's code reaches in its inner loop.

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
    core_tiles: tuple[Tile, ...] | None = field("tiles of kernels on the CUDA cores of a GPU that has tensor cores; null: the same", default=None)
    k_step: Count = field("depth of one step of the inner loop", default=32)
    core_k_step: Count | None = field("likewise of kernels on the CUDA cores of a GPU that has tensor cores; null: the same", default=None)
    split_k: Count = field("most parts into which the library cuts the reduction", default=8)
    stages: Count = field("operand tiles of a thread block that are on their way or in use", default=2)
    tensor_channels: dict[str, Count] = field("multiple to which the tensor cores' layouts pad channels, by element type", default={})
    winograd_gain: Positive = field("of 3 x 3 layers of stride 1 on the CUDA cores: how much faster the library's Winograd kernels are; 1: it has none", default=1.0)
    grouped: Literal["direct", "tiled"] = field("kernels of depthwise and grouped products: one thread an output, or one product a group", default="direct")
    grouped_computes_as: dict[str, str] = field("element types that those kernels compute in another type", default={})
    warps_per_block: Count = field("warps of a thread block", default=4)
    blocks_per_sm: Count = field("thread blocks that an SM holds at once", default=4)
    accumulators: Capacity | None = field("registers of an SM that hold sums of tiles; null: enough", unit="B", default=None)
    warps_to_fill: Count = field("warps at which an SM hides its latencies", default=8)
    kernel_efficiency: Fraction = field("share of the tile rate that compiled kernels reach", default=1.0)
    instructions_per_element: Positive = field("CUDA-core instructions per element of simple work", default=4.0)
    sparse_weights: SparseWeights | None = field("weights of zero that take no cycles; null: they do", default=None)
    l2: Capacity = field("L2 cache", unit="B")
    l2_bytes_per_cycle: Positive = field("L2 to SMs, all together", unit="B/cycle")
    l2_keeps: Fraction = field("share of the L2 cache in which a layer's results wait for their readers; larger ones pass through memory", default=0.0)
    l2_latency: CountOrZero = field("from an SM to the L2 cache and back", unit="cycle", default=0)
    memory_latency: Time = field("that a miss of the L2 cache adds", unit="s", default=0.0)
    launch_time: Time = field("between the kernels of one stream", unit="s")
    issue_time: Time = field("that the host needs to issue a kernel, while earlier ones run", unit="s", default=0.0)

    @property
    def peak_macs_per_cycle(self) -> float:
        """The fastest type on the faster of CUDA and tensor cores."""
        return self.sms * max((*self.core_rates.values(), *self.tensor_rates.values()))

    def refuses(self, work: Work) -> str:
        """Return why not: devices of another kind, or a type that no core multiplies."""
        if isinstance(work, Match | SpikeStep):
            return f"a GPU does no {type(work).__name__}"
        if isinstance(work, Fused):
            return next((reason for inner in work.inner if (reason := self._refuses_within(inner))), "")
        if isinstance(work, Contraction) and self._rate(self._type(work), False) is None:
            return f"the cores multiply {', '.join(dict.fromkeys((*self.core_rates, *self.tensor_rates)))}, not {work.input_type}"
        return ""

    def _refuses_within(self, work: Work) -> str:
        """Return why work is no part of a fused kernel."""
        if isinstance(work, Contraction) and work.group == 1:
            return self.refuses(work)
        return "" if isinstance(work, Elementwise) else f"no fused kernel does {type(work).__name__} or grouped products"

    def split_granules(self, work: Work) -> tuple[int, int]:
        """Return whole tiles of filters."""
        return 1, min(tile.n for tile in self.tiles)

    def type_of_weights(self, work: Contraction) -> str:
        """Return the type in which the library computes it: weights are converted when the kernels are chosen."""
        return self._type(work)

    def through_memory(self, size: float) -> int:
        """Return the bytes of an activation that memory sees: none where it waits in the L2 cache [B]."""
        return 0 if size <= self.l2_keeps * self.l2 else int(size)

    def cost(self, work: Work) -> Cost:
        """Return the kernels' cycles and what DRAM sees."""
        if isinstance(work, Scan):
            return self._scan(work)
        if isinstance(work, Fused):
            return self._fused(work)
        if isinstance(work, Contraction):
            single = work.group == work.batch == work.out_h == work.out_w == 1  # a vector times a matrix: tiles would be all but empty
            return self._plain_product(work) if single or (work.group > 1 and self.grouped == "direct") else self._product(work)
        return self._simple(work)

    def _type(self, work: Contraction) -> str:
        kind = self.computes_as.get(work.input_type, work.input_type)
        return self.grouped_computes_as.get(kind, kind) if work.group > 1 else kind

    def _rate(self, kind: str, tiled: bool) -> float | None:
        """Return multiply-accumulates per cycle and SM of a type; tiled products may use the tensor cores."""
        found = [rates[kind] for rates in ((self.tensor_rates, self.core_rates) if tiled else (self.core_rates,)) if kind in rates]
        return max(found) if found else self.tensor_rates.get(kind)

    @property
    def launch_cycles(self) -> int:
        """Cycles of one kernel launch."""
        return self._cycles(self.launch_time)

    @property
    def latency_cycles(self) -> int:
        """Cycles from an SM to memory and back."""
        return self.l2_latency + self._cycles(self.memory_latency)

    def _cycles(self, time: float) -> int:
        return -int(-time * (self.clock or 0.0) // 1)

    def _kernel(self, cycles: float) -> int:
        """Return the cycles of one kernel from the end of the one before it."""
        return max(self._cycles(self.issue_time), self.launch_cycles + ceil(cycles))

    def _product(self, work: Contraction) -> Cost:
        kind = self._type(work)
        size = BITS[kind] / 8
        m, n = work.batch * work.out_h * work.out_w, work.filters
        cycles, tile, parts = self._fastest(work, kind)
        inputs, weights = work.batch * work.group * work.channels * work.in_h * work.in_w * size, work.group * n * work.channels * work.filter_h * work.filter_w * size
        # The operand that does not fit beside the other is fetched again for every row of tiles.
        again = ceil(n / tile.n) if min(inputs, weights) / work.group > self.l2 else 1
        sums = 4 * work.group * m * n * parts if parts > 1 else 0
        return Cost(
            cycles=self._kernel(cycles),
            activation_bytes=self.through_memory(inputs) * again + (sums if sums > self.l2 else 0),
            weight_bytes=int(weights),
            output_bytes=self.through_memory(work.outputs * BITS[self.computes_as.get(work.output_type, work.output_type)] / 8),
            actions=((f"mac_{kind}", work.macs), ("accumulator_access", work.macs // self.k_step)),
            issued_macs=work.macs,
            note=f"tile {tile.m}x{tile.n}" + (f", K in {parts}" if parts > 1 else "") + f", {work.group * ceil(m / tile.m) * ceil(n / tile.n) * parts} blocks on {self.sms} SMs",
            setup_cycles=self.launch_cycles,
        )

    def _fastest(self, work: Contraction, kind: str) -> tuple[float, Tile, int]:
        """Return cycles, tile and parts of the reduction of the fastest way to cut a product."""
        ways = [
            (self._tiled(work, kind, layout, tile, parts), tile, parts)
            for layout in self._layouts(work, kind) for tile in layout[3] for parts in _halvings(self.split_k)
        ]  # fmt: skip
        return min(ways, key=lambda way: way[0])

    def _fused(self, work: Fused) -> Cost:
        """Return the cost of several products in one launch: DRAM sees the first one's inputs, the last one's results and all weights."""
        products = [inner for inner in work.inner if isinstance(inner, Contraction)]
        costs = [self._product(inner) for inner in products]
        cycles = sum(self._fastest(inner, self._type(inner))[0] for inner in products)
        actions: dict[str, int] = {}
        for name, count in (action for cost in (*costs, *(self._simple(inner) for inner in work.inner if isinstance(inner, Elementwise))) for action in cost.actions):
            actions[name] = actions.get(name, 0) + count
        return Cost(
            self._kernel(cycles), costs[0].activation_bytes, sum(cost.weight_bytes for cost in costs), costs[-1].output_bytes, tuple(actions.items()),
            work.macs, f"{len(products)} products in one kernel", setup_cycles=self.launch_cycles,
        )  # fmt: skip

    def _layouts(self, work: Contraction, kind: str) -> list[tuple[int, float, int, tuple[Tile, ...]]]:
        """Return (channels as padded, rate, step of the inner loop, tiles) on the tensor cores and on the CUDA cores, where they multiply the type."""
        ways = (
            (self.tensor_rates, self.tensor_channels.get(kind, 1), self.k_step, self.tiles),
            (self.core_rates, max(1, REGISTER_BITS // BITS[kind]), self.core_k_step or self.k_step, self.core_tiles or self.tiles),
        )
        found = [(ceil(work.channels / pad) * pad, rates[kind], step, tiles) for rates, pad, step, tiles in ways if kind in rates]
        # Without padding no layout of the same tiles beats the first.
        return found[:1] if found[0][0] == work.channels and self.core_tiles is None else found

    def _tiled(self, work: Contraction, kind: str, layout: tuple[int, float, int, tuple[Tile, ...]], tile: Tile, parts: int) -> float:
        """Return the cycles of a product in one way to cut it."""
        (channels, rate, step, _), m, n = layout, work.batch * work.out_h * work.out_w, work.filters
        if (work.filter_h, work.filter_w, work.stride_h, work.stride_w) == (3, 3, 1, 1) and work.group == 1 and rate == self.core_rates.get(kind):
            rate *= self.winograd_gain
        count = work.group * ceil(m / tile.m) * ceil(n / tile.n) * parts
        steps = ceil(ceil(channels * work.filter_h * work.filter_w / parts) / step)
        held = self.blocks_per_sm if self.accumulators is None else max(1, min(self.blocks_per_sm, int(self.accumulators // (4 * tile.m * tile.n))))
        blocks = Blocks(count, steps, tile.m * tile.n * step / (rate * self.kernel_efficiency), held)
        compute = wave_cycles(blocks, self.sms, self.warps_per_block / self.warps_to_fill, self.latency_cycles, self.stages)
        fetched = count * steps * step * (tile.m + tile.n) * BITS[kind] / 8
        added = parts * work.group * m * n * 8 / self.l2_bytes_per_cycle + self.launch_cycles + 2 * self.latency_cycles if parts > 1 else 0
        return max(compute, fetched / self.l2_bytes_per_cycle) + added

    def _plain_product(self, work: Contraction) -> Cost:
        """Return the cost of a depthwise or grouped product or one with a vector, one thread an output."""
        kind = self._type(work)
        rate = self.sms * (self._rate(kind, False) or 1.0) * self.kernel_efficiency
        size = BITS[kind] / 8
        # A dot-product instruction needs its operands' channels side by side; a depthwise layer has one.
        lanes = self.cores_per_sm * self.sms * self.kernel_efficiency if work.is_depthwise else rate
        inputs, outputs = work.batch * work.group * work.channels * work.in_h * work.in_w * size, work.outputs * BITS[self.computes_as.get(work.output_type, work.output_type)] / 8
        return Cost(
            cycles=self._kernel(max(work.macs / lanes, (inputs + outputs) / self.l2_bytes_per_cycle) + 2 * self.latency_cycles),
            activation_bytes=self.through_memory(inputs),
            weight_bytes=int(work.group * work.filters * work.channels * work.filter_h * work.filter_w * size),
            output_bytes=self.through_memory(outputs),
            actions=((f"mac_{kind}", work.macs),),
            issued_macs=work.macs,
            note="one thread an output",
            setup_cycles=self.launch_cycles,
        )

    def _simple(self, work: Work) -> Cost:
        """Return the cost of work that reads and writes each element once or a window of it."""
        if isinstance(work, Move) and work.pattern == "view":
            return Cost(cycles=0, note="view: nothing moves")
        elements, read, written = _elements(work)
        kinds = (work.input_type, work.output_type) if isinstance(work, Convert) else (work.element_type,) * 2
        cycles = elements * self.instructions_per_element / (self.sms * self.cores_per_sm)
        if isinstance(work, Select) and work.operation == "nms":  # a round for every box that stays, by one thread block
            cycles = work.results * elements * self.instructions_per_element / self.cores_per_sm
        action = "lookup" if isinstance(work, Lookup) else "move" if isinstance(work, Move) else "compare" if isinstance(work, Select) else "add_int32"
        inputs, outputs = (count * BITS[self.computes_as.get(kind, kind)] / 8 for count, kind in zip((read, written), kinds, strict=True))
        return Cost(
            cycles=self._kernel(max(cycles, (inputs + outputs) / self.l2_bytes_per_cycle) + 2 * self.latency_cycles),
            activation_bytes=self.through_memory(inputs),
            output_bytes=self.through_memory(outputs),
            actions=((action, elements),),
            note="on the CUDA cores",
            setup_cycles=self.launch_cycles,
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
        return int(10 * work.butterflies), work.numbers, work.numbers
    return work.elements, work.elements * getattr(work, "operands", 1), work.elements


DESCRIPTION = Gpu
