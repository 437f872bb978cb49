"""ONNX's element-wise operators: layout follows the operands, constants are brought to it."""

from collections.abc import Callable

import numpy as np

from accelsim.importers._onnx_builder import LAST, Builder, to_last
from accelsim.importers._onnx_record import Record
from accelsim.importers._onnx_types import element_type

UNARY = {
    "Abs": "absolute", "Acos": "acos", "Acosh": "acosh", "Asin": "asin", "Asinh": "asinh", "Atan": "atan", "Atanh": "atanh", "BitwiseNot": "bitwise_not",
    "Ceil": "ceil", "Cos": "cos", "Cosh": "cosh", "Erf": "erf", "Exp": "exp", "Floor": "floor", "Log": "log", "Mish": "mish", "Neg": "neg",
    "Not": "logical_not", "Reciprocal": "reciprocal", "Relu": "relu", "Round": "round_half_even", "Sigmoid": "logistic", "Sign": "sign", "Sin": "sin",
    "Sinh": "sinh", "Softplus": "softplus", "Softsign": "softsign", "Sqrt": "sqrt", "Tan": "tan", "Tanh": "tanh", "IsNaN": "is_nan",
}  # fmt: skip
# Operator, then (ONNX attribute, ours, default) of each parameter.
PARAMETERS = {
    "LeakyRelu": ("leaky_relu", ("alpha", "alpha", 0.01)),
    "Elu": ("elu", ("alpha", "alpha", 1.0)),
    "Selu": ("selu", ("alpha", "alpha", 1.6732632423543772), ("gamma", "gamma", 1.0507009873554805)),
    "Celu": ("celu", ("alpha", "alpha", 1.0)),
    "HardSigmoid": ("hard_sigmoid", ("alpha", "alpha", 0.2), ("beta", "beta", 0.5)),
    "Swish": ("swish", ("alpha", "alpha", 1.0)),
    "ThresholdedRelu": ("thresholded_relu", ("alpha", "alpha", 1.0)),
    "Shrink": ("shrink", ("lambd", "zone", 0.5), ("bias", "bias", 0.0)),
}
BINARY = {
    "Add": "add", "Sub": "sub", "Mul": "mul", "Div": "div", "Pow": "pow", "And": "logical_and", "Or": "logical_or", "Xor": "logical_xor",
    "BitwiseAnd": "bitwise_and", "BitwiseOr": "bitwise_or", "BitwiseXor": "bitwise_xor", "Equal": "equal", "Greater": "greater",
    "GreaterOrEqual": "greater_equal", "Less": "less", "LessOrEqual": "less_equal", "PRelu": "prelu",
}  # fmt: skip
CHAINS = {"Max": "maximum", "Min": "minimum", "Sum": "add"}
TRUTHS = frozenset(("logical_and", "logical_or", "logical_xor", "equal", "greater", "greater_equal", "less", "less_equal", "is_nan", "is_inf", "logical_not"))


def merged_activation(b: Builder, output: str) -> tuple[str, str]:
    """Return (fused activation, value written) where a rectifier alone follows a node's output."""
    relu = b.next_alone(output, "Relu")
    if relu is not None:
        b.merged(relu)
        return "relu", relu.outputs[0]
    clip = b.next_alone(output, "Clip")
    if clip is not None and _limits(b, clip, known=True) == (0.0, 6.0):
        b.merged(clip)
        return "relu6", clip.outputs[0]
    return "none", output


def operands(b: Builder, values: list[str]) -> tuple[list[str], bool]:
    """Return the tensors of operands that broadcast, all in one layout, and whether it is channels-last."""
    ranks = [len(b.shape(v)) for v in values]
    rank = max(ranks)
    moving = [v for v in values if not b.form(v).is_constant]
    if not any(b.is_last(v) for v in moving) or any(len(b.shape(v)) != rank for v in moving):
        return [b.first(v).name for v in values], False
    return [_last_operand(b, v, rank) for v in values], True


def _last_operand(b: Builder, value: str, rank: int) -> str:
    if len(b.shape(value)) == rank:
        return b.channels_last(value).name
    constant = b.constant(value)
    if constant.size == 1:
        return b.first(value).name
    name = f"{value}{LAST}{rank}"
    if name not in b.tensors:
        wide = constant.reshape((1,) * (rank - constant.ndim) + constant.shape).transpose(to_last(rank))
        b.put_constant(name, wide, b.first(value).quantization)
    return name


def apply(b: Builder, r: Record, operator: str, values: list[str], output: str, **attributes) -> None:
    """Emit an element-wise operator on values."""
    tensors, is_last = operands(b, values)
    dtype, quantization = r.output_type or (None, None)
    dtype = "bool" if operator in TRUTHS else dtype
    b.emit(operator, tensors, b.target(output, is_last), dtype, quantization, **attributes)


def unary(b: Builder, r: Record) -> None:
    """Translate a function of one tensor."""
    apply(b, r, UNARY[r.kind], [r.input(0)], r.outputs[0])


def parametric(b: Builder, r: Record) -> None:
    """Translate a function of one tensor with parameters."""
    operator, *parameters = PARAMETERS[r.kind]
    apply(b, r, operator, [r.input(0)], r.outputs[0], **{ours: r.get(theirs, default) for theirs, ours, default in parameters})


def binary(b: Builder, r: Record) -> None:
    """Translate a function of two tensors; a rectifier behind a sum is merged."""
    operator = BINARY[r.kind]
    if operator in ("add", "sub", "mul") and r.output_type is None and b.form(r.input(0)).dtype == "float32":
        activation, output = merged_activation(b, r.outputs[0])
        apply(b, r, operator, [r.input(0), r.input(1)], output, activation=activation)
    else:
        apply(b, r, operator, [r.input(0), r.input(1)], r.outputs[0])


def chain(b: Builder, r: Record) -> None:
    """Translate a function of any number of tensors as steps of two."""
    values = [name for name in r.inputs if name]
    total = values[0]
    for index, value in enumerate(values[1:]):
        output = r.outputs[0] if index == len(values) - 2 else b.fresh("step")
        apply(b, r, CHAINS[r.kind], [total, value], output)
        total = output
    if len(values) == 1:
        identity(b, r)


def mean(b: Builder, r: Record) -> None:
    """Translate the mean of any number of tensors."""
    if len(r.inputs) == 1:
        return identity(b, r)
    total = b.fresh("sum")
    chain(b, r.like("Sum", outputs=[total]))
    apply(b, r, "mul", [total, b.add_constant(np.float32(1 / len(r.inputs)))], r.outputs[0])


def identity(b: Builder, r: Record) -> None:
    """Give a value another name: the same bytes."""
    same(b, r.input(0), r.outputs[0])


def same(b: Builder, value: str, output: str) -> None:
    """Let an ONNX value stand for another; the tensor stays one unless the network must return it under its name."""
    is_last = b.is_last(value)
    form = b.form(value)
    b.emit("reshape", [form.name], b.target(output, is_last), keep=True, shape=form.shape)


def dropout(b: Builder, r: Record) -> None:
    """Translate dropout at inference: nothing happens."""
    r.get("ratio"), r.get("seed"), r.get("is_test")
    if r.has(2) and b.required(r, 2, "training_mode").any():
        raise r.refused("dropout in training mode is not supported")
    identity(b, r)
    if r.wants(1):
        b.put_constant(r.outputs[1], np.ones(b.shape(r.input(0)), bool))


def _limits(b: Builder, r: Record, known: bool = False) -> tuple[float, float] | None:
    """Return the limits of a Clip; None where an input holds them that is not known yet."""
    if r.opset < 11:
        return r.get("min", -np.inf), r.get("max", np.inf)
    limits = []
    for index, default in ((1, -np.inf), (2, np.inf)):
        value = None
        if r.has(index):
            if known and r.inputs[index] not in b.tensors:
                return None
            value = b.constant(r.inputs[index])
            if value is None:
                return None
        limits.append(default if value is None else value.item())
    return tuple(limits)


def clip(b: Builder, r: Record) -> None:
    """Translate a clamp whose limits are constants, else as maximum and minimum."""
    limits = _limits(b, r)
    if limits is not None:
        low, high = limits
        if low > high:
            low = high
        return apply(b, r, "clip", [r.input(0)], r.outputs[0], low=low, high=high)
    steps = [("maximum", 1), ("minimum", 2)]
    steps = [(operator, r.inputs[index]) for operator, index in steps if r.has(index)]
    total = r.input(0)
    for index, (operator, limit) in enumerate(steps):
        output = r.outputs[0] if index == len(steps) - 1 else b.fresh("step")
        apply(b, r, operator, [total, limit], output)
        total = output


def gelu(b: Builder, r: Record) -> None:
    """Translate the Gaussian error linear unit."""
    apply(b, r, "gelu", [r.input(0)], r.outputs[0], approximate=r.get("approximate", "none") == "tanh")


def is_inf(b: Builder, r: Record) -> None:
    """Translate the test for infinities."""
    apply(b, r, "is_inf", [r.input(0)], r.outputs[0], positive=bool(r.get("detect_positive", 1)), negative=bool(r.get("detect_negative", 1)))


def bit_shift(b: Builder, r: Record) -> None:
    """Translate shifts by name of their direction."""
    direction = r.get("direction", "")
    if direction not in ("LEFT", "RIGHT"):
        raise r.wrong(f"direction '{direction}' is not one of LEFT, RIGHT")
    apply(b, r, f"shift_{direction.lower()}", [r.input(0), r.input(1)], r.outputs[0])


def modulo(b: Builder, r: Record) -> None:
    """Translate the remainder, by the sign it takes."""
    apply(b, r, "truncated_remainder" if r.get("fmod", 0) else "remainder", [r.input(0), r.input(1)], r.outputs[0])


def hard_swish(b: Builder, r: Record) -> None:
    """Translate x * relu6(x + 3) / 6."""
    apply(b, r, "hard_swish", [r.input(0)], r.outputs[0])


def where(b: Builder, r: Record) -> None:
    """Translate the choice between two tensors."""
    tensors, is_last = operands(b, [r.input(0), r.input(1), r.input(2)])
    dtype, quantization = r.output_type or (b.tensors[tensors[1]].dtype, None)
    b.emit("select", tensors, b.target(r.outputs[0], is_last), dtype, quantization)


def cast(b: Builder, r: Record) -> None:
    """Translate a change of element type."""
    r.get("saturate"), r.get("round_mode")
    if r.kind == "CastLike":
        target = b.form(r.input(1)).dtype
    else:
        target = element_type(r.get("to"), r.place)
    value = r.input(0)
    if b.form(value).dtype == target:
        return same(b, value, r.outputs[0])
    b.emit("cast", [b.form(value).name], b.target(r.outputs[0], b.is_last(value)), target)


TRANSLATIONS: dict[str, Callable[[Builder, Record], None]] = {
    **dict.fromkeys(UNARY, unary), **dict.fromkeys(PARAMETERS, parametric), **dict.fromkeys(BINARY, binary), **dict.fromkeys(CHAINS, chain),
    "Mean": mean, "Identity": identity, "Dropout": dropout, "Clip": clip, "Gelu": gelu, "IsInf": is_inf, "BitShift": bit_shift, "Mod": modulo,
    "HardSwish": hard_swish, "Where": where, "Cast": cast, "CastLike": cast,
}  # fmt: skip
