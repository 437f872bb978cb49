"""ONNX models: the file's nodes in accelsim's words, images channels-last inside, inputs and outputs as the file declares them.

Source: the ONNX operator specification; com.microsoft operators as onnxruntime's quantiser writes them; QONNX.
"""

from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.graph import Graph, make_graph
from accelsim.graph.numerics import ONNXRUNTIME_CPU
from accelsim.graph.tensor import Tensor
from accelsim.importers._onnx_builder import Builder
from accelsim.importers._onnx_quantized import in_integers
from accelsim.importers._onnx_record import Record, read_attributes
from accelsim.importers._onnx_sparse import read_sparse_constant
from accelsim.importers._onnx_through import through_codes
from accelsim.importers._onnx_translations import translate
from accelsim.importers._onnx_types import element_type, read_constant

DAMAGE = (ValueError, TypeError, IndexError, KeyError, AttributeError, ArithmeticError, MemoryError, RecursionError, UnicodeDecodeError)
OLDEST_OPSET = 7


def load(path: Path, place: str) -> Graph:
    """Return the network of an ONNX file.

    Parameters
    ----------
    path : Path
    place : str
        How errors name the file.

    Raises
    ------
    AccelsimError
        The reader is not installed, or the file is damaged; one line with what does not fit.
    UnsupportedError
        An operator, attribute, opset or type that accelsim does not compute, with the node.
    """
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise AccelsimError(place, "reading ONNX files needs the package onnx, which is not installed", "pip install onnx") from error
    try:
        model = onnx.load_model_from_string(path.read_bytes())
    except DecodeError as error:
        raise AccelsimError(place, "is not an ONNX file, or it is truncated") from error
    return load_model(model, path.stem, place)


def load_model(model, name: str, place: str) -> Graph:
    """Return the network of a ModelProto."""
    if not model.graph.node:
        raise AccelsimError(place, "holds no nodes: it is no ONNX model, or it is truncated")
    try:
        return _graph(model, name, place)
    except DAMAGE as error:
        raise AccelsimError(place, "its nodes do not fit each other: it is damaged", f"{type(error).__name__}: {error}"[:160]) from error


def _graph(model, name: str, place: str) -> Graph:
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    records = list(_records(model.graph, opsets, place))
    b = Builder(place, translate, outputs=frozenset(v.name for v in model.graph.output))
    for record in records:
        for value in record.inputs:
            b.consumers.setdefault(value, []).append(record)
    for proto in model.graph.sparse_initializer:
        b.put(read_sparse_constant(proto, place))
    for proto in model.graph.initializer:
        b.put(read_constant(proto, proto.name, place))
    inputs = [_input(value, b, place) for value in model.graph.input if value.name not in b.tensors]
    for record in records:
        if id(record) not in b.done:
            b.record = record
            with np.errstate(all="ignore"):
                translate_node(b, record)
    b.record = None
    outputs = [b.first(value.name).name for value in model.graph.output]
    return _without_loose_ends(b, name, place, inputs, outputs)


def translate_node(b: Builder, r: Record) -> None:
    """Put a node into the graph: on the integers that its operands stand for where the runtime computes so."""
    if not through_codes(b, r):
        translate(b, in_integers(b, r) or r)


def _records(graph, opsets: dict[str, int], place: str):
    for index, node in enumerate(graph.node):
        name = node.name or f"{node.op_type}_{index}"
        where = f"{place}: node '{name}' ({node.op_type})"
        domain = "" if node.domain == "ai.onnx" else node.domain
        opset = opsets.get(domain, opsets.get("ai.onnx", 1) if domain == "" else 1)
        if domain == "" and opset < OLDEST_OPSET and not _means_the_same(node.op_type, opset):
            raise UnsupportedError(place, f"opset {opset} is not supported", f"{OLDEST_OPSET} and newer are: convert it with onnx.version_converter")
        yield Record(node.op_type, domain, name, where, max(opset, OLDEST_OPSET) if domain == "" else opset, list(node.input), list(node.output), read_attributes(node, where))


def _means_the_same(operator: str, opset: int) -> bool:
    """Return whether an operator of an old file is defined as in the oldest opset that is read."""
    from onnx import defs

    def since(version: int) -> int:
        try:
            return defs.get_schema(operator, max_inclusive_version=version).since_version
        except defs.SchemaError:
            return -1

    return since(opset) == since(OLDEST_OPSET) > 0


def _input(value, b: Builder, place: str) -> str:
    """Enter a graph input; an open first extent is a batch of 1."""
    where = f"{place}: input '{value.name}'"
    if value.type.WhichOneof("value") != "tensor_type":
        raise UnsupportedError(where, f"a {value.type.WhichOneof('value')} is not supported", "tensors are")
    kind = value.type.tensor_type
    shape = []
    for axis, extent in enumerate(kind.shape.dim):
        known = extent.dim_value if extent.WhichOneof("value") == "dim_value" else -1
        if known == 0:
            raise UnsupportedError(where, f"axis {axis} has extent 0: an empty tensor")
        if known < 0 and axis > 0:
            hint = "fix it with onnx.tools.update_model_dims; only the batch may stay open"
            raise AccelsimError(where, f"axis {axis} has no extent ('{extent.dim_param}')", hint)
        shape.append(max(known, 1))
    b.put(Tensor(value.name, tuple(shape), element_type(kind.elem_type, where)))
    return value.name


def _without_loose_ends(b: Builder, name: str, place: str, inputs: list[str], outputs: list[str]) -> Graph:
    """Return the graph without nodes whose results nobody reads."""
    needed, kept = set(outputs), []
    for node in reversed(b.nodes):
        if needed & set(node.outputs):
            kept.append(node)
            needed |= {name for name in node.inputs if name is not None}
    kept.reverse()
    used = {*inputs, *outputs, *(n for node in kept for n in (*node.inputs, *node.outputs))}
    return make_graph(name, [t for t in b.tensors.values() if t.name in used], kept, inputs, outputs, numerics=ONNXRUNTIME_CPU, source=place)
