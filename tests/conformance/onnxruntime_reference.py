"""onnxruntime's CPU kernels as the oracle: a model's outputs and the integers on the way to them."""

from pathlib import Path

import numpy as np
import pytest

from accelsim.importers._onnx_builder import LAST


def session(model):
    """Return a single-threaded session of a ModelProto or a path."""
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is the oracle (extra 'conformance')")
    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    content = str(model) if isinstance(model, Path) else model.SerializeToString()
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def with_integer_outputs(path: Path):
    """Return a model that also gives the result of every quantising node."""
    import onnx

    model = onnx.load(path)
    outputs = {v.name for v in model.graph.output}
    for node in model.graph.node:
        if node.op_type.startswith("Q") and node.output[0] not in outputs:
            model.graph.output.append(onnx.ValueInfoProto(name=node.output[0]))
    return model


def integer_differences(path: Path, activity, inputs: dict[str, np.ndarray]) -> tuple[int, int]:
    """Return (integers compared, integers that differ) over every quantised tensor that both compute."""
    runtime = session(with_integer_outputs(path))
    compared = wrong = 0
    for output, theirs in zip(runtime.get_outputs(), runtime.run(None, inputs), strict=True):
        name = output.name if output.name in activity.values else output.name + LAST
        if theirs.dtype.kind not in "iu" or name not in activity.values:
            continue
        mine = activity.values[name]
        mine = np.moveaxis(mine, -1, 1) if name.endswith(LAST) else mine
        compared, wrong = compared + theirs.size, wrong + int(np.count_nonzero(mine != theirs))
    return compared, wrong
