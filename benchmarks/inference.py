"""How fast is the arithmetic beside the reference runtimes? All in one run, one thread each, medians of alternating runs.

Seconds are the processor's for this process, so that what else runs on the machine does not count.

    python benchmarks/inference.py [--runs 9] [--models ../shared/models]

float32 ResNet-50 and MobileNetV2 (seeded recipes) and int8 ResNet-20 and MobileNetV2 beside onnxruntime, the int8 MobileNetV2
TFLite file beside LiteRT's reference kernels, the binary CNV beside the same network on float32 operands, and the share of
the matrix product's peak that whole networks reach.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import onnx
import onnxruntime
from onnx_twin import onnx_twin

from accelsim.functional.evaluate import random_inputs
from accelsim.functional.interpreter import execute
from accelsim.graph.graph import Graph, make_graph
from accelsim.importers import load_graph
from accelsim.kernels.blas import one_thread
from accelsim.operators import macs_of

PEAK_EDGE = 1024
TURN = 0.02  # seconds


def medians(turns: int, *functions: Callable[[], object]) -> list[float]:
    """Return the median seconds of processor time of one call of each function.

    The functions take turns, so that a busy machine is busy for all of them; within its turn each is called until ``TURN`` has
    passed, as over a test set, and every call counts.
    """
    times = [[] for _ in functions]
    for function in functions:
        function()
    for _ in range(turns):
        for function, taken in zip(functions, times, strict=True):
            begin = start = time.process_time()
            while start - begin < TURN:
                function()
                now = time.process_time()
                taken.append(now - start)
                start = now
    return [float(np.median(taken)) for taken in times]


def session(content: bytes | str) -> onnxruntime.InferenceSession:
    """Return a single-threaded session."""
    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def gemm_peak(runs: int) -> float:
    """Return multiply-accumulates per second of numpy's float32 matrix product on one thread."""
    a, b = (np.random.default_rng(i).random((PEAK_EDGE, PEAK_EDGE), dtype=np.float32) for i in range(2))
    out = np.empty_like(a)
    with one_thread():
        return PEAK_EDGE**3 / medians(runs, lambda: np.dot(a, b, out=out))[0]


def report(name: str, graph: Graph, ours: float, peak: float, *others: tuple[str, float]) -> None:
    """Print one row."""
    rate = macs_of(graph) / ours
    words = "; ".join(f"{runtime} {1e3 * taken:.1f} ms, ours / theirs {ours / taken:.2f}" for runtime, taken in others)
    print(f"{name}: {1e3 * ours:.1f} ms, {rate / 1e9:.1f} GMAC/s, {rate / peak:.0%} of the float32 peak; {words}")


def float_recipe(name: str, runs: int, peak: float) -> onnx.ModelProto:
    """Time a float32 recipe beside its ONNX twin; return the twin."""
    graph = load_graph(name, precision="float32")
    twin = onnx_twin(graph)
    inputs = random_inputs(graph)
    image = {graph.inputs[0]: np.ascontiguousarray(np.moveaxis(inputs[graph.inputs[0]], -1, 1))}
    runtime = session(twin.SerializeToString())
    mine, theirs = execute(graph, inputs)[0][graph.outputs[0]], runtime.run(None, image)[0]
    assert np.allclose(mine, theirs, atol=1e-4), f"{name}: outputs differ by {np.abs(mine - theirs).max()}"
    ours, other = medians(runs, lambda: execute(graph, inputs), lambda: runtime.run(None, image))
    report(f"{name} float32", graph, ours, peak, ("onnxruntime", other))
    return twin


def quantised_file(path: str, name: str, runs: int, peak: float) -> None:
    """Time a quantised ONNX file beside onnxruntime."""
    graph = load_graph(path)
    inputs = random_inputs(graph)
    runtime = session(path)
    ours, other = medians(runs, lambda: execute(graph, inputs), lambda: runtime.run(None, inputs))
    report(f"{name} int8", graph, ours, peak, ("onnxruntime", other))


def quantised_twin(twin: onnx.ModelProto, name: str, runs: int, peak: float) -> None:
    """Let onnxruntime quantise a float model and time the result."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static

    class Noise(CalibrationDataReader):
        def __init__(self):
            shape = [d.dim_value for d in twin.graph.input[0].type.tensor_type.shape.dim]
            self.items = iter([{twin.graph.input[0].name: np.random.default_rng(i).standard_normal(shape, dtype=np.float32)} for i in range(3)])

        def get_next(self):
            return next(self.items, None)

    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(twin, source)
        quantize_static(source, result, Noise(), quant_format=QuantFormat.QDQ, per_channel=True)
        quantised_file(str(result), name, runs, peak)


def tflite_file(path: Path, runs: int, peak: float) -> None:
    """Time a TFLite file beside LiteRT's reference kernels and its optimised ones."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    graph = load_graph(str(path))
    inputs = random_inputs(graph)

    def runner(resolver):
        interpreter = Interpreter(str(path), experimental_op_resolver_type=resolver, num_threads=1)
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], inputs[graph.inputs[0]])
        return interpreter.invoke

    ours, reference, optimised = medians(runs, lambda: execute(graph, inputs), runner(OpResolverType.BUILTIN_REF), runner(OpResolverType.AUTO))
    report(path.stem, graph, ours, peak, ("LiteRT reference", reference), ("LiteRT optimised", optimised))


def binary_network(path: Path, runs: int, peak: float) -> None:
    """Time the binary network on packed words beside the same integers carried as float32."""
    graph = load_graph(str(path))
    inputs = random_inputs(graph)
    floats = on_floats(graph)
    real = {name: value.astype(np.float32) for name, value in inputs.items()}
    assert np.array_equal(execute(graph, inputs)[0]["scores"], execute(floats, real)[0]["scores"])
    ours, other = medians(runs, lambda: execute(graph, inputs), lambda: execute(floats, real))
    report(path.stem, graph, ours, peak, ("own float32", other))
    print(f"  packed words are {other / ours:.1f} times as fast as float32")


def on_floats(graph: Graph) -> Graph:
    """Return a network of integers with every tensor as float32."""
    tensors = [
        replace(t, dtype="float32", quantization=None, values=None if t.values is None else t.values.astype(np.float32)) for t in graph.tensors.values()
    ]
    return make_graph(graph.name, tensors, graph.nodes, graph.inputs, graph.outputs, numerics=graph.numerics)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--models", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "models")
    options = parser.parse_args()
    peak = gemm_peak(options.runs)
    print(f"float32 matrix product of {PEAK_EDGE}: {peak / 1e9:.1f} GMAC/s on one thread")
    float_recipe("resnet50", options.runs, peak)
    mobile = float_recipe("mobilenet_v2", options.runs, peak)
    quantised_twin(mobile, "mobilenet_v2", options.runs, peak)
    if not options.models.is_dir():
        print(f"no models in {options.models}: files are left out")
        return
    for form in ("qdq_int8", "qoperator_u8s8"):
        quantised_file(str(options.models / "cifar" / f"resnet20_cifar10_{form}.onnx"), f"resnet20 ({form})", options.runs, peak)
    tflite_file(options.models / "imagenet" / "tf2_mobilenet_v2_1.0_224_ptq.tflite", options.runs, peak)
    binary_network(options.models / "lowbit" / "bnn_pynq_cnvW1A1_cifar10.npz", options.runs, peak)


if __name__ == "__main__":
    main()
