"""A TFLite file becomes a graph with its real numbers, and a damaged one becomes one clear line."""

import io
import zipfile
from pathlib import Path

import numba
import numpy as np
import pytest
import tflite as schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_tflite import fully_connected

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.functional.interpreter import execute
from accelsim.graph.numerics import TFLITE_REFERENCE
from accelsim.importers import tflite
from accelsim.operators import macs_of

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "models"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the models in ../shared are not here")


@pytest.fixture
def read(tmp_path):
    def read(data: bytes):
        path = tmp_path / "net.tflite"
        path.write_bytes(data)
        return tflite.load(path, "net.tflite")

    return read


def test_weights_scales_and_shapes_are_the_files(read):
    graph = read(fully_connected(rows=2))
    node = graph.nodes[0]
    assert (node.name, node.operator, node.inputs, node.outputs) == ("fully_connected_0", "fully_connected", ("x", "w", "b"), ("y",))
    assert graph.inputs == ("x",) and graph.outputs == ("y",) and graph.numerics == TFLITE_REFERENCE and macs_of(graph) == 24
    assert graph.tensors["w"].quantization.scale == [1.0] and graph.tensors["w"].values.sum() == 12
    outputs, _, _ = execute(graph, {"x": np.int8([[1, 2, 3, 4], [-1, 0, 0, 0]])})
    np.testing.assert_array_equal(outputs["y"], [[10] * 3, [-1] * 3])


def test_class_names_packed_behind_the_model_are_found(read, tmp_path):
    path = tmp_path / "labelled.tflite"
    path.write_bytes(fully_connected())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("labels.txt", "cat\ndog\nowl\n")
    assert tflite.load(path, "labelled.tflite").labels == ("cat", "dog", "owl")
    assert read(fully_connected()).labels == ()


def one_line(error) -> str:
    text = str(error.value)
    assert "\n" not in text and text.startswith("net.tflite")
    return text


def test_another_format_is_refused(read):
    with pytest.raises(AccelsimError) as error:
        read(b"\x08\x00\x00\x00ONNX and more")
    assert "not a TFLite file" in one_line(error)


def test_an_unknown_operator_is_named_with_its_node(read):
    with pytest.raises(UnsupportedError) as error:
        read(fully_connected(operator=schema.BuiltinOperator.SKIP_GRAM))
    assert "node 0 (SKIP_GRAM)" in one_line(error)


def test_a_custom_operator_is_named_with_its_node(read):
    with pytest.raises(UnsupportedError) as error:
        read(fully_connected(operator=schema.BuiltinOperator.CUSTOM, custom="Wobble"))
    assert "operator 'Wobble' (node 0)" in one_line(error)


def test_an_unknown_element_type_is_named_with_its_tensor(read):
    with pytest.raises(UnsupportedError) as error:
        read(fully_connected(tensor_type=14))
    assert "tensor 'x'" in one_line(error) and "14" in one_line(error)


def test_a_buffer_that_does_not_fill_its_shape_is_told(read):
    with pytest.raises(AccelsimError) as error:
        read(fully_connected(stray=1))
    assert "tensor 'w': the buffer has 12 bytes, shape (4, 4) of int8 needs 16" in one_line(error)


def test_options_of_another_operator_are_told(read):
    with pytest.raises(AccelsimError) as error:
        read(fully_connected(operator=schema.BuiltinOperator.CONV_2D))
    assert "node 0 (CONV_2D): its options are those of another operator (FullyConnectedOptions)" in one_line(error)


def survives(read, data: bytes) -> None:
    """Assert that a file loads and runs, or gives one line."""
    try:
        graph = read(data)
        execute(graph, {name: np.zeros(graph.tensors[name].shape, graph.tensors[name].dtype) for name in graph.inputs})
    except AccelsimError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("kept", range(0, len(fully_connected()), 7))
def test_a_file_cut_anywhere_is_one_line(read, kept):
    survives(read, fully_connected()[:kept])


FLIPS = st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 255)), min_size=1, max_size=8)


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FLIPS)
def test_a_file_with_wrong_bytes_is_one_line_or_runs(read, flips):
    data = bytearray(fully_connected())
    for place, value in flips:
        data[place % len(data)] = value
    with np.errstate(all="ignore"):
        survives(read, bytes(data))


@needs_shared
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="real networks take hours in interpreted kernels")
@pytest.mark.parametrize("model", ["tflm/hello_world_int8", "audio/microwakeword_alexa", "rnn/tflm_mnist_lstm_int8", "mlperf_tiny/kws_dscnn_int8"])
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 10**9), flips=FLIPS)
def test_a_real_network_with_wrong_bytes_or_cut_is_one_line_or_runs(read, model, cut, flips):
    whole = (SHARED / f"{model}.tflite").read_bytes()
    survives(read, whole[: cut % len(whole)])
    data = bytearray(whole)
    for place, value in flips:
        data[place % min(len(data), 6000) if place % 2 else -1 - place % min(len(data), 12000)] = value
    with np.errstate(all="ignore"):
        survives(read, bytes(data))


@needs_shared
def test_sparse_weights_are_dense_values_that_remember_how_they_are_stored():
    path = SHARED / "face" / "mediapipe_face_detection_full_range_sparse.tflite"
    graph = tflite.load(path, path.name)
    sparse = [t for t in graph.constants() if t.structure is not None]
    assert len(sparse) == 46 and all(t.dtype == "float16" and t.structure.stored_bytes < t.bytes for t in sparse)
    assert {node.operator for node in graph.nodes}.isdisjoint({"densify"}) and "float16" in graph.notes[0]


@needs_shared
def test_a_streaming_network_keeps_its_rings_between_inferences():
    path = SHARED / "audio" / "microwakeword_alexa.tflite"
    graph = tflite.load(path, path.name)
    rings = [t for t in graph.tensors.values() if t.is_state]
    assert len(rings) == 6 and not any(t.is_constant for t in rings)
    frame = {graph.inputs[0]: np.full(graph.tensors[graph.inputs[0]].shape, 50, np.int8)}
    _, state, _ = execute(graph, frame)
    assert any((state[t.name] != t.values).any() for t in rings)
    assert execute(graph, frame)[0] is not None and sorted(state) == sorted(t.name for t in rings)


def test_the_zip_behind_a_model_may_be_damaged(read):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("labels.txt", "cat")
    assert read(fully_connected() + buffer.getvalue()[:-9]).labels == ()
