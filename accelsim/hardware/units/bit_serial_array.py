"""An array of one-bit multipliers: the weights' bits come one after another, or side by side for 1 x 1 filters."""

from typing import Literal

from accelsim.base.schema import Count, CountOrZero, Described, field
from accelsim.graph.work import Contraction, Work
from accelsim.hardware.array_blocks import Extent
from accelsim.hardware.cost import Cost
from accelsim.hardware.unit import Unit

FILTERS = ((3, 3), (1, 1))


class Delays(Described):
    """Cycles by which the stages of one step are longer than their work."""

    fifo: CountOrZero = field("each stage of the datapath", unit="cycle", default=6)
    pointwise_load: CountOrZero = field("loading the input of a 1 x 1 filter", unit="cycle", default=10)
    update: CountOrZero = field("loop indices between two steps", unit="cycle", default=2)
    scale: CountOrZero = field("reading the outputs' scales", unit="cycle", default=9)
    bias: CountOrZero = field("reading the outputs' biases", unit="cycle", default=8)
    write: CountOrZero = field("writing the outputs", unit="cycle", default=4)


class BitSerialArray(Unit):
    """An array of one-bit multipliers: the weights' bits come one after another, or side by side for 1 x 1 filters.

    A step computes ``tile`` outputs of ``channels`` input channels: it loads the input, streams the weights in (a 3 x 3 filter
    ``weight_bits`` cycles per output channel, a 1 x 1 filter one) and, after the last input channels, scales, biases and writes the
    outputs. Nothing of a step overlaps the next. A depthwise layer works on ``channels`` outputs at a time, each with the
    array of its own. With stride 2 the tile computes the outputs in between and drops them. A product is as many additions as its
    weight has bits.

    References
    ----------
    The cost model of NE16 in eml-eda/plinio, plinio/cost/ne16_latency.py (commit 4f18525), which follows the accelerator's
    register-transfer model (github.com/pulp-platform/ne16).
    """

    kind: Literal["bit_serial_array"]
    tile: Extent = field("outputs computed at once")
    channels: Count = field("input channels of a step", unit="channel")
    weight_bits: Count = field("bits of a weight as the tool chain stores them", unit="bit", default=8)
    memory_bytes: Count = field("bytes that the port moves per cycle", unit="B/cycle", default=32)
    scale_multipliers: Count = field("output channels scaled per cycle are these over the scale's bytes", default=4)
    scale_bytes: Count = field("bytes of one scale", unit="B", default=4)
    bias_adders: Count = field("output channels biased per cycle", default=8)
    delays: Delays = field("pipeline delays", default=Delays())
    job_cycles: CountOrZero = field("to set up a layer's job and be told of its end, tile arguments included", unit="cycle", default=0)

    @property
    def peak_macs_per_cycle(self) -> float:
        """Products per cycle of a 3 x 3 filter while weights stream in."""
        return self.tile.h * self.tile.w * 9 * self.channels / self.weight_bits

    def refuses(self, work: Work) -> str:
        """Return why not: it does 8-bit products of 3 x 3 and 1 x 1 filters, 3 x 3 depthwise."""
        if not isinstance(work, Contraction):
            return f"the array does products, no {type(work).__name__}"
        if work.input_type not in ("int8", "uint8") or not work.weight_is_constant:
            return f"the array multiplies 8-bit elements by constants, not {work.input_type}"
        if (work.filter_h, work.filter_w) not in FILTERS or (work.dilation_h, work.dilation_w) != (1, 1) or max(work.stride_h, work.stride_w) > 2:
            return f"the array has 3 x 3 and 1 x 1 filters, not {work.filter_h} x {work.filter_w} of stride {work.stride_h} and dilation {work.dilation_h}"
        if work.group > 1 and not (work.is_depthwise and work.filters == 1 and work.filter_h == 3):
            return "the array does one group, or a 3 x 3 depthwise layer"
        return ""

    def cost(self, work: Work) -> Cost:
        """Return the cycles of all steps and the layer's traffic."""
        across = -(-work.out_w // self._kept(self.tile.w, work.stride_w)) * -(-work.out_h // self._kept(self.tile.h, work.stride_h))
        deep = self.channels if work.is_depthwise else self.tile.c
        outputs = work.group if work.is_depthwise else work.filters
        whole, rest = divmod(outputs, deep)
        cycles = across * (whole * self._outputs(work, deep) + (self._outputs(work, rest) if rest else 0))
        steps = 1 if work.is_depthwise else -(-work.channels // self.channels)
        weights = work.group * work.filters * work.channels * work.filter_h * work.filter_w
        return Cost(
            cycles=self.job_cycles + work.batch * cycles,
            activation_bytes=work.batch * across * self._patch(work) * (work.group if work.is_depthwise else work.channels * (whole + bool(rest))),
            weight_bytes=-(-across * weights * self.weight_bits // 8),
            output_bytes=work.outputs,
            actions=(("add_int32", work.macs * self.weight_bits), ("accumulator_access", work.outputs * steps)),
            issued_macs=work.macs,
            note=f"{'depthwise' if work.is_depthwise else f'{work.filter_h} x {work.filter_w}'}, {across} tiles",
        )

    @staticmethod
    def _kept(extent: int, stride: int) -> int:
        return -(-extent // stride)

    def _patch(self, work: Contraction) -> int:
        """Return the input positions of a tile."""
        return (self.tile.h + work.filter_h - 1) * (self.tile.w + work.filter_w - 1)

    def _outputs(self, work: Contraction, count: int) -> int:
        """Return the cycles of one tile of ``count`` output channels, all input channels."""
        delays, pointwise = self.delays, work.filter_h == 1
        load = (delays.pointwise_load if pointwise else delays.fifo) + self._patch(work) * -(-self.channels // self.memory_bytes)
        offset = delays.fifo + (count if work.is_depthwise else 0)
        product = delays.fifo + count * (1 if pointwise else self.weight_bits)
        steps = 1 if work.is_depthwise else -(-work.channels // self.channels)
        scale = delays.scale + -(-count * self.scale_bytes // self.scale_multipliers)
        bias = delays.bias + -(-count // self.bias_adders) if work.has_bias else 0
        write = delays.write + self.tile.h * self.tile.w * -(-count // self.memory_bytes)
        return steps * (load + offset + product + delays.update) + scale + bias + write


DESCRIPTION = BitSerialArray
