"""ONNX's operators on shapes: views, slices, joins, pads, picks. Axes are mapped where a value is kept channels-last."""

import math
from collections.abc import Callable

import numpy as np

from accelsim.importers._onnx_builder import Builder, to_last
from accelsim.importers._onnx_record import Record


def positive(r: Record, axis: int, rank: int) -> int:
    """Return an axis counted from the front."""
    if not -rank <= axis < rank:
        raise r.wrong(f"axis {axis} of a tensor of rank {rank}")
    return axis % rank


def placed(b: Builder, value: str, axis: int) -> int:
    """Return where an axis of the file's layout stands in the form that a value has."""
    return to_last(len(b.shape(value))).index(axis) if b.is_last(value) else axis


def axes_input(b: Builder, r: Record, index: int, attribute: str = "axes", default=None):
    """Return axes given as an attribute (older opsets) or as an input."""
    axes = r.get(attribute)
    if axes is None and r.has(index):
        axes = tuple(int(a) for a in b.required(r, index, attribute).ravel())
    return default if axes is None else axes


def moved(b: Builder, r: Record, operator: str, value: str, output: str, **attributes) -> None:
    """Emit an operator that moves one value, in the file's layout."""
    b.emit(operator, [b.first(value).name], output, keep=True, **attributes)


def reshape_to(b: Builder, value: str, output: str, shape: tuple[int, ...]) -> None:
    """Give a value another shape of the file's layout; constants keep how they are stored."""
    b.emit("reshape", [b.first(value).name], output, keep=True, shape=tuple(int(n) for n in shape))


def reshape(b: Builder, r: Record) -> None:
    """Translate Reshape: 0 keeps an extent, -1 follows from the others."""
    wanted = r.get("shape")
    wanted = b.required(r, 1, "shape") if wanted is None else np.array(wanted)
    shape = b.shape(r.input(0))
    keeps = not r.get("allowzero", 0)
    if any(n == 0 and keeps and i >= len(shape) for i, n in enumerate(wanted)):
        raise r.wrong(f"shape {tuple(wanted)} keeps an extent that {shape} does not have")
    reshape_to(b, r.input(0), r.outputs[0], tuple(shape[i] if n == 0 and keeps else int(n) for i, n in enumerate(wanted)))


def flatten(b: Builder, r: Record) -> None:
    """Translate Flatten to a matrix."""
    shape = b.shape(r.input(0))
    axis = r.get("axis", 1)
    axis = axis + len(shape) if axis < 0 else axis
    reshape_to(b, r.input(0), r.outputs[0], (math.prod(shape[:axis]), math.prod(shape[axis:])))


def squeeze(b: Builder, r: Record) -> None:
    """Translate Squeeze."""
    shape, axes = b.shape(r.input(0)), axes_input(b, r, 1)
    gone = {i for i, n in enumerate(shape) if n == 1} if axes is None else {positive(r, a, len(shape)) for a in axes}
    reshape_to(b, r.input(0), r.outputs[0], tuple(n for i, n in enumerate(shape) if i not in gone))


def unsqueeze(b: Builder, r: Record) -> None:
    """Translate Unsqueeze."""
    shape, axes = list(b.shape(r.input(0))), axes_input(b, r, 1, default=())
    for axis in sorted(positive(r, a, len(shape) + len(axes)) for a in axes):
        shape.insert(axis, 1)
    reshape_to(b, r.input(0), r.outputs[0], tuple(shape))


def transpose(b: Builder, r: Record) -> None:
    """Translate Transpose; one that undoes the channels-last form costs nothing."""
    value, output = r.input(0), r.outputs[0]
    rank = len(b.shape(value))
    order = r.get("perm", tuple(reversed(range(rank))))
    if sorted(order) != list(range(rank)):
        raise r.wrong(f"perm {order} is no permutation of {rank} axes")
    if b.is_last(value):
        held = to_last(rank)
        b.permuted(b.last[value], output, tuple(held.index(axis) for axis in order))
    else:
        b.permuted(value, output, tuple(order))


def concat(b: Builder, r: Record) -> None:
    """Translate Concat."""
    rank = len(b.shape(r.input(0)))
    axis = positive(r, r.get("axis", 1), rank)
    is_last = rank >= 3 and any(b.is_last(v) for v in r.inputs)
    tensors = [b.channels_last(v).name if is_last else b.first(v).name for v in r.inputs]
    dtype, quantization = r.output_type or (None, b.tensors[tensors[0]].quantization)
    place = to_last(rank).index(axis) if is_last else axis
    b.emit("concatenation", tensors, b.target(r.outputs[0], is_last), dtype, quantization, axis=place)


def split(b: Builder, r: Record) -> None:
    """Translate Split: given extents, or equal ones with a smaller last."""
    value = r.input(0)
    shape = b.shape(value)
    axis = positive(r, r.get("axis", 0), len(shape))
    sizes = axes_input(b, r, 1, "split")
    if sizes is None:
        parts = r.get("num_outputs", len(r.outputs))
        size = -(-shape[axis] // parts)
        sizes = tuple(max(0, min(size, shape[axis] - size * i)) for i in range(parts))
    is_last, form = b.is_last(value), b.form(value)
    outputs = [b.target(name, is_last) for name in r.outputs]
    b.emit_all("split", [form.name], outputs, [None] * len(outputs), keep=True, axis=placed(b, value, axis), sizes=tuple(sizes))


def slice_(b: Builder, r: Record) -> None:
    """Translate Slice to a range with a step along each axis."""
    value = r.input(0)
    shape = b.shape(value)
    starts, ends = (axes_input(b, r, i, name) for i, name in ((1, "starts"), (2, "ends")))
    axes = axes_input(b, r, 3, default=tuple(range(len(starts))))
    steps = axes_input(b, r, 4, "steps", (1,) * len(starts))
    begin, end, strides = [None] * len(shape), [None] * len(shape), [1] * len(shape)
    for axis, start, stop, step in zip(axes, starts, ends, steps, strict=True):
        place, extent = positive(r, axis, len(shape)), shape[positive(r, axis, len(shape))]
        if step == 0:
            raise r.wrong("a step of 0")
        first, last, _ = slice(int(start), int(stop), int(step)).indices(extent)
        begin[place], end[place], strides[place] = first, None if last < 0 else last, int(step)
    is_last = b.is_last(value)
    order = to_last(len(shape)) if is_last else range(len(shape))
    b.emit(
        "strided_slice", [b.form(value).name], b.target(r.outputs[0], is_last), keep=True,
        begin=tuple(begin[i] for i in order), end=tuple(end[i] for i in order), strides=tuple(strides[i] for i in order),
    )  # fmt: skip


def pad(b: Builder, r: Record) -> None:
    """Translate Pad; negative extents cut."""
    value = r.input(0)
    shape = b.shape(value)
    rank = len(shape)
    extents = axes_input(b, r, 1, "pads", r.get("paddings"))
    axes = [positive(r, a, rank) for a in axes_input(b, r, 3, "padded_axes", tuple(range(rank)))]
    sides = [(0, 0)] * rank
    for i, axis in enumerate(axes):
        sides[axis] = (int(extents[i]), int(extents[i + len(axes)]))
    mode = r.get("mode", "constant")
    is_last = b.is_last(value)
    order = to_last(rank) if is_last else range(rank)
    sides = [sides[i] for i in order]
    source = _cut(b, b.form(value), sides)
    sides = tuple((max(0, before), max(0, after)) for before, after in sides)
    target = b.target(r.outputs[0], is_last)
    if mode == "constant":
        fill = r.get("value", 0.0)
        fill = b.required(r, 2, "constant_value") if r.has(2) else np.array(fill)
        wanted = b.tensors[source].dtype
        operands = [source] if not fill.any() else [source, b.add_constant(fill.reshape(()).astype(wanted))]
        b.emit("pad", operands, target, keep=True, padding=sides)
    elif mode == "reflect":
        b.emit("mirror_pad", [source], target, keep=True, padding=sides)
    elif mode in ("edge", "wrap"):
        b.emit("edge_pad", [source], target, keep=True, padding=sides, wrap=mode == "wrap")
    else:
        raise r.refused(f"mode '{mode}' is not supported", "known: constant, reflect, edge, wrap")


def _cut(b: Builder, source, sides) -> str:
    if all(min(pair) >= 0 for pair in sides):
        return source.name
    begin = tuple(max(0, -before) for before, _ in sides)
    end = tuple(extent - max(0, -after) for extent, (_, after) in zip(source.shape, sides, strict=True))
    return b.emit("strided_slice", [source.name], None, keep=True, begin=begin, end=end, strides=(1,) * len(sides)).name


def gather(b: Builder, r: Record) -> None:
    """Translate Gather; negative indices count from the end."""
    value = r.input(0)
    axis = positive(r, r.get("axis", 0), len(b.shape(value)))
    indices = b.constant(r.input(1))
    source = b.first(value).name
    if indices is not None and indices.ndim == 0:
        shape = b.shape(value)
        at = int(indices)
        begin = tuple(at if i == axis else None for i in range(len(shape)))
        b.emit("strided_slice", [source], r.outputs[0], keep=True, begin=begin, end=(None,) * len(shape), strides=(1,) * len(shape), dropped=(axis,))
    else:
        b.emit("gather", [source, b.first(r.input(1)).name], r.outputs[0], keep=True, axis=axis)


def expand(b: Builder, r: Record) -> None:
    """Translate Expand."""
    moved(b, r, "expand", r.input(0), r.outputs[0], shape=tuple(int(n) for n in b.required(r, 1, "shape")))


def tile(b: Builder, r: Record) -> None:
    """Translate Tile."""
    moved(b, r, "tile", r.input(0), r.outputs[0], repeats=tuple(int(n) for n in b.required(r, 1, "repeats")))


def shape_of(b: Builder, r: Record) -> None:
    """Translate Shape: shapes are known, the result is a constant."""
    shape = b.shape(r.input(0))
    start, end = r.get("start", 0), r.get("end")
    clamp = [min(max(i + len(shape) if i < 0 else i, 0), len(shape)) for i in (start, len(shape) if end is None else end)]
    b.put_constant(r.outputs[0], np.array(shape[clamp[0] : clamp[1]], np.int64))


def size_of(b: Builder, r: Record) -> None:
    """Translate Size."""
    b.put_constant(r.outputs[0], np.array(math.prod(b.shape(r.input(0))), np.int64))


def depth_to_space(b: Builder, r: Record) -> None:
    """Translate DepthToSpace; column-row-depth order is a permutation of the channels first."""
    block, value = r.get("blocksize"), r.input(0)
    if r.get("mode", "DCR") == "CRD":
        channels = b.shape(value)[1] // (block * block)
        order = np.arange(b.shape(value)[1]).reshape(channels, block * block).T.ravel()
        value = b.fresh("ordered")
        b.emit("gather", [b.channels_last(r.input(0)).name, b.add_constant(order)], b.target(value, True), keep=True, axis=3)
    b.emit("depth_to_space", [b.channels_last(value).name], b.target(r.outputs[0], True), keep=True, block=block)


def space_to_depth(b: Builder, r: Record) -> None:
    """Translate SpaceToDepth; column-row-depth order is a permutation of the channels behind it."""
    block, value = r.get("blocksize"), r.input(0)
    if r.get("mode", "DCR") == "DCR":
        b.emit("space_to_depth", [b.channels_last(value).name], b.target(r.outputs[0], True), keep=True, block=block)
        return
    deep = b.emit("space_to_depth", [b.channels_last(value).name], None, keep=True, block=block)
    order = np.arange(deep.shape[3]).reshape(block * block, -1).T.ravel()
    b.emit("gather", [deep.name, b.add_constant(order)], b.target(r.outputs[0], True), keep=True, axis=3)


TRANSLATIONS: dict[str, Callable[[Builder, Record], None]] = {
    "Reshape": reshape, "Flatten": flatten, "Squeeze": squeeze, "Unsqueeze": unsqueeze, "Transpose": transpose, "Concat": concat, "Split": split,
    "Slice": slice_, "Pad": pad, "Gather": gather, "Expand": expand, "Tile": tile, "Shape": shape_of, "Size": size_of,
    "DepthToSpace": depth_to_space, "SpaceToDepth": space_to_depth,
}  # fmt: skip
