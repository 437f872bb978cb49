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
def pack(octets, shift, flip, words):
    """Write one bit plane of every row, eight values at a time.

    Parameters
    ----------
    octets : ndarray, shape (rows, 8 * words), uint64
        Eight 8-bit values each, the first in the lowest byte.
    shift : uint64
        Which bit of the values.
    flip : uint64
        1 for the opposite bit, else 0.
    words : ndarray, shape (rows, words), uint64
        Written in place, the first value in the lowest bit.
    """
    lowest = np.uint64(0x0101010101010101)
    for row in range(words.shape[0]):
        for w in range(words.shape[1]):
            word = np.uint64(0)
            for k in range(8):
                bits = ((octets[row, 8 * w + k] >> shift) & lowest) ^ (flip * lowest)
                # The product brings the lowest bit of byte i to bit 56 + i.
                word |= ((bits * np.uint64(0x0102040810204080)) >> np.uint64(56)) << np.uint64(8 * k)
            words[row, w] = word


@njit(cache=True, nogil=True)
def differing(rows, columns, depth, counts, out):
    """Write the dot products of binary values: depth - 2 * population(row ^ column).

    Parameters
    ----------
    rows : ndarray, shape (m, words), uint64
    columns : ndarray, shape (words, n), uint64
        Transposed, so that neighbouring columns share one instruction.
    counts : ndarray, shape (n,), uint64
        Scratch.
    out : ndarray, shape (m, n), int32
        Written in place.
    """
    words, n = columns.shape
    for i in range(rows.shape[0]):
        counts[:] = 0
        for w in range(0, words - 2, 3):
            a, c, e = rows[i, w], rows[i, w + 1], rows[i, w + 2]
            x, y, z = columns[w], columns[w + 1], columns[w + 2]
            for j in range(n):
                counts[j] += population(a ^ x[j]) + population(c ^ y[j]) + population(e ^ z[j])
        for w in range(words - words % 3, words):
            a, x = rows[i, w], columns[w]
            for j in range(n):
                counts[j] += population(a ^ x[j])
        for j in range(n):
            out[i, j] = depth - 2 * np.int32(counts[j])


@njit(cache=True, nogil=True)
def common(rows, columns, coefficient, counts, out):
    """Add coefficient * population(row & column) to every product. Parameters as in ``differing``."""
    words, n = columns.shape
    for i in range(rows.shape[0]):
        counts[:] = 0
        for w in range(words):
            a, x = rows[i, w], columns[w]
            for j in range(n):
                counts[j] += population(a & x[j])
        for j in range(n):
            out[i, j] += coefficient * np.int32(counts[j])


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
    for row in range(values.shape[0]):
        source, target = values[row], out[row]
        target[:] = low
        for level in range(limits.shape[0]):
            limit = limits[level]
            for c in range(source.size):
                target[c] += step * (source[c] >= limit[c])


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


def planes(values: np.ndarray, kind: str) -> list[np.ndarray]:
    """Return the packed bit planes of (rows, depth) codes of an element type; bits beyond the depth are 0."""
    rows, depth = values.shape
    words = -(-depth // WORD)
    codes = np.ascontiguousarray(values).view(np.int8)
    if depth % WORD:
        padded = np.full((rows, words * WORD), -1 if kind == "binary" else 0, np.int8)
        padded[:, :depth] = codes
        codes = padded
    octets = codes.view(np.uint64)
    # The sign bit of a binary value says minus one: the plane is its opposite.
    bits = ((7, 1),) if kind == "binary" else tuple((bit, 0) for bit in range(len(COEFFICIENTS[kind])))
    packed = []
    for shift, flip in bits:
        plane = np.empty((rows, words), np.uint64)
        pack(octets, np.uint64(shift), np.uint64(flip), plane)
        packed.append(plane)
    return packed


def product(rows: list[np.ndarray], row_kind: str, columns: list[np.ndarray], column_kind: str, depth: int, out: np.ndarray) -> None:
    """Write the matrix product of packed rows (m, depth) and transposed packed columns (n, depth) into out (m, n), int32."""
    rows = rows if row_kind == column_kind == "binary" else with_ones(rows, row_kind, depth)
    product_of_planes(rows, row_kind, columns, column_kind, depth, 1, out)


def product_of_planes(rows: list[np.ndarray], row_kind: str, columns: list[np.ndarray], column_kind: str, depth: int, pixels: int, out: np.ndarray) -> None:
    """Write the product of operands whose words hold ``pixels`` runs of ``depth`` values each.

    Parameters
    ----------
    rows : list of ndarray, shape (m, pixels * words), uint64
        Planes; binary ones alone (every place counts) or with their plane of ones.
    columns : list of ndarray, shape (pixels * words, n), uint64
        Planes without a plane of ones, transposed.
    """
    counts = np.empty(columns[0].shape[1], np.uint64)
    if row_kind == column_kind == "binary" and len(rows) == 1:
        differing(rows[0], columns[0], np.int32(depth * pixels), counts, out)
        return
    out[:] = 0
    if column_kind == "binary":
        columns = [*columns, np.ascontiguousarray(np.tile(ones_plane(counts.size, depth), pixels).T)]
    for a, x in zip(COEFFICIENTS[row_kind], rows, strict=True):
        for c, y in zip(COEFFICIENTS[column_kind], columns, strict=True):
            common(x, y, np.int32(a * c), counts, out)


def with_ones(packed: list[np.ndarray], kind: str, depth: int) -> list[np.ndarray]:
    """Return the planes, behind those of binary values one of ones."""
    return packed if kind != "binary" else [*packed, ones_plane(packed[0].shape[0], depth)]


def ones_plane(rows: int, depth: int) -> np.ndarray:
    """Return a packed plane of ``depth`` ones in every row."""
    return np.repeat(planes(np.ones((1, depth), np.int8), "binary")[0], rows, axis=0)


def transposed(packed: list[np.ndarray], columns: int) -> list[np.ndarray]:
    """Return the planes of ``columns`` filters as a product wants them: (words, columns)."""
    return [np.ascontiguousarray(plane.reshape(columns, -1).T) for plane in packed]
