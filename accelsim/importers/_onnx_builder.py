"""The growing graph of an ONNX import: values in the file's layout and channels-last, real and as integer codes.

ONNX images are (N, C, H, W), accelsim's operators (N, H, W, C). Each value exists in the form in which it was made; the
other form is made by a transpose when a node first asks for it, so that chains of spatial operators stay channels-last
and transposes appear only where such a chain begins and ends.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.graph import Node
from accelsim.graph.numerics import ONNXRUNTIME_CPU
from accelsim.graph.tensor import Quantization, Tensor, carrier
from accelsim.importers._onnx_record import Record
from accelsim.operators import Call, load, make_node

LAST = ":channels_last"
# What numpy and the kernels raise when constants of a damaged file do not fit each other.
MISFIT = (ValueError, TypeError, IndexError, AttributeError, ArithmeticError)


def to_last(rank: int) -> tuple[int, ...]:
    """Return the permutation from (N, C, ...) to (N, ..., C)."""
    return (0, *range(2, rank), 1)


def to_first(rank: int) -> tuple[int, ...]:
    """Return the permutation from (N, ..., C) to (N, C, ...)."""
    return (0, rank - 1, *range(1, rank - 1))


@dataclass
class Builder:
    """Tables filled while walking the file.

    Attributes
    ----------
    translate : callable
        What puts a record into the graph: nodes that are written as other nodes call it again.
    last : dict of str to str
        ONNX value -> its channels-last tensor, where it exists.
    codes : dict of str to str
        Real ONNX value -> the value of integers that it stands for (behind a DequantizeLinear or Quant).
    pending : dict of str to callable
        What makes a value that nobody has asked for yet.
    """

    place: str
    translate: Callable[["Builder", Record], None]
    tensors: dict[str, Tensor] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    last: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    pending: dict[str, Callable[[], None]] = field(default_factory=dict)
    consumers: dict[str, list[Record]] = field(default_factory=dict)
    outputs: frozenset[str] = frozenset()
    done: set[int] = field(default_factory=set)
    record: Record | None = None
    count: int = 0

    def ready(self, value: str) -> None:
        """Make a value that was put off."""
        if value not in self.tensors and value not in self.last and value in self.pending:
            self.pending.pop(value)()
        if value not in self.tensors and value not in self.last:
            raise AccelsimError(self.record.place if self.record else self.place, f"reads '{value}', which no earlier node writes", "the file is damaged")

    def form(self, value: str) -> Tensor:
        """Return a value's tensor in the layout that it has."""
        self.ready(value)
        return self.tensors[value] if value in self.tensors else self.tensors[self.last[value]]

    def is_last(self, value: str) -> bool:
        """Return whether a value exists only channels-last."""
        self.ready(value)
        return value not in self.tensors

    def shape(self, value: str) -> tuple[int, ...]:
        """Return a value's shape as the file sees it."""
        shape = self.form(value).shape
        return tuple(shape[axis] for axis in to_first(len(shape))) if self.is_last(value) else shape

    def first(self, value: str) -> Tensor:
        """Return a value's tensor in the file's layout."""
        if self.is_last(value):
            self.permuted(self.last[value], value, to_first(len(self.form(value).shape)))
        return self.tensors[value]

    def channels_last(self, value: str) -> Tensor:
        """Return a value's tensor of (N, ..., C)."""
        self.ready(value)
        if value not in self.last:
            rank = len(self.tensors[value].shape)
            self.last[value] = self.permuted(value, value + LAST, to_last(rank)).name
        return self.tensors[self.last[value]]

    def permuted(self, source: str, name: str, permutation: tuple[int, ...]) -> Tensor:
        """Return a tensor with its axes in another order: a view where only extents of 1 change places."""
        tensor = self.tensors[source]
        if tensor.is_constant:
            return self.put(transposed(tensor, name, permutation))
        kept = [axis for axis in permutation if tensor.shape[axis] != 1]
        if kept == sorted(kept):
            return self.emit("reshape", [source], name, keep=True, shape=tuple(tensor.shape[axis] for axis in permutation))
        return self.emit("transpose", [source], name, keep=True, permutation=permutation)

    def target(self, value: str, is_last: bool) -> str:
        """Return the tensor name under which a node writes a value in a layout."""
        if is_last:
            self.last[value] = value + LAST
        return value + LAST if is_last else value

    def fresh(self, word: str) -> str:
        """Return a tensor name of its own for a step inside the current node."""
        self.count += 1
        return f"{self.record.name if self.record else self.place}/{word}_{self.count}"

    def put(self, tensor: Tensor) -> Tensor:
        """Enter a tensor."""
        self.tensors[tensor.name] = tensor
        return tensor

    def put_constant(self, name: str, values: np.ndarray, quantization: Quantization | None = None) -> Tensor:
        """Enter a constant under a name."""
        values = np.asarray(values, order="C")
        return self.put(Tensor(name, values.shape, str(values.dtype), quantization, values))

    def add_constant(self, values: np.ndarray, word: str = "constant") -> str:
        """Enter a constant and return the name that it is given."""
        return self.put_constant(self.fresh(word), values).name

    def constant(self, value: str) -> np.ndarray | None:
        """Return a value that is known while the file is read, or None."""
        self.ready(value)
        form = self.form(value)
        return self.first(value).values if form.is_constant else None

    def required(self, r: Record, index: int, what: str) -> np.ndarray:
        """Return an input that shapes the graph.

        Raises
        ------
        UnsupportedError
            It is computed while the network runs.
        """
        values = self.constant(r.input(index))
        if values is None:
            raise r.refused(f"input {index} ({what}) is computed while the network runs", "accelsim's graphs have fixed shapes: it must be a constant")
        return values

    def emit(self, operator: str, inputs: Iterable[str | None], output: str | None = None, dtype: str | None = None,
             quantization: Quantization | None = None, keep: bool = False, **attributes) -> Tensor:  # fmt: skip
        """Append a node of one output, or compute it now where all it reads is constant; return its tensor.

        Parameters
        ----------
        output : str, optional
            Tensor to write; one of its own by default.
        dtype : str, optional
            By default the first input's.
        keep : bool
            The output has the first input's quantisation.
        """
        return self.emit_all(operator, inputs, [output or self.fresh(operator)], [dtype], quantization, keep, **attributes)[0]

    def emit_all(self, operator: str, inputs, outputs: list[str], dtypes: list[str | None], quantization=None, keep=False, **attributes) -> list[Tensor]:
        """Append a node of several outputs."""
        inputs = tuple(inputs)
        self.count += 1
        node = make_node(operator, f"{self.record.name}/{operator}_{self.count}" if self.record else f"{operator}_{self.count}", inputs, outputs, **attributes)
        read = tuple(None if name is None else self.tensors[name] for name in inputs)
        shapes = load(operator).output_shapes(node, read)
        quantization = read[0].quantization if keep else quantization
        made = tuple(
            Tensor(name, tuple(int(n) for n in shape), dtype or read[0].dtype, quantization)
            for name, shape, dtype in zip(outputs, shapes, dtypes, strict=True)
        )
        if all(t is None or t.is_constant for t in read):
            values = self.evaluate(Call(node, read, made, tuple(None if t is None else t.values for t in read), ONNXRUNTIME_CPU))
            # Another order of the same elements is stored as they were.
            kept = read[0].structure if operator in ("transpose", "reshape") else None
            made = tuple(replace(t, values=np.ascontiguousarray(v, carrier(t.dtype)), structure=kept) for t, v in zip(made, values, strict=True))
        else:
            self.nodes.append(node)
        for tensor in made:
            self.put(tensor)
        return list(made)

    def evaluate(self, call: Call):
        """Compute a node whose operands are constants."""
        try:
            with np.errstate(all="ignore"):
                return load(call.node.operator).evaluate(call)
        except MISFIT as error:
            raise AccelsimError(self.record.place, "its constant operands do not fit it", f"{type(error).__name__}: {error}"[:160]) from error

    def next_alone(self, value: str, kind: str) -> Record | None:
        """Return the node of a kind that alone reads a value, so that it may be merged with what makes the value."""
        readers = self.consumers.get(value, [])
        if value in self.outputs or len(readers) != 1 or readers[0].kind != kind or readers[0].inputs[0] != value:
            return None
        return readers[0]

    def merged(self, record: Record) -> None:
        """Note that a node was merged into an earlier one and is not to be translated."""
        self.done.add(id(record))


def transposed(tensor: Tensor, name: str, permutation: tuple[int, ...]) -> Tensor:
    """Return a constant with its axes in another order; scales stay with their axis and its stored form is kept."""
    q = tensor.quantization
    if q is not None and not q.per_tensor:
        q = replace(q, axis=permutation.index(q.axis))
    values = np.ascontiguousarray(tensor.values.transpose(permutation))
    return Tensor(name, values.shape, tensor.dtype, q, values, tensor.structure)


def reshaped(tensor: Tensor, name: str, shape: tuple[int, ...], axis: int = 0) -> Tensor:
    """Return a constant under another shape; per-channel scales stand along ``axis`` of it."""
    q = tensor.quantization
    q = replace(q, axis=axis) if q is not None and not q.per_tensor else q
    return Tensor(name, shape, tensor.dtype, q, tensor.values.reshape(shape), tensor.structure)
