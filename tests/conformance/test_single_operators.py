"""One operator at a time, with the options that no model at hand has: the integers are LiteRT's reference integers."""

import numpy as np
import pytest
from litert_reference import Reference
from one_operator import Spec, agrees, convolution_out, integers, quantised, random_values, write_model

from accelsim.functional.interpreter import execute
from accelsim.importers import tflite

pytestmark = pytest.mark.conformance


@pytest.mark.parametrize("dtype", ["int8", "uint8", "float32"])
@pytest.mark.parametrize("code", ["MAX_POOL_2D", "AVERAGE_POOL_2D"])
@pytest.mark.parametrize("options", [dict(padding=0), dict(padding=1), dict(padding=0, fusedActivationFunction=3)], ids=str)
def test_pooling(tmp_path, code, dtype, options):
    options = dict(strideH=2, strideW=3, filterHeight=3, filterWidth=2, **options)
    out = (2, *convolution_out(9, 11, (3, 2), options), 5)
    source, result = (Spec((2, 9, 11, 5)), Spec(out)) if dtype == "float32" else (quantised((2, 9, 11, 5), dtype), quantised(out, dtype))
    agrees(tmp_path, code, "Pool2DOptions", options, [source], [result])


@pytest.mark.parametrize("code", ["ADD", "SUB", "MUL"])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "float32"])
@pytest.mark.parametrize("other", [(2, 3, 4, 5), (5,), (1, 1, 1, 5), (1,)], ids=str)
def test_arithmetic_of_two_tensors(tmp_path, code, dtype, other):
    options_name = code.capitalize() + "Options"
    shape, options = (2, 3, 4, 5), dict(fusedActivationFunction=1)
    if dtype == "float32":
        agrees(tmp_path, code, options_name, options, [Spec(shape), Spec(other)], [Spec(shape)])
        return
    if dtype == "int16" and code != "MUL":
        options["potScaleInt16"] = False
    agrees(tmp_path, code, options_name, options, [quantised(shape, dtype), quantised(other, dtype, 0.021)], [quantised(shape, dtype, 0.083)])


@pytest.mark.parametrize("code", ["MAXIMUM", "MINIMUM"])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "float32", "int32"])
def test_larger_and_smaller_of_two_tensors(tmp_path, code, dtype):
    spec = (lambda shape: Spec(shape, dtype)) if dtype in ("float32", "int32") else (lambda shape: quantised(shape, dtype))
    agrees(tmp_path, code, "MaximumMinimumOptions", {}, [spec((2, 3, 4)), spec((4,))], [spec((2, 3, 4))])


@pytest.mark.parametrize("code", ["EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "float32", "int32"])
def test_comparison_of_two_tensors(tmp_path, code, dtype):
    name = "".join(word.capitalize() for word in code.split("_")) + "Options"
    sources = [Spec((2, 300), dtype), Spec((300,), dtype)] if dtype in ("float32", "int32") else [quantised((2, 300), dtype), quantised((300,), dtype, 0.021)]
    agrees(tmp_path, code, name, {}, sources, [Spec((2, 300), "bool")])


UNARY = [
    ("LOGISTIC", None, {}, (1 / 256, -128, 0)), ("TANH", None, {}, (1 / 128, 0, 128)), ("RELU", None, {}, (0.08, -20, 108)),
    ("RELU6", None, {}, (0.03, -128, 0)), ("RELU_N1_TO_1", None, {}, (0.01, 2, 130)), ("LEAKY_RELU", "LeakyReluOptions", {"alpha": 0.2}, (0.04, 5, 133)),
    ("HARD_SWISH", "HardSwishOptions", {}, (0.045, -100, 28)), ("EXP", "ExpOptions", {}, (2.5, -128, None)),
    ("SOFTMAX", "SoftmaxOptions", {"beta": 1.0}, (1 / 256, -128, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "options_name", "options", "result"), UNARY, ids=lambda v: v if isinstance(v, str) else "")
@pytest.mark.parametrize("dtype", ["int8", "uint8", "float32"])
def test_function_of_one_tensor(tmp_path, dtype, code, options_name, options, result):
    if dtype == "float32":
        agrees(tmp_path, code, options_name, options, [Spec((3, 100))], [Spec((3, 100))])
        return
    scale, zero = result[0], result[1 if dtype == "int8" else 2]
    if zero is None:
        pytest.skip("the reference has no such kernel")
    agrees(tmp_path, code, options_name, options, [quantised((3, 256), dtype)], [Spec((3, 256), dtype, scale, zero)])


@pytest.mark.parametrize("code", ["SQRT", "RSQRT", "SQUARE", "ABS", "NEG", "SIN", "COS", "FLOOR", "LOG", "LOG_SOFTMAX"])
def test_float_function_of_one_tensor(tmp_path, code):
    positive = code in ("SQRT", "RSQRT", "LOG")
    path = write_model(tmp_path / "one.tflite", code, None, {}, [Spec((4, 50))], [Spec((4, 50))])
    values = random_values(Spec((4, 50)), np.random.default_rng(3))
    values = np.abs(values) + 0.1 if positive else values
    reference, graph = Reference(path), tflite.load(path, path.name)
    reference.run({"tensor_0": values})
    np.testing.assert_allclose(execute(graph, {"tensor_0": values})[0]["tensor_1"], reference.value("tensor_1"), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_learned_slope_below_zero(tmp_path, dtype):
    if dtype == "float32":
        agrees(tmp_path, "PRELU", None, {}, [Spec((1, 3, 4, 5)), Spec((1, 1, 5), values=np.linspace(-1, 1, 5))], [Spec((1, 3, 4, 5))])
        return
    slope = Spec((1, 1, 5), "uint8", 0.01, 100, values=integers((1, 1, 5), "uint8"))
    agrees(tmp_path, "PRELU", None, {}, [quantised((1, 3, 4, 5), dtype), slope], [quantised((1, 3, 4, 5), dtype, 0.06)])


@pytest.mark.parametrize("axes", [(1, 2), (2,), (1, 2, 3), (3,)], ids=str)
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize(("code", "dtype"), [(c, d) for c in ("MEAN", "REDUCE_MAX", "REDUCE_MIN") for d in ("int8", "uint8", "float32")] + [("SUM", "float32")])
def test_reduction(tmp_path, code, dtype, keep, axes):
    shape = (2, 5, 7, 6)
    out = tuple(1 if i in axes else n for i, n in enumerate(shape)) if keep else tuple(n for i, n in enumerate(shape) if i not in axes)
    axis = Spec((len(axes),), "int32", values=np.array(axes))
    out_scale = 0.05 if code.startswith("REDUCE") else 0.037
    source, result = (Spec(shape), Spec(out)) if dtype == "float32" else (quantised(shape, dtype), quantised(out, dtype, out_scale))
    agrees(tmp_path, code, "ReducerOptions", {"keepDims": keep}, [source, axis], [result])


@pytest.mark.parametrize("flags", [{}, {"alignCorners": True}, {"halfPixelCenters": True}], ids=str)
@pytest.mark.parametrize("size", [(9, 7), (2, 3), (5, 4), (1, 1)], ids=str)
@pytest.mark.parametrize("code", ["RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "float32"])
def test_resampling(tmp_path, dtype, code, size, flags):
    name = "ResizeBilinearOptions" if code == "RESIZE_BILINEAR" else "ResizeNearestNeighborOptions"
    spec = (lambda shape: Spec(shape)) if dtype == "float32" else (lambda shape: quantised(shape, dtype))
    agrees(tmp_path, code, name, flags, [spec((2, 5, 4, 3)), Spec((2,), "int32", values=np.array(size))], [spec((2, *size, 3))])


@pytest.mark.parametrize("dtype", ["uint8", "int8", "float32"])
def test_concatenation(tmp_path, dtype):
    if dtype == "float32":
        sources, result = [Spec((1, 2, 3)), Spec((1, 4, 3))], Spec((1, 6, 3))
    elif dtype == "int8":
        sources, result = [quantised((1, 2, 3), dtype), quantised((1, 4, 3), dtype)], quantised((1, 6, 3), dtype)
    else:
        sources, result = [quantised((1, 20, 30), dtype), quantised((1, 40, 30), dtype, 0.02)], quantised((1, 60, 30), dtype, 0.071)
    agrees(tmp_path, "CONCATENATION", "ConcatenationOptions", {"axis": 1}, sources, [result])


SLICES = [
    ((0, 1, 0), (2, 4, 5), (1, 1, 2), {}, (2, 3, 3)), ((0, -1, 0), (2, 0, 5), (1, -1, 1), {"beginMask": 2, "endMask": 2}, (2, 6, 5)),
    ((0, 2, 0), (2, 3, 5), (1, 1, 1), {"shrinkAxisMask": 2}, (2, 5)), ((1, 0, -3), (2, 100, 5), (1, 2, 1), {"shrinkAxisMask": 1}, (3, 3)),
    ((0, -2, 1), (0, 0, 0), (1, 1, 1), {"beginMask": 1, "endMask": 7}, (2, 2, 4)),
]  # fmt: skip


@pytest.mark.parametrize(("begin", "end", "strides", "masks", "out"), SLICES, ids=str)
def test_strided_slice(tmp_path, begin, end, strides, masks, out):
    constants = [Spec((3,), "int32", values=np.array(v)) for v in (begin, end, strides)]
    options = dict(beginMask=0, endMask=0, ellipsisMask=0, newAxisMask=0, shrinkAxisMask=0) | masks
    agrees(tmp_path, "STRIDED_SLICE", "StridedSliceOptions", options, [Spec((2, 6, 5)), *constants], [Spec(out)])


def test_other_moves_of_elements(tmp_path):
    shape = Spec((2, 4, 6, 8))
    pads = Spec((4, 2), "int32", values=np.array([[0, 0], [1, 2], [3, 0], [0, 1]]))
    order = Spec((4,), "int32", values=np.array([0, 3, 1, 2]))
    axis = Spec((), "int32", values=np.array(2))
    sizes = Spec((3,), "int32", values=np.array([1, -1, 2]))
    agrees(tmp_path, "PAD", "PadOptions", {}, [quantised((2, 4, 6, 8), "int8"), pads], [quantised((2, 7, 9, 9), "int8")])
    agrees(tmp_path, "PADV2", "PadV2Options", {}, [shape, pads, Spec((), values=np.array(1.5))], [Spec((2, 7, 9, 9))])
    agrees(tmp_path, "MIRROR_PAD", "MirrorPadOptions", {"mode": 0}, [shape, pads], [Spec((2, 7, 9, 9))])
    agrees(tmp_path, "MIRROR_PAD", "MirrorPadOptions", {"mode": 1}, [shape, pads], [Spec((2, 7, 9, 9))])
    agrees(tmp_path, "TRANSPOSE", "TransposeOptions", {}, [shape, order], [Spec((2, 8, 4, 6))])
    agrees(tmp_path, "SPLIT", "SplitOptions", {"numSplits": 3}, [axis, shape], [Spec((2, 4, 2, 8))] * 3)
    agrees(tmp_path, "SPLIT_V", "SplitVOptions", {"numSplits": 3}, [shape, sizes, axis], [Spec((2, 4, n, 8)) for n in (1, 3, 2)])
    agrees(tmp_path, "UNPACK", "UnpackOptions", {"num": 4, "axis": 1}, [shape], [Spec((2, 6, 8))] * 4)
    agrees(tmp_path, "PACK", "PackOptions", {"valuesCount": 2, "axis": 1}, [shape, shape], [Spec((2, 2, 4, 6, 8))])
    agrees(tmp_path, "DEPTH_TO_SPACE", "DepthToSpaceOptions", {"blockSize": 2}, [shape], [Spec((2, 8, 12, 2))])
    agrees(tmp_path, "SPACE_TO_DEPTH", "SpaceToDepthOptions", {"blockSize": 2}, [shape], [Spec((2, 2, 3, 32))])
    agrees(tmp_path, "SQUEEZE", "SqueezeOptions", {"squeezeDims": [1]}, [Spec((3, 1, 5))], [Spec((3, 5))])
    agrees(tmp_path, "ARG_MAX", "ArgMaxOptions", {"outputType": 4}, [quantised((2, 4, 6, 8), "int8"), axis], [Spec((2, 4, 8), "int64")])
    agrees(tmp_path, "ARG_MIN", "ArgMinOptions", {"outputType": 4}, [shape, axis], [Spec((2, 4, 8), "int64")])
    agrees(tmp_path, "TILE", "TileOptions", {}, [Spec((2, 3)), Spec((2,), "int32", values=np.array([2, 3]))], [Spec((4, 9))])
    begin, size = Spec((4,), "int32", values=np.array([0, 1, 2, 0])), Spec((4,), "int32", values=np.array([2, 2, -1, 3]))
    agrees(tmp_path, "SLICE", "SliceOptions", {}, [shape, begin, size], [Spec((2, 2, 4, 3))])


@pytest.mark.parametrize(
    ("source", "result"), [("float32", "int8"), ("float32", "uint8"), ("int8", "uint8"), ("uint8", "int8"), ("int8", "int8"), ("int16", "int8")]
)
def test_quantisation(tmp_path, source, result):
    given = Spec((40, 50)) if source == "float32" else quantised((40, 50), source)
    agrees(tmp_path, "QUANTIZE", "QuantizeOptions", {}, [given], [quantised((40, 50), result, 0.031)])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16"])
def test_dequantisation(tmp_path, dtype):
    agrees(tmp_path, "DEQUANTIZE", "DequantizeOptions", {}, [quantised((40, 50), dtype)], [Spec((40, 50))])


@pytest.mark.parametrize("shape, lengths", [((3, 8, 16), (8, 16)), ((1, 512), (1, 512)), ((2, 2, 5, 9), (8, 4)), ((7, 3), (4, 2))], ids=str)
def test_transforms_of_real_matrices(tmp_path, shape, lengths):
    given = Spec((2,), "int32", values=np.int32(lengths))
    agrees(tmp_path, "RFFT2D", "Rfft2dOptions", {}, [Spec(shape), given], [Spec((*shape[:-2], lengths[0], lengths[1] // 2 + 1), "complex64")])


@pytest.mark.parametrize("code", ["COMPLEX_ABS", "REAL", "IMAG"])
def test_parts_of_complex_numbers(tmp_path, code):
    agrees(tmp_path, code, None, {}, [Spec((2, 3, 5), "complex64")], [Spec((2, 3, 5))])
