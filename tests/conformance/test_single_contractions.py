"""One convolution or matrix product at a time, every padding, stride and type: the integers are LiteRT's reference integers."""

import numpy as np
import pytest
from one_operator import Spec, agrees, convolution_out, integers, quantised, random_values

pytestmark = pytest.mark.conformance

CONVOLUTIONS = [
    dict(padding=0, strideH=1, strideW=1), dict(padding=1, strideH=1, strideW=1), dict(padding=0, strideH=2, strideW=3),
    dict(padding=0, strideH=1, strideW=1, dilationHFactor=2, dilationWFactor=3), dict(padding=1, strideH=2, strideW=2, fusedActivationFunction=1),
    dict(padding=0, strideH=2, strideW=1, fusedActivationFunction=3), dict(padding=0, strideH=1, strideW=2, fusedActivationFunction=2),
]  # fmt: skip


@pytest.mark.parametrize("options", CONVOLUTIONS, ids=str)
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "float32"])
def test_convolution(tmp_path, dtype, options):
    out_hw = convolution_out(9, 11, (3, 2), options)
    options = {"dilationHFactor": 1, "dilationWFactor": 1, **options}
    if dtype == "float32":
        weights, bias = Spec((6, 3, 2, 5), values=random_values(Spec((6, 3, 2, 5)), np.random.default_rng(2))), Spec((6,), values=np.arange(6))
        agrees(tmp_path, "CONV_2D", "Conv2DOptions", options, [Spec((2, 9, 11, 5)), weights, bias], [Spec((2, *out_hw, 6))])
        return
    scales = [0.01 * (i + 1) for i in range(6)]
    weights = Spec((6, 3, 2, 5), "int8", scales, values=integers((6, 3, 2, 5)))
    bias = Spec((6,), "int32", [0.05 * s for s in scales], values=integers((6,), "int16"))
    if dtype == "uint8":
        weights = Spec((6, 3, 2, 5), "uint8", 0.01, 120, values=integers((6, 3, 2, 5), "uint8"))
        bias = Spec((6,), "int32", 0.0005, values=integers((6,), "int16"))
    if dtype == "int16":
        bias = Spec((6,), "int64", [0.05 * s for s in scales], values=integers((6,), "int16"))
    agrees(tmp_path, "CONV_2D", "Conv2DOptions", options, [quantised((2, 9, 11, 5), dtype), weights, bias], [quantised((2, *out_hw, 6), dtype, 0.3)])


@pytest.mark.parametrize("dtype", ["int8", "float32"])
def test_grouped_convolution(tmp_path, dtype):
    options = dict(padding=0, strideH=1, strideW=1, dilationHFactor=1, dilationWFactor=1)
    if dtype == "float32":
        weights, bias = Spec((6, 3, 3, 2), values=random_values(Spec((6, 3, 3, 2)), np.random.default_rng(2))), Spec((6,), values=np.arange(6))
        agrees(tmp_path, "CONV_2D", "Conv2DOptions", options, [Spec((1, 7, 7, 4)), weights, bias], [Spec((1, 7, 7, 6))])
        return
    scales = [0.01 * (i + 1) for i in range(6)]
    weights = Spec((6, 3, 3, 2), "int8", scales, values=integers((6, 3, 3, 2)))
    bias = Spec((6,), "int32", [0.05 * s for s in scales], values=integers((6,), "int16"))
    agrees(tmp_path, "CONV_2D", "Conv2DOptions", options, [quantised((1, 7, 7, 4), dtype), weights, bias], [quantised((1, 7, 7, 6), dtype, 0.3)])


@pytest.mark.parametrize("options", CONVOLUTIONS, ids=str)
@pytest.mark.parametrize(("dtype", "multiplier"), [("int8", 1), ("int8", 3), ("uint8", 2), ("int16", 1), ("float32", 1), ("float32", 2)])
def test_depthwise_convolution(tmp_path, dtype, multiplier, options):
    out_hw = convolution_out(9, 11, (3, 2), options)
    options = {"dilationHFactor": 1, "dilationWFactor": 1, "depthMultiplier": multiplier, **options}
    filters = 4 * multiplier
    shape = (1, 3, 2, filters)
    if dtype == "float32":
        weights, bias = Spec(shape, values=random_values(Spec(shape), np.random.default_rng(2))), Spec((filters,), values=np.arange(filters))
        agrees(tmp_path, "DEPTHWISE_CONV_2D", "DepthwiseConv2DOptions", options, [Spec((2, 9, 11, 4)), weights, bias], [Spec((2, *out_hw, filters))])
        return
    scales = [0.01 * (i + 1) for i in range(filters)]
    weights = Spec(shape, "int8", scales, axis=3, values=integers(shape))
    bias = Spec((filters,), "int64" if dtype == "int16" else "int32", [0.05 * s for s in scales], values=integers((filters,), "int16"))
    if dtype == "uint8":
        weights = Spec(shape, "uint8", 0.01, 120, values=integers(shape, "uint8"))
        bias = Spec((filters,), "int32", 0.0005, values=integers((filters,), "int16"))
    inputs = [quantised((2, 9, 11, 4), dtype), weights, bias]
    agrees(tmp_path, "DEPTHWISE_CONV_2D", "DepthwiseConv2DOptions", options, inputs, [quantised((2, *out_hw, filters), dtype, 0.1)])


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "float32"])
def test_transposed_convolution(tmp_path, dtype, stride, padding):
    size = (1, 4 * stride, 5 * stride, 3) if padding == 0 else (1, 3 * stride + 3, 4 * stride + 2, 3)
    shape = Spec((4,), "int32", values=np.array(size))
    options = dict(padding=padding, strideH=stride, strideW=stride)
    if dtype == "float32":
        weights = Spec((3, 3, 2, 5), values=random_values(Spec((3, 3, 2, 5)), np.random.default_rng(2)))
        agrees(tmp_path, "TRANSPOSE_CONV", "TransposeConvOptions", options, [shape, weights, Spec((1, 4, 5, 5))], [Spec(size)])
        return
    weights = Spec((3, 3, 2, 5), "int8", [0.01, 0.02, 0.03], values=integers((3, 3, 2, 5)))
    if dtype == "uint8":
        weights = Spec((3, 3, 2, 5), "uint8", 0.01, 120, values=integers((3, 3, 2, 5), "uint8"))
    agrees(tmp_path, "TRANSPOSE_CONV", "TransposeConvOptions", options, [shape, weights, quantised((1, 4, 5, 5), dtype)], [quantised(size, dtype, 0.2)])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "float32"])
@pytest.mark.parametrize("keep", [False, True])
def test_fully_connected(tmp_path, dtype, keep):
    options, out = dict(keepNumDims=keep, fusedActivationFunction=1), ((2, 3, 6) if keep else (6, 6))
    if dtype == "float32":
        weights, bias = Spec((6, 40), values=random_values(Spec((6, 40)), np.random.default_rng(2))), Spec((6,), values=np.arange(6))
        agrees(tmp_path, "FULLY_CONNECTED", "FullyConnectedOptions", options, [Spec((2, 3, 40)), weights, bias], [Spec(out)])
        return
    weights = Spec((6, 40), "int8", 0.01, values=integers((6, 40)))
    if dtype == "uint8":
        weights = Spec((6, 40), "uint8", 0.01, 120, values=integers((6, 40), "uint8"))
    bias = Spec((6,), "int64" if dtype == "int16" else "int32", 0.0005, values=integers((6,), "int16"))
    agrees(tmp_path, "FULLY_CONNECTED", "FullyConnectedOptions", options, [quantised((2, 3, 40), dtype), weights, bias], [quantised(out, dtype, 0.3)])
