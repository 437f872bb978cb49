"""Accuracy of ONNX, low-bit and compressed networks on real test sets is the reference's, to the sample."""

import gzip

import numpy as np
import pytest
from litert_reference import DATA, MODELS, needs_compiler, needs_shared, packed

from accelsim.functional.interpreter import execute
from accelsim.importers import load_graph
from accelsim.importers.datasets import DataSet
from accelsim.studies.accuracy import study_accuracy

pytest.importorskip("onnx", reason="onnx reads the files (extra 'onnx')")
pytestmark = [needs_shared, needs_compiler, pytest.mark.conformance]


def cifar() -> DataSet:
    data = packed("cifar10_test_500_raw.npz")
    return DataSet("cifar10", data["X"], data["y"].astype(np.int64), tuple("0123456789"), "500 raw test images", "", "")


def mnist() -> DataSet:
    pixels, labels = (
        np.frombuffer(gzip.open(DATA / "mnist" / f"t10k-{name}.gz").read(), np.uint8, offset=offset)
        for name, offset in (("images-idx3-ubyte", 16), ("labels-idx1-ubyte", 8))
    )
    return DataSet("mnist", pixels.reshape(-1, 28, 28, 1), labels.astype(np.int64), tuple("0123456789"), "test images", "", "")


@pytest.mark.parametrize(
    ("model", "right"),
    [("resnet20_cifar10", 464), ("resnet20_cifar10_qdq_int8", 466), ("resnet20_cifar10_qoperator_u8s8", 465),
     pytest.param("resnet56_cifar10", 471, marks=pytest.mark.slow)],
)  # fmt: skip
def test_cifar_networks_are_right_as_often_as_in_onnxruntime(model, right):
    assert study_accuracy(load_graph(str(MODELS / "cifar" / f"{model}.onnx")), cifar(), pixels="imagenet").correct == right


@pytest.mark.slow
@pytest.mark.parametrize(("model", "right"), [("TFC_1W1A", 9296), ("TFC_1W2A", 9474), ("TFC_2W2A", 9660)])
def test_few_bit_networks_are_right_on_mnist(model, right):
    assert study_accuracy(load_graph(str(MODELS / "lowbit" / f"{model}.onnx")), mnist(), pixels="unit").correct == right


def test_the_binary_network_is_right_on_395_of_500():
    graph, data = load_graph(str(MODELS / "lowbit" / "bnn_pynq_cnvW1A1_cifar10.npz")), cifar()
    codes = np.floor((data.inputs / 127.5 - 1) * 128).clip(-128, 127).astype(np.int8)
    assert study_accuracy(graph, DataSet("cifar10", codes, data.labels, data.classes, data.split, "", "")).correct == 395


def test_the_golden_keyword_of_the_three_bit_network_is_found():
    graph = load_graph(str(MODELS / "lowbit" / "hls4ml_finn_KWS-W3A3_QONNX.onnx"))
    sound = np.load(DATA / "mlperf_tiny" / "kws_finn_input.npy").astype(np.float32)
    outputs, _, _ = execute(graph, {graph.inputs[0]: sound})
    assert int(outputs[graph.outputs[0]].argmax()) == int(np.load(DATA / "mlperf_tiny" / "kws_finn_expected_output.npy").ravel()[0])
