"""TFLite files of one operator, written for the tests: any option, any type, run by the reference and by accelsim."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from litert_reference import Reference

from accelsim.functional.interpreter import execute
from accelsim.importers import tflite

TYPES = {"float32": 0, "float16": 1, "int32": 2, "uint8": 3, "int64": 4, "bool": 6, "int16": 7, "complex64": 8, "int8": 9}


@dataclass
class Spec:
    """A tensor of the file; with values it is a constant."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    scale: float | list[float] | None = None
    zero: int = 0
    axis: int = 0
    values: np.ndarray | None = None


def write_model(path: Path, code: str, options_name: str | None, options: dict, inputs: list[Spec], outputs: list[Spec]) -> Path:
    """Write a model of one operator; inputs without values are the network's inputs."""
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated", reason="ai-edge-litert writes the one-operator models")
    import flatbuffers

    model = schema.ModelT()
    model.version = 3
    operator_code = schema.OperatorCodeT()
    operator_code.builtinCode = getattr(schema.BuiltinOperator, code)
    operator_code.deprecatedBuiltinCode = min(operator_code.builtinCode, 127)
    operator_code.version = 1
    model.operatorCodes = [operator_code]
    model.buffers = [schema.BufferT()]
    graph = schema.SubGraphT()
    graph.tensors = [_tensor(schema, model, spec, f"tensor_{i}") for i, spec in enumerate([*inputs, *outputs])]
    graph.inputs = [i for i, spec in enumerate(inputs) if spec.values is None]
    graph.outputs = list(range(len(inputs), len(inputs) + len(outputs)))
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = list(range(len(inputs))), graph.outputs
    if options_name:
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, options_name)
        operator.builtinOptions = getattr(schema, options_name + "T")()
        for name, value in options.items():
            assert hasattr(operator.builtinOptions, name), name
            setattr(operator.builtinOptions, name, value)
    graph.operators = [operator]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


def _tensor(schema, model, spec: Spec, name: str):
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type = name, list(spec.shape), TYPES[spec.dtype]
    if spec.scale is not None:
        scales = np.atleast_1d(np.asarray(spec.scale, np.float32))
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale = scales.tolist()
        tensor.quantization.zeroPoint = [spec.zero] * scales.size
        tensor.quantization.quantizedDimension = spec.axis
    tensor.buffer = 0
    if spec.values is not None:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(spec.values, dtype=spec.dtype).tobytes(), np.uint8)
        model.buffers.append(buffer)
        tensor.buffer = len(model.buffers) - 1
    return tensor


def random_values(spec: Spec, rng: np.random.Generator) -> np.ndarray:
    """Return values over the type's whole range."""
    if spec.dtype == "float32":
        return rng.normal(0, 2, spec.shape).astype(np.float32)
    if spec.dtype == "complex64":
        return (rng.normal(0, 2, spec.shape) + 1j * rng.normal(0, 2, spec.shape)).astype(np.complex64)
    if spec.dtype == "bool":
        return rng.random(spec.shape) < 0.5
    info = np.iinfo(spec.dtype)
    return rng.integers(info.min, info.max, spec.shape, dtype=spec.dtype, endpoint=True)


def agrees(tmp_path, code: str, options_name: str | None, options: dict, inputs: list[Spec], outputs: list[Spec], seed: int = 0) -> None:
    """Assert that accelsim and the reference give the same outputs on random inputs."""
    rng = np.random.default_rng(seed)
    path = write_model(tmp_path / "one.tflite", code, options_name, options, inputs, outputs)
    reference, graph = Reference(path), tflite.load(path, path.name)
    given = {name: random_values(next(s for i, s in enumerate(inputs) if name == f"tensor_{i}"), rng) for name in graph.inputs}
    reference.run(given)
    mine, _, _ = execute(graph, given)
    for name, value in mine.items():
        theirs = reference.value(name)
        assert value.shape == theirs.shape and value.dtype == theirs.dtype
        if value.dtype.kind in "fc":
            np.testing.assert_allclose(value, theirs, rtol=1e-5, atol=1e-5 * max(1e-30, np.abs(theirs).max()))
        else:
            np.testing.assert_array_equal(value, theirs)


def integers(shape, dtype="int8", seed=1):
    info = np.iinfo(dtype)
    low = -127 if dtype == "int8" else info.min
    return np.random.default_rng(seed).integers(low, info.max, shape, dtype=dtype, endpoint=True)


def quantised(shape, dtype, scale=0.05):
    return Spec(shape, dtype, scale, {"int8": 3, "uint8": 131, "int16": 0}[dtype])


def convolution_out(h, w, filter_hw, options):
    sizes = []
    for extent, taps, stride, dilation in zip(
        (h, w), filter_hw, (options["strideH"], options["strideW"]), (options.get("dilationHFactor", 1), options.get("dilationWFactor", 1)), strict=True
    ):
        sizes.append(-(-extent // stride) if options["padding"] == 0 else (extent - (taps - 1) * dilation - 1) // stride + 1)
    return tuple(sizes)
