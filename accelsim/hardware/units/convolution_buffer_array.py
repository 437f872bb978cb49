"""Multipliers behind one convolution buffer: which operand is fetched again follows from what the buffer holds."""

import math
from typing import Literal

from accelsim.base.schema import Capacity, Count, Positive, field
from accelsim.graph.tensor import BITS
from accelsim.graph.work import Contraction, Convert, Elementwise, Move, Reduce, Window, Work
from accelsim.hardware.cost import Cost
from accelsim.hardware.unit import Unit


class ConvolutionBufferArray(Unit):
    """Multipliers behind one convolution buffer: which operand is fetched again follows from what the buffer holds.

    The array's cycles are its padded multiply-accumulates over ``multipliers``; a 3x3 filter of stride 1 is done by Winograd's method,
    ``winograd_gain`` times as fast on weights ``winograd_weights`` times as long. A strided filter is folded: stride x stride positions become
    channels. The buffer is shared by inputs X and weights W. The smaller of the two passes in parts that leave room for the least of the other
    (``resident_filters`` filters, or the rows of input under one more than a filter); the larger passes once per part. Pooling and element-wise work are
    done in passing by the output stage: an addition reads its second operand, nothing else is moved.

    References
    ----------
    nvdla/hw, perf/NVDLA_OpenSource_Performance.xlsx: the traffic and cycle columns. The sheet does not count overhead, and it applies Winograd's
    method at every size, also at those that cannot do it.
    """

    kind: Literal["convolution_buffer_array"]
    multipliers: Count = field("multiply-accumulates per cycle", unit="MAC/cycle")
    buffer: Capacity = field("convolution buffer, shared by inputs and weights", unit="B")
    channel_step: Count = field("channels are padded to a multiple, in memory and in the array", default=16)
    spatial_step: Count = field("output rows and columns are padded to a multiple in the array", default=1)
    resident_filters: Count = field("filters that stay in the buffer at the least", default=32)
    winograd_gain: Positive = field("speed of a 3x3 filter of stride 1; 1 without Winograd", default=1.0)
    winograd_weights: Positive = field("size of a 3x3 filter in its Winograd form over the plain one", default=16 / 9)
    operand_types: tuple[str, ...] = field("element types that the array multiplies", default=("int8", "uint8"))

    @property
    def peak_macs_per_cycle(self) -> float:
        """One multiply-accumulate per multiplier."""
        return float(self.multipliers)

    def refuses(self, work: Work) -> str:
        """Return why not: type, kind of work, or an operation that the output stage lacks."""
        if isinstance(work, Contraction):
            if work.input_type not in self.operand_types:
                return f"the array multiplies {', '.join(self.operand_types)}, not {work.input_type}"
            return "" if work.weight_is_constant else "the array takes constant weights only"
        if isinstance(work, Elementwise):
            return "" if work.operation in ("add", "relu", "relu6", "clip") else f"the output stage does no {work.operation}"
        if isinstance(work, Reduce):
            return "" if work.operation in ("mean", "sum") else f"the output stage does no {work.operation} reduction"
        if isinstance(work, Move):
            return "" if work.pattern == "view" else "the output stage moves nothing"
        return "" if isinstance(work, Window | Convert) else f"the output stage does no {type(work).__name__}"

    def cost(self, work: Work) -> Cost:
        """Return the cycles of a product and its traffic over the buffer; the output stage's work takes no cycles of its own."""
        if isinstance(work, Contraction):
            return self._product(work)
        if isinstance(work, Elementwise):
            return Cost(cycles=0, activation_bytes=(work.operands - 1) * work.elements * BITS[work.element_type] // 8, note="in passing")
        return Cost(cycles=0, note="in passing")

    def _product(self, work: Contraction) -> Cost:
        fold = work.stride_h * work.stride_w
        channels = _up(work.channels * fold, self.channel_step)
        rows, columns = math.ceil(work.in_h / work.stride_h), math.ceil(work.in_w / work.stride_w)
        taps = math.ceil(work.filter_h / work.stride_h) * math.ceil(work.filter_w / work.stride_w)
        winograd = self.winograd_gain > 1 and (work.filter_h, work.filter_w, fold) == (3, 3, 1)
        width, weight_width = BITS[work.input_type] / 8, BITS[work.weight_type] / 8 * (self.winograd_weights if winograd else 1)
        inputs, weights = channels * rows * columns * width, channels * taps * work.filters * weight_width
        outputs = work.out_h * work.out_w * _up(work.filters, self.channel_step) * BITS[work.output_type] / 8
        least_weights = self._at_most_half(channels * taps * self.resident_filters * BITS[work.weight_type] / 8)
        least_inputs = self._at_most_half(channels * min(work.filter_h + 1, rows) * columns * width)
        if inputs <= weights:
            parts = math.ceil(inputs / (self.buffer - least_weights))
            input_passes, weight_passes = 1, parts
        else:
            parts = math.ceil(weights / (self.buffer - least_inputs))
            input_passes, weight_passes = parts, 1
        issued = self._padded_macs(work)
        images = work.batch * work.group
        return Cost(
            cycles=math.ceil(issued / self.multipliers / (self.winograd_gain if winograd else 1)) * images,
            activation_bytes=math.ceil(inputs * input_passes) * images,
            weight_bytes=math.ceil(weights * weight_passes) * images,
            output_bytes=math.ceil(outputs) * images,
            actions=((f"mac_{work.input_type}", work.macs),),
            issued_macs=issued * images,
            note=f"{'weights' if inputs <= weights else 'inputs'} pass {parts} times" + (", Winograd" if winograd else ""),
        )

    def _at_most_half(self, size: float) -> float:
        return size if size < self.buffer else self.buffer / 2

    def _padded_macs(self, work: Contraction) -> int:
        """Return the multiply-accumulates of one image and group, padded to the array's steps."""
        fold = work.stride_h * work.stride_w
        channels = _up(work.channels * fold, self.channel_step) / fold
        pixels = _up(work.out_h, self.spatial_step) * _up(work.out_w, self.spatial_step)
        return math.ceil(channels * pixels * _up(work.filters, self.channel_step) * work.filter_h * work.filter_w)


def _up(value: int, step: int) -> int:
    return -(-value // step) * step


DESCRIPTION = ConvolutionBufferArray
