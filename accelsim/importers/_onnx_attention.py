"""ONNX's attention and rotary embedding as matrix products, softmax and element-wise steps, each costed as what it is."""

import math
from collections.abc import Callable

import numpy as np

from accelsim.graph.tensor import Tensor
from accelsim.importers._onnx_builder import Builder
from accelsim.importers._onnx_record import Record

SCORES, SOFTCAPPED, BIASED, PROBABILITIES = range(4)


def attention(b: Builder, r: Record) -> None:
    """Translate Attention: heads shared by several queries, caches, masks, windows and soft caps included."""
    r.get("softmax_precision")
    flat = len(b.shape(r.input(0))) == 3
    heads, shared = r.get("q_num_heads"), r.get("kv_num_heads")
    query = _heads(b, r, 0, heads)
    key, value = (_heads(b, r, i, shared) for i in (1, 2))
    past = b.shape(r.input(4))[2] if r.has(4) else 0
    key, value = (_cached(b, r, t, i, output) for t, i, output in ((key, 4, 1), (value, 5, 2)))
    scores = _scores(b, r, query, key)
    stage = r.get("qk_matmul_output_mode", SCORES)
    taken = {SCORES: scores}
    softcap = r.get("softcap", 0.0)
    if softcap:
        scores = _step(b, "mul", _step(b, "tanh", _step(b, "mul", scores, 1 / softcap)), softcap)
    taken[SOFTCAPPED] = scores
    bias = _bias(b, r, scores.shape, past)
    if bias is not None:
        scores = b.emit("add", [scores.name, bias.name], None)
    taken[BIASED] = scores
    weights = b.emit("softmax", [scores.name], None, axis=-1)
    weights = _without_empty_rows(b, weights, bias)
    taken[PROBABILITIES] = weights
    if r.wants(3):
        b.emit("reshape", [taken[stage].name], r.outputs[3], shape=taken[stage].shape)
    result = _grouped_product(b, weights, value, False, None if flat else r.outputs[0])
    if flat:
        rows = b.emit("transpose", [result.name], None, permutation=(0, 2, 1, 3))
        b.emit("reshape", [rows.name], r.outputs[0], shape=(*rows.shape[:2], -1))


def _step(b: Builder, operator: str, x: Tensor, factor: float | None = None) -> Tensor:
    operands = [x.name] if factor is None else [x.name, b.add_constant(np.array(factor, x.dtype))]
    return b.emit(operator, operands, None)


def _heads(b: Builder, r: Record, index: int, heads: int | None) -> Tensor:
    """Return an operand as (batch, heads, length, features)."""
    form = b.first(r.input(index))
    if len(form.shape) == 4:
        return form
    if len(form.shape) != 3 or not heads or form.shape[2] % heads:
        raise r.wrong(f"operand {form.shape} is not split by {heads} heads")
    split = b.emit("reshape", [form.name], None, shape=(*form.shape[:2], heads, form.shape[2] // heads))
    return b.emit("transpose", [split.name], None, permutation=(0, 2, 1, 3))


def _cached(b: Builder, r: Record, new: Tensor, index: int, output: int) -> Tensor:
    """Return keys or values behind those of the cache, and the grown cache as an output."""
    name = r.outputs[output] if r.wants(output) else None
    if r.has(index):
        return b.emit("concatenation", [b.first(r.input(index)).name, new.name], name, axis=2)
    return b.emit("reshape", [new.name], name, shape=new.shape) if name else new


def _scores(b: Builder, r: Record, query: Tensor, key: Tensor) -> Tensor:
    scale = r.get("scale") or 1 / math.sqrt(query.shape[3])
    return _grouped_product(b, _step(b, "mul", query, scale), key, True, None)


def _grouped_product(b: Builder, left: Tensor, right: Tensor, transpose: bool, output: str | None) -> Tensor:
    """Return left @ right per head; each head of the right serves several of the left where it has fewer."""
    n, heads, rows, _ = left.shape
    if heads == right.shape[1]:
        return b.emit("batch_matmul", [left.name, right.name], output, transpose_b=transpose)
    share = heads // right.shape[1]
    grouped = b.emit("reshape", [left.name], None, shape=(n, right.shape[1], share, rows, left.shape[3]))
    wide = b.emit("reshape", [right.name], None, shape=(*right.shape[:2], 1, *right.shape[2:]))
    product = b.emit("batch_matmul", [grouped.name, wide.name], None, transpose_b=transpose)
    return b.emit("reshape", [product.name], output, shape=(n, heads, rows, product.shape[-1]))


def _bias(b: Builder, r: Record, shape: tuple[int, ...], past: int) -> Tensor | None:
    """Return what is added to the scores: 0 where a key may be seen and minus infinity elsewhere, and a mask of numbers."""
    kind, (rows, columns) = b.form(r.input(0)).dtype, shape[-2:]
    terms = [_mask(b, r, columns, kind)] if r.has(3) else []
    lengths = b.first(r.input(6)) if r.has(6) else None
    at_row, at_key = np.arange(rows)[:, None], np.arange(columns)[None, :]
    offset: Tensor | int = past
    if lengths is not None:
        valid = b.emit("reshape", [lengths.name], None, shape=(-1, 1, 1, 1))
        terms.append(_allowed(b, "less", b.add_constant(np.arange(columns).reshape(1, 1, 1, -1)), valid.name, kind))
        offset = b.emit("sub", [valid.name, b.add_constant(np.array(rows, np.int64))], None)
    left, right = r.get("left_window_size", -1), r.get("right_window_size", -1)
    limits = [("less_equal", at_key - at_row, 0)] if r.get("is_causal", 0) else []
    limits += [("greater_equal", at_key - at_row + left, 0)] if left >= 0 else []
    limits += [("less_equal", at_key - at_row - right, 0)] if right >= 0 else []
    for comparison, distance, _ in limits:
        border = b.add_constant(np.array(offset, np.int64)) if isinstance(offset, int) else offset.name
        terms.append(_allowed(b, comparison, b.add_constant(distance.astype(np.int64)), border, kind))
    total = None
    for term in terms:
        total = term if total is None else b.emit("add", [total.name, term.name], None)
    return total


def _allowed(b: Builder, comparison: str, a: str, limit: str, kind: str) -> Tensor:
    seen = b.emit(comparison, [a, limit], None, "bool")
    return b.emit("select", [seen.name, b.add_constant(np.array(0, kind)), b.add_constant(np.array(-np.inf, kind))], None, kind)


def _mask(b: Builder, r: Record, columns: int, kind: str) -> Tensor:
    """Return the given mask as numbers, keys beyond it out of sight."""
    mask = b.first(r.input(3))
    if mask.dtype == "bool":
        mask = b.emit("select", [mask.name, b.add_constant(np.array(0, kind)), b.add_constant(np.array(-np.inf, kind))], None, kind)
    if mask.shape[-1] < columns:
        sides = (*((0, 0) for _ in mask.shape[:-1]), (0, columns - mask.shape[-1]))
        mask = b.emit("pad", [mask.name, b.add_constant(np.array(-np.inf, kind))], None, padding=sides)
    return mask


def _without_empty_rows(b: Builder, weights: Tensor, bias: Tensor | None) -> Tensor:
    """Return probabilities with zeros in rows that may see no key."""
    if bias is None or (bias.is_constant and not np.isneginf(bias.values.max(axis=-1)).any()):
        return weights
    best = b.emit("reduce_max", [bias.name], None, axes=(len(bias.shape) - 1,), keep_dims=True)
    empty = b.emit("equal", [best.name, b.add_constant(np.array(-np.inf, weights.dtype))], None, "bool")
    return b.emit("select", [empty.name, b.add_constant(np.array(0, weights.dtype)), weights.name], None, weights.dtype)


def rotary(b: Builder, r: Record) -> None:
    """Translate RotaryEmbedding: pairs of features turned by an angle of their position."""
    form = b.first(r.input(0))
    flat = len(form.shape) == 3
    heads = r.get("num_heads", 0)
    x = _heads(b, r, 0, heads) if flat else form
    n, heads, length, features = x.shape
    turned = r.get("rotary_embedding_dim", 0) or features
    cosine, sine = (_angles(b, r, i, length) for i in (1, 2))
    pairs, rest = x, None
    if turned < features:
        pairs, rest = b.emit_all("split", [x.name], [b.fresh("turned"), b.fresh("kept")], [None, None], axis=3, sizes=(turned, features - turned))
    if r.get("interleaved", 0):
        by_pair = b.emit("reshape", [pairs.name], None, shape=(n, heads, length, turned // 2, 2))
        first, second = (_component(b, by_pair, i) for i in (0, 1))
    else:
        first, second = b.emit_all("split", [pairs.name], [b.fresh("first"), b.fresh("second")], [None, None], axis=3, sizes=(turned // 2,) * 2)
    real = b.emit("sub", [_product(b, cosine, first), _product(b, sine, second)], None)
    imaginary = b.emit("add", [_product(b, sine, first), _product(b, cosine, second)], None)
    if r.get("interleaved", 0):
        columns = [b.emit("reshape", [t.name], None, shape=(*t.shape, 1)).name for t in (real, imaginary)]
        joined = b.emit("concatenation", columns, None, axis=4)
        result = b.emit("reshape", [joined.name], None, shape=(n, heads, length, turned))
    else:
        result = b.emit("concatenation", [real.name, imaginary.name], None, axis=3)
    if rest is not None:
        result = b.emit("concatenation", [result.name, rest.name], None, axis=3)
    if flat:
        result = b.emit("transpose", [result.name], None, permutation=(0, 2, 1, 3))
    b.emit("reshape", [result.name], r.outputs[0], shape=form.shape)


def _component(b: Builder, pairs: Tensor, index: int) -> Tensor:
    rank = len(pairs.shape)
    begin = (*[None] * (rank - 1), index)
    return b.emit("strided_slice", [pairs.name], None, begin=begin, end=(None,) * rank, strides=(1,) * rank, dropped=(rank - 1,))


def _product(b: Builder, a: Tensor, x: Tensor) -> str:
    return b.emit("mul", [a.name, x.name], None).name


def _angles(b: Builder, r: Record, index: int, length: int) -> Tensor:
    """Return sines or cosines as (batch or 1, 1, length, features / 2)."""
    cache = b.first(r.input(index))
    if r.has(3):
        cache = b.emit("gather", [cache.name, b.first(r.input(3)).name], None, axis=0)
    shape = cache.shape if len(cache.shape) == 3 else (1, *cache.shape)
    return b.emit("reshape", [cache.name], None, shape=(shape[0], 1, *shape[1:]))


TRANSLATIONS: dict[str, Callable[[Builder, Record], None]] = {"Attention": attention, "RotaryEmbedding": rotary}
