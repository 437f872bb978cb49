"""ONNX's operators that pick, order, fill and fold: indices, triangles, top-k, reductions, constants."""

from collections.abc import Callable

import numpy as np

from accelsim.importers._onnx_builder import Builder, to_last
from accelsim.importers._onnx_record import Record
from accelsim.importers._onnx_shapes import axes_input, moved, positive, reshape_to

REDUCTIONS = {
    "ReduceMean": "mean", "ReduceSum": "reduce_sum", "ReduceMax": "reduce_max", "ReduceMin": "reduce_min", "ReduceProd": "reduce_prod",
    "ReduceL1": "reduce_l1", "ReduceL2": "reduce_l2", "ReduceLogSum": "reduce_log_sum", "ReduceLogSumExp": "reduce_log_sum_exp",
    "ReduceSumSquare": "reduce_sum_square",
}  # fmt: skip


def reduction(b: Builder, r: Record) -> None:
    """Translate a reduction; axes are an attribute in older opsets."""
    value = r.input(0)
    rank, keep = len(b.shape(value)), bool(r.get("keepdims", 1))
    axes = axes_input(b, r, 1)
    if not axes:
        axes = None if not r.get("noop_with_empty_axes", 0) else ()
    r.get("noop_with_empty_axes", 0)
    axes = tuple(range(rank)) if axes is None else tuple(sorted(positive(r, a, rank) for a in axes))
    dtype, quantization = r.output_type or (None, None)
    if keep and b.is_last(value):
        placed = tuple(to_last(rank).index(a) for a in axes)
        b.emit(REDUCTIONS[r.kind], [b.form(value).name], b.target(r.outputs[0], True), dtype, quantization, axes=placed, keep_dims=True)
    else:
        b.emit(REDUCTIONS[r.kind], [b.first(value).name], r.outputs[0], dtype, quantization, axes=axes, keep_dims=keep)


def argument(b: Builder, r: Record) -> None:
    """Translate ArgMax and ArgMin; the last of equals is the first of the reversed tensor."""
    value, operator = r.input(0), "arg_max" if r.kind == "ArgMax" else "arg_min"
    shape = b.shape(value)
    axis, keep = positive(r, r.get("axis", 0), len(shape)), bool(r.get("keepdims", 1))
    source = b.first(value).name
    if not r.get("select_last_index", 0):
        b.emit(operator, [source], r.outputs[0], "int64", axis=axis, keep_dims=keep)
        return
    strides = tuple(-1 if i == axis else 1 for i in range(len(shape)))
    reverse = b.emit("strided_slice", [source], None, begin=(None,) * len(shape), end=(None,) * len(shape), strides=strides)
    found = b.emit(operator, [reverse.name], None, "int64", axis=axis, keep_dims=keep)
    b.emit("sub", [b.add_constant(np.array(shape[axis] - 1, np.int64)), found.name], r.outputs[0], "int64")


def gather_elements(b: Builder, r: Record) -> None:
    """Translate GatherElements."""
    b.emit("gather_elements", [b.first(r.input(0)).name, b.first(r.input(1)).name], r.outputs[0], axis=r.get("axis", 0))


def gather_nd(b: Builder, r: Record) -> None:
    """Translate GatherND."""
    b.emit("gather_nd", [b.first(r.input(0)).name, b.first(r.input(1)).name], r.outputs[0], batch_axes=r.get("batch_dims", 0))


def scatter(b: Builder, r: Record) -> None:
    """Translate ScatterElements (Scatter) and ScatterND."""
    operator = "scatter_nd" if r.kind == "ScatterND" else "scatter_elements"
    axis = {} if r.kind == "ScatterND" else {"axis": r.get("axis", 0)}
    b.emit(operator, [b.first(r.input(i)).name for i in range(3)], r.outputs[0], combination=r.get("reduction", "none"), **axis)


def trilu(b: Builder, r: Record) -> None:
    """Translate Trilu."""
    diagonal = int(b.required(r, 1, "k").item()) if r.has(1) else 0
    moved(b, r, "trilu", r.input(0), r.outputs[0], upper=bool(r.get("upper", 1)), diagonal=diagonal)


def top_k(b: Builder, r: Record) -> None:
    """Translate TopK; what is asked for unsorted is sorted too."""
    r.get("sorted")
    k = r.get("k") if r.opset < 10 else int(b.required(r, 1, "k").item())
    outputs = [name or b.fresh("unused") for name in r.outputs]
    b.emit_all("top_k", [b.first(r.input(0)).name], outputs, [None, "int64"], k=k, axis=r.get("axis", -1), largest=bool(r.get("largest", 1)))


def cumulative(b: Builder, r: Record) -> None:
    """Translate CumSum and CumProd."""
    axis = int(b.required(r, 1, "axis").item())
    b.emit(
        "cumulative_sum", [b.first(r.input(0)).name], r.outputs[0], axis=axis, exclusive=bool(r.get("exclusive", 0)), reverse=bool(r.get("reverse", 0)),
        product=r.kind == "CumProd",
    )  # fmt: skip


def one_hot(b: Builder, r: Record) -> None:
    """Translate OneHot."""
    depth = int(b.required(r, 1, "depth").item())
    values = b.first(r.input(2))
    b.emit("one_hot", [b.first(r.input(0)).name, values.name], r.outputs[0], values.dtype, depth=depth, axis=r.get("axis", -1))


def hardmax(b: Builder, r: Record) -> None:
    """Translate Hardmax; before opset 13 all axes from the given one are one."""
    rows(b, r, "hardmax", 1 if r.opset < 13 else -1)


def softmax(b: Builder, r: Record) -> None:
    """Translate Softmax and LogSoftmax; before opset 13 all axes from the given one are one."""
    rows(b, r, "softmax" if r.kind == "Softmax" else "log_softmax", 1 if r.opset < 13 else -1)


def rows(b: Builder, r: Record, operator: str, default: int) -> None:
    """Emit an operator that works along one axis."""
    value = r.input(0)
    shape = b.shape(value)
    axis = positive(r, r.get("axis", default), len(shape)) if shape else 0
    dtype, quantization = r.output_type or (None, None)
    source, flat = b.first(value).name, r.opset < 13 and axis != len(shape) - 1
    if flat:
        source = b.emit("reshape", [source], None, keep=True, shape=(int(np.prod(shape[:axis])), -1)).name
    last = flat or axis == len(shape) - 1
    named = {} if operator == "log_softmax" and last else {"axis": -1 if flat else axis}
    if operator == "log_softmax" and not last:
        order = (*(i for i in range(len(shape)) if i != axis), axis)
        turned = b.emit("transpose", [source], None, permutation=order)
        result = b.emit(operator, [turned.name], None, dtype, quantization)
        b.emit("transpose", [result.name], r.outputs[0], permutation=tuple(int(i) for i in np.argsort(order)))
    elif flat:
        result = b.emit(operator, [source], None, dtype, quantization, **named)
        b.emit("reshape", [result.name], r.outputs[0], keep=True, shape=shape)
    else:
        b.emit(operator, [source], r.outputs[0], dtype, quantization, **named)


def constant(b: Builder, r: Record) -> None:
    """Translate Constant in any of its forms."""
    from accelsim.importers._onnx_types import NAMES

    for name, kind in (("value", None), ("value_float", np.float32), ("value_floats", np.float32), ("value_int", np.int64), ("value_ints", np.int64)):
        if (given := r.get(name)) is not None:
            b.put_constant(r.outputs[0], np.asarray(given, kind))
            return
    raise r.refused(f"a constant of {', '.join(r.attributes) or 'nothing'} is not supported", f"known: tensors of {', '.join(NAMES)} and integers")


def constant_of_shape(b: Builder, r: Record) -> None:
    """Translate ConstantOfShape."""
    shape, fill = b.required(r, 0, "shape"), r.get("value")
    fill = np.zeros(1, np.float32) if fill is None else fill
    b.put_constant(r.outputs[0], np.full(tuple(int(n) for n in shape), fill.ravel()[0], fill.dtype))


def range_(b: Builder, r: Record) -> None:
    """Translate Range of constants."""
    r.get("stash_type")
    start, limit, delta = (b.required(r, i, name).item() for i, name in enumerate(("start", "limit", "delta")))
    kind = b.constant(r.input(0)).dtype
    count = max(0, int(np.ceil((limit - start) / delta)))
    b.put_constant(r.outputs[0], (start + np.arange(count) * delta).astype(kind))


def eye_like(b: Builder, r: Record) -> None:
    """Translate EyeLike."""
    from accelsim.graph.tensor import carrier
    from accelsim.importers._onnx_types import element_type

    form = b.form(r.input(0))
    number = r.get("dtype")
    kind = form.dtype if number is None else element_type(number, r.place)
    b.put_constant(r.outputs[0], np.eye(*b.shape(r.input(0)), r.get("k", 0), dtype=carrier(kind)))


def non_zero(b: Builder, r: Record) -> None:
    """Translate NonZero and Compress of constants: their result's extent depends on values."""
    b.put_constant(r.outputs[0], np.array(np.nonzero(b.required(r, 0, "values"))).astype(np.int64))


def compress(b: Builder, r: Record) -> None:
    """Translate Compress by a constant condition as a gather."""
    axis, kept = r.get("axis"), np.flatnonzero(b.required(r, 1, "condition"))
    value = r.input(0)
    if axis is None:
        flat = b.fresh("flat")
        reshape_to(b, value, flat, (-1,))
        value, axis = flat, 0
    b.emit("gather", [b.first(value).name, b.add_constant(kept)], r.outputs[0], keep=True, axis=positive(r, axis, len(b.shape(value))))


def reverse_sequence(b: Builder, r: Record) -> None:
    """Translate ReverseSequence."""
    axes = {"time_axis": r.get("time_axis", 0), "batch_axis": r.get("batch_axis", 1)}
    b.emit("reverse_sequence", [b.first(r.input(0)).name, b.first(r.input(1)).name], r.outputs[0], **axes)


def center_crop_pad(b: Builder, r: Record) -> None:
    """Translate CenterCropPad as a cut and a pad of zeros around the middle."""
    shape = b.shape(r.input(0))
    wanted = [int(n) for n in b.required(r, 1, "shape")]
    axes = [positive(r, a, len(shape)) for a in r.get("axes", tuple(range(len(shape))))]
    begin, end, sides = [None] * len(shape), [None] * len(shape), [(0, 0)] * len(shape)
    for axis, size in zip(axes, wanted, strict=True):
        spare = shape[axis] - size
        if spare > 0:
            begin[axis], end[axis] = spare // 2, spare // 2 + size
        elif spare < 0:
            sides[axis] = (-spare // 2, -spare - -spare // 2)
    cut = b.emit("strided_slice", [b.first(r.input(0)).name], None, keep=True, begin=tuple(begin), end=tuple(end), strides=(1,) * len(shape))
    b.emit("pad", [cut.name], r.outputs[0], keep=True, padding=tuple(sides))


TRANSLATIONS: dict[str, Callable[[Builder, Record], None]] = {
    **dict.fromkeys(REDUCTIONS, reduction), "ArgMax": argument, "ArgMin": argument, "GatherElements": gather_elements, "GatherND": gather_nd,
    "ScatterElements": scatter, "Scatter": scatter, "ScatterND": scatter, "Trilu": trilu, "TopK": top_k, "CumSum": cumulative, "CumProd": cumulative,
    "OneHot": one_hot, "Hardmax": hardmax, "Softmax": softmax, "LogSoftmax": softmax, "Constant": constant, "ConstantOfShape": constant_of_shape,
    "Range": range_, "EyeLike": eye_like, "NonZero": non_zero, "Compress": compress, "ReverseSequence": reverse_sequence, "CenterCropPad": center_crop_pad,
}  # fmt: skip
