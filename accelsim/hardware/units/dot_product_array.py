"""Dot-product units side by side: each cycle a small block of outputs takes in a few input channels."""

from math import ceil
from typing import Literal

from accelsim.base.schema import Count, CountOrZero, Fraction, Positive, field
from accelsim.graph.tensor import BITS
from accelsim.graph.work import Contraction, Convert, Elementwise, Lookup, Move, Reduce, Window, Work
from accelsim.hardware.array_blocks import BlockBuffer, Extent, Laid, Timing, span, timing, up
from accelsim.hardware.array_stages import OutputRates, ZeroSkipping
from accelsim.hardware.cost import Cost
from accelsim.hardware.softmax_passes import Pace, SoftmaxPasses
from accelsim.hardware.sparsity import SparseWeights
from accelsim.hardware.traversal import held_for_a_run
from accelsim.hardware.unit import Surroundings, Unit
from accelsim.kernels.blocks import best_block


class DotProductArray(Unit):
    """Dot-product units side by side: each cycle a small block of outputs takes in a few input channels.

    Spatial unrolling: ``unit_block`` outputs (h x w x c) times ``dot_channels`` input channels per cycle. Work is done
    in steps of ``step_cycles``; a step of a product covers ``step_channels`` input channels of one filter position (depth
    first) or ``step_positions`` positions of ``dot_channels`` channels (part kernel), whichever leaves fewer lanes idle;
    a step of a depthwise layer or window covers ``step_positions`` positions of one channel each, so that the dot product's
    width is lost. A step cannot be shorter than the delivery of its weights. Outputs leave through a second stage
    that works on the last block while the array works on the next: a layer takes blocks x max(array, output) + min of both. Which block
    is taken is the tool chain's choice (``blocks``).

    References
    ----------
    The block structure and its rates as Arm's compiler for Ethos-U describes them (ethos-u-vela 5.2, PyPI); general dot-product
    arrays (NVDLA, Exynos) are the same with ``step_cycles`` 1.
    """

    kind: Literal["dot_product_array"]
    unit_block: Extent = field("outputs computed at once")
    dot_channels: Count = field("input channels of one dot product", unit="channel")
    step_cycles: Count = field("cycles of one step of one unit block", unit="cycle", default=1)
    step_channels: Count | None = field("input channels of a depth-first step; null: dot_channels x step_cycles", unit="channel", default=None)
    step_positions: Count = field("filter positions of a part-kernel or depthwise step", default=1)
    part_kernel: bool = field("can trade channels for filter positions in a step", default=False)
    weights_per_cycle: Positive | None = field("weights delivered per cycle; null: never limits", unit="1/cycle", default=None)
    step_delay: CountOrZero = field("extra cycles per step where a block is a single unit block", unit="cycle", default=0)
    block_limit: Extent = field("largest block of outputs")
    blocks: Literal["fastest", "fewest_fetches"] = field("which block a layer is computed in: the fastest, or the one whose operands are fetched least", default="fastest")
    skips_outside: bool = field("unit blocks of a block at the layer's edge that lie outside of it take no time; false: every block takes as long as a whole one", default=False)
    groups_follow: bool = field("groups of a layer follow each other without a gap, as blocks do; false: each fills and drains the two stages", default=False)
    block_channel_step: Count = field("channels of a block that does not span all are a multiple", default=1)
    filter_limit: Extent = field("largest filter computed in one pass (h, w; c unused)", default=Extent(h=8, w=8, c=1))
    buffer: BlockBuffer = field("the array's own buffer")
    output: OutputRates = field("output stage")
    winograd_gain: Positive = field("products saved on 3 x 3 filters of stride 1 by Winograd's transform; 2.25 for 2 x 2 outputs, 1: none", default=1.0)
    cores: Count = field("identical arrays that share a layer's blocks", default=1)
    deals_channels: bool = field("a block's channels are dealt out to the cores, each of which computes whole unit blocks; false: its unit blocks are", default=False)
    kernel_efficiency: Positive = field("share of the array's cycles in which the code that runs it issues work", default=1.0, le=1.0)
    command_overlap: Positive = field("commands in flight: a block cannot be faster than its whole chain divided by this", default=4.0)
    fetch_latency: CountOrZero = field("of a block's chain: from asking for its input to having it, and for its output", unit="cycle", default=0)
    port_bytes_per_cycle: Positive | None = field("of a block's chain: at which its input and output pass the port; null: in no time", unit="B/cycle", default=None)
    input_latency: CountOrZero | Positive | None = field("of a block's chain, where the input comes from another memory; null: fetch_latency", unit="cycle", default=None)
    input_bytes_per_cycle: Positive | None = field("likewise the pace of its input; null: the port's", unit="B/cycle", default=None)
    input_burst: CountOrZero = field("likewise the least that is moved for a run of a channels-last input; 0: runs are long", unit="B", default=0)
    scale_cycles: CountOrZero | Positive = field("to fetch one output channel's bias and scale; a block's outputs do not leave before", unit="cycle", default=0)
    staged_scale_cycles: CountOrZero | Positive | None = field("likewise where constants have been staged in the working memory; null: the same", unit="cycle", default=None)
    plain_runs: bool = field("a tensor that lies channels last is read in runs of a block's channels; false: in whole bursts", default=False)
    row_block: bool = field("an output of one row, even width and filter height 1 is computed in unit blocks of one row", default=False)
    operand_types: tuple[str, ...] = field("element types that the array multiplies", default=("int8", "uint8"))
    other_types: tuple[str, ...] = field("types of element-wise and window work", default=("int8", "uint8", "int16", "int32"))
    operations: tuple[str, ...] = field("element-wise operations and tables done", default=("add", "sub", "mul", "maximum", "minimum", "relu", "relu6"))
    lookups: bool = field("does table activations of 8-bit data", default=True)
    softmax: SoftmaxPasses | None = field("how it does softmax of 8-bit data; null: it does not", default=None)
    gate_zeros: Fraction = field("share of a product's energy saved when the input element is zero", default=0.0)
    toggle_share: Fraction = field("share of a product's energy that goes with operand bits that change (random data: half of them)", default=0.0)
    sparse_weights: SparseWeights | None = field("weights of zero that take no cycles; null: they do", default=None)
    skip_zeros: ZeroSkipping | None = field("input vectors of zeros take no cycles; null: they do", default=None)

    @property
    def peak_macs_per_cycle(self) -> float:
        """All dot products of all cores."""
        return float(self.unit_block.elements * self.dot_channels * self.cores)

    def refuses(self, work: Work) -> str:
        """Return why not: type, operation or kind of work."""
        if work.step_of == "softmax" and self.softmax is not None:
            return ""
        if isinstance(work, Contraction):
            if work.input_type not in self.operand_types:
                return f"the array multiplies {', '.join(self.operand_types)}, not {work.input_type}"
            return "" if work.weight_is_constant else "the array takes constant weights only"
        if isinstance(work, Convert):
            return "" if {work.input_type, work.output_type} <= set(self.other_types) else f"the array converts no {work.input_type} to {work.output_type}"
        if not isinstance(work, Window | Elementwise | Lookup | Reduce | Move):
            return f"the array does no {type(work).__name__}"
        if work.element_type not in self.other_types:
            return f"the array does no {work.element_type} {type(work).__name__}"
        if isinstance(work, Elementwise) and work.operation not in self.operations:
            return f"the array does no element-wise {work.operation}"
        if isinstance(work, Lookup) and not self.lookups:
            return "the array has no tables"
        if isinstance(work, Reduce) and work.operation not in ("sum", "mean"):
            return f"the array does no {work.operation} reduction"
        return "the array gathers nothing" if isinstance(work, Move) and work.pattern == "gather" else ""

    def within(self, surroundings: Surroundings) -> "DotProductArray":
        """Return the array whose biases and scales, or whose blocks' inputs, come from another memory than is stated; only where it states their cycles."""
        changed: dict[str, float | int] = {}
        if surroundings.constants_staged and self.staged_scale_cycles is not None:
            changed["scale_cycles"] = self.staged_scale_cycles
        if surroundings.latency is not None and self.port_bytes_per_cycle is not None:
            changed |= {"input_latency": surroundings.latency, "input_bytes_per_cycle": min(self.port_bytes_per_cycle, surroundings.bytes_per_cycle)}
        if surroundings.burst and self.plain_runs:
            changed["input_burst"] = surroundings.burst
        return self.model_copy(update=changed) if changed else self

    def split_granules(self, work: Work) -> tuple[int, int]:
        """Return a unit block's rows and the block's channel step."""
        return self.unit_block.h, max(self.unit_block.c, self.block_channel_step)

    def cost(self, work: Work) -> Cost:
        """Return the cost of a product, a window, or element by element."""
        if isinstance(work, Contraction):
            return self._product(work)
        if isinstance(work, Window):
            return self._window(work)
        if work.step_of == "softmax" and self.softmax is not None:
            return self.softmax.cost(work, Pace(self.output.add, self.fetch_latency, self.port_bytes_per_cycle, self.command_overlap))
        return self._elements(work)

    def _product(self, work: Contraction) -> Cost:
        depthwise = work.is_depthwise and work.filters == 1
        channels_out = work.group if depthwise else work.filters
        part = not depthwise and self.part_kernel_pays(work.channels, work.filter_h * work.filter_w)
        in_block = self._input_block_channels(work.channels, part)
        sums = Laid(work.out_h, work.out_w, channels_out, work.in_h, work.in_w, channels_out if depthwise else work.channels)
        images = work.batch * (1 if depthwise else work.group)
        steps = sum(-(-h * w // self.step_positions) if depthwise or part else h * w for h, w in self._passes(work))
        if part:
            steps *= -(-in_block // self.dot_channels)
        repeats = 1 if depthwise else -(-work.channels // in_block)
        slots = BITS[work.input_type] // 8 if depthwise else 1
        winograd = self.winograd_gain if not depthwise and (work.filter_h, work.filter_w, work.stride_h, work.stride_w) == (3, 3, 1, 1) else 1.0

        def timed(unit: Extent, block: Extent) -> tuple[Timing, int]:
            array = self._array_cycles(unit, block, steps, repeats, slots) / winograd
            output = max(sums.inside(block) / self.output.sums, self.scale_cycles * min(block.c, channels_out))
            taken = timing(sums.blocks(block, self._dealt(unit)[0] if self.skips_outside else None), array, output, self._ways(work, sums, block, block.c if depthwise else in_block), self.command_overlap)
            return taken, self._read(work, sums, block, depthwise) * images

        choices = [(*timed(unit, block), block, unit) for unit, block in self._choices(sums, work, depthwise, in_block)]
        # Of equal ones the first, which fetches least.
        taken, inputs, block, unit = min(choices, key=lambda choice: max(ceil(choice[0].cycles) * images, self._arrival(choice[1], choice[2].c if depthwise else in_block)))
        blocks_hw = -(-work.out_h // block.h) * -(-work.out_w // block.w)
        weights = work.group * work.filters * work.channels * work.filter_h * work.filter_w
        return Cost(
            cycles=ceil(taken.cycles) * images,
            activation_bytes=inputs * BITS[work.input_type] // 8,
            weight_bytes=weights * (blocks_hw if not depthwise else 1) * BITS[work.weight_type] // 8,
            output_bytes=work.outputs * BITS[work.output_type] // 8,
            actions=((f"mac_{work.input_type}", work.macs), ("accumulator_access", work.macs // self.dot_channels if not depthwise else work.macs)),
            issued_macs=work.macs,
            note=f"block {block.h}x{block.w}x{block.c}, " + ("depthwise" if depthwise else "part kernel" if part else "depth first"),
            traversal=held_for_a_run(-(-block.h // unit.h) * -(-block.w // unit.w), self.step_positions if depthwise else self.dot_channels, unit.c, unit.w),
            tail_cycles=int(taken.tail) if self.groups_follow else 0,
            edge_cycles=round(taken.edges),
            run_bytes=(min(block.c, channels_out) if depthwise else in_block) * BITS[work.input_type] // 8 if self.plain_runs else 0,
        )

    def part_kernel_pays(self, channels: int, positions: int) -> bool:
        """Return whether steps over filter positions leave fewer lanes idle."""
        if not self.part_kernel:
            return False
        if channels <= self.dot_channels:
            return True
        depth_first = channels / up(channels, self.channels_per_step)
        part = channels * positions / (up(channels, self.dot_channels) * up(positions, self.step_positions))
        return part > depth_first

    @property
    def channels_per_step(self) -> int:
        """Input channels of a depth-first step."""
        return self.step_channels or self.dot_channels * self.step_cycles

    def _input_block_channels(self, channels: int, part: bool) -> int:
        return up(min(channels, 2 * self.dot_channels if part else self.channels_per_step), self.dot_channels)

    def _passes(self, work: Contraction | Window) -> list[tuple[int, int]]:
        """Return the filter's rows and columns of each pass: one above the limit is cut."""
        heights = [min(self.filter_limit.h, work.filter_h - y) for y in range(0, work.filter_h, self.filter_limit.h)]
        widths = [min(self.filter_limit.w, work.filter_w - x) for x in range(0, work.filter_w, self.filter_limit.w)]
        return [(h, w) for h in heights for w in widths]

    def _read(self, work: Contraction, sums: Laid, block: Extent, depthwise: bool) -> int:
        """Return the input elements that are read for all blocks of an image, pass by pass."""
        across, down, deep = -(-work.out_w // block.w), -(-work.out_h // block.h), -(-sums.out_c // block.c)
        read = 0
        for taps_h, taps_w in self._passes(work):
            rows, columns = span(block.h, work.stride_h, taps_h, work.dilation_h), span(block.w, work.stride_w, taps_w, work.dilation_w)
            # Overlapping edges of neighbouring blocks are read again; parts outside the image are not read at all.
            high = min(rows * down, work.in_h + (rows - work.stride_h * block.h) * (down - 1))
            wide = min(columns * across, work.in_w + max(0, columns - work.stride_w * block.w) * (across - 1))
            read += max(high * wide, 1)
        return read * (sums.out_c if depthwise else work.channels * deep)

    def _block(self, sums: Laid, work: Contraction | Window, equal_depth: bool, in_block: int, in_bytes: int, limit: Extent | None = None) -> Extent:
        """Return the block within a limit whose operands are fetched least; the unit block where none fits."""
        dilation = (getattr(work, "dilation_h", 1), getattr(work, "dilation_w", 1))
        limits = [min((f - 1) * d + 1, most) for f, d, most in zip((work.filter_h, work.filter_w), dilation, (self.filter_limit.h, self.filter_limit.w), strict=True)]
        unit, buffer = self.unit_block, self.buffer
        largest = limit or self.block_limit
        found = best_block(
            sums.out_h, sums.out_w, sums.out_c, sums.in_h, sums.in_w, sums.in_c, limits[0], limits[1], work.stride_h, work.stride_w,
            equal_depth, (unit.h, unit.w, unit.c), (largest.h, largest.w, largest.c), self.block_channel_step if limit is None else largest.c, in_block,
            buffer.banks, buffer.bank_bytes, buffer.input_granule, buffer.sum_granule, in_bytes, 4, True, len(self._passes(work)),
        )  # fmt: skip
        return Extent.model_construct(h=found[0], w=found[1], c=found[2]) if found[0] else unit

    def _choices(self, sums: Laid, work: Contraction, depthwise: bool, in_block: int) -> list[tuple[Extent, Extent]]:
        """Return the pairs of unit block and block that a product may be computed in, that of fewest fetches first."""
        size = BITS[work.input_type] // 8
        others = sums.limits(self.unit_block, self.block_limit, self.block_channel_step) if self.blocks == "fastest" else ()
        limits = (None, *others)
        blocks = dict.fromkeys((b.h, b.w, b.c) for limit in limits for b in (self._block(sums, work, depthwise, in_block, size, limit),))
        unit = self.unit_block
        if self.row_block and unit.h > 1 and work.out_h == work.filter_h == 1 and work.out_w % 2 == 0:
            rows = Extent.model_construct(h=1, w=unit.h * unit.w, c=unit.c)
            return [(rows, Extent.model_construct(h=1, w=w, c=c)) for _, w, c in blocks]
        return [(unit, Extent.model_construct(h=h, w=w, c=c)) for h, w, c in blocks]

    def _ways(self, work: Contraction | Window, sums: Laid, block: Extent, channels: int) -> tuple[float, float]:
        """Return the cycles that a block's input and its output spend on their way."""
        if self.port_bytes_per_cycle is None:
            return self.fetch_latency, self.fetch_latency
        latency = self.fetch_latency if self.input_latency is None else self.input_latency
        rows, columns = span(block.h, work.stride_h, work.filter_h, 1), span(block.w, work.stride_w, work.filter_w, 1)
        inputs = min(rows, work.in_h) * min(columns, work.in_w) * min(channels, sums.in_c)
        return latency + self._arrival(inputs, channels), self.fetch_latency + sums.inside(block) / self.port_bytes_per_cycle

    def _arrival(self, inputs: int, channels: int) -> float:
        """Return the cycles in which inputs arrive that are asked for in runs of some channels."""
        rate = self.input_bytes_per_cycle or self.port_bytes_per_cycle
        if rate is None:
            return 0.0
        return inputs * max(1.0, self.input_burst / channels) / rate

    def _dealt(self, unit: Extent) -> tuple[Extent, int]:
        """Return the unit block that is computed at once, and how many cores share those of a block."""
        return (Extent.model_construct(h=unit.h, w=unit.w, c=unit.c * self.cores), 1) if self.deals_channels else (unit, self.cores)

    def _array_cycles(self, unit: Extent, block: Extent, steps: int, repeats: int, slots: int) -> float:
        at_once, cores = self._dealt(unit)
        tiles_hw, tiles_c = -(-block.h // unit.h) * -(-block.w // unit.w), -(-block.c // at_once.c)
        weights = self.channels_per_step * unit.c / self.weights_per_cycle if self.weights_per_cycle else 0
        cycles = max(weights, self.step_cycles * tiles_hw * slots) * steps * tiles_c
        if tiles_hw == 1:
            cycles += self.step_delay * (steps if tiles_c == 1 else max(0, steps - 1) * tiles_c)
        return cycles * repeats / cores / self.kernel_efficiency

    def _window(self, work: Window) -> Cost:
        sums = Laid(work.out_h, work.out_w, work.channels, work.in_h, work.in_w, work.channels)
        size = BITS[work.element_type] // 8
        block = self._block(sums, work, True, 0, size)
        unit = self.unit_block
        at_once, cores = self._dealt(unit)
        tiles = -(-block.h // unit.h) * -(-block.w // unit.w) * -(-block.c // at_once.c)
        array = max(self.step_cycles, work.filter_h * work.filter_w) * tiles / cores
        output = sums.inside(block) / (self.output.max_window if work.operation == "max" else self.output.sums)
        taken = timing(sums.blocks(block, self._dealt(unit)[0] if self.skips_outside else None), array, output, self._ways(work, sums, block, block.c), self.command_overlap)
        taps = work.elements * work.filter_h * work.filter_w
        return Cost(
            cycles=ceil(taken.cycles) * work.batch,
            activation_bytes=min(taps, max(work.in_h * work.in_w, work.out_h * work.out_w) * work.channels * work.batch) * size,
            output_bytes=work.elements * size,
            actions=(("compare" if work.operation == "max" else "add_int32", taps),),
            note=f"block {block.h}x{block.w}x{block.c}",
            tail_cycles=int(taken.tail) if self.groups_follow else 0,
            edge_cycles=round(taken.edges),
        )

    def _elements(self, work: Elementwise | Lookup | Reduce | Move | Convert) -> Cost:
        if isinstance(work, Move) and work.pattern == "view":
            return Cost(cycles=0, note="view: nothing moves")
        kind = work.input_type if isinstance(work, Convert) else work.element_type
        rate = {"Lookup": self.output.lookup}.get(type(work).__name__, self.output.add)
        if isinstance(work, Elementwise) and work.operation == "mul":
            rate = self.output.multiply
        operands = work.operands if isinstance(work, Elementwise) else 1
        written = work.results if isinstance(work, Reduce) else work.elements
        out_kind = work.output_type if isinstance(work, Convert) else kind
        action = {"Lookup": "lookup", "Move": "move", "Convert": "add_int32"}.get(type(work).__name__, "add_int32")
        return Cost(
            cycles=-int(-work.elements / rate // 1),
            activation_bytes=operands * work.elements * BITS[kind] // 8,
            output_bytes=written * BITS[out_kind] // 8,
            actions=((action, work.elements),),
            note=f"{rate:g} elements per cycle",
        )


DESCRIPTION = DotProductArray
