"""Products of integers of one or two bits on packed words: and, exclusive or, population count.

A value is a sum of its bits with coefficients (two's complement: 1 and -2; -1 or 1: twice the sign bit less one), so a
dot product is a sum of population counts over pairs of bit planes. Between two binary operands it is one exclusive or:
depth less twice the number of places that differ.

Source: M. Rastegari et al., "XNOR-Net", arXiv:1603.05279, section 3.2; Y. Umuroglu et al., "BISMO", arXiv:1806.08862,
algorithm 1.
"""

import numpy as np
from numba import njit

WORD = 64
# Coefficients of the bit planes of each element type; those of "binary" stand for its sign plane and a plane of ones.
COEFFICIENTS = {"binary": (2, -1), "ternary": (1, -2), "int2": (1, -2), "uint2": (1, 2)}


@njit(cache=True, nogil=True, inline="always")
def population(word):
    """Return how many bits of a 64-bit word are set; the compiler makes one instruction of it."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@njit(cache=True, nogil=True)
def pack(values, shift, words):
    """Write one bit plane of every row.

    Parameters
    ----------
    values : ndarray, shape (rows, depth), int8
    shift : int
        Which bit of the two's complement; -1 for the sign plane of binary values (set where positive).
    words : ndarray, shape (rows, ceil(depth / 64)), uint64
        Written in place, lowest bit first; bits beyond the depth are 0.
    """
    depth = values.shape[1]
    for row in range(values.shape[0]):
        for w in range(words.shape[1]):
            word = np.uint64(0)
            for k in range(w * WORD, min(depth, (w + 1) * WORD)):
                bit = values[row, k] > 0 if shift < 0 else (values[row, k] >> shift) & 1
                word |= np.uint64(bit) << np.uint64(k - w * WORD)
            words[row, w] = word


@njit(cache=True, nogil=True)
def differing(rows, columns, depth, out):
    """Write the dot products of binary values: depth - 2 * population(row ^ column).

    Parameters
    ----------
    rows : ndarray, shape (m, words), uint64
    columns : ndarray, shape (n, words), uint64
    out : ndarray, shape (m, n), int32
        Written in place.
    """
    for i in range(rows.shape[0]):
        for j in range(columns.shape[0]):
            count = np.uint64(0)
            for w in range(rows.shape[1]):
                count += population(rows[i, w] ^ columns[j, w])
            out[i, j] = depth - 2 * np.int32(count)


@njit(cache=True, nogil=True)
def common(rows, columns, coefficient, out):
    """Add coefficient * population(row & column) to every product. Parameters as in ``differing``."""
    for i in range(rows.shape[0]):
        for j in range(columns.shape[0]):
            count = np.uint64(0)
            for w in range(rows.shape[1]):
                count += population(rows[i, w] & columns[j, w])
            out[i, j] += coefficient * np.int32(count)


def planes(values: np.ndarray, kind: str) -> list[np.ndarray]:
    """Return the packed bit planes of (rows, depth) codes of an element type."""
    words = -(-values.shape[1] // WORD)
    codes = np.ascontiguousarray(values).view(np.int8)
    packed = []
    for shift in (-1,) if kind == "binary" else range(len(COEFFICIENTS[kind])):
        plane = np.empty((values.shape[0], words), np.uint64)
        pack(codes, shift, plane)
        packed.append(plane)
    return packed


@njit(cache=True, nogil=True)
def gather_words(image, filter_h, filter_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left, out_w, rows):
    """Write the packed operands of every output pixel: the words of the pixels under the filter, 0 in the padding.

    Parameters
    ----------
    image : ndarray, shape (in_h, in_w, words), uint64
    rows : ndarray, shape (out_h * out_w, filter_h * filter_w * words), uint64
        Written in place.
    """
    in_h, in_w, words = image.shape
    for pixel in range(rows.shape[0]):
        top = (pixel // out_w) * stride_h - pad_top
        left = (pixel % out_w) * stride_w - pad_left
        place = 0
        for fy in range(filter_h):
            for fx in range(filter_w):
                y, x = top + fy * dilation_h, left + fx * dilation_w
                inside = 0 <= y < in_h and 0 <= x < in_w
                for w in range(words):
                    rows[pixel, place] = image[y, x, w] if inside else np.uint64(0)
                    place += 1


def product(rows: list[np.ndarray], row_kind: str, columns: list[np.ndarray], column_kind: str, depth: int, out: np.ndarray) -> None:
    """Write the matrix product of packed operands (m, depth) and (n, depth) into out (m, n), int32."""
    rows = rows if row_kind == column_kind == "binary" else with_ones(rows, row_kind, depth)
    product_of_planes(rows, row_kind, columns, column_kind, depth, 1, out)


def product_of_planes(rows: list[np.ndarray], row_kind: str, columns: list[np.ndarray], column_kind: str, depth: int, pixels: int, out: np.ndarray) -> None:
    """Write the product of operands whose words hold ``pixels`` runs of ``depth`` values each.

    Parameters
    ----------
    rows : list of ndarray, shape (m, pixels * words), uint64
        Planes; binary ones alone (every place counts) or with their plane of ones.
    columns : list of ndarray, shape (n, pixels * words), uint64
        Planes without a plane of ones.
    """
    if row_kind == column_kind == "binary" and len(rows) == 1:
        differing(rows[0], columns[0], np.int32(depth * pixels), out)
        return
    out[:] = 0
    columns = columns if column_kind != "binary" else [*columns, np.tile(ones_plane(columns[0].shape[0], depth), pixels)]
    for a, x in zip(COEFFICIENTS[row_kind], rows, strict=True):
        for c, y in zip(COEFFICIENTS[column_kind], columns, strict=True):
            common(x, y, np.int32(a * c), out)


def with_ones(packed: list[np.ndarray], kind: str, depth: int) -> list[np.ndarray]:
    """Return the planes, behind those of binary values one of ones."""
    return packed if kind != "binary" else [*packed, ones_plane(packed[0].shape[0], depth)]


def ones_plane(rows: int, depth: int) -> np.ndarray:
    """Return a packed plane of ``depth`` ones in every row."""
    plane = np.empty((1, -(-depth // WORD)), np.uint64)
    pack(np.ones((1, depth), np.int8), 0, plane)
    return np.repeat(plane, rows, axis=0)
