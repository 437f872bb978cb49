"""TensorFlow Lite models: every tensor with its real values and scales, every operator in accelsim's words.

The schema is that of ``tensorflow/lite/schema/schema.fbs``, read through the ``tflite`` package.
"""

import struct
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError, guess
from accelsim.graph.graph import Graph, Node, make_graph
from accelsim.graph.numerics import TFLITE_REFERENCE
from accelsim.graph.tensor import Tensor
from accelsim.importers._tflite_operators import TRANSLATIONS
from accelsim.importers._tflite_record import Record
from accelsim.importers._tflite_tensors import array, read_tensor
from accelsim.operators import load as load_operator
from accelsim.operators import make_node

DAMAGE = (struct.error, IndexError, ValueError, TypeError, KeyError, AttributeError, OverflowError, MemoryError, ZeroDivisionError, AssertionError)
# Operators that multiply float16 weights as they are stored; the file's DEQUANTIZE of a constant runs once, when a runtime loads the model.
READ_NARROW_FLOATS = ("conv2d", "depthwise_conv2d", "fully_connected", "transpose_conv")
VARIABLES = ("VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE", "CALL_ONCE")


def load(path: Path, place: str) -> Graph:
    """Return the network of a TFLite file.

    Parameters
    ----------
    path : Path
    place : str
        How errors name the file.

    Raises
    ------
    AccelsimError
        The file is damaged; one line with what does not fit.
    UnsupportedError
        An operator, type or option that accelsim does not compute, with the node's number and name.
    """
    import tflite

    data = path.read_bytes()
    if data[4:8] != b"TFL3":
        raise AccelsimError(place, "is not a TFLite file: bytes 4 to 7 are not 'TFL3'")
    try:
        with np.errstate(all="ignore"):
            return _Reader(tflite.Model.GetRootAs(data, 0), data, place).graph(path.stem, labels_in(path))
    except DAMAGE as error:
        outside = isinstance(error, (struct.error, IndexError)) or "buffer is smaller" in str(error)
        what = "an offset points outside the file: it is truncated or damaged" if outside else "its tables do not fit each other: it is damaged"
        raise AccelsimError(place, what, f"{type(error).__name__}: {error}"[:160]) from error


def labels_in(path: Path) -> tuple[str, ...]:
    """Return the class names of the label file that TFLite metadata packs behind the model, or none."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if "label" in name.lower() and name.endswith(".txt")]
            return tuple(archive.read(names[0]).decode().splitlines()) if names else ()
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, OSError, NotImplementedError, EOFError, struct.error):
        return ()


def operator_name(model, index: int, place: str) -> str:
    """Return the schema's name of an operator, or a custom operator's own name."""
    import tflite

    code = model.OperatorCodes(index)
    if index >= model.OperatorCodesLength():
        raise AccelsimError(place, f"operator code {index} of {model.OperatorCodesLength()}", "the file is damaged")
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    if number == tflite.BuiltinOperator.CUSTOM:
        return (code.CustomCode() or b"unnamed custom operator").decode()
    names = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
    return names.get(number, f"operator number {number}")


@dataclass
class _Reader:
    """The state of one import: tables filled while walking the file."""

    model: object
    data: bytes
    place: str
    tensors: dict[str, Tensor] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)  # handle tensor -> state tensor
    narrow: dict[str, str] = field(default_factory=dict)  # dequantised constant -> its float16 constant
    nodes: list[Node] = field(default_factory=list)

    def graph(self, name: str, labels: tuple[str, ...]) -> Graph:
        if self.model.SubgraphsLength() < 1:
            raise AccelsimError(self.place, "holds no subgraph", "the file is damaged")
        for index in range(1, self.model.SubgraphsLength()):
            self.initialise(self.model.Subgraphs(index), index)
        main = self.model.Subgraphs(0)
        names = self.read_tensors(main, "")
        for index in range(main.OperatorsLength()):
            self.read_operator(main, index, names)
        inputs = [names[i] for i in array(main.InputsAsNumpy())]
        outputs = [names[i] for i in array(main.OutputsAsNumpy())]
        notes = (f"{len(self.narrow)} float16 constants are multiplied as stored; their DEQUANTIZE runs once at load",) if self.narrow else ()
        used = {*inputs, *outputs, *(name for node in self.nodes for name in (*node.inputs, *node.outputs))}
        return make_graph(
            name, [t for t in self.tensors.values() if t.name in used], self.nodes, inputs, outputs, numerics=TFLITE_REFERENCE, labels=labels,
            source=self.place, notes=notes,
        )  # fmt: skip

    def read_tensors(self, subgraph, prefix: str) -> dict[int, str | None]:
        """Read a subgraph's tensors; return names by index, each unique, with None for the absent tensor -1."""
        names: dict[int, str | None] = {-1: None}
        for index in range(subgraph.TensorsLength()):
            record = subgraph.Tensors(index)
            name = prefix + (record.Name() or b"").decode() or f"tensor_{index}"
            name = f"{name}:{index}" if name in self.tensors or name in names.values() else name
            names[index] = name
            tensor = read_tensor(record, self.buffer(record.Buffer(), name), name, self.place)
            if tensor is not None and record.IsVariable():
                zero = 0 if tensor.quantization is None else int(tensor.quantization.zero_point[0])
                tensor = replace(tensor, values=np.full(tensor.shape, zero, tensor.dtype), is_state=True)
            if tensor is not None:
                self.tensors[name] = tensor
        return names

    def buffer(self, index: int, name: str) -> np.ndarray:
        if index >= self.model.BuffersLength():
            raise AccelsimError(f"{self.place}: tensor '{name}'", f"buffer {index} of {self.model.BuffersLength()}", "the file is damaged")
        record = self.model.Buffers(index)
        if record.Size() > 1:
            begin, size = record.Offset(), record.Size()
            if begin + size > len(self.data):
                raise AccelsimError(f"{self.place}: tensor '{name}'", f"bytes {begin} to {begin + size} lie outside the file", "the file is damaged")
            return np.frombuffer(self.data, np.uint8, size, begin)
        return array(record.DataAsNumpy()).astype(np.uint8, copy=False)

    def initialise(self, subgraph, number: int) -> None:
        """Read the first contents of variables from a subgraph that CALL_ONCE runs."""
        names = self.read_tensors(subgraph, f"subgraph_{number}/")
        for index in range(subgraph.OperatorsLength()):
            operator = subgraph.Operators(index)
            kind = operator_name(self.model, operator.OpcodeIndex(), self.place)
            record = self.record(subgraph, operator, kind, index, names)
            if kind == "VAR_HANDLE":
                self.variables[record.outputs[0]] = self.variable_name(record)
            elif kind == "ASSIGN_VARIABLE" and record.input(1).is_constant:
                state = record.inputs[0]
                self.tensors[state] = replace(record.input(1), name=state, is_state=True)
            else:
                raise UnsupportedError(record.place, f"{kind} in subgraph {number} is not supported (only constant first contents of variables)")
        for name in names.values():
            self.tensors.pop(name, None)

    def variable_name(self, record: Record) -> str:
        return "variable/" + (record.option("SharedName", b"") or b"").decode()

    def record(self, subgraph, operator, kind: str, index: int, names: dict[int, str | None]) -> Record:
        place = f"{self.place}: node {index} ({kind})"
        read = (names[int(i)] for i in array(operator.InputsAsNumpy()))
        inputs = tuple(self.variables.get(name, name) for name in read)
        outputs = tuple(names[int(i)] for i in array(operator.OutputsAsNumpy()))
        return Record(kind, place, operator, subgraph, inputs, outputs, self.tensors)

    def read_operator(self, subgraph, index: int, names: dict[int, str | None]) -> None:
        """Translate one operator into a node, or into what it does to the tables."""
        operator = subgraph.Operators(index)
        kind = operator_name(self.model, operator.OpcodeIndex(), self.place)
        r = self.record(subgraph, operator, kind, index, names)
        if kind in VARIABLES:
            self.read_variable(r, index)
        elif kind == "DENSIFY" and r.input(0).is_constant:
            self.tensors[r.outputs[0]] = replace(r.input(0), name=r.outputs[0])
        elif kind == "DEQUANTIZE" and r.input(0).is_constant and r.input(0).dtype == "float16":
            self.narrow[r.outputs[0]] = r.inputs[0]
            source = r.input(0)
            self.tensors[r.outputs[0]] = Tensor(r.outputs[0], source.shape, "float32", None, source.values.astype(np.float32))
        elif kind not in TRANSLATIONS:
            raise UnsupportedError(r.place, f"operator '{kind}' (node {index}) is not supported", guess(kind, TRANSLATIONS))
        else:
            self.add_node(*TRANSLATIONS[kind](r), index, r)

    def read_variable(self, r: Record, index: int) -> None:
        if r.kind == "VAR_HANDLE":
            self.variables[r.outputs[0]] = self.variable_name(r)
        elif r.kind == "READ_VARIABLE":
            state = r.inputs[0]
            if state not in self.tensors:
                like = r.output()
                self.tensors[state] = replace(like, name=state, values=np.zeros(like.shape, like.dtype), is_state=True)
            self.add_node("read_variable", (state,), {}, index, r)
        elif r.kind == "ASSIGN_VARIABLE":
            self.add_node("assign_variable", (r.input(1).name,), {}, index, replace(r, outputs=(r.inputs[0],)))

    def add_node(self, operator: str, inputs: tuple[str | None, ...], attributes: dict, index: int, r: Record) -> None:
        """Append a node after checking its shapes against the file's."""
        if operator in READ_NARROW_FLOATS:
            inputs = tuple(self.narrow.get(name, name) for name in inputs)
        node = make_node(operator, f"{operator}_{index}", inputs, r.outputs, **attributes)
        if operator == "lstm":
            node = replace(node, outputs=(*node.outputs, *inputs[-2:]))
        read = tuple(None if name is None else self.tensors[name] for name in inputs)
        for name, shape in zip(node.outputs, load_operator(operator).output_shapes(node, read), strict=True):
            tensor = self.tensors[name]
            if tensor.shape == () != shape:
                self.tensors[name] = replace(tensor, shape=shape)
            elif tensor.shape != shape:
                raise AccelsimError(r.place, f"output '{name}' has shape {tensor.shape} in the file, its inputs make {shape}", "the file is damaged")
        self.nodes.append(node)
