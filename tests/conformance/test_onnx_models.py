"""Every ONNX model of the shared folder gives onnxruntime's numbers."""

from pathlib import Path

import numpy as np
import pytest
from litert_reference import MODELS, needs_compiler, needs_shared, packed
from onnxruntime_reference import integer_differences, session

from accelsim.functional.interpreter import execute
from accelsim.importers import load_graph
from accelsim.operators import macs_of, work_of

pytest.importorskip("onnx", reason="onnx reads the files (extra 'onnx')")
pytestmark = [needs_shared, needs_compiler, pytest.mark.conformance]

PATHS = sorted(MODELS.glob("**/*.onnx"))
# QONNX operators; the networks are checked by their accuracy or their golden output instead.
NOT_IN_ONNXRUNTIME = [p for p in PATHS if p.parent.name == "lowbit"]
QUANTIZED = [p for p in PATHS if "quant" in p.stem or "int8" in p.stem or "u8s8" in p.stem]


def real_input(path: Path, tensor) -> np.ndarray:
    """Return a real picture where the network is one of pictures of 32 pixels, else noise of its input's spread."""
    rng = np.random.default_rng(0)
    if tensor.shape in ((1, 3, 32, 32), (1, 32, 32, 3)):
        pixels = packed("cifar10_test_500_raw.npz")["X"][0:1].astype(np.float32)
        real = pixels if tensor.shape[3] == 3 else np.moveaxis((pixels / 255 - 0.45) / 0.225, 3, 1)
        return np.ascontiguousarray(real)
    if path.stem == "squeezenet_v1.0_deepcompression_decoded":
        return rng.uniform(-120, 130, tensor.shape).astype(np.float32)
    return rng.random(tensor.shape).astype(tensor.dtype)


@pytest.mark.parametrize("path", [p for p in PATHS if p not in NOT_IN_ONNXRUNTIME], ids=lambda p: p.stem)
def test_outputs_are_onnxruntimes(path: Path):
    graph = load_graph(str(path))
    inputs = {name: real_input(path, graph.tensors[name]) for name in graph.inputs}
    outputs, _, activity = execute(graph, inputs)
    for name, theirs in zip(graph.outputs, session(path).run(list(graph.outputs), inputs), strict=True):
        mine = outputs[name]
        assert mine.shape == theirs.shape and mine.dtype == theirs.dtype
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-4 * max(1.0, np.abs(theirs).max()))
    if path in QUANTIZED:
        compared, wrong = integer_differences(path, activity, inputs)
        assert compared > 1000 and wrong == 0, f"{wrong} of {compared} integers differ"


def test_a_streaming_model_keeps_its_state_outside():
    path = MODELS / "rnn" / "silero_vad_16k_static.onnx"
    graph, runtime = load_graph(str(path)), session(path)
    mine = theirs = np.zeros(graph.tensors["state"].shape, np.float32)
    for frame in range(4):
        sound = np.random.default_rng(frame).normal(0, 0.1, graph.tensors["input"].shape).astype(np.float32)
        outputs, _, _ = execute(graph, {"input": sound, "state": mine})
        expected = dict(zip(graph.outputs, runtime.run(list(graph.outputs), {"input": sound, "state": theirs}), strict=True))
        np.testing.assert_allclose(outputs["output"], expected["output"], atol=1e-4)
        mine, theirs = outputs["stateN"], expected["stateN"]


def test_the_compressed_squeezenet_computes_what_its_decoded_twin_does():
    compressed = load_graph(str(MODELS / "imagenet" / "squeezenet_v1.0_deepcompressed.net"))
    decoded = load_graph(str(MODELS / "imagenet" / "squeezenet_v1.0_deepcompression_decoded.onnx"))
    image = np.random.default_rng(1).uniform(-120, 130, (1, 227, 227, 3)).astype(np.float32)
    mine, _, _ = execute(compressed, {"data": image})
    twin, _, _ = execute(decoded, {"data": np.ascontiguousarray(np.moveaxis(image, 3, 1))})
    np.testing.assert_array_equal(mine["probabilities"], twin["prob"])
    structures = [t.structure for t in compressed.constants() if t.structure is not None]
    assert sum(dict(s.detail)["non_zero"] for s in structures) == 415_921
    assert sum(s.stored_bytes for s in structures) + 4 * sum(t.elements for t in compressed.constants() if t.name.endswith("bias")) + 4 * 26 == 675_763


MACS = {
    "resnet20_cifar10": 40_551_040, "resnet20_cifar10_qdq_int8": 40_551_040, "resnet56_cifar10": 125_485_696, "FastestDet": 121_491_744,
    "yolo-fastest-1.1": 125_437_600, "yolo-fastest-1.1-xl": 361_700_800, "go1_policy": 191_488, "ultraface_slim-320_simplified": 81_410_560,
    "yunet_n_320_320": 135_598_400, "yunet_s_320_320": 86_056_000, "sac_halfcheetah_v3_actor": 71_424,
    "squeezenet_v1.0_deepcompression_decoded": 861_339_936,
}  # fmt: skip


@pytest.mark.parametrize("path", [p for p in PATHS if p.stem in MACS], ids=lambda p: p.stem)
def test_multiply_accumulates_equal_the_published_count(path: Path):
    assert macs_of(load_graph(str(path))) == MACS[path.stem]


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_every_node_is_work_that_names_its_tensors(path: Path):
    graph = load_graph(str(path))
    for node in graph.nodes:
        works = work_of(node, graph)
        assert works and {name for work in works for name in work.writes} == set(node.outputs), node.name
        assert {name for work in works for name in (*work.reads, *work.weights)} <= set(graph.tensors)


# FastestDet shuffles channels by reshapes of the file's layout, which need it.
@pytest.mark.parametrize("path", [p for p in PATHS if p.parent.name in ("cifar", "face", "imagenet") or "yolo" in p.stem], ids=lambda p: p.stem)
def test_spatial_chains_need_no_transposes_inside(path: Path):
    graph = load_graph(str(path))
    convolutions = sum(node.operator.endswith("conv2d") for node in graph.nodes)
    transposes = sum(node.operator == "transpose" for node in graph.nodes)
    assert convolutions > 15 and transposes <= 1 + len(graph.outputs)
