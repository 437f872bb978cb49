"""Integers that real values stand for travel along: moves act on the codes, and few-bit products are products of codes."""




from dataclasses import replace

from accelsim.importers._onnx_builder import Builder, transposed
from accelsim.importers._onnx_record import Record

FEW_BITS = ("binary", "ternary", "int2", "uint2", "int4", "uint4")
PRODUCTS = ("MatMul", "Gemm", "Conv")


def through_codes(b: Builder, r: Record) -> bool:
    """Translate a node on codes where that gives the same real values; return whether it did."""
    if r.kind == "Transpose" and r.inputs[0] in b.codes:
        return _turned(b, r)
    if r.kind in PRODUCTS and len(r.inputs) >= 2 and all(name in b.codes for name in r.inputs[:2]):
        return _product(b, r)
    return False


def _turned(b: Builder, r: Record) -> bool:
    codes = b.form(b.codes[r.inputs[0]])
    if not codes.is_constant:
        return False
    from accelsim.importers._onnx_lowbit import represents

    rank = len(codes.shape)
    order = tuple(r.get("perm", tuple(reversed(range(rank)))))
    value = b.fresh("codes")
    b.put(transposed(b.first(b.codes[r.inputs[0]]), value, order))
    represents(b, r.outputs[0], value, codes.bits)
    return True


def _product(b: Builder, r: Record) -> bool:
    """Emit a product of few-bit integers whose sums are scaled to real numbers."""
    names = [b.codes[name] for name in r.inputs[:2]]
    if not all(b.form(name).dtype in FEW_BITS for name in names) or not b.form(names[1]).is_constant or not b.form(names[0]).quantization.per_tensor:
        return False


    from accelsim.importers._onnx_translations import TRANSLATIONS

    on_codes = replace(r, inputs=[*names, *r.inputs[2:]], output_type=("float32", None))
    TRANSLATIONS[r.kind](b, on_codes)
    r.check_read()
    return True
