"""ONNX's normalisations."""

from collections.abc import Callable

import numpy as np

from accelsim.importers._onnx_builder import Builder
from accelsim.importers._onnx_elementwise import apply
from accelsim.importers._onnx_record import Record
from accelsim.importers._onnx_shapes import positive
from accelsim.importers._onnx_spatial import scale_and_offset


def batch_normalization(b: Builder, r: Record) -> None:
    """Translate BatchNormalization at inference: a product and a sum per channel."""
    r.get("momentum"), r.get("consumed_inputs"), r.fixed("spatial", 1, 1)
    r.fixed("training_mode", 0, 0), r.fixed("is_test", (0, 1), 0)
    r.only_output()
    channels = (-1, *[1] * (len(b.shape(r.input(0))) - 2))
    parameters = [b.constant(name) for name in r.inputs[1:5]]
    middle = b.fresh("scaled")
    if all(p is not None for p in parameters):
        factor, offset = (v.astype(np.float32).reshape(channels) for v in scale_and_offset(r, parameters))
        apply(b, r, "mul", [r.input(0), b.add_constant(factor)], middle)
        return apply(b, r, "add", [middle, b.add_constant(offset)], r.outputs[0])
    gamma, beta, mean, variance = (b.emit("reshape", [b.first(name).name], None, shape=channels).name for name in r.inputs[1:5])
    steady = b.emit("add", [variance, b.add_constant(np.float32(r.get("epsilon", 1e-5)))], None)
    factor = b.emit("div", [gamma, b.emit("sqrt", [steady.name], None).name], None)
    centred = b.fresh("centred")
    apply(b, r, "sub", [r.input(0), mean], centred)
    apply(b, r, "mul", [centred, factor.name], middle)
    apply(b, r, "add", [middle, beta], r.outputs[0])


def layer_normalization(b: Builder, r: Record) -> None:
    """Translate LayerNormalization and RMSNormalization; mean and deviation are computed apart where they are asked for."""
    r.get("stash_type")
    source = b.first(r.input(0))
    axis, epsilon = positive(r, r.get("axis", -1), len(source.shape)), r.get("epsilon", 1e-5)
    parameters = [b.first(name).name if name else None for name in r.inputs[1:3]]
    b.emit("layer_normalization", [source.name, *parameters], r.outputs[0], axis=axis, epsilon=epsilon, centred=r.kind == "LayerNormalization")
    if r.wants(1) or r.wants(2):
        axes = tuple(range(axis, len(source.shape)))
        mean = b.emit("mean", [source.name], r.outputs[1] if r.wants(1) else None, axes=axes, keep_dims=True)
        if r.wants(2):
            centred = b.emit("sub", [source.name, mean.name], None)
            variance = b.emit("mean", [b.emit("square", [centred.name], None).name], None, axes=axes, keep_dims=True)
            b.emit("rsqrt", [b.emit("add", [variance.name, b.add_constant(np.float32(epsilon))], None).name], r.outputs[2])


def grouped_normalization(b: Builder, r: Record) -> None:
    """Translate InstanceNormalization and GroupNormalization: rows of a group's elements."""
    r.get("stash_type")
    source = b.first(r.input(0))
    n, channels, *rest = source.shape
    groups = channels if r.kind == "InstanceNormalization" else r.get("num_groups")
    rows = b.emit("reshape", [source.name], None, shape=(n, groups, -1))
    normal = b.emit("layer_normalization", [rows.name], None, axis=2, epsilon=r.get("epsilon", 1e-5))
    back = b.emit("reshape", [normal.name], None, shape=source.shape)
    # Until opset 21 scale and bias of a group normalisation were per group.
    shape = (channels, *[1] * len(rest))
    parameters = []
    for name in r.inputs[1:3]:
        parameter = b.first(name)
        if parameter.elements != channels:
            spread = b.emit("reshape", [parameter.name], None, shape=(groups, 1))
            parameter = b.emit("expand", [spread.name], None, shape=(groups, channels // groups))
        parameters.append(b.emit("reshape", [parameter.name], None, shape=shape).name)
    scaled = b.emit("mul", [back.name, parameters[0]], None)
    b.emit("add", [scaled.name, parameters[1]], r.outputs[0])


def mean_variance(b: Builder, r: Record) -> None:
    """Translate MeanVarianceNormalization."""
    source, axes = b.first(r.input(0)), r.get("axes", (0, 2, 3))
    mean = b.emit("mean", [source.name], None, axes=tuple(axes), keep_dims=True)
    centred = b.emit("sub", [source.name, mean.name], None)
    variance = b.emit("mean", [b.emit("square", [centred.name], None).name], None, axes=tuple(axes), keep_dims=True)
    deviation = b.emit("sqrt", [variance.name], None)
    b.emit("div", [centred.name, b.emit("add", [deviation.name, b.add_constant(np.float32(1e-9))], None).name], r.outputs[0])


def norm(b: Builder, r: Record) -> None:
    """Translate LpNormalization; a vector of zeros stays zero."""
    source, order = b.first(r.input(0)), r.get("p", 2)
    if order not in (1, 2):
        raise r.refused(f"p = {order} is not supported", "1 and 2 are")
    axis = positive(r, r.get("axis", -1), len(source.shape))
    length = b.emit(f"reduce_l{order}", [source.name], None, axes=(axis,), keep_dims=True)
    safe = b.emit("maximum", [length.name, b.add_constant(np.finfo(np.float32).tiny)], None)
    b.emit("div", [source.name, safe.name], r.outputs[0])


TRANSLATIONS: dict[str, Callable[[Builder, Record], None]] = {
    "BatchNormalization": batch_normalization, "LayerNormalization": layer_normalization, "RMSNormalization": layer_normalization,
    "SimplifiedLayerNormalization": layer_normalization, "InstanceNormalization": grouped_normalization, "GroupNormalization": grouped_normalization,
    "MeanVarianceNormalization": mean_variance, "LpNormalization": norm,
}  # fmt: skip
