"""QONNX: Quant and BipolarQuant stand for integers of few bits; products of two such are computed on the integers.

Source: the QONNX operator definitions (A. Pappalardo et al., "QONNX: Representing Arbitrary-Precision Quantized Neural
Networks", arXiv:2206.07527, section IV).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from accelsim.graph.tensor import Quantization, Structure, Tensor
from accelsim.importers._onnx_builder import Builder
from accelsim.importers._onnx_record import Record

DOMAINS = ("onnx.brevitas", "qonnx.custom_op.general", "finn.custom_op.general")
ROUNDINGS = ("ROUND", "CEIL", "FLOOR", "ROUND_TO_ZERO")
WIDEST = 16


def quant(b: Builder, r: Record) -> None:
    """Translate Quant."""
    bits, signed, narrow = b.required(r, 3, "bit width").item(), bool(r.get("signed", 1)), bool(r.get("narrow", 0))
    rounding = r.get("rounding_mode", "ROUND")
    if rounding not in ROUNDINGS:
        raise r.refused(f"rounding_mode '{rounding}' is not supported", f"known: {', '.join(ROUNDINGS)}")
    if bits != int(bits) or not 1 <= bits <= WIDEST:
        raise r.refused(f"a width of {bits:g} bits is not supported", f"whole numbers of 1 to {WIDEST} are")
    bits = int(bits)
    low = -(1 << (bits - 1)) + narrow if signed else 0
    high = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1 - narrow
    stand_for(b, r, element_type(bits, signed, narrow), low, high, rounding.lower(), bits)


def bipolar(b: Builder, r: Record) -> None:
    """Translate BipolarQuant: the sign, as -1 or 1."""
    stand_for(b, r, "binary", -1, 1, "sign", 1)


def element_type(bits: int, signed: bool, narrow: bool) -> str:
    """Return the narrowest element type that holds the codes."""
    if bits == 2 and signed and narrow:
        return "ternary"
    width = next(w for w in (2, 4, 8, 16) if w >= bits)
    return f"{'' if signed else 'u'}int{width}"


def stand_for(b: Builder, r: Record, dtype: str, low: int, high: int, rounding: str, bits: int) -> None:
    """Emit the codes of a value and let real numbers be made from them when a node asks."""
    value, output = r.input(0), r.outputs[0]
    scale = b.required(r, 1, "scale").astype(np.float32)
    zero = b.required(r, 2, "zero point") if r.has(2) and r.kind == "Quant" else np.zeros(1)
    if (zero != np.rint(zero)).any():
        raise r.refused("a zero point that is no whole number is not supported")
    shape = b.shape(value)
    axis = _axis(r, scale.shape, shape)
    scales = scale.ravel()
    q = Quantization(scales, np.broadcast_to(zero.ravel().astype(np.int64), scales.shape).copy(), axis)
    codes = b.fresh("codes")
    source = b.form(value) if q.per_tensor else b.first(value)
    b.emit("quantize_few_bits", [source.name], b.target(codes, q.per_tensor and b.is_last(value)), dtype, q, low=low, high=high, rounding=rounding)
    represents(b, output, codes, bits)


def represents(b: Builder, output: str, codes: str, bits: int) -> None:
    """Note that a real value stands for codes."""
    b.codes[output] = codes

    def make():
        is_last = b.is_last(codes)
        tensor = b.emit("dequantize", [b.form(codes).name], b.target(output, is_last), "float32")
        if tensor.is_constant:
            b.put(replace(tensor, structure=codebook(tensor, bits)))

    b.pending[output] = make


def codebook(tensor: Tensor, bits: int) -> Structure:
    """Return how few-bit weights are stored: an index each, and the levels."""
    levels = 1 << bits
    return Structure("codebook", -(-tensor.elements * bits // 8) + 4 * levels, (("entries", levels), ("index_bits", bits)))


def _axis(r: Record, scale: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """Return the axis along which scales differ."""
    wide = (1,) * (len(shape) - len(scale)) + scale
    varying = [i for i, n in enumerate(wide) if n != 1]
    if len(varying) > 1:
        raise r.refused(f"scales of shape {scale} are not supported", "one, or one per channel are")
    return varying[0] if varying else 0


TRANSLATIONS: dict[str, Callable[[Builder, Record], None]] = {"Quant": quant, "IntQuant": quant, "BipolarQuant": bipolar}
