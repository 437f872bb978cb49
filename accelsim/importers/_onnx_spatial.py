"""ONNX's convolutions and pooling as channels-last operators; one-dimensional ones are images of height 1."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from accelsim.graph.tensor import Tensor
from accelsim.importers._onnx_builder import Builder, reshaped, transposed
from accelsim.importers._onnx_elementwise import merged_activation
from accelsim.importers._onnx_quantized import with_zero_point
from accelsim.importers._onnx_record import Record

Pair = tuple[int, int]


def spatial(b: Builder, r: Record, index: int = 0) -> tuple[str, int]:
    """Return (tensor of (N, H, W, C), spatial axes that the file has)."""
    form = b.channels_last(r.input(index))
    axes = len(form.shape) - 2
    if axes == 1:
        n, length, channels = form.shape
        form = b.emit("reshape", [form.name], None, keep=True, shape=(n, 1, length, channels))
    elif axes != 2:
        raise r.refused(f"{axes} spatial axes are not supported", "1 and 2 are")
    return form.name, axes


def store(b: Builder, r: Record, output: str, axes: int, operator: str, inputs, dtype, quantization, **attributes) -> None:
    """Emit an operator on images and give its result the number of axes that the file has."""
    if axes == 2:
        b.emit(operator, inputs, b.target(output, True), dtype, quantization, **attributes)
        return
    image = b.emit(operator, inputs, None, dtype, quantization, **attributes)
    n, _, length, channels = image.shape
    b.emit("reshape", [image.name], b.target(output, True), keep=True, shape=(n, length, channels))


def padding(r: Record, extents, filters, strides, dilations) -> tuple[Pair, ...]:
    """Return the padding (before, after) along each axis."""
    mode, pads = r.get("auto_pad", "NOTSET"), r.get("pads", (0,) * (2 * len(filters)))
    if mode == "NOTSET":
        if len(pads) != 2 * len(filters):
            raise r.wrong(f"{len(pads)} pads for {len(filters)} axes")
        return tuple(zip(pads[: len(filters)], pads[len(filters) :], strict=True))
    if mode == "VALID":
        return ((0, 0),) * len(filters)
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        raise r.wrong(f"auto_pad '{mode}' is not one of NOTSET, VALID, SAME_UPPER, SAME_LOWER")
    pairs = []
    for extent, size, stride, dilation in zip(extents, filters, strides, dilations, strict=True):
        total = max(0, (-(-extent // stride) - 1) * stride + (size - 1) * dilation + 1 - extent)
        small, large = total // 2, total - total // 2
        pairs.append((small, large) if mode == "SAME_UPPER" else (large, small))
    return tuple(pairs)


def images(values: tuple, axes: int, neutral) -> tuple:
    """Return per-axis values of two axes: those of height stand first."""
    return (neutral, *values) if axes == 1 else tuple(values)


def filters_tensor(b: Builder, value: str, axes: int, permutation: tuple[int, ...]) -> str:
    """Return filters as (M, C, H, W) put in another order; constants at once, others while the network runs."""
    tensor = b.first(value)
    shape = tensor.shape if axes == 2 else (*tensor.shape[:2], 1, tensor.shape[2])
    name = f"{value}:{''.join(map(str, permutation))}"
    if tensor.is_constant:
        return b.put(transposed(reshaped(tensor, name, shape, tensor.quantization.axis if tensor.quantization else 0), name, permutation)).name
    image = b.emit("reshape", [tensor.name], None, keep=True, shape=shape)
    return b.emit("transpose", [image.name], None, keep=True, permutation=permutation).name


def conv(b: Builder, r: Record) -> None:
    """Translate Conv; a batch normalisation and a rectifier that alone follow are merged."""
    source, axes = spatial(b, r)
    shape, group = b.shape(r.input(1)), r.get("group", 1)
    strides, dilations = r.get("strides", (1,) * axes), r.get("dilations", (1,) * axes)
    filters = r.get("kernel_shape", shape[2:])
    if tuple(filters) != tuple(shape[2:]) or len(shape) != axes + 2:
        raise r.wrong(f"kernel_shape {filters} does not fit weights {shape}")
    pads = padding(r, b.shape(r.input(0))[2:], filters, strides, dilations)
    channels = b.shape(r.input(0))[1]
    if channels != group * shape[1]:
        raise r.wrong(f"{channels} channels in {group} groups do not fit weights {shape}")
    depthwise = group == channels and shape[1] == 1 and group > 1
    weights = filters_tensor(b, r.input(1), axes, (1, 2, 3, 0) if depthwise else (0, 2, 3, 1))
    bias = b.first(r.input(2)).name if r.has(2) else None
    output, activation = r.outputs[0], "none"
    if r.output_type is None:
        weights, bias, output = _normalised(b, weights, bias, output, 3 if depthwise else 0)
        activation, output = merged_activation(b, output)
    dtype, quantization = r.output_type or (None, None)
    store(
        b, r, output, axes, "depthwise_conv2d" if depthwise else "conv2d", [source, weights, bias], dtype, quantization,
        stride=images(strides, axes, 1), dilation=images(dilations, axes, 1), padding=images(pads, axes, (0, 0)), activation=activation,
    )  # fmt: skip


def _normalised(b: Builder, weights: str, bias: str | None, output: str, axis: int) -> tuple[str, str | None, str]:
    """Return (weights, bias, output) with a following batch normalisation folded into constants."""
    norm = b.next_alone(output, "BatchNormalization")
    constants = [b.tensors.get(name) for name in (norm.inputs[1:5] if norm else ())]
    held = [b.tensors[weights], *([b.tensors[bias]] if bias else [])]
    if not norm or norm.opset < 9 or any(t is None or not t.is_constant for t in (*constants, *held)) or held[0].dtype != "float32":
        return weights, bias, output
    factor, offset = scale_and_offset(norm, [t.values for t in constants])
    shape = [1] * 4
    shape[axis] = -1
    old = np.zeros(factor.shape, np.float32) if bias is None else held[1].values
    b.merged(norm)
    weights = b.put_constant(b.fresh("filters"), (held[0].values * factor.reshape(shape)).astype(np.float32)).name
    return weights, b.add_constant((old * factor + offset).astype(np.float32), "bias"), norm.outputs[0]


def scale_and_offset(r: Record, parameters: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return what a batch normalisation at inference multiplies by and adds."""
    gamma, beta, mean, variance = (p.astype(np.float64) for p in parameters)
    factor = gamma / np.sqrt(variance + r.get("epsilon", 1e-5))
    return factor, beta - mean * factor


def conv_transpose(b: Builder, r: Record) -> None:
    """Translate ConvTranspose; groups are convolutions of their own, side by side."""
    source, axes = spatial(b, r)
    shape, group = b.shape(r.input(1)), r.get("group", 1)
    strides, dilations = r.get("strides", (1,) * axes), r.get("dilations", (1,) * axes)
    filters, extra = r.get("kernel_shape", shape[2:]), r.get("output_padding", (0,) * axes)
    extents = b.shape(r.input(0))[2:]
    sizes, pads = _transposed_extents(r, extents, filters, strides, dilations, extra)
    weights = filters_tensor(b, r.input(1), axes, (1, 2, 3, 0))
    bias = b.first(r.input(2)).name if r.has(2) else None
    dtype, quantization = r.output_type or (None, None)
    activation, output = merged_activation(b, r.outputs[0]) if r.output_type is None else ("none", r.outputs[0])
    description = {
        "stride": images(strides, axes, 1), "dilation": images(dilations, axes, 1), "padding": images(pads, axes, (0, 0)), "size": images(sizes, axes, 1),
        "activation": activation,
    }  # fmt: skip
    if group == 1:
        return store(b, r, output, axes, "transpose_conv", [source, weights, bias], dtype, quantization, **description)
    channels = b.tensors[source].shape[3]
    parts = _parts(b, source, 3, (channels // group,) * group)
    weight_parts = _parts(b, weights, 3, (channels // group,) * group)
    biases = _parts(b, bias, 0, (shape[1],) * group) if bias else [None] * group
    results = [b.emit("transpose_conv", [p, w, c], None, dtype, quantization, **description).name for p, w, c in zip(parts, weight_parts, biases, strict=True)]
    store(b, r, output, axes, "concatenation", results, dtype, quantization, axis=3)


def _parts(b: Builder, source: str, axis: int, sizes: tuple[int, ...]) -> list[str]:
    names = [b.fresh("group") for _ in sizes]
    return [t.name for t in b.emit_all("split", [source], names, [None] * len(sizes), keep=True, axis=axis, sizes=sizes)]


def _transposed_extents(r: Record, extents, filters, strides, dilations, extra) -> tuple[tuple[int, ...], tuple[Pair, ...]]:
    """Return (output extents, padding) of a transposed convolution."""
    whole = [(n - 1) * s + e + (k - 1) * d + 1 for n, s, e, k, d in zip(extents, strides, extra, filters, dilations, strict=True)]
    wanted, mode = r.get("output_shape"), r.get("auto_pad", "NOTSET")
    if wanted is None and mode in ("SAME_UPPER", "SAME_LOWER"):
        wanted = tuple(n * s for n, s in zip(extents, strides, strict=True))
    r.get("pads")
    if wanted is None:
        pads = padding(r, extents, filters, strides, dilations)
        return tuple(n - before - after for n, (before, after) in zip(whole, pads, strict=True)), pads
    totals = [max(0, n - size) for n, size in zip(whole, wanted[-len(extents) :], strict=True)]
    # "If auto_pad is SAME_UPPER the extra padding is added at the end", for other modes at the start.
    pads = tuple((t // 2, t - t // 2) if mode == "SAME_UPPER" else (t - t // 2, t // 2) for t in totals)
    return tuple(wanted[-len(extents) :]), pads


def pool(b: Builder, r: Record) -> None:
    """Translate MaxPool, AveragePool and LpPool."""
    r.only_output()
    form = b.channels_last(r.input(0))
    axes, extents = len(form.shape) - 2, form.shape[1:-1]
    filters = r.get("kernel_shape")
    strides, dilations = r.get("strides", (1,) * axes), r.get("dilations", (1,) * axes)
    counts_padding, ceiling = bool(r.get("count_include_pad", 0)), bool(r.get("ceil_mode", 0))
    r.get("storage_order")
    pads = padding(r, extents, filters, strides, dilations)
    tail = _ceiling(extents, filters, strides, dilations, pads) if ceiling and r.get("auto_pad", "NOTSET") == "NOTSET" else (0,) * axes
    if max(dilations) > 1 or axes == 3 or r.kind == "LpPool":
        return _pool_any(b, r, form, filters, strides, dilations, pads, tail, counts_padding)
    source, _ = spatial(b, r)
    dtype, quantization = r.output_type or (None, None)
    if r.kind == "AveragePool" and counts_padding and any(map(any, pads)):
        source = b.emit("pad", [source], None, keep=True, padding=((0, 0), *images(pads, axes, (0, 0)), (0, 0))).name
        pads = ((0, 0),) * axes
    pads = tuple((before, after + more) for (before, after), more in zip(pads, tail, strict=True))
    store(
        b, r, r.outputs[0], axes, "max_pool2d" if r.kind == "MaxPool" else "average_pool2d", [source], dtype, quantization or b.tensors[source].quantization,
        window=images(filters, axes, 1), stride=images(strides, axes, 1), padding=images(pads, axes, (0, 0)),
    )  # fmt: skip


def _ceiling(extents, filters, strides, dilations, pads) -> tuple[int, ...]:
    """Return how far beyond the padding the last window of each axis reaches when extents are rounded up."""
    tails = []
    for extent, size, stride, dilation, (before, after) in zip(extents, filters, strides, dilations, pads, strict=True):
        covered = (size - 1) * dilation + 1
        out = -(-(extent + before + after - covered) // stride) + 1
        if (out - 1) * stride >= extent + before:  # a window that would start beyond the tensor is left out
            out -= 1
        tails.append(max(0, (out - 1) * stride + covered - extent - before - after))
    return tuple(tails)


def _pool_any(b: Builder, r: Record, form: Tensor, filters, strides, dilations, pads, tail, counts_padding: bool) -> None:
    operator = {"MaxPool": "max_pool", "AveragePool": "average_pool", "LpPool": "lp_pool"}[r.kind]
    own = {"order": r.get("p", 2)} if r.kind == "LpPool" else {"count_padding": counts_padding} if r.kind == "AveragePool" else {}
    b.emit(
        operator, [form.name], b.target(r.outputs[0], True), keep=True, window=tuple(filters), stride=tuple(strides), dilation=tuple(dilations),
        padding=pads, overhang=tail, **own,
    )  # fmt: skip


def global_pool(b: Builder, r: Record) -> None:
    """Translate pooling over whole images."""
    form = b.channels_last(r.input(0))
    dtype, quantization = r.output_type or (None, None)
    operator = "mean" if r.kind == "GlobalAveragePool" else "reduce_max"
    kept = quantization or (form.quantization if operator == "reduce_max" else None)
    axes = tuple(range(1, len(form.shape) - 1))
    b.emit(operator, [form.name], b.target(r.outputs[0], True), dtype, kept, axes=axes, keep_dims=True)


def local_response(b: Builder, r: Record) -> None:
    """Translate LRN; its alpha is that of the whole window."""
    size = r.get("size")
    if size % 2 == 0:
        raise r.refused(f"a window of {size} channels is not supported", "odd ones are")
    b.emit(
        "local_response_normalization", [b.channels_last(r.input(0)).name], b.target(r.outputs[0], True), radius=size // 2, bias=r.get("bias", 1.0),
        alpha=r.get("alpha", 1e-4) / size, beta=r.get("beta", 0.75),
    )  # fmt: skip


def conv_integer(b: Builder, r: Record) -> None:
    """Translate ConvInteger: sums of int32, zero points as inputs."""
    names = [with_zero_point(b, r, i, i + 2) for i in (0, 1)]
    conv(b, replace(r.like("Conv"), inputs=names, output_type=("int32", None)))


TRANSLATIONS: dict[str, Callable[[Builder, Record], None]] = {
    "Conv": conv, "ConvTranspose": conv_transpose, "MaxPool": pool, "AveragePool": pool, "LpPool": pool, "GlobalAveragePool": global_pool,
    "GlobalMaxPool": global_pool, "LRN": local_response, "ConvInteger": conv_integer,
}  # fmt: skip
