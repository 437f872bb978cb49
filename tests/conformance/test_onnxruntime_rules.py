"""Single quantised operators at random scales round as onnxruntime's kernels do, ties included."""

import numpy as np
import pytest
from onnxruntime_reference import session

onnx = pytest.importorskip("onnx", reason="onnx builds the cases (extra 'onnx')")

from accelsim.functional.interpreter import execute  # noqa: E402
from accelsim.importers.onnx import load_model  # noqa: E402

pytestmark = pytest.mark.conformance
TYPES = (np.uint8, np.int8)


def model(kind: str, inputs: list[tuple[str, np.ndarray]], constants: set[str], out, **attributes):
    """Return the model of one com.microsoft or ONNX node."""
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    domain = "" if kind in ("QLinearConv", "QLinearMatMul") else "com.microsoft"
    node = helper.make_node(kind, [name for name, _ in inputs], ["y"], domain=domain, **attributes)
    held = [numpy_helper.from_array(value, name) for name, value in inputs if name in constants]
    given = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for n, v in inputs if n and n not in constants]
    result = helper.make_tensor_value_info("y", helper.np_dtype_to_tensor_dtype(np.dtype(out)), None)
    graph = helper.make_graph([node], "one", given, [result], held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)], ir_version=9)


def both(kind, inputs, constants, out, **attributes):
    """Return (ours, onnxruntime's) results."""
    proto = model(kind, inputs, constants, out, **attributes)
    given = {name: value for name, value in inputs if name and name not in constants}
    graph = load_model(proto, "one", "one")
    return execute(graph, given)[0]["y"], session(proto).run(None, given)[0]


def scales(rng, tie: bool) -> np.ndarray:
    """Return a scale; coarse binary ones make ties frequent."""
    return np.array(rng.integers(1, 20) / 64 if tie else rng.random() * 0.1 + 0.001, np.float32)


def zero(rng, kind) -> np.ndarray:
    return np.array(rng.integers(np.iinfo(kind).min, np.iinfo(kind).max + 1), kind)


def quantised(rng, kind, name: str, shape, tie: bool):
    """Return a tensor with its scale and zero point as three inputs."""
    info = np.iinfo(kind)
    return [(name, rng.integers(info.min, info.max + 1, shape).astype(kind)), (f"{name}s", scales(rng, tie)), (f"{name}z", zero(rng, kind))]


def result(rng, kind, tie):
    return [("ys", scales(rng, tie)), ("yz", zero(rng, kind))]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("operator", ["QLinearAdd", "QLinearMul"])
def test_sums_and_products_of_two_tensors(operator, kind):
    for seed in range(30):
        rng = np.random.default_rng(seed)
        tie = seed % 2 == 1
        inputs = quantised(rng, kind, "a", (4096,), tie) + quantised(rng, kind, "b", (4096,), tie) + result(rng, kind, tie)
        mine, theirs = both(operator, inputs, {n for n, _ in inputs} - {"a", "b"}, kind)
        np.testing.assert_array_equal(mine, theirs, err_msg=f"seed {seed}")


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(("window", "stride", "pad"), [(4, 4, 0), (3, 2, 1), (9, 1, 0)])
def test_average_pooling(kind, window, stride, pad):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        inputs = quantised(rng, kind, "x", (1, 16, 9, 9), seed % 2 == 1)
        inputs += [("ys", inputs[1][1] if seed < 3 else scales(rng, True)), ("yz", zero(rng, kind))]
        mine, theirs = both(
            "QLinearAveragePool", inputs, {"xs", "xz", "ys", "yz"}, kind, kernel_shape=[window] * 2, strides=[stride] * 2, pads=[pad] * 4
        )  # fmt: skip
        np.testing.assert_array_equal(mine, theirs, err_msg=f"seed {seed}")


@pytest.mark.parametrize("kind", TYPES)
def test_global_average_pooling(kind):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        inputs = quantised(rng, kind, "x", (2, 32, 7, 5), seed % 2 == 1) + result(rng, kind, seed % 2 == 1)
        mine, theirs = both("QLinearGlobalAveragePool", inputs, {"xs", "xz", "ys", "yz"}, kind, channels_last=0)
        np.testing.assert_array_equal(mine, theirs, err_msg=f"seed {seed}")


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(("operator", "attributes"), [("QLinearLeakyRelu", {"alpha": 0.1}), ("QLinearSigmoid", {})])
def test_functions_through_a_table(operator, attributes, kind):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        scale = np.array(1 / 256 if operator == "QLinearSigmoid" else 0.05, np.float32)
        inputs = quantised(rng, kind, "x", (512,), False) + [("ys", scale), ("yz", zero(rng, kind))]
        mine, theirs = both(operator, inputs, {"xs", "xz", "ys", "yz"}, kind, **attributes)
        np.testing.assert_array_equal(mine, theirs, err_msg=f"seed {seed}")


@pytest.mark.parametrize("kind", TYPES)
def test_softmax(kind):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        inputs = quantised(rng, kind, "x", (8, 12), False) + [("ys", np.array(1 / 256, np.float32)), ("yz", np.array(np.iinfo(kind).min, kind))]
        mine, theirs = both("QLinearSoftmax", inputs, {"xs", "xz", "ys", "yz"}, kind, axis=-1, opset=13)
        np.testing.assert_array_equal(mine, theirs, err_msg=f"seed {seed}")


@pytest.mark.parametrize("kind", TYPES)
def test_joined_tensors_are_brought_to_one_scale(kind):
    rng = np.random.default_rng(3)
    inputs = result(rng, kind, False) + quantised(rng, kind, "a", (2, 300), False) + quantised(rng, kind, "b", (2, 50), True)
    mine, theirs = both("QLinearConcat", inputs, {n for n, _ in inputs} - {"a", "b"}, kind, axis=1)
    np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize(("activation", "weight"), [(np.uint8, np.int8), (np.uint8, np.uint8), (np.int8, np.int8)])
@pytest.mark.parametrize("group", [1, 8])
def test_convolutions_with_a_scale_per_filter(activation, weight, group):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        inputs = quantised(rng, activation, "x", (1, 8, 9, 9), False)
        filters = rng.integers(np.iinfo(weight).min, np.iinfo(weight).max, (16, 8 // group, 3, 3)).astype(weight)
        zeros = np.zeros(16, weight) if weight is np.int8 else np.full(16, 128, weight)
        inputs += [("w", filters), ("ws", (rng.random(16) * 0.01 + 1e-3).astype(np.float32)), ("wz", zeros)]
        inputs += [("ys", np.array(0.3, np.float32)), ("yz", zero(rng, activation)), ("b", rng.integers(-4000, 4000, 16).astype(np.int32))]
        mine, theirs = both("QLinearConv", inputs, {n for n, _ in inputs} - {"x"}, activation, group=group, pads=[1, 1, 1, 1], strides=[2, 1])
        np.testing.assert_array_equal(mine, theirs, err_msg=f"seed {seed}")


def test_matrix_products():
    for seed in range(4):
        rng = np.random.default_rng(seed)
        inputs = quantised(rng, np.uint8, "a", (5, 40), False) + quantised(rng, np.int8, "b", (40, 7), False)[:2] + [("bz", np.array(0, np.int8))]
        inputs += [("ys", np.array(2.0, np.float32)), ("yz", np.array(100, np.uint8))]
        constants = {n for n, _ in inputs} - {"a", "b"}
        for held in (constants, constants | {"b"}):
            mine, theirs = both("QLinearMatMul", inputs, held, np.uint8)
            np.testing.assert_array_equal(mine, theirs, err_msg=f"seed {seed}")
