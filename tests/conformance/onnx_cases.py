"""The onnx package's own generated single-node cases, run through the importer: passed, refused by name, or wrong.

Run as a program it prints the table: ``python tests/conformance/onnx_cases.py [operator ...]``.
"""

import sys
import warnings
from collections import Counter

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.functional.interpreter import execute
from accelsim.importers.onnx import load_model

# What a CNN, MLP, RNN or transformer is made of.
OPERATORS = frozenset(
    """Abs Add And ArgMax ArgMin Attention AveragePool BatchNormalization Cast Ceil Clip Concat Conv ConvInteger ConvTranspose Cos CumSum DepthToSpace
    DequantizeLinear Div DynamicQuantizeLinear Elu Equal Erf Exp Expand Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool
    GlobalMaxPool Greater GreaterOrEqual GroupNormalization HardSigmoid HardSwish Hardmax Identity InstanceNormalization LRN LSTM LayerNormalization
    LeakyRelu Less LessOrEqual Log LogSoftmax LpNormalization LpPool MatMul MatMulInteger Max MaxPool Mean Min Mish Mul Neg Not OneHot Or PRelu Pad Pow
    QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean
    ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize Round ScatterElements ScatterND Selu Shape Sigmoid Sin Size Slice Softmax Softplus
    Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh ThresholdedRelu Tile TopK Transpose Trilu Unsqueeze Where Xor""".split()
)
# Inputs that shape the graph: accelsim's shapes are fixed, so a file must hold them as constants.
SHAPING = {
    "Reshape": (1,), "Expand": (1,), "Tile": (1,), "Slice": (1, 2, 3, 4), "Pad": (1, 2, 3), "Squeeze": (1,), "Unsqueeze": (1,), "Split": (1,), "TopK": (1,),
    "Resize": (1, 2, 3), "Upsample": (1,), "ConstantOfShape": (0,), "Range": (0, 1, 2), "OneHot": (1,), "CumSum": (1,), "CumProd": (1,), "Trilu": (1,),
    "QuantizeLinear": (1, 2), "DequantizeLinear": (1, 2), "QLinearConv": (1, 2, 4, 5, 6, 7), "QLinearMatMul": (1, 2, 4, 5, 6, 7), "ConvInteger": (2, 3),
    "MatMulInteger": (2, 3), "Compress": (1,), "CenterCropPad": (1,), "Dropout": (1, 2), "LSTM": (4,), "GRU": (4,), "RNN": (4,),
    **dict.fromkeys((f"Reduce{fold}" for fold in "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare".split()), (1,)),
}  # fmt: skip


def single_node_cases() -> list:
    """Return the cases whose model is one node on tensors, with at least one set of values."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = collect_testcases("")
    return [case for case in cases if len(case.model.graph.node) == 1 and case.data_sets]


def has_common_types(case) -> bool:
    """Return whether all inputs and outputs are float32, 8-, 32- or 64-bit integers or truth values."""
    from onnx import TensorProto

    common = {TensorProto.FLOAT, TensorProto.INT8, TensorProto.UINT8, TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL}
    values = [*case.model.graph.input, *case.model.graph.output]
    return all(v.type.WhichOneof("value") == "tensor_type" and v.type.tensor_type.elem_type in common for v in values)


def outcome(case) -> tuple[str, str]:
    """Return ("passed" | "refused" | "wrong", why)."""
    from onnx import ModelProto, numpy_helper

    model = ModelProto()
    model.CopyFrom(case.model)
    node = model.graph.node[0]
    inputs, expected = (tuple(np.asarray(v) if isinstance(v, np.generic) else v for v in values) for values in case.data_sets[0])
    named = dict(zip((v.name for v in model.graph.input), inputs, strict=True))
    shaping = [node.input[i] for i in range(len(node.input)) if node.input[i] and i in SHAPING.get(node.op_type, ())]
    if any(not isinstance(value, np.ndarray) for value in (*named.values(), *expected)):
        return "refused", "a sequence, an optional or a map"
    for name in set(shaping):
        model.graph.initializer.append(numpy_helper.from_array(named[name], name))
    for value in list(model.graph.input):
        if value.name in shaping:
            model.graph.input.remove(value)
    try:
        with np.errstate(all="ignore"):
            graph = load_model(model, case.name, case.name)
            outputs, _, _ = execute(graph, {name: named[name] for name in graph.inputs})
    except UnsupportedError as error:
        return "refused", str(error)
    except AccelsimError as error:
        return ("refused" if "has no extent" in str(error) else "wrong"), str(error)
    for value, wanted in zip(case.model.graph.output, expected, strict=True):
        if (why := difference(outputs[value.name], wanted, case)) is not None:
            return "wrong", f"{value.name}: {why}"
    return "passed", ""


def difference(mine: np.ndarray, wanted: np.ndarray, case) -> str | None:
    """Return how an output differs, or None."""
    if mine.shape != wanted.shape or mine.dtype != wanted.dtype:
        return f"{mine.shape} {mine.dtype}, not {wanted.shape} {wanted.dtype}"
    if wanted.dtype.kind in "iub":
        return None if np.array_equal(mine, wanted) else f"{np.count_nonzero(mine != wanted)} of {wanted.size} differ"
    if np.allclose(mine, wanted, rtol=case.rtol, atol=max(case.atol, 1e-6), equal_nan=True):
        return None
    return f"by {np.nanmax(np.abs(mine.astype(np.float64) - wanted)):g}"


def main(words: list[str]) -> None:
    """Print each case that did not pass and the counts."""
    counts, core = Counter(), Counter()
    for case in single_node_cases():
        kind = case.model.graph.node[0].op_type
        if words and kind not in words:
            continue
        verdict, why = outcome(case)
        counts[verdict] += 1
        if kind in OPERATORS and has_common_types(case):
            core[verdict] += 1
        if verdict == "wrong" or (words and verdict != "passed"):
            print(f"{verdict:8} {case.name}: {why[:300]}")
    print(f"all single-node cases: {dict(counts)}")
    print(f"operators of networks on common types: {dict(core)} of {sum(core.values())}")


if __name__ == "__main__":
    main(sys.argv[1:])
