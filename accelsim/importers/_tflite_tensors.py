"""Tensors of a TFLite file: shapes, types, quantisation, buffers, sparsity."""

import math

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.tensor import Quantization, Structure, Tensor

# TensorType of the TFLite schema (schema.fbs), those that a Tensor can carry.
TYPES = {
    0: "float32", 1: "float16", 2: "int32", 3: "uint8", 4: "int64", 6: "bool", 7: "int16", 8: "complex64", 9: "int8",
    10: "float64", 12: "uint64", 15: "uint32", 16: "uint16", 17: "int4",
}  # fmt: skip
RESOURCE = 13
STORED = {"bool": np.bool_, "int4": np.uint8}
LARGEST = 1 << 34  # elements; beyond, a shape in the file is damage


def array(vector: object) -> np.ndarray:
    """Return a flatbuffer vector as an array; the reader gives the number 0 for an absent one."""
    return vector if isinstance(vector, np.ndarray) else np.empty(0, np.int64)


def shape_of(record, place: str) -> tuple[int, ...]:
    """Return a tensor's shape, refusing negative or absurd extents."""
    shape = tuple(int(extent) for extent in array(record.ShapeAsNumpy()))
    if min(shape, default=1) < 0 or len(shape) > 8 or math.prod(shape) > LARGEST:
        raise AccelsimError(place, f"shape {shape} is not a tensor's shape", "the file is damaged")
    return shape


def quantization_of(record, shape: tuple[int, ...], place: str) -> Quantization | None:
    """Return a tensor's scales and zero points, or None."""
    stored = record.Quantization()
    if stored is None or stored.ScaleLength() == 0:
        return None
    scale = array(stored.ScaleAsNumpy()).astype(np.float32)
    zero = array(stored.ZeroPointAsNumpy()).astype(np.int64)
    zero = np.resize(zero, scale.shape) if zero.size else np.zeros(scale.shape, np.int64)
    axis = int(stored.QuantizedDimension())
    if scale.size > 1 and not (0 <= axis < len(shape) and shape[axis] == scale.size):
        # Old files of depthwise weights name axis 0 though the scales lie along the last one.
        if scale.size != shape[-1]:
            raise AccelsimError(place, f"{scale.size} scales do not fit axis {axis} of shape {shape}", "the file is damaged")
        axis = len(shape) - 1
    if not (np.isfinite(scale).all() and (scale >= 0).all()):
        raise AccelsimError(place, "a scale is negative or not finite", "the file is damaged")
    return Quantization(scale, zero, axis if scale.size > 1 else 0)


def stored_values(data: np.ndarray, shape: tuple[int, ...], dtype: str, place: str) -> np.ndarray:
    """Return the values of a buffer of bytes as an array of the carrier type.

    Raises
    ------
    AccelsimError
        The buffer has another size than shape and type ask for.
    """
    elements = math.prod(shape)
    kind = np.dtype(STORED.get(dtype, dtype))
    needed = -(-elements // 2) if dtype == "int4" else elements * kind.itemsize
    if data.size != needed:
        raise AccelsimError(place, f"the buffer has {data.size} bytes, shape {shape} of {dtype} needs {needed}", "the file is damaged")
    if dtype == "int4":
        nibbles = np.stack([data & 15, data >> 4], axis=1).ravel()[:elements].astype(np.int8)
        return np.where(nibbles > 7, nibbles - 16, nibbles).astype(np.int8).reshape(shape)
    return data.view(kind).reshape(shape)


def _segment(vector_type: int, table) -> np.ndarray:
    """Return a sparse index vector (Int32Vector, Uint16Vector or Uint8Vector, by the schema's union type)."""
    import tflite

    kinds = {1: tflite.Int32Vector, 2: tflite.Uint16Vector, 3: tflite.Uint8Vector}
    vector = kinds[vector_type]()
    vector.Init(table.Bytes, table.Pos)
    return array(vector.ValuesAsNumpy()).astype(np.int64)


def densify(record, stored: np.ndarray, shape: tuple[int, ...], dtype: str, place: str) -> tuple[np.ndarray, Structure]:
    """Return a sparse constant's dense values and how it is stored.

    The format walks the dimensions (the tensor's own, then the blocks') in traversal order; each is dense, or
    compressed as in CSR: segments and indices. Source: schema.fbs, SparsityParameters.
    """
    sparsity = record.Sparsity()
    order = [int(i) for i in array(sparsity.TraversalOrderAsNumpy())]
    block_map = [int(i) for i in array(sparsity.BlockMapAsNumpy())]
    rank = len(shape)
    if sorted(order) != list(range(rank + len(block_map))) or sparsity.DimMetadataLength() != len(order):
        raise AccelsimError(place, f"traversal order {order} does not walk a tensor of rank {rank}", "the file is damaged")
    dims = [sparsity.DimMetadata(i) for i in range(len(order))]
    block = {block_map[level - rank]: int(dim.DenseSize()) for level, dim in zip(order, dims, strict=True) if level >= rank}
    extents = [shape[level] // block.get(level, 1) for level in range(rank)] + [block[axis] for axis in block_map]
    walked, index_bytes = _walk(dims, [extents[level] for level in order], place)
    values = stored.view(np.dtype(dtype))
    if walked[0].size != values.size:
        raise AccelsimError(place, f"{values.size} stored values for {walked[0].size} sparse positions", "the file is damaged")
    coordinates = [np.zeros(values.size, np.int64) for _ in range(rank)]
    for level, coordinate in zip(order, walked, strict=True):
        axis = level if level < rank else block_map[level - rank]
        coordinates[axis] += coordinate * (block.get(axis, 1) if level < rank else 1)
    if any(((c < 0) | (c >= extent)).any() for c, extent in zip(coordinates, shape, strict=True)):
        raise AccelsimError(place, "a sparse index lies outside the tensor", "the file is damaged")
    dense = np.zeros(shape, values.dtype)
    dense[tuple(coordinates)] = values
    detail = tuple((f"block_{axis}", size) for axis, size in sorted(block.items()))
    return dense, Structure("block" if block else "pruned", int(stored.size + index_bytes), detail)


def _walk(dims: list, extents: list[int], place: str) -> tuple[list[np.ndarray], int]:
    """Return, per dimension walked, the coordinate of every stored value, and the bytes of the indices."""
    walked: list[np.ndarray] = []
    count, index_bytes = 1, 0
    for dim, extent in zip(dims, extents, strict=True):
        if dim.Format() == 0:
            repeat, coordinate = np.repeat(np.arange(count), extent), np.tile(np.arange(extent), count)
        else:
            segments = _segment(dim.ArraySegmentsType(), dim.ArraySegments())
            coordinate = _segment(dim.ArrayIndicesType(), dim.ArrayIndices())
            index_bytes += _stored_bytes(dim.ArraySegmentsType(), segments) + _stored_bytes(dim.ArrayIndicesType(), coordinate)
            if segments.size != count + 1 or segments[-1] != coordinate.size or (np.diff(segments) < 0).any():
                raise AccelsimError(place, "sparse segments do not fit their indices", "the file is damaged")
            repeat = np.repeat(np.arange(count), np.diff(segments))
        walked = [earlier[repeat] for earlier in walked] + [coordinate]
        count = coordinate.size
    return walked, index_bytes


def _stored_bytes(vector_type: int, values: np.ndarray) -> int:
    return values.size * {1: 4, 2: 2, 3: 1}[vector_type]


def read_tensor(record, data: np.ndarray, name: str, place: str) -> Tensor | None:
    """Return a tensor of the file, or None for a resource handle.

    Raises
    ------
    UnsupportedError
        A type that no Tensor carries, by number.
    """
    place = f"{place}: tensor '{name}'"
    code = record.Type()
    if code == RESOURCE:
        return None
    if code not in TYPES:
        raise UnsupportedError(place, f"element type number {code} of the TFLite schema is not supported")
    dtype, shape = TYPES[code], shape_of(record, place)
    values = structure = None
    if data.size and record.Sparsity() is not None:
        values, structure = densify(record, data, shape, dtype, place)
    elif data.size or (not record.IsVariable() and 0 in shape):
        values = stored_values(data, shape, dtype, place)
    return Tensor(name, shape, dtype, quantization_of(record, shape, place), values, structure)
