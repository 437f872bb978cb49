"""What each operator of the TFLite schema is in accelsim's words: (operator, inputs, attributes)."""

from collections.abc import Callable

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.importers._tflite_record import PADDINGS, Record

Translation = tuple[str, tuple[str | None, ...], dict]


def _convolution(r: Record) -> Translation:
    dilation = r.pair("DilationHFactor", "DilationWFactor")
    attributes = {"stride": r.strides, "dilation": dilation, "padding": r.word("Padding", PADDINGS), "activation": r.activation}
    return "depthwise_conv2d" if r.kind == "DEPTHWISE_CONV_2D" else "conv2d", _three(r), attributes


def _three(r: Record) -> tuple[str | None, ...]:
    r.input(1)
    return (*r.inputs, None)[:3]


def _transpose_conv(r: Record) -> Translation:
    """Inputs in the file: output shape, weights, input, bias."""
    size = r.output().shape[1:3]
    if len(size) != 2:
        raise AccelsimError(r.place, f"output {r.output().shape} is not of rank 4", "the file is damaged")
    bias = r.inputs[3] if len(r.inputs) > 3 else None
    attributes = {"stride": r.strides, "padding": r.word("Padding", PADDINGS), "size": size, "activation": r.activation}
    return "transpose_conv", (r.input(2).name, r.input(1).name, bias), attributes


def _mediapipe_transpose_conv(r: Record) -> Translation:
    """MediaPipe's Convolution2DTransposeBias: input, weights, bias; options are a TfLiteTransposeConvParams struct (padding, stride_w, stride_h)."""
    raw = r.operator.CustomOptionsAsNumpy()
    if not hasattr(raw, "view") or raw.size < 12:
        raise AccelsimError(r.place, "custom options hold no padding and strides", "the file is damaged")
    padding, stride_w, stride_h = (int(i) for i in raw[:12].copy().view("<i4"))
    if padding not in (1, 2) or min(stride_h, stride_w) < 1:
        raise AccelsimError(r.place, f"padding {padding}, strides {stride_h} x {stride_w} are not a transposed convolution's", "the file is damaged")
    source, weights = r.input(0), r.input(1)
    if len(source.shape) != 4 or len(weights.shape) != 4:
        raise AccelsimError(r.place, f"input {source.shape} and filters {weights.shape} are not of rank 4", "the file is damaged")
    size = source.shape[1] * stride_h, source.shape[2] * stride_w
    if padding == 2:
        size = (source.shape[1] - 1) * stride_h + weights.shape[1], (source.shape[2] - 1) * stride_w + weights.shape[2]
    return "transpose_conv", _three(r), {"stride": (stride_h, stride_w), "padding": ("same", "valid")[padding - 1], "size": size}


def _fully_connected(r: Record) -> Translation:
    if r.option("WeightsFormat") != 0:
        raise UnsupportedError(r.place, f"FULLY_CONNECTED weights format number {r.option('WeightsFormat')} (shuffled) is not supported")
    attributes = {"activation": r.activation, "keep_dims": bool(r.option("KeepNumDims")), "asymmetric_input": bool(r.option("AsymmetricQuantizeInputs"))}
    return "fully_connected", _three(r), attributes


def _pool(operator: str) -> Callable[[Record], Translation]:
    def translate(r: Record) -> Translation:
        attributes = {"window": r.pair("FilterHeight", "FilterWidth"), "stride": r.strides, "padding": r.word("Padding", PADDINGS), "activation": r.activation}
        return operator, r.inputs[:1], attributes

    return translate


def _fused(operator: str) -> Callable[[Record], Translation]:
    return lambda r: (operator, r.inputs, {"activation": r.activation})


def _plain(operator: str) -> Callable[[Record], Translation]:
    return lambda r: (operator, r.inputs, {})


def _reduce(operator: str) -> Callable[[Record], Translation]:
    return lambda r: (operator, r.inputs[:1], {"axes": r.numbers(1), "keep_dims": bool(r.option("KeepDims"))})


def _reshape(r: Record) -> Translation:
    """The new shape is the output tensor's; a shape that the network computes stays an input, so that its cost is seen."""
    computed = tuple(name for name in r.inputs[1:2] if name is not None and not r.tensors[name].is_constant)
    return "reshape", (r.input(0).name, *computed), {"shape": r.output().shape}


def _concatenation(r: Record) -> Translation:
    if r.activation != "none":
        raise UnsupportedError(r.place, f"CONCATENATION with fused activation '{r.activation}' is not supported")
    return "concatenation", r.inputs, {"axis": int(r.option("Axis"))}


def _pad(r: Record) -> Translation:
    return "pad", (r.input(0).name, *r.inputs[2:3]), {"padding": r.pairs(1)}


def _strided_slice(r: Record) -> Translation:
    rank = len(r.input(0).shape)
    begin, end, strides = (r.numbers(i) for i in (1, 2, 3))
    masks = {name: int(r.option(name)) for name in ("BeginMask", "EndMask", "EllipsisMask", "NewAxisMask", "ShrinkAxisMask")}
    if masks["EllipsisMask"] or masks["NewAxisMask"] or r.option("Offset", False):
        raise UnsupportedError(r.place, "STRIDED_SLICE with an ellipsis, new-axis or offset option is not supported")
    if not len(begin) == len(end) == len(strides) <= rank:
        raise AccelsimError(r.place, f"begin {begin}, end {end}, strides {strides} do not fit rank {rank}", "the file is damaged")
    given = len(begin)
    dropped = tuple(i for i in range(given) if masks["ShrinkAxisMask"] >> i & 1)
    first = tuple(None if i >= given or (masks["BeginMask"] >> i & 1 and i not in dropped) else begin[i] for i in range(rank))
    last = tuple(None if i >= given or masks["EndMask"] >> i & 1 else end[i] for i in range(rank))
    extents = r.input(0).shape
    # TFLite clamps a negative end below the tensor to "before its first element"; Python's slices would wrap it.
    last = tuple(None if e is not None and s < 0 and e < -n else e for e, s, n in zip(last, (*strides, *[1] * rank), extents, strict=False))
    return "strided_slice", r.inputs[:1], {"begin": first, "end": last, "strides": (*strides, *[1] * (rank - given)), "dropped": dropped}


def _split(r: Record) -> Translation:
    """Inputs in the file: axis, tensor."""
    (axis,), source = r.numbers(0), r.input(1)
    extent = source.shape[axis]
    if not r.outputs or extent % len(r.outputs):
        raise AccelsimError(r.place, f"extent {extent} does not split into {len(r.outputs)} parts", "the file is damaged")
    return "split", (source.name,), {"axis": axis, "sizes": (extent // len(r.outputs),) * len(r.outputs)}


def _split_v(r: Record) -> Translation:
    sizes, (axis,), extent = r.numbers(1), r.numbers(2), r.input(0).shape
    known = sum(size for size in sizes if size != -1)
    return "split", r.inputs[:1], {"axis": axis, "sizes": tuple(extent[axis] - known if size == -1 else size for size in sizes)}


def _resize(operator: str) -> Callable[[Record], Translation]:
    def translate(r: Record) -> Translation:
        flags = {"align_corners": bool(r.option("AlignCorners")), "half_pixel_centers": bool(r.option("HalfPixelCenters"))}
        return operator, r.inputs[:1], {"size": r.numbers(1), **flags}

    return translate


def _argument(operator: str) -> Callable[[Record], Translation]:
    return lambda r: (operator, r.inputs[:1], {"axis": r.numbers(1)[0]})


def _gather(r: Record) -> Translation:
    if r.option("BatchDims"):
        raise UnsupportedError(r.place, "GATHER with batch dimensions is not supported")
    return "gather", r.inputs[:2], {"axis": int(r.option("Axis"))}


def _lstm(r: Record) -> Translation:
    """Inputs 0 to 23 as the schema orders them; without projection, peephole and layer normalisation."""
    names = (*r.inputs, *[None] * 24)[:24]
    extra = {"coupled input gate": not names[1], "peephole": any(names[9:12]), "projection": any(names[16:18]), "layer normalisation": any(names[20:24])}
    found = [name for name, there in extra.items() if there]
    if found:
        raise UnsupportedError(r.place, f"UNIDIRECTIONAL_SEQUENCE_LSTM with {', '.join(found)} is not supported")
    if r.activation != "tanh":
        raise UnsupportedError(r.place, f"UNIDIRECTIONAL_SEQUENCE_LSTM with activation '{r.activation}' is not supported (only tanh)")
    attributes = {"time_major": bool(r.option("TimeMajor")), "cell_clip": float(r.option("CellClip", 0.0)), **r.hidden_quantization()}
    if r.option("ProjClip", 0.0):
        raise UnsupportedError(r.place, "UNIDIRECTIONAL_SEQUENCE_LSTM with a projection clip is not supported")
    return "lstm", (*names[:9], *names[12:16], *names[18:20]), attributes


def _rfft2d(r: Record) -> Translation:
    lengths = r.numbers(1)
    if len(lengths) != 2:
        raise AccelsimError(r.place, f"lengths {lengths} of a transform are not two", "the file is damaged")
    return "rfft2d", r.inputs[:1], {"height": lengths[0], "width": lengths[1]}


def _detection(r: Record) -> Translation:
    from accelsim.importers._flexbuffer import read_map

    raw = r.operator.CustomOptionsAsNumpy()
    options = read_map(bytes(raw) if hasattr(raw, "tobytes") else b"")
    names = ("max_detections", "max_classes_per_detection", "detections_per_class", "use_regular_nms", "nms_score_threshold",
             "nms_iou_threshold", "num_classes", "y_scale", "x_scale", "h_scale", "w_scale")  # fmt: skip
    return "detection_postprocess", r.inputs, {name: options[name] for name in names if name in options}


TRANSLATIONS: dict[str, Callable[[Record], Translation]] = {
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _convolution,
    "TRANSPOSE_CONV": _transpose_conv,
    "Convolution2DTransposeBias": _mediapipe_transpose_conv,
    "FULLY_CONNECTED": _fully_connected,
    "MAX_POOL_2D": _pool("max_pool2d"),
    "AVERAGE_POOL_2D": _pool("average_pool2d"),
    "ADD": _fused("add"),
    "SUB": _fused("sub"),
    "MUL": _fused("mul"),
    "DIV": _fused("div"),
    "MEAN": _reduce("mean"),
    "SUM": _reduce("reduce_sum"),
    "REDUCE_MAX": _reduce("reduce_max"),
    "REDUCE_MIN": _reduce("reduce_min"),
    "REDUCE_PROD": _reduce("reduce_prod"),
    "REDUCE_ANY": _reduce("reduce_any"),
    "REDUCE_ALL": _reduce("reduce_all"),
    "SOFTMAX": lambda r: ("softmax", r.inputs, {"beta": float(r.option("Beta", 1.0))}),
    "LEAKY_RELU": lambda r: ("leaky_relu", r.inputs, {"alpha": float(r.option("Alpha", 0.0))}),
    "RESHAPE": _reshape,
    "SQUEEZE": lambda r: ("squeeze", r.inputs, {"axes": r.options_array("SqueezeDims")}),
    "EXPAND_DIMS": lambda r: ("expand_dims", r.inputs[:1], {"axis": r.numbers(1)[0]}),
    "CONCATENATION": _concatenation,
    "PAD": _pad,
    "PADV2": _pad,
    "MIRROR_PAD": lambda r: ("mirror_pad", r.inputs[:1], {"padding": r.pairs(1), "repeat_edge": r.option("Mode") == 1}),
    "TRANSPOSE": lambda r: ("transpose", r.inputs[:1], {"permutation": r.numbers(1)}),
    "SLICE": lambda r: ("box_slice", r.inputs[:1], {"begin": r.numbers(1), "size": r.numbers(2)}),
    "STRIDED_SLICE": _strided_slice,
    "SPLIT": _split,
    "SPLIT_V": _split_v,
    "PACK": lambda r: ("pack", r.inputs, {"axis": int(r.option("Axis"))}),
    "UNPACK": lambda r: ("unpack", r.inputs, {"axis": int(r.option("Axis"))}),
    "TILE": lambda r: ("tile", r.inputs[:1], {"repeats": r.numbers(1)}),
    "GATHER": _gather,
    "DEPTH_TO_SPACE": lambda r: ("depth_to_space", r.inputs, {"block": int(r.option("BlockSize"))}),
    "SPACE_TO_DEPTH": lambda r: ("space_to_depth", r.inputs, {"block": int(r.option("BlockSize"))}),
    "RESIZE_BILINEAR": _resize("resize_bilinear"),
    "RESIZE_NEAREST_NEIGHBOR": _resize("resize_nearest_neighbor"),
    "ARG_MAX": _argument("arg_max"),
    "ARG_MIN": _argument("arg_min"),
    "SELECT_V2": _plain("select"),
    "ABS": _plain("absolute"),
    "ROUND": _plain("round_half_even"),
    "RFFT2D": _rfft2d,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _lstm,
    "TFLite_Detection_PostProcess": _detection,
    **{
        name.upper(): _plain(name)
        for name in (
            "relu", "relu6", "relu_n1_to_1", "logistic", "tanh", "hard_swish", "elu", "exp", "log", "sqrt", "rsqrt", "square", "neg", "sin",
            "cos", "floor", "ceil", "log_softmax", "prelu", "maximum", "minimum", "squared_difference", "quantize", "dequantize", "cast",
            "complex_abs", "real", "imag", "shape", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and",
            "logical_or", "logical_not",
        )
    },
}  # fmt: skip
