"""ONNX models of a few nodes, for tests that a reader can check in the head."""

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx builds and reads the files (extra 'onnx')")


def model(nodes, inputs, outputs=("y",), opset: int = 17, **constants):
    """Return a ModelProto.

    Parameters
    ----------
    nodes : list of (operator, inputs, outputs, attributes)
    inputs : dict of name to shape
        Float32; an extent may be a word (open).
    """
    helper = onnx.helper
    made = [helper.make_node(kind, read, written, name=f"{kind}_{i}", **attributes) for i, (kind, read, written, attributes) in enumerate(nodes)]
    given = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in inputs.items()]
    results = [onnx.ValueInfoProto(name=name) for name in outputs]
    held = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    domains = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(helper.make_graph(made, "tiny", given, results, held), opset_imports=domains)


def graph_of(*arguments, **keywords):
    """Return the imported graph of a model."""
    from accelsim.importers.onnx import load_model

    return load_model(model(*arguments, **keywords), "tiny", "tiny.onnx")


def write(path: Path, *arguments, **keywords) -> Path:
    """Write a model to a file."""
    path.write_bytes(model(*arguments, **keywords).SerializeToString())
    return path


def operators(graph) -> list[str]:
    """Return the operators of a graph in order."""
    return [node.operator for node in graph.nodes]
