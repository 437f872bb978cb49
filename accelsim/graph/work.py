"""The narrow waist: the closed list of kinds of work.

An operator says which work it is, a unit says which work it does and at what cost; neither knows the other.
Counts are of one whole node (its batch included). ``reads``, ``weights`` and ``writes`` name the tensors whose bytes
move; a tensor in ``weights`` is constant.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What every kind has: the tensors it touches, and of what it is a step where a unit may know a way of its own for the whole ("softmax")."""

    reads: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    step_of: str = ""

    @property
    def macs(self) -> int:
        """Algorithmic multiply-accumulates."""
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contraction(Work):
    """Sums of products over named dimensions: GEMM, batched matrix product, convolution, grouped, depthwise.

    A matrix product of M x K with K x N is ``out_h=M, channels=K, filters=N``; a batched one has its batch in ``batch``
    (shared right operand) or ``group`` (its own right operand each). A depthwise convolution has one channel per group.

    Attributes
    ----------
    filters, channels : int
        Per group.
    in_h, in_w, pad_top, pad_left : int
        Input extent and leading padding, so that halos and clipped edges can be counted exactly.
    input_type, weight_type, output_type : str
        Element types.
    combination : str
        What is summed of each pair of operands: "product", or "absolute_difference" (L1 distances).
    weight_is_constant : bool
        False where both operands are activations (attention).
    """

    batch: int = 1
    group: int = 1
    out_h: int = 1
    out_w: int = 1
    filters: int = 1
    channels: int = 1
    filter_h: int = 1
    filter_w: int = 1
    stride_h: int = 1
    stride_w: int = 1
    dilation_h: int = 1
    dilation_w: int = 1
    in_h: int = 1
    in_w: int = 1
    pad_top: int = 0
    pad_left: int = 0
    input_type: str = "int8"
    weight_type: str = "int8"
    output_type: str = "int8"
    combination: str = "product"
    weight_is_constant: bool = True
    has_bias: bool = False

    @property
    def macs(self) -> int:
        """Algorithmic multiply-accumulates; padding counted as in the published tables (every filter position)."""
        return self.batch * self.group * self.out_h * self.out_w * self.filters * self.channels * self.filter_h * self.filter_w

    @property
    def is_depthwise(self) -> bool:
        """One input channel per group and more than one group."""
        return self.channels == 1 and self.group > 1

    @property
    def outputs(self) -> int:
        """Elements written."""
        return self.batch * self.group * self.out_h * self.out_w * self.filters


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Work):
    """Pooling: ``operation`` ("max", "average", "sum", "l2") over a window, per channel."""

    operation: str
    batch: int = 1
    out_h: int = 1
    out_w: int = 1
    channels: int = 1
    filter_h: int = 1
    filter_w: int = 1
    stride_h: int = 1
    stride_w: int = 1
    in_h: int = 1
    in_w: int = 1
    pad_top: int = 0
    pad_left: int = 0
    element_type: str = "int8"

    @property
    def elements(self) -> int:
        """Elements written."""
        return self.batch * self.out_h * self.out_w * self.channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Elementwise(Work):
    """One ``operation`` ("add", "mul", "relu", "exp", ...) on each of ``elements`` outputs with ``operands`` inputs."""

    operation: str
    elements: int
    operands: int = 1
    element_type: str = "int8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup(Work):
    """A table access per element: a quantised activation function (``entries`` words), an embedding row."""

    operation: str
    elements: int
    entries: int = 256
    element_type: str = "int8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduce(Work):
    """``elements`` inputs folded by ``operation`` ("sum", "mean", "max", "argmax", "sum_squares") into ``results``."""

    operation: str
    elements: int
    results: int
    element_type: str = "int8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert(Work):
    """A change of type: ``operation`` in "quantize", "dequantize", "requantize", "cast", "layout"."""

    operation: str
    elements: int
    input_type: str
    output_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Work):
    """Bytes that change place but not value.

    Attributes
    ----------
    pattern : str
        "view" (same bytes under another shape: nothing moves), "contiguous" (runs of at least 64 bytes),
        "strided" (shorter runs), "gather" (by index).
    elements : int
    """

    pattern: str
    elements: int
    element_type: str = "int8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Select(Work):
    """Data-dependent choice: ``operation`` in "sort", "top_k", "nms", "where"; counts may come from the Activity."""

    operation: str
    elements: int
    results: int
    element_type: str = "int8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform(Work):
    """``count`` fast Fourier transforms of ``length`` points: ``operation`` is "fft", or "real_fft" where the points are real.

    Source of the counts: J. Cooley, J. Tukey, Math. Comp. 19, 1965 (radix 2: length / 2 butterflies in each of log2(length)
    stages, one of 4 multiplications and 6 additions); a real transform is one of half as many complex points and a stage
    that takes them apart, together half the butterflies.
    """

    operation: str
    length: int
    count: int
    element_type: str = "float32"

    @property
    def butterflies(self) -> float:
        """Butterflies of all transforms."""
        whole = self.count * self.length / 2 * max(1, (self.length - 1).bit_length())
        return whole / 2 if self.operation == "real_fft" else whole

    @property
    def numbers(self) -> int:
        """Real numbers that are read, and as many written."""
        return self.count * self.length * (1 if self.operation == "real_fft" else 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Work):
    """``steps`` repetitions, one after another, of the inner work (a recurrent cell over time)."""

    inner: tuple[Work, ...]
    steps: int

    @property
    def macs(self) -> int:
        """Algorithmic multiply-accumulates of all steps."""
        return self.steps * sum(work.macs for work in self.inner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused(Work):
    """Products and element-wise work of several nodes as one kernel: what they hand to one another never leaves the unit."""

    inner: tuple[Work, ...]

    @property
    def macs(self) -> int:
        """Algorithmic multiply-accumulates of all."""
        return sum(work.macs for work in self.inner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match(Work):
    """Run-length register accesses of an RBF classifier chip: its data is its time.

    Attributes
    ----------
    runs : tuple of (str, str, int)
        (register, "read" or "write", count), in order.
    neurons : int
        Neurons that take part.
    """

    runs: tuple[tuple[str, str, int], ...]
    neurons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpikeStep(Work):
    """Time steps of spiking cores: its data is its time.

    Attributes
    ----------
    steps : int
    counts : object
        Where the neurons stand (``hardware.spiking_layout``) and what they did (``graph.spike_record``).
    first : int
        The first of the steps within the record.
    """

    steps: int
    counts: object = field(repr=False)
    first: int = 0


KINDS = {kind.__name__: kind for kind in (Contraction, Window, Elementwise, Lookup, Reduce, Convert, Move, Select, Transform, Scan, Fused, Match, SpikeStep)}
