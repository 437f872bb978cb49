"""Element types and arrays of an ONNX file."""

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.tensor import Tensor

SUPPORTED = ("FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "BOOL", "FLOAT16", "DOUBLE", "UINT32", "UINT64", "INT4", "UINT4", "INT2", "UINT2")
NAMES = {"FLOAT": "float32", "DOUBLE": "float64"}


def element_type(number: int, place: str) -> str:
    """Return the graph's word for a TensorProto data type."""
    from onnx import TensorProto

    names = {value: name for name, value in TensorProto.DataType.items()}
    name = names.get(number, f"number {number}")
    if name not in SUPPORTED:
        raise UnsupportedError(place, f"element type {name} is not supported", f"known: {', '.join(SUPPORTED)}")
    return NAMES.get(name, name.lower())


def read_constant(proto, name: str, place: str) -> Tensor:
    """Return a TensorProto as a constant.

    Raises
    ------
    AccelsimError
        Its bytes do not fill its shape, or lie in another file.
    """
    from onnx import TensorProto, numpy_helper

    if proto.data_location == TensorProto.EXTERNAL:
        raise UnsupportedError(f"{place}: tensor '{name}'", "its values lie in another file, which is not read", "save the model with its data inside")
    kind = element_type(proto.data_type, f"{place}: tensor '{name}'")
    try:
        values = numpy_helper.to_array(proto)
    except (ValueError, TypeError) as error:
        raise AccelsimError(f"{place}: tensor '{name}'", "its bytes do not fill its shape", f"{error}"[:120]) from error
    if kind in ("int4", "int2"):
        values = values.astype(np.int8)
    elif kind in ("uint4", "uint2"):
        values = values.astype(np.uint8)
    return Tensor(name, values.shape, kind, None, np.ascontiguousarray(values).reshape(values.shape))
