"""Sparse constants of an ONNX file: what they are worth, and what they occupy."""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.functional.interpreter import execute
from accelsim.importers import load_graph

onnx = pytest.importorskip("onnx", reason="onnx writes the files (extra 'onnx')")


def model(path, sparse):
    """Write x (1, 64) times a sparse matrix (64, 32)."""
    helper = onnx.helper
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])], "one",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, (1, 64))], [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, (1, 32))],
    )  # fmt: skip
    graph.sparse_initializer.append(sparse)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return str(path)


def weights_of(graph):
    return next(t for t in graph.constants() if t.elements == 64 * 32)


def sparse_proto(values, places):
    numbers = onnx.numpy_helper
    return onnx.helper.make_sparse_tensor(numbers.from_array(values, "w"), numbers.from_array(places, "places"), [64, 32])


@pytest.mark.parametrize("coordinates", [False, True])
def test_sparse_initializers_are_dense_values_that_remember_how_they_are_stored(tmp_path, coordinates):
    rng = np.random.default_rng(2)
    dense = np.where(rng.random((64, 32)) < 0.2, rng.standard_normal((64, 32)), 0).astype(np.float32)
    places = np.argwhere(dense) if coordinates else np.flatnonzero(dense)
    graph = load_graph(model(tmp_path / "sparse.onnx", sparse_proto(dense[dense != 0], places.astype(np.int64))))
    structure = weights_of(graph).structure
    assert (structure.kind, structure.stored_bytes) == ("pruned", np.count_nonzero(dense) * 4 + places.size * 8)
    x = rng.standard_normal((1, 64)).astype(np.float32)
    np.testing.assert_allclose(execute(graph, {"x": x})[0]["y"], x @ dense, rtol=1e-5)


@pytest.mark.parametrize("places", [[0, 64 * 32], [-1, 3], [0]], ids=str)
def test_places_outside_the_tensor_are_refused(tmp_path, places):
    proto = sparse_proto(np.ones(2, np.float32), np.array([0, 1], np.int64))
    proto.indices.CopyFrom(onnx.numpy_helper.from_array(np.array(places, np.int64), "places"))
    with pytest.raises(AccelsimError, match="do not fit a tensor of"):
        load_graph(model(tmp_path / "damaged.onnx", proto))
