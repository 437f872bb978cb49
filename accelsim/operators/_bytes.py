"""Convolutions and matrix products of 8-bit integers where the processor multiplies bytes."""

from collections.abc import Callable
from weakref import WeakKeyDictionary

import numpy as np

from accelsim.graph.tensor import Tensor, carrier
from accelsim.kernels.byte_products import byte_sums, packed
from accelsim.kernels.register_tiles import BYTES, has_byte_products
from accelsim.kernels.walks import Window, rows_walk
from accelsim.operators import Call
from accelsim.operators._contraction import centred_weights, largest_operand
from accelsim.operators._quantized import Finish, zero_of
from accelsim.operators._tiles import Tiles, tiled_convolution

SIGN = 128  # signed codes become unsigned ones by turning their sign bit over, which adds this to each


def on_bytes(call: Call) -> bool:
    """Return whether constant weights less their zero point are signed bytes, the operands bytes, and sums fit 32 bits."""
    source, weights = call.inputs[:2]
    if carrier(source.dtype) not in (np.int8, np.uint8):
        return False
    return are_byte_columns(weights, call.values[1], largest_operand(source))


def are_byte_columns(weights: Tensor, values: np.ndarray, reach: int) -> bool:
    """Return whether weights are as ``on_bytes`` wants them for operands that reach so far from their zero point."""
    if not has_byte_products() or not weights.is_constant or carrier(weights.dtype) not in (np.int8, np.uint8):
        return False
    centred = centred_weights(weights, values, np.int16)
    total = np.abs(centred.reshape(len(centred), -1)).sum(axis=1, dtype=np.int64).max(initial=0)
    return bool(-128 <= centred.min(initial=0) and centred.max(initial=0) <= 127 and total * reach < 2**31)


def bytes_convolution(call: Call, window: Window, finish: Finish) -> Callable[[Call, np.ndarray], None]:
    """Return the function (call, out) that convolves images (batch, H, W, C) with the call's constant filters (O, H, W, C / groups)."""
    flip, zero = unsigned(call)
    tiles = Tiles(BYTES, byte_sums, np.uint8, flip, zero, lambda filters, group: _start(filters, zero), np.int32)
    bare = len(call.values) < 3 or call.values[2] is None
    return tiled_convolution(call, window, centred_weights(call.inputs[1], call.values[1], np.int8), tiles, finish, bare)


def bytes_product(call: Call, finish: Finish) -> Callable[[Call, np.ndarray, np.ndarray], None]:
    """Return the function (call, rows, out) that multiplies rows (n, depth) by the call's constant weights (filters, depth)."""
    columns, zero = columns_of(call), zero_of(call.inputs[0])

    def multiply(call: Call, rows: np.ndarray, out: np.ndarray) -> None:
        finish(columns.sums(rows, zero), out)

    return multiply


class Columns:
    """Constant weights (filters, depth) as columns of a product of bytes."""

    def __init__(self, weights: np.ndarray):
        self._packed, self._totals = packed(weights[:, None]), weights.sum(axis=1, dtype=np.int64)

    def sums(self, rows: np.ndarray, zero: int) -> np.ndarray:
        """Return (rows less their zero point) times the columns, int32; rows (n, depth) of 8-bit codes."""
        flip = SIGN if rows.dtype == np.int8 else 0
        operands = np.empty(rows.size + BYTES.unit - 1, np.uint8)
        np.bitwise_xor(rows.reshape(-1).view(np.uint8), np.uint8(flip), out=operands[: rows.size])
        sums = np.empty((len(rows), self._totals.size), np.int32)
        byte_sums(operands, *rows_walk(*rows.shape, BYTES.unit), self._packed, (-(zero + flip) * self._totals).astype(np.int32)[None], sums)
        return sums


# Packed once a tensor: a decoder's steps are graphs of their own that share their weights.
_COLUMNS: WeakKeyDictionary[Tensor, Columns] = WeakKeyDictionary()


def columns_of(call: Call) -> Columns:
    """Return the call's constant weights, for which ``on_bytes`` holds, as columns."""
    weights = call.inputs[1]
    if weights not in _COLUMNS:
        _COLUMNS[weights] = Columns(centred_weights(weights, call.values[1], np.int8))
    return _COLUMNS[weights]


def unsigned(call: Call) -> tuple[int, int]:
    """Return the bits to turn over in the operands' codes and the zero point of what they become."""
    signed = carrier(call.inputs[0].dtype) == np.int8
    return (SIGN, zero_of(call.inputs[0]) + SIGN) if signed else (0, zero_of(call.inputs[0]))


def _start(filters: np.ndarray, zero: int) -> np.ndarray:
    """Return what each column's sum starts from: less what the operands' zero point adds."""
    return (-zero * filters.reshape(len(filters), -1).sum(axis=1, dtype=np.int64)).astype(np.int32)[None]
