"""A TFLite file of a few hundred bytes, written with the schema reader's own builder: one int8 fully-connected layer."""

import flatbuffers
import numpy as np
import tflite


def _vector(builder, start, items, add):
    start(builder, len(items))
    for item in reversed(items):
        add(builder, item)
    return builder.EndVector()


def _quantization(builder, scale: float, zero: int):
    scales = builder.CreateNumpyVector(np.float32([scale]))
    zeros = builder.CreateNumpyVector(np.int64([zero]))
    tflite.QuantizationParametersStart(builder)
    tflite.QuantizationParametersAddScale(builder, scales)
    tflite.QuantizationParametersAddZeroPoint(builder, zeros)
    return tflite.QuantizationParametersEnd(builder)


def _tensor(builder, name: str, shape, code: int, buffer: int, scale: float, zero: int):
    text, extents = builder.CreateString(name), builder.CreateNumpyVector(np.int32(shape))
    quantization = _quantization(builder, scale, zero)
    tflite.TensorStart(builder)
    tflite.TensorAddName(builder, text)
    tflite.TensorAddShape(builder, extents)
    tflite.TensorAddType(builder, code)
    tflite.TensorAddBuffer(builder, buffer)
    tflite.TensorAddQuantization(builder, quantization)
    return tflite.TensorEnd(builder)


def fully_connected(
    rows: int = 1, operator: int = tflite.BuiltinOperator.FULLY_CONNECTED, custom: str | None = None, tensor_type: int = 9, stray: int = 0
) -> bytes:
    """Return the file: input (rows, 4) int8, weights of ones (3, 4), bias 0, output (rows, 3) int8, all scales 1.

    Parameters
    ----------
    operator, custom : int, str
        What the node is instead.
    tensor_type : int
        The input's element type by the schema's number.
    stray : int
        Added to the weights' extent, so that the buffer does not fill the shape.
    """
    b = flatbuffers.Builder(1024)
    buffers = []
    for values in (None, np.ones((3, 4), np.int8), np.zeros(3, np.int32)):
        data = None if values is None else b.CreateNumpyVector(np.frombuffer(values.tobytes(), np.uint8))
        tflite.BufferStart(b)
        if data is not None:
            tflite.BufferAddData(b, data)
        buffers.append(tflite.BufferEnd(b))
    tensors = [
        _tensor(b, "x", (rows, 4), tensor_type, 0, 1.0, 0), _tensor(b, "w", (3 + stray, 4), 9, 1, 1.0, 0),
        _tensor(b, "b", (3,), 2, 2, 1.0, 0), _tensor(b, "y", (rows, 3), 9, 0, 1.0, 0),
    ]  # fmt: skip
    tflite.FullyConnectedOptionsStart(b)
    options = tflite.FullyConnectedOptionsEnd(b)
    reads, writes = b.CreateNumpyVector(np.int32([0, 1, 2])), b.CreateNumpyVector(np.int32([3]))
    tflite.OperatorStart(b)
    tflite.OperatorAddInputs(b, reads)
    tflite.OperatorAddOutputs(b, writes)
    tflite.OperatorAddBuiltinOptionsType(b, tflite.BuiltinOptions.FullyConnectedOptions)
    tflite.OperatorAddBuiltinOptions(b, options)
    node = tflite.OperatorEnd(b)
    tensor_vector = _vector(b, tflite.SubGraphStartTensorsVector, tensors, flatbuffers.Builder.PrependUOffsetTRelative)
    node_vector = _vector(b, tflite.SubGraphStartOperatorsVector, [node], flatbuffers.Builder.PrependUOffsetTRelative)
    graph_inputs, graph_outputs = b.CreateNumpyVector(np.int32([0])), b.CreateNumpyVector(np.int32([3]))
    tflite.SubGraphStart(b)
    tflite.SubGraphAddTensors(b, tensor_vector)
    tflite.SubGraphAddOperators(b, node_vector)
    tflite.SubGraphAddInputs(b, graph_inputs)
    tflite.SubGraphAddOutputs(b, graph_outputs)
    graph = tflite.SubGraphEnd(b)
    text = None if custom is None else b.CreateString(custom)
    tflite.OperatorCodeStart(b)
    tflite.OperatorCodeAddBuiltinCode(b, operator)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(b, min(operator, 127))
    if text is not None:
        tflite.OperatorCodeAddCustomCode(b, text)
    code = tflite.OperatorCodeEnd(b)
    codes = _vector(b, tflite.ModelStartOperatorCodesVector, [code], flatbuffers.Builder.PrependUOffsetTRelative)
    graphs = _vector(b, tflite.ModelStartSubgraphsVector, [graph], flatbuffers.Builder.PrependUOffsetTRelative)
    data = _vector(b, tflite.ModelStartBuffersVector, buffers, flatbuffers.Builder.PrependUOffsetTRelative)
    tflite.ModelStart(b)
    tflite.ModelAddVersion(b, 3)
    tflite.ModelAddOperatorCodes(b, codes)
    tflite.ModelAddSubgraphs(b, graphs)
    tflite.ModelAddBuffers(b, data)
    b.Finish(tflite.ModelEnd(b), b"TFL3")
    return bytes(b.Output())
