"""ONNX's Resize and Upsample: tables of places and weights along each axis, made when the network is loaded.

Source: the ONNX operator specification of Resize (coordinate_transformation_mode, nearest_mode, cubic_coeff_a, antialias,
exclude_outside, keep_aspect_ratio_policy).
"""

import math
from collections.abc import Callable

import numpy as np

from accelsim.importers._onnx_builder import Builder, to_last
from accelsim.importers._onnx_record import Record
from accelsim.importers._onnx_shapes import positive

TRANSFORMS = ("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric", "tf_crop_and_resize", "tf_half_pixel_for_nn")


def resize(b: Builder, r: Record) -> None:
    """Translate Resize."""
    value = r.input(0)
    shape = b.shape(value)
    axes = [positive(r, a, len(shape)) for a in r.get("axes", tuple(range(len(shape))))]
    mode, transform = r.get("mode", "nearest"), r.get("coordinate_transformation_mode", "half_pixel" if r.opset >= 11 else "asymmetric")
    if mode not in ("nearest", "linear", "cubic") or transform not in TRANSFORMS:
        raise r.refused(f"mode '{mode}' with '{transform}' is not supported")
    first = 1 if r.opset < 11 else 2
    scales = b.required(r, first, "scales").astype(np.float32) if r.has(first) and b.form(r.input(first)).elements else None
    sizes = b.required(r, 3, "sizes") if r.has(3) and b.form(r.input(3)).elements else None
    extents = [shape[a] for a in axes]
    scales, results = _extents(r, extents, scales, sizes)
    region = b.required(r, 1, "roi") if transform == "tf_crop_and_resize" else np.zeros(2 * len(axes))
    cubic, nearest = r.get("cubic_coeff_a", -0.75), r.get("nearest_mode", "round_prefer_floor" if r.opset >= 11 else "floor")
    outside, fill, smooth = bool(r.get("exclude_outside", 0)), r.get("extrapolation_value", 0.0), bool(r.get("antialias", 0))
    is_last = b.is_last(value) or (len(shape) == 4 and set(axes) >= {2, 3} and all(extents[i] == results[i] for i, a in enumerate(axes) if a < 2))
    form = b.channels_last(value) if is_last else b.first(value)
    order = to_last(len(shape)) if is_last else tuple(range(len(shape)))
    steps, masks = [], []
    for i, axis in enumerate(axes):
        if extents[i] == results[i] and scales[i] == 1 and transform != "tf_crop_and_resize":
            continue
        at = positions(extents[i], results[i], float(scales[i]), transform, float(region[i]), float(region[i + len(axes)]))
        inside = (at >= 0) & (at <= extents[i] - 1) if transform == "tf_crop_and_resize" else np.ones(results[i], bool)
        places, weights = taps(at, extents[i], mode, nearest, cubic, outside, float(scales[i]) if smooth and scales[i] < 1 else 1.0)
        steps.append((order.index(axis), places, weights))
        masks.append((order.index(axis), inside))
    _emit(b, r, form, steps, masks, is_last, mode, fill)


def _extents(r: Record, extents, scales, sizes):
    """Return (scales, output extents)."""
    if sizes is None:
        if scales is None:
            raise r.wrong("neither scales nor sizes are given")
        return scales, [math.floor(n * float(s)) for n, s in zip(extents, scales, strict=True)]
    policy = r.get("keep_aspect_ratio_policy", "stretch")
    factors = [float(s) / n for n, s in zip(extents, sizes, strict=True)]
    if policy == "stretch":
        return np.array(factors), [int(s) for s in sizes]
    factor = min(factors) if policy == "not_larger" else max(factors)
    return np.full(len(extents), factor), [math.floor(factor * n + 0.5) for n in extents]


def positions(extent: int, size: int, scale: float, transform: str, start: float, end: float) -> np.ndarray:
    """Return where on the input each output element lies, in elements."""
    at = np.arange(size, dtype=np.float64)
    if transform == "asymmetric":
        return at / scale
    if transform == "align_corners":
        # The specification's length of the result is scale * length, before it is rounded down.
        return at * (extent - 1) / (scale * extent - 1) if size > 1 else np.zeros(1)
    if transform == "tf_crop_and_resize":
        return start * (extent - 1) + at * (end - start) * (extent - 1) / (scale * extent - 1) if size > 1 else np.array([0.5 * (start + end) * (extent - 1)])
    if transform == "pytorch_half_pixel" and size == 1:
        return np.zeros(1)
    if transform == "tf_half_pixel_for_nn":
        return (at + 0.5) / scale
    shift = 0.0
    if transform == "half_pixel_symmetric":
        shift = extent / 2 * (1 - size / (scale * extent))
    return shift + (at + 0.5) / scale - 0.5


def taps(at: np.ndarray, extent: int, mode: str, nearest: str, cubic: float, exclude_outside: bool, shrink: float) -> tuple[np.ndarray, np.ndarray]:
    """Return (places, weights) of shape (size, taps): which input elements each output sums, and how much of each.

    Parameters
    ----------
    shrink : float
        Scale below 1 that widens the filter (anti-aliasing); 1 for none.
    """
    if mode == "nearest":
        rounding = {
            "floor": np.floor, "ceil": np.ceil, "round_prefer_ceil": lambda x: np.floor(x + 0.5), "round_prefer_floor": lambda x: np.ceil(x - 0.5),
        }[nearest]  # fmt: skip
        return np.clip(rounding(at), 0, extent - 1).astype(np.int64)[:, None], np.ones((at.size, 1), np.float32)
    reach = (1 if mode == "linear" else 2) / shrink
    lower = np.floor(at).astype(np.int64) - math.ceil(reach) + 1
    places = lower[:, None] + np.arange(2 * math.ceil(reach))
    distance = np.abs(at[:, None] - places) * shrink
    weights = np.maximum(0, 1 - distance) if mode == "linear" else _cubic(distance, cubic)
    inside = (places >= 0) & (places < extent)
    if exclude_outside:
        weights = np.where(inside, weights, 0)
    if exclude_outside or shrink < 1:
        weights = weights / weights.sum(axis=1, keepdims=True)
    return np.clip(places, 0, extent - 1), weights.astype(np.float32)


def _cubic(x: np.ndarray, a: float) -> np.ndarray:
    """Return Keys' convolution kernel at a distance."""
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


def _emit(b: Builder, r: Record, form, steps, masks, is_last: bool, mode: str, fill: float) -> None:
    output, keeps = r.outputs[0], not all(mask.all() for _, mask in masks)
    target = b.target(output, is_last) if not keeps else b.fresh("resized")
    if not steps:
        b.emit("reshape", [form.name], target, keep=True, shape=form.shape)
    elif mode == "nearest" and _doubling(form, steps):
        b.emit("resize_nearest_neighbor", [form.name], target, keep=True, size=tuple(p.shape[0] for _, p, _ in sorted(steps, key=lambda s: s[0])))
    else:
        for index, (axis, places, weights) in enumerate(steps):
            name = target if index == len(steps) - 1 else None
            if mode == "nearest":
                form = b.emit("gather", [form.name, b.add_constant(places[:, 0])], name, keep=True, axis=axis)
            else:
                form = b.emit("interpolate", [form.name, b.add_constant(places), b.add_constant(weights)], name, keep=True, axis=axis)
    if keeps:
        result = b.tensors[target]
        inside = np.ones((1,) * len(result.shape), bool)
        for axis, mask in masks:
            inside = inside & mask.reshape([-1 if i == axis else 1 for i in range(len(result.shape))])
        kind = np.float32 if result.dtype == "float32" else result.dtype
        b.emit("select", [b.add_constant(inside), result.name, b.add_constant(np.array(fill, kind))], b.target(output, is_last), result.dtype)


def _doubling(form, steps) -> bool:
    """Return whether this is the plain upsampling of images that the nearest-neighbour operator does: pixel i is input i * extent // size."""
    if len(form.shape) != 4 or sorted(axis for axis, _, _ in steps) != [1, 2]:
        return False
    return all(np.array_equal(p[:, 0], np.arange(p.shape[0]) * form.shape[axis] // p.shape[0]) for axis, p, _ in steps)


TRANSLATIONS: dict[str, Callable[[Builder, Record], None]] = {"Resize": resize, "Upsample": resize}
