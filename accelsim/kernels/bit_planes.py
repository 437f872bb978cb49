"""Products of integers of one or two bits on packed words: and, exclusive or, population count.

A value is a sum of its bits with coefficients (two's complement: 1 and -2; -1 or 1: twice the sign bit less one), so a
dot product is a sum of population counts over pairs of bit planes. Between two binary operands it is one exclusive or:
depth less twice the number of places that differ.

Source: M. Rastegari et al., "XNOR-Net", arXiv:1603.05279, section 3.2; Y. Umuroglu et al., "BISMO", arXiv:1806.08862,
algorithm 1.
"""

import numpy as np
from numba import njit

from accelsim.kernels.register_tiles import COMMON, DIFFERING, ROWS_AT_ONCE, SQUARE, bits_of, tile
from accelsim.kernels.walks import Walk, rows_walk

PACKED = 64  # values that are packed at once
WORD = 32
# Coefficients of the bit planes of each element type; those of "binary" stand for its sign plane and a plane of ones.
COEFFICIENTS = {"binary": (2, -1), "ternary": (1, -2), "int2": (1, -2), "uint2": (1, 2)}
# Bits that are packed, and what turns them over: the sign bit of a binary value says minus one, so its plane is the opposite.
BITS = {kind: tuple((bit, np.uint64(0)) for bit in range(len(c))) for kind, c in COEFFICIENTS.items()} | {"binary": ((7, ~np.uint64(0)),)}

_ROWS, _VECTORS = SQUARE
_differing, _common = tile(DIFFERING, SQUARE), tile(COMMON, SQUARE)


@njit(cache=True, nogil=True)
def pack(codes, bit, flip, words):
    """Write one bit plane of every row.

    Parameters
    ----------
    codes : ndarray, shape (rows, 64 * words), int8
    bit : int
        Which bit of the values.
    flip : uint64
        All ones for the opposite bit, else 0.
    words : ndarray, shape (rows, words), uint64
        Written in place, the first value in the lowest bit.
    """
    for row in range(words.shape[0]):
        for w in range(words.shape[1]):
            words[row, w] = bits_of(codes, row, w * PACKED, bit) ^ flip


@njit(cache=True, nogil=True)
def differing(operands, bases, steps, columns, depth, out):
    """Write the dot products of binary values: depth - 2 * population(row ^ column).

    Parameters
    ----------
    operands : ndarray, shape (words,), uint32
    bases, steps :
        Of the ``Walk`` over the operands.
    columns : ndarray, shape (blocks, steps, 16), uint32
        Of ``side_by_side``.
    out : ndarray, shape (rows, columns), int32
        Written in place.
    """
    start = np.full((1, out.shape[1]), depth, np.int32)
    for first in range(0, out.shape[0], ROWS_AT_ONCE):
        for block in range(0, columns.shape[0], _VECTORS):
            for row in range(first, min(first + ROWS_AT_ONCE, out.shape[0]), _ROWS):
                _differing(operands, bases, steps, columns, start, -2, row, block, out)


@njit(cache=True, nogil=True)
def common(operands, bases, steps, columns, coefficient, out):
    """Add coefficient * population(row & column) to every product. Parameters as in ``differing``."""
    for row in range(0, out.shape[0], _ROWS):
        for block in range(0, columns.shape[0], _VECTORS):
            _common(operands, bases, steps, columns, out, coefficient, row, block, out)


@njit(cache=True, nogil=True)
def thresholded(values, limits, low, step, out):
    """Write low + step * (limits of its channel that a value reaches).

    Parameters
    ----------
    values : ndarray, shape (rows, channels), int32 or float32
    limits : ndarray, shape (levels, channels), of the same type
    out : ndarray, shape (rows, channels), int8 or uint8
        Written in place.
    """
    reached = out.dtype.type(low + step)
    for row in range(values.shape[0]):
        source, target = values[row], out[row]
        limit = limits[0]
        for c in range(source.size):
            target[c] = reached if source[c] >= limit[c] else low
        for level in range(1, limits.shape[0]):
            limit = limits[level]
            for c in range(source.size):
                target[c] += step * (source[c] >= limit[c])


def planes(values: np.ndarray, kind: str) -> list[np.ndarray]:
    """Return the packed bit planes (rows, ``words_of(depth)``), uint32, of codes (rows, depth); bits beyond the depth are 0."""
    rows, depth = values.shape
    words = -(-depth // PACKED)
    codes = np.ascontiguousarray(values).view(np.int8)
    if depth % PACKED:
        padded = np.full((rows, words * PACKED), -1 if kind == "binary" else 0, np.int8)
        padded[:, :depth] = codes
        codes = padded
    packed = []
    for bit, flip in BITS[kind]:
        plane = np.empty((rows, words), np.uint64)
        pack(codes, bit, flip, plane)
        packed.append(plane.view(np.uint32))
    return packed


def words_of(depth: int) -> int:
    """Return how many words hold a row of values."""
    return -(-depth // PACKED) * (PACKED // WORD)


def product(rows: list[np.ndarray], row_kind: str, columns: list[np.ndarray], column_kind: str, depth: int, out: np.ndarray) -> None:
    """Write the matrix product of packed rows (m, depth) and columns (n, depth) that lie side by side into out (m, n), int32."""
    rows = rows if row_kind == column_kind == "binary" else with_ones(rows, row_kind, depth)
    walk = rows_walk(len(rows[0]), rows[0].shape[1], 1)
    product_of_planes([plane.reshape(-1) for plane in rows], walk, row_kind, columns, column_kind, depth, 1, out)


def product_of_planes(
    rows: list[np.ndarray], walk: Walk, row_kind: str, columns: list[np.ndarray], column_kind: str, depth: int, pixels: int, out: np.ndarray
) -> None:
    """Write the product of operands whose words hold ``pixels`` runs of ``depth`` values each.

    Parameters
    ----------
    rows : list of ndarray, shape (words,), uint32
        Planes; binary ones alone (every place counts) or with their plane of ones.
    columns : list of ndarray, shape (blocks, pixels * words, 16), uint32
        Planes without a plane of ones, of ``side_by_side``.
    """
    if row_kind == column_kind == "binary" and len(rows) == 1:
        differing(rows[0], *walk, columns[0], depth * pixels, out)
        return
    out[:] = 0
    if column_kind == "binary":
        columns = [*columns, *side_by_side([np.tile(ones_plane(out.shape[1], depth), pixels)], out.shape[1])]
    for a, x in zip(COEFFICIENTS[row_kind], rows, strict=True):
        for c, y in zip(COEFFICIENTS[column_kind], columns, strict=True):
            common(x, *walk, y, a * c, out)


def with_ones(packed: list[np.ndarray], kind: str, depth: int) -> list[np.ndarray]:
    """Return the planes, behind those of binary values one of ones."""
    return packed if kind != "binary" else [*packed, ones_plane(packed[0].shape[0], depth)]


def ones_plane(rows: int, depth: int) -> np.ndarray:
    """Return a packed plane of ``depth`` ones in every row."""
    return np.repeat(planes(np.ones((1, depth), np.int8), "binary")[0], rows, axis=0)


def side_by_side(packed: list[np.ndarray], columns: int) -> list[np.ndarray]:
    """Return the planes of ``columns`` filters as a product reads them: word after word, sixteen filters in a vector."""
    lanes = DIFFERING.lanes
    wide = []
    for plane in packed:
        words = plane.reshape(columns, -1)
        whole = np.zeros((-(-columns // lanes) * lanes, words.shape[1]), np.uint32)
        whole[:columns] = words
        wide.append(np.ascontiguousarray(whole.reshape(-1, lanes, words.shape[1]).transpose(0, 2, 1)))
    return wide
