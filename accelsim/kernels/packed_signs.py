"""Layers between signs on packed words: products whose sums end as single bits, and the pooling of bits.

Source: Y. Umuroglu et al., "FINN", arXiv:1612.07119, section 4.2.
"""

import numpy as np
from numba import njit

from accelsim.kernels.register_tiles import BYTES, DIFFERING, ROWS_AT_ONCE
from accelsim.kernels.sign_tiles import ROWS, WORD, sign_tile

BEYOND = np.iinfo(np.int32).max  # no sum reaches it
_differing, _bytes = sign_tile(DIFFERING), sign_tile(BYTES)


@njit(cache=True, nogil=True)
def signs_of_words(operands, bases, steps, columns, least, out):
    """Write whether the places in which a row differs from a column number at least its ``least``.

    Parameters
    ----------
    operands : ndarray, shape (words,), uint32
    bases, steps :
        Of the ``Walk`` over the operands.
    columns : ndarray, shape (blocks, steps, 16), uint32
        Of ``bit_planes.side_by_side``.
    least : ndarray, shape (64 * words,), int32
        Of ``limits_of``.
    out : ndarray, shape (rows, words), uint64
        Written in place, the first column in the lowest bit.
    """
    for first in range(0, out.shape[0], ROWS_AT_ONCE):
        for word in range(out.shape[1]):
            for row in range(first, min(first + ROWS_AT_ONCE, out.shape[0]), ROWS):
                _differing(operands, bases, steps, columns, least, row, word, out)


@njit(cache=True, nogil=True)
def signs_of_bytes(operands, bases, steps, weights, least, out):
    """Write whether the sum of products of a row and a column is at least its ``least``.

    Parameters
    ----------
    operands : ndarray, shape (elements,), uint8
    weights : ndarray, shape (blocks, steps, 64), int8
        Of ``byte_products.packed``. The others as in ``signs_of_words``.
    """
    for first in range(0, out.shape[0], ROWS_AT_ONCE):
        for word in range(out.shape[1]):
            for row in range(first, min(first + ROWS_AT_ONCE, out.shape[0]), ROWS):
                _bytes(operands, bases, steps, weights, least, row, word, out)


@njit(cache=True, nogil=True)
def any_set(images, filter_h, filter_w, stride_h, stride_w, pad_top, pad_left, out):
    """Write which bits are set anywhere in each window: the largest sign, since a set bit stands for 1 and the other for -1.

    Parameters
    ----------
    images : ndarray, shape (batch, in_h, in_w, words), uint64
    out : ndarray, shape (batch, out_h, out_w, words), uint64
        Written in place.
    """
    batch, in_h, in_w, words = images.shape
    for n in range(batch):
        for oy in range(out.shape[1]):
            top = oy * stride_h - pad_top
            for ox in range(out.shape[2]):
                left = ox * stride_w - pad_left
                for w in range(words):
                    found = np.uint64(0)
                    for y in range(max(top, 0), min(top + filter_h, in_h)):
                        for x in range(max(left, 0), min(left + filter_w, in_w)):
                            found |= images[n, y, x, w]
                    out[n, oy, ox, w] = found


def limits_of(least: np.ndarray) -> np.ndarray:
    """Return limits as the kernels read them: filled up to whole words with one that no sum reaches."""
    whole = np.full(-(-least.size // WORD) * WORD, BEYOND, np.int32)
    whole[: least.size] = np.clip(least, -BEYOND, BEYOND)
    return whole


def unpacked(words: np.ndarray, channels: int) -> np.ndarray:
    """Return signs (..., words) as codes (..., channels), int8: 1 where a bit is set, else -1."""
    bits = np.unpackbits(words.view(np.uint8), axis=-1, count=channels, bitorder="little").view(np.int8)
    return bits * np.int8(2) - np.int8(1)
