"""Sparse constants of an ONNX file: values and their places, as dense arrays that remember how they are stored.

Source: ONNX ``onnx.proto3``, SparseTensorProto: indices of shape (values,) count elements in row-major order, those of
shape (values, rank) are coordinates.
"""

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.tensor import Structure, Tensor
from accelsim.importers._onnx_types import read_constant


def read_sparse_constant(proto, place: str) -> Tensor:
    """Return a SparseTensorProto as a constant; its name is that of its values.

    Raises
    ------
    AccelsimError
        The places do not lie in the tensor, or are not as many as the values.
    """
    name, shape = proto.values.name, tuple(int(n) for n in proto.dims)
    stored, places = (read_constant(part, part.name or f"{name}/indices", place) for part in (proto.values, proto.indices))
    where = places.values.astype(np.int64)
    if where.ndim == 2 and where.shape[1:] == (len(shape),) and np.all((where >= 0) & (where < shape)):
        where = where @ np.array([int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))], np.int64)
    if min(shape, default=1) < 1 or stored.values.ndim != 1 or where.shape != stored.values.shape or not np.all((where >= 0) & (where < np.prod(shape))):
        raise AccelsimError(f"{place}: sparse tensor '{name}'", f"{places.shape} places and {stored.shape} values do not fit a tensor of {shape}", "the file is damaged")
    dense = np.zeros(int(np.prod(shape)), stored.values.dtype)
    dense[where] = stored.values
    return Tensor(name, shape, stored.dtype, None, dense.reshape(shape), Structure("pruned", stored.bytes + places.bytes))
