"""ONNX's matrix products: constant right operands become fully-connected layers, others products of activations."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from accelsim.importers._onnx_builder import Builder, transposed
from accelsim.importers._onnx_elementwise import apply, merged_activation
from accelsim.importers._onnx_quantized import with_zero_point
from accelsim.importers._onnx_record import Record


def matmul(b: Builder, r: Record) -> None:
    """Translate MatMul."""
    names = [r.input(0), r.input(1)]
    left, right = b.first(names[0]), b.first(names[1])
    dtype, quantization = r.output_type or (None, None)
    if right.is_constant and len(right.shape) == 2 and len(left.shape) >= 2 and not left.is_constant:
        weights = b.put(transposed(right, f"{right.name}:10", (1, 0)))
        b.emit("fully_connected", [left.name, weights.name, None], r.outputs[0], dtype, quantization, keep_dims=True)
        return
    vectors = len(right.shape) == 1 or len(left.shape) == 1
    a = left.name if len(left.shape) > 1 else b.emit("reshape", [left.name], None, keep=True, shape=(1, *left.shape)).name
    c = right.name if len(right.shape) > 1 else b.emit("reshape", [right.name], None, keep=True, shape=(*right.shape, 1)).name
    if not vectors:
        b.emit("batch_matmul", [a, c], r.outputs[0], dtype, quantization)
        return
    product = b.emit("batch_matmul", [a, c], None, dtype, quantization)
    shape = list(product.shape)
    if len(right.shape) == 1:
        del shape[-1]
    if len(left.shape) == 1:
        del shape[-1 if len(right.shape) == 1 else -2]
    b.emit("reshape", [product.name], r.outputs[0], keep=True, shape=tuple(shape))


def gemm(b: Builder, r: Record) -> None:
    """Translate Gemm; alpha and beta meet constants at once."""
    alpha, beta = r.get("alpha", 1.0), r.get("beta", 1.0)
    turn_a, turn_b = bool(r.get("transA", 0)), bool(r.get("transB", 0))
    left, right = b.first(r.input(0)), b.first(r.input(1))
    has_c = r.has(2) and beta != 0
    addend = b.first(r.input(2)) if has_c else None
    filters = right.shape[0] if turn_b else right.shape[1]
    plain = right.is_constant and not turn_a and (addend is None or (addend.is_constant and addend.elements == filters and addend.shape[-1:] == (filters,)))
    plain = plain and (right.quantization is None or alpha == 1.0) and not left.is_constant
    if plain:
        return _fully_connected(b, r, left.name, right, addend, alpha, beta, turn_b)
    product = b.emit("batch_matmul", [left.name, right.name], None if has_c or alpha != 1.0 else r.outputs[0], transpose_a=turn_a, transpose_b=turn_b).name
    kind = left.dtype
    if alpha != 1.0:
        product = b.emit("mul", [product, b.add_constant(np.array(alpha, kind))], None if has_c else r.outputs[0]).name
    if has_c:
        offset = addend.name if beta == 1.0 else b.emit("mul", [addend.name, b.add_constant(np.array(beta, kind))], None).name
        b.emit("add", [product, offset], r.outputs[0])


def _fully_connected(b: Builder, r: Record, source: str, right, addend, alpha: float, beta: float, turned: bool) -> None:
    weights = right if turned else b.put(transposed(right, f"{right.name}:10", (1, 0)))
    if alpha != 1.0:
        weights = b.put_constant(b.fresh("weights"), weights.values * np.float32(alpha))
    bias = None if addend is None else addend.name
    if addend is not None and (beta != 1.0 or addend.shape != (addend.elements,)):
        scaled = addend.values.ravel() if beta == 1.0 else (addend.values.ravel() * np.float32(beta)).astype(addend.values.dtype)
        bias = b.add_constant(scaled, "bias")
    dtype, quantization = r.output_type or (None, None)
    activation, output = merged_activation(b, r.outputs[0]) if r.output_type is None else ("none", r.outputs[0])
    b.emit("fully_connected", [source, weights.name, bias], output, dtype, quantization, activation=activation)


def matmul_integer(b: Builder, r: Record) -> None:
    """Translate MatMulInteger: sums of int32, zero points as inputs."""
    names = [with_zero_point(b, r, i, i + 2, axis=0 if i == 0 else 1) for i in (0, 1)]
    matmul(b, replace(r.like("MatMul"), inputs=names, output_type=("int32", None)))


def einsum(b: Builder, r: Record) -> None:
    """Translate the einsums that are matrix products of two operands with shared leading axes, or permutations of one."""
    equation = r.get("equation", "").replace(" ", "")
    terms, _, result = equation.partition("->")
    operands = terms.split(",")
    if "." in equation or not result or any(len(set(t)) != len(t) for t in operands):
        raise r.refused(f"equation '{equation}' is not supported")
    if len(operands) == 1 and sorted(operands[0]) == sorted(result):
        return _permute(b, b.first(r.input(0)).name, operands[0], result, r.outputs[0])
    if len(operands) != 2:
        raise r.refused(f"equation '{equation}' is not supported", "products of two operands are")
    left, right = operands
    batch = [c for c in left if c in right and c in result]
    inner = [c for c in left if c in right and c not in result]
    rows, columns = [c for c in left if c not in right], [c for c in right if c not in left]
    if sorted(batch + rows + columns) != sorted(result) or any(c not in result for c in rows + columns):
        raise r.refused(f"equation '{equation}' is not a matrix product")
    extent = {**dict(zip(left, b.shape(r.input(0)), strict=True)), **dict(zip(right, b.shape(r.input(1)), strict=True))}

    def size(axes):
        return int(np.prod([extent[c] for c in axes]))

    forms = []
    for index, (term, order) in enumerate(((left, batch + rows + inner), (right, batch + inner + columns))):
        turned = _permute(b, b.first(r.input(index)).name, term, "".join(order), None)
        shape = (*(extent[c] for c in batch), *((size(rows), size(inner)) if index == 0 else (size(inner), size(columns))))
        forms.append(b.emit("reshape", [turned], None, shape=shape).name)
    product = b.emit("batch_matmul", forms, None)
    flat = b.emit("reshape", [product.name], None, shape=tuple(extent[c] for c in batch + rows + columns))
    _permute(b, flat.name, "".join(batch + rows + columns), result, r.outputs[0])


def _permute(b: Builder, source: str, axes: str, order: str, output: str | None) -> str:
    if axes == order and output is None:
        return source
    permutation = tuple(axes.index(c) for c in order)
    return b.permuted(source, output or b.fresh("turned"), permutation).name


def linear_combination(b: Builder, r: Record) -> None:
    """Translate com.microsoft's FusedMatMul."""
    r.fixed("transBatchA", 0, 0), r.fixed("transBatchB", 0, 0)
    alpha = r.get("alpha", 1.0)
    output = r.outputs[0] if alpha == 1.0 else b.fresh("product")
    attributes = {"transpose_a": bool(r.get("transA", 0)), "transpose_b": bool(r.get("transB", 0))}
    b.emit("batch_matmul", [b.first(r.input(0)).name, b.first(r.input(1)).name], output, **attributes)
    if alpha != 1.0:
        apply(b, r, "mul", [output, b.add_constant(np.float32(alpha))], r.outputs[0])


TRANSLATIONS: dict[str, Callable[[Builder, Record], None]] = {
    "MatMul": matmul, "Gemm": gemm, "MatMulInteger": matmul_integer, "Einsum": einsum, "FusedMatMul": linear_combination,
}  # fmt: skip
