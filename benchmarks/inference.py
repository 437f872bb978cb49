"""How fast is the arithmetic beside the reference runtimes? All in one run, one thread each, medians of alternating runs.

Seconds are the processor's for this process, so that what else runs on the machine does not count.

    python benchmarks/inference.py [--turns 9] [--models ../shared/models]

float32 ResNet-50 and MobileNetV2 (seeded recipes) and int8 ResNet-20 and MobileNetV2 beside onnxruntime; int8 MobileNetV2,
ResNet-20 and the two ResNets of MLPerf Tiny as TFLite files beside LiteRT's reference kernels and its optimised ones; the
binary CNV beside the same network on float32 operands, one image and a batch at a time; and the share of the machine's
peak (``peak.py``) that the matrix products and whole networks reach. A ResNet-20 in TFLite's format is not among the
models: ``tflite_twin.py`` writes it from the ONNX file, and both runtimes run the very same bytes.
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
from peak import peak
from tflite_twin import tflite_twin

from accelsim.functional.evaluate import chunk_of, random_inputs
from accelsim.functional.interpreter import execute
from accelsim.functional.rebatch import with_batch
from accelsim.graph.graph import Graph, make_graph
from accelsim.importers import load_graph
from accelsim.kernels.blas import one_thread
from accelsim.kernels.byte_products import byte_sums, packed
from accelsim.kernels.register_tiles import has_byte_products
from accelsim.kernels.walks import rows_walk
from accelsim.operators import macs_of

PRODUCT_EDGE = 1024
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


def product_rates(turns: int) -> dict[str, float]:
    """Return multiply-accumulates per second of the square matrix products that networks are made of, on one thread."""
    rng, edge = np.random.default_rng(0), PRODUCT_EDGE
    a, b = (rng.random((edge, edge), dtype=np.float32) for _ in range(2))
    out = np.empty_like(a)
    with one_thread():
        rates = {"float32": edge**3 / medians(turns, lambda: np.dot(a, b, out=out))[0]}
    if has_byte_products():
        operands, weights = rng.integers(0, 256, edge * edge).astype(np.uint8), rng.integers(-128, 128, (edge, 1, edge)).astype(np.int8)
        walk, columns, start, sums = rows_walk(edge, edge, 4), packed(weights), np.zeros((1, edge), np.int32), np.empty((edge, edge), np.int32)
        rates["bytes"] = edge**3 / medians(turns, lambda: byte_sums(operands, *walk, columns, start, sums))[0]
    return rates


def report(name: str, graph: Graph, ours: float, peak: float, *others: tuple[str, float]) -> None:
    """Print one row."""
    rate = macs_of(graph) / ours
    words = "; ".join(f"{runtime} {1e3 * taken:.2f} ms, ours / theirs {ours / taken:.2f}" for runtime, taken in others)
    print(f"{name}: {1e3 * ours:.2f} ms, {rate / 1e9:.1f} GMAC/s, {rate / peak:.0%} of the peak of its type; {words}")


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
    """Time a TFLite file beside LiteRT's reference kernels, whose integers it must give, and its optimised ones."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    graph = load_graph(str(path))
    inputs = random_inputs(graph)

    def interpreter(resolver):
        runtime = Interpreter(str(path), experimental_op_resolver_type=resolver, num_threads=1)
        runtime.allocate_tensors()
        runtime.set_tensor(runtime.get_input_details()[0]["index"], inputs[graph.inputs[0]])
        return runtime

    reference, optimised = (interpreter(kind) for kind in (OpResolverType.BUILTIN_REF, OpResolverType.AUTO))
    reference.invoke()
    golden = reference.get_tensor(reference.get_output_details()[0]["index"])
    assert np.array_equal(execute(graph, inputs)[0][graph.outputs[0]], golden), f"{path.name}: outputs differ"
    ours, theirs, fast = medians(runs, lambda: execute(graph, inputs), reference.invoke, optimised.invoke)
    report(path.stem, graph, ours, peak, ("LiteRT reference", theirs), ("LiteRT optimised", fast))


def tflite_copy(path: Path, runs: int, peak: float) -> None:
    """Time an ONNX file's network as an int8 TFLite file that is written here, its ranges from noise."""
    graph = load_graph(str(path))
    items = np.random.default_rng(0).standard_normal((8, *graph.tensors[graph.inputs[0]].shape), dtype=np.float32)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"{path.stem}_int8.tflite"
        copy.write_bytes(tflite_twin(graph, items))
        tflite_file(copy, runs, peak)


def binary_network(path: Path, runs: int) -> None:
    """Time the binary network on packed words beside the same graph whose integers are carried and multiplied as float32."""
    single = load_graph(str(path))
    for batch in (1, chunk_of(single)):  # one image, and as many as an accuracy run executes at once
        graph = with_batch(single, batch)
        inputs = random_inputs(graph)
        floats = on_floats(graph)
        real = {name: value.astype(np.float32) for name, value in inputs.items()}
        assert np.array_equal(execute(graph, inputs)[0]["scores"], execute(floats, real)[0]["scores"])
        ours, other = (taken / batch for taken in medians(runs, lambda: execute(graph, inputs), lambda: execute(floats, real)))
        print(f"{path.stem}, {batch} at a time: {1e3 * ours:.3f} ms an image; own float32 {1e3 * other:.3f} ms, packed words are {other / ours:.1f} times as fast")


def on_floats(graph: Graph) -> Graph:
    """Return a network of integers with every tensor as float32."""
    tensors = [
        replace(t, dtype="float32", quantization=None, values=None if t.values is None else t.values.astype(np.float32)) for t in graph.tensors.values()
    ]
    return make_graph(graph.name, tensors, graph.nodes, graph.inputs, graph.outputs, numerics=graph.numerics)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--models", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "models")
    options = parser.parse_args()
    runs, cifar = options.turns, options.models / "cifar"
    rates = product_rates(runs)
    peaks = {kind: peak(kind) for kind in rates}
    for kind, rate in rates.items():
        print(f"{kind}: {rate / 1e9:.1f} GMAC/s in a matrix product of {PRODUCT_EDGE}, {rate / peaks[kind]:.0%} of the core's {peaks[kind] / 1e9:.1f} GMAC/s")
    bytes_peak = peaks.get("bytes", peaks["float32"])
    float_recipe("resnet50", runs, peaks["float32"])
    quantised_twin(float_recipe("mobilenet_v2", runs, peaks["float32"]), "mobilenet_v2", runs, bytes_peak)
    if not options.models.is_dir():
        print(f"no models in {options.models}: files are left out")
        return
    for form in ("qdq_int8", "qoperator_u8s8"):
        quantised_file(str(cifar / f"resnet20_cifar10_{form}.onnx"), f"resnet20 ({form})", runs, bytes_peak)
    tflite_copy(cifar / "resnet20_cifar10.onnx", runs, bytes_peak)
    for name in ("imagenet/tf2_mobilenet_v2_1.0_224_ptq", "mlperf_tiny/ic_resnet8_int8", "mlperf_tiny/ic_resnet_large_int8"):
        tflite_file(options.models / f"{name}.tflite", runs, bytes_peak)
    binary_network(options.models / "lowbit" / "bnn_pynq_cnvW1A1_cifar10.npz", runs)


if __name__ == "__main__":
    main()
