"""A processor core that runs a library of int8 kernels: packed products, the operands widened, gathered and rescaled by instructions."""

from typing import Literal

from accelsim.base.schema import Count, CountOrZero, Described, Positive, field
from accelsim.graph.tensor import BITS
from accelsim.graph.work import Contraction
from accelsim.hardware.cost import Cost
from accelsim.hardware.units.vector_unit import VectorUnit


class Block(Described):
    """Sums that an inner loop keeps in registers at once."""

    filters: Count = field("filters side by side")
    positions: Count = field("output positions side by side", default=1)


class Kernels(Described):
    """How the library's inner loops are written; what is counted are instructions.

    A step of a product takes one word of each of the block's filters and positions and multiplies each by each.
    """

    product: Block = field("of convolutions and matrix products")
    vector: Block = field("of a matrix by a vector (fully-connected layers)")
    step_channels: Count = field("8-bit elements of a loaded word", unit="channel")
    multiplies: Count = field("multiply instructions of one filter, one position and one word")
    widening: CountOrZero = field("instructions that widen a loaded word before it can be multiplied", default=0)
    gathered_words: Count = field("loads of one position and word where the gathered input lies widened", default=1)
    loop: Positive = field("loop control of a step", default=2.0)
    gather: Positive = field("to copy one element into the row of patches of a filter above 1 x 1")
    gather_run: Positive = field("to begin copying the channels of one filter position")
    depthwise: Positive = field("one product of a depthwise layer")
    rescale: Positive = field("to rescale, clamp and store one output")


class PackedCore(VectorUnit):
    """A processor core that runs a library of int8 kernels: packed products, the operands widened, gathered and rescaled by instructions.

    Microcontrollers have no multiplier of 8-bit elements: a kernel loads words of four, widens them to pairs of 16 bits and multiplies
    pairs (SMLAD); Helium and PULP cores multiply whole words. A convolution is a product of ``kernels.product`` blocks whose
    input patches are gathered first. Weights are loaded again for each block of positions; those of a layer that the cache does
    not hold wait ``line_stall`` cycles for each line of their memory. Float and element-wise work is that of a vector unit.

    References
    ----------
    CMSIS-NN (github.com/ARM-software/CMSIS-NN), arm_nn_mat_mult_kernel_s8_s16, arm_nn_vec_mat_mult_t_s8, arm_depthwise_conv_s8_opt;
    A. Garofalo et al., "PULP-NN", Phil. Trans. R. Soc. A 378, 2020.
    """

    kind: Literal["packed_core"]
    kernels: Kernels = field("the library's inner loops")
    instructions_per_cycle: Positive = field("issued on average in these loops, all cores together; what the code generator reaches", unit="1/cycle", default=1.0)
    load_cycles: Positive = field("issue slots of a load; above 1 where loads of a row do not hide their latency", default=1.0)
    line_bytes: Count = field("bytes of the weights' memory that arrive at once", unit="B", default=16)
    line_stall: CountOrZero = field("cycles that the core waits for a line", unit="cycle", default=0)
    cache_bytes: CountOrZero = field("cache in front of the weights' memory; weights that fit are fetched once", unit="B", default=0)

    def _contraction(self, work: Contraction) -> Cost:
        if BITS[work.input_type] != 8 or work.combination != "product":
            return super()._contraction(work)
        block = self._block(work)
        instructions = self._depthwise(work) if work.is_depthwise else self._product(work, block)
        instructions += work.outputs * self.kernels.rescale
        passes = 1 if work.is_depthwise else -(-work.batch * work.out_h * work.out_w // block.positions)
        weights = work.group * work.filters * work.channels * work.filter_h * work.filter_w
        fetched = weights * (passes if weights > self.cache_bytes else 1)
        cycles = instructions / self.instructions_per_cycle + self.line_stall * -(-fetched // self.line_bytes)
        return Cost(
            cycles=self.call_cycles + -int(-cycles // 1),
            activation_bytes=work.batch * work.group * work.channels * work.in_h * work.in_w,
            weight_bytes=fetched * BITS[work.weight_type] // 8,
            output_bytes=work.outputs * BITS[work.output_type] // 8,
            actions=((f"mac_{work.input_type}", work.macs), ("vector_instruction", -int(-instructions // 1))),
            issued_macs=work.macs,
            note="depthwise" if work.is_depthwise else f"{block.filters} filters x {block.positions} positions at once",
        )

    def _block(self, work: Contraction) -> Block:
        return self.kernels.vector if work.batch * work.out_h * work.out_w == 1 else self.kernels.product

    def _product(self, work: Contraction, block: Block) -> float:
        """Return the instructions of a product; edge blocks and the words at a row's end are issued whole."""
        kernels, positions = self.kernels, work.batch * work.out_h * work.out_w
        patch = work.channels * work.filter_h * work.filter_w
        gathered = work.filter_h * work.filter_w > 1
        input_loads, input_widening = (kernels.gathered_words, 0) if gathered else (1, kernels.widening)
        loads = block.filters + block.positions * input_loads
        widened = block.filters * kernels.widening + block.positions * input_widening
        step = loads * self.load_cycles + widened + block.filters * block.positions * kernels.multiplies + kernels.loop
        steps = -(-work.filters // block.filters) * -(-positions // block.positions) * -(-patch // kernels.step_channels)
        copied = positions * (patch * kernels.gather + work.filter_h * work.filter_w * kernels.gather_run) if gathered else 0.0
        return work.group * (steps * step + copied)

    def _depthwise(self, work: Contraction) -> float:
        taps = work.batch * work.out_h * work.out_w * work.filter_h * work.filter_w
        return work.macs * self.kernels.depthwise + taps * (work.group * self.kernels.gather + self.kernels.gather_run)


DESCRIPTION = PackedCore
