"""A SIMD processor: a CPU with vector instructions, a DSP, an NPU's vector engine."""

from typing import ClassVar, Literal

from accelsim.base.schema import Count, CountOrZero, Positive, field
from accelsim.graph.tensor import BITS
from accelsim.graph.work import Contraction, Convert, Elementwise, Fused, Lookup, Match, Move, Reduce, Scan, Select, SpikeStep, Transform, Window, Work
from accelsim.hardware.cost import Cost
from accelsim.hardware.unit import Unit

CLASSES = ("mac", "add", "multiply", "compare", "special", "lookup", "convert", "move", "gather")
# The class of instruction that an element-wise operation is made of, and how many of them an element takes.
OPERATIONS = {
    "add": ("add", 1), "sub": ("add", 1), "mul": ("multiply", 1), "relu": ("compare", 1), "relu6": ("compare", 2), "maximum": ("compare", 1),
    "minimum": ("compare", 1), "abs": ("compare", 1), "neg": ("add", 1), "clip": ("compare", 2), "floor": ("convert", 1), "round": ("convert", 1),
    "equal": ("compare", 1), "less": ("compare", 1), "greater": ("compare", 1), "where": ("compare", 1), "square": ("multiply", 1),
}  # fmt: skip
# Scalar instructions for the overlap of two boxes: corners of the intersection, its area, the union, the test against the threshold.
OVERLAP = {"compare": 7, "add": 6, "multiply": 3}


class VectorUnit(Unit):
    """A SIMD processor: a CPU with vector instructions, a DSP, an NPU's vector engine.

    Each instruction class issues ``rate`` vector instructions per cycle on registers of ``vector_bits``; an element takes
    its type's bits of a register. Quantised element-wise operations also rescale every operand and the result, at
    ``requantize_instructions`` multiplies each. Loads, stores and loop control share the issue slots as
    ``overhead`` instructions per arithmetic instruction. Sums of absolute differences take the place of sums of products at the same rate
    (USADA8, UABAL), and their results are not rescaled.
    """

    combinations: ClassVar[tuple[str, ...]] = ("product", "absolute_difference")
    kind: Literal["vector_unit"]
    vector_bits: Count = field("width of a vector register; 32 for a scalar core", unit="bit")
    rates: dict[Literal["mac", "add", "multiply", "compare", "special", "lookup", "convert", "move", "gather"], Positive] = field(
        "vector instructions per cycle of each class; a class that is missing is done one element per 'special' rate", unit="1/cycle"
    )
    mac_widening: Count = field("products that one lane of 32 bits adds per mac instruction on 8-bit operands", unit="MAC", default=1)
    mac_widening_16: Count = field("likewise on 16-bit operands", unit="MAC", default=1)
    overhead: Positive = field("load, store and loop instructions per arithmetic instruction", default=1.0)
    requantize_instructions: Positive = field("multiply-class instructions to rescale one vector of sums", default=4.0)
    special_cycles: Positive = field("cycles per element of exp, divide, square root and the like", unit="cycle", default=20.0)
    call_cycles: CountOrZero = field("cycles to call one operator's kernel", unit="cycle", default=0)
    register_blocking: Count = field("outputs kept in registers at once: how often a loaded operand is used", default=4)
    cached: bool = field("operands come from memory once per operator; without a cache, at every load", default=True)

    @property
    def peak_macs_per_cycle(self) -> float:
        """8-bit multiply-accumulates per cycle."""
        return self.rates.get("mac", 0.0) * self.vector_bits / 32 * self.mac_widening

    def refuses(self, work: Work) -> str:
        """Return why not: it runs all but the work of neuromorphic devices."""
        return f"a vector unit does no {type(work).__name__}" if isinstance(work, Fused | Match | SpikeStep) else ""

    def cost(self, work: Work) -> Cost:
        """Return instruction issue cycles and traffic."""
        if isinstance(work, Scan):
            return self._scan(work)
        if isinstance(work, Contraction):
            return self._contraction(work)
        instructions, elements_read, elements_written, bits = self._instructions(work)
        vectors = sum(count for _, count in instructions)
        cycles = sum(count / self.rates.get(name, self.rates.get("special", 1.0)) for name, count in instructions)
        cycles *= 1 + (self.overhead if vectors else 0)
        return Cost(
            cycles=self.call_cycles + -int(-cycles // 1),
            activation_bytes=elements_read * bits[0] // 8,
            output_bytes=elements_written * bits[1] // 8,
            actions=(("vector_instruction", -int(-vectors * (1 + self.overhead) // 1)),) if vectors else (),
            note=f"{vectors:.0f} vector instructions",
        )

    def _contraction(self, work: Contraction) -> Cost:
        bits = BITS[work.input_type]
        lanes = self.vector_bits / 32 * {8: self.mac_widening, 16: self.mac_widening_16}.get(bits, 1)
        # A vector runs along one dimension: filters or channels of a product, channels (groups) of a depthwise layer.
        along = work.group if work.is_depthwise else max(work.filters, work.channels)
        filled = along / (-(-along // lanes) * lanes) if lanes > 1 else 1.0
        macs = work.macs / (lanes * filled)
        rescale = work.outputs * 32 / self.vector_bits * self.requantize_instructions if bits <= 16 and work.combination == "product" else 0.0
        rates = self.rates
        cycles = macs * (1 + self.overhead / self.register_blocking) / rates.get("mac", 1.0) + rescale * (1 + self.overhead) / rates.get("multiply", 1.0)
        loads = work.macs // self.register_blocking
        inputs = work.batch * work.group * work.channels * work.in_h * work.in_w if self.cached else loads
        weights = work.group * work.filters * work.channels * work.filter_h * work.filter_w if self.cached else loads
        return Cost(
            cycles=self.call_cycles + -int(-cycles // 1),
            activation_bytes=inputs * bits // 8,
            weight_bytes=weights * BITS[work.weight_type] // 8,
            output_bytes=work.outputs * BITS[work.output_type] // 8,
            actions=((f"mac_{work.input_type}", work.macs), ("vector_instruction", -int(-(macs * (1 + self.overhead / self.register_blocking) + rescale) // 1))),
            issued_macs=work.macs,
            note=f"{lanes * filled:.1f} MAC per instruction",
        )

    def _scan(self, work: Scan) -> Cost:
        costs = [self.cost(inner) for inner in work.inner]
        actions: dict[str, int] = {}
        for name, count in (action for cost in costs for action in cost.actions):
            actions[name] = actions.get(name, 0) + count * work.steps
        return Cost(
            cycles=work.steps * sum(c.cycles for c in costs),
            activation_bytes=work.steps * sum(c.activation_bytes for c in costs),
            weight_bytes=work.steps * sum(c.weight_bytes for c in costs),
            output_bytes=work.steps * sum(c.output_bytes for c in costs),
            actions=tuple(actions.items()),
            issued_macs=work.macs,
            note=f"{work.steps} serial steps",
        )

    def _instructions(self, work: Work) -> tuple[list[tuple[str, float]], int, int, tuple[int, int]]:
        """Return (class, vector instructions) pairs, elements read and written, bits of both."""
        if isinstance(work, Convert):
            wide = max(BITS[work.input_type], BITS[work.output_type])
            return [("convert", work.elements * wide / self.vector_bits)], work.elements, work.elements, (BITS[work.input_type], BITS[work.output_type])
        bits = BITS[work.element_type]
        vectors = lambda n, width=bits: n * width / self.vector_bits  # noqa: E731 a unit conversion
        if isinstance(work, Move):
            moved = 0 if work.pattern == "view" else work.elements
            cost = vectors(moved) if work.pattern in ("view", "contiguous") else moved
            return [("gather" if work.pattern == "gather" else "move", float(cost))] if moved else [], moved, moved, (bits, bits)
        if isinstance(work, Window):
            taps = work.elements * work.filter_h * work.filter_w
            return [("compare" if work.operation == "max" else "add", vectors(taps))], taps, work.elements, (bits, bits)
        if isinstance(work, Lookup):
            return [("lookup", float(work.elements))], work.elements, work.elements, (bits, bits)
        if isinstance(work, Reduce):
            return [("compare" if work.operation in ("max", "min", "argmax") else "add", vectors(work.elements, max(bits, 32)))], work.elements, work.results, (bits, bits)
        if isinstance(work, Select):
            pairs = work.elements * work.results if work.operation == "nms" else 0  # each box that stays is compared with all
            steps = [("compare", float(work.elements + OVERLAP["compare"] * pairs)), *((name, float(OVERLAP[name] * pairs)) for name in ("add", "multiply") if pairs)]
            return steps, work.elements, work.results, (bits, bits)
        if isinstance(work, Transform):
            arithmetic = [("multiply", vectors(4 * work.butterflies)), ("add", vectors(6 * work.butterflies))]
            return arithmetic, work.numbers, work.numbers, (bits, bits)
        if isinstance(work, Elementwise):
            return self._elementwise(work, bits), work.operands * work.elements, work.elements, (bits, bits)
        raise TypeError(f"{type(work).__name__} is refused before it is costed")

    def _elementwise(self, work: Elementwise, bits: int) -> list[tuple[str, float]]:
        quantised = work.element_type in ("int8", "uint8", "int16")
        name, count = OPERATIONS.get(work.operation, ("special", 0))
        if not count:
            return [("special", work.elements * self.special_cycles * self.rates.get("special", 1.0) / (1 + self.overhead))]
        vectors = work.elements * (32 if quantised and name in ("add", "multiply") else bits) / self.vector_bits
        rescales = vectors * self.requantize_instructions * (work.operands + 1) if quantised and name in ("add", "multiply") else 0.0
        return [(name, count * vectors)] + ([("multiply", rescales)] if rescales else [])


DESCRIPTION = VectorUnit
