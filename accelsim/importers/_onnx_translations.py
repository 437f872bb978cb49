"""Which translation each ONNX operator has, by domain."""

from accelsim.base.errors import UnsupportedError, guess
from accelsim.importers import (
    _onnx_attention,
    _onnx_elementwise,
    _onnx_lowbit,
    _onnx_norms,
    _onnx_picks,
    _onnx_products,
    _onnx_quantized,
    _onnx_recurrent,
    _onnx_resize,
    _onnx_shapes,
    _onnx_spatial,
)
from accelsim.importers._onnx_builder import Builder
from accelsim.importers._onnx_record import Record

TRANSLATIONS = {
    name: function
    for module in (
        _onnx_elementwise, _onnx_shapes, _onnx_picks, _onnx_spatial, _onnx_products, _onnx_norms, _onnx_quantized, _onnx_recurrent, _onnx_resize,
        _onnx_attention, _onnx_lowbit,
    )
    for name, function in module.TRANSLATIONS.items()
}  # fmt: skip
DOMAINS = ("", "ai.onnx", "com.microsoft", *_onnx_lowbit.DOMAINS)


def translate(b: Builder, r: Record) -> None:
    """Put one ONNX node into the graph.

    Raises
    ------
    UnsupportedError
        An operator, domain or attribute that accelsim does not compute, by name.
    """
    if r.domain not in DOMAINS:
        raise UnsupportedError(r.place, f"operator '{r.kind}' of domain '{r.domain}' is not supported", guess(r.domain, DOMAINS))
    if r.kind not in TRANSLATIONS:
        raise UnsupportedError(r.place, f"operator '{r.kind}' is not supported", guess(r.kind, TRANSLATIONS))
    TRANSLATIONS[r.kind](b, r)
    r.check_read()
