"""Bits that change at the inputs of a multiplier from one step to the next, in the order in which a dataflow feeds it.

A product M x K x N (a convolution: M output positions, K = filter positions x input channels, N filters) runs on
multipliers as a nest of loops; a multiplier's next operands are those of the next step of the nest.
"""

from numba import njit

M, K, N = 0, 1, 2
# Columns of a nest, one row a loop, innermost first: which dimension moves on, by how much, and within which span.
DIMENSION, STEP, SPAN = 0, 1, 2
# Geometry of a product.
OUT_H, OUT_W, IN_H, IN_W, CHANNELS, FILTER_H, FILTER_W, STRIDE_H, STRIDE_W, DILATION_H, DILATION_W, PAD_TOP, PAD_LEFT = range(13)
GEOMETRY = 13


@njit(cache=True, nogil=True)
def advance(nest, extents, place):
    """Move a place (m, k, n) to the next step of a nest; the last step stays where it is.

    Parameters
    ----------
    nest : ndarray, shape (loops, 3), int64
    extents : ndarray, shape (3,), int64
        M, K, N.
    place : ndarray, shape (3,), int64
        Changed in place.
    """
    m, k, n = place[M], place[K], place[N]
    for loop in range(nest.shape[0]):
        dimension, step, span = nest[loop, DIMENSION], nest[loop, STEP], nest[loop, SPAN]
        here = place[dimension]
        if (here + step) // span == here // span and here + step < extents[dimension]:
            place[dimension] = here + step
            return
        place[dimension] = here - here % span + here % span % step
    place[M], place[K], place[N] = m, k, n


@njit(cache=True, nogil=True)
def input_at(inputs, geometry, group, m, k, pad):
    """Return the input word that output position m multiplies at place k of a group's reduction; the padding outside.

    Parameters
    ----------
    inputs : ndarray, shape (batch, in_h, in_w, groups * channels), unsigned
    geometry : ndarray, shape (GEOMETRY,), int64
    """
    tap, channel = k // geometry[CHANNELS], k % geometry[CHANNELS]
    x = m % geometry[OUT_W]
    y = m // geometry[OUT_W] % geometry[OUT_H]
    image = m // (geometry[OUT_W] * geometry[OUT_H])
    row = y * geometry[STRIDE_H] - geometry[PAD_TOP] + tap // geometry[FILTER_W] * geometry[DILATION_H]
    column = x * geometry[STRIDE_W] - geometry[PAD_LEFT] + tap % geometry[FILTER_W] * geometry[DILATION_W]
    if row < 0 or row >= geometry[IN_H] or column < 0 or column >= geometry[IN_W]:
        return pad
    return inputs[image, row, column, group * geometry[CHANNELS] + channel]


@njit(cache=True, nogil=True)
def ones(word):
    """Return the set bits of a word of at most 32 bits."""
    word = word - ((word >> 1) & 0x55555555)
    word = (word & 0x33333333) + ((word >> 2) & 0x33333333)
    return (((word + (word >> 4)) & 0x0F0F0F0F) * 0x01010101 >> 24) & 0xFF


@njit(cache=True, nogil=True)
def operand_toggles(inputs, weights, geometry, nest, extents, places, pad, flips):
    """Count the bits of both operands that change after each of some steps.

    Parameters
    ----------
    inputs : ndarray, shape (batch, in_h, in_w, groups * channels), uint8, uint16 or uint32
        The words as they are, whatever they mean.
    weights : ndarray, shape (groups * N, K), unsigned
    geometry : ndarray, shape (GEOMETRY,), int64
    nest : ndarray, shape (loops, 3), int64
    extents : ndarray, shape (3,), int64
        M, K, N of one group.
    places : ndarray, shape (steps, 4), int64
        Group, m, k, n of each step looked at.
    pad : int
        The word of padding.
    flips : ndarray, shape (steps, 2), int64
        Written: bits that change of the input and of the weight.
    """
    for s in range(places.shape[0]):
        group = places[s, 0]
        place = places[s, 1:].copy()
        m, k, n = place[M], place[K], place[N]
        advance(nest, extents, place)
        before = int(input_at(inputs, geometry, group, m, k, pad))
        after = int(input_at(inputs, geometry, group, place[M], place[K], pad))
        held, following = int(weights[group * extents[N] + n, k]), int(weights[group * extents[N] + place[N], place[K]])
        flips[s, 0] = ones(before ^ after)
        flips[s, 1] = ones(held ^ following)
