"""Bits that Golomb-Rice codes take, in slices each of which has the parameter that suits it."""

import numpy as np
from numba import njit

LAST = 2  # longest quotient of a truncated code, whose last bit need not be said


@njit(cache=True, nogil=True)
def sliced_bits(stream, index, without_zeros, slice_length, divisors, longest, header, plain):
    """Return the bits of a stream of small numbers: of one slice, or of slices of equal length of which those alike are one, whichever is less.

    A number of index i takes ``(i >> d) + 1 + d`` bits under the parameter d; where no quotient of the slice is above ``LAST``, that one's last bit is left out.

    Parameters
    ----------
    stream : ndarray, shape (numbers,), int16
        From -256 to 255.
    index : ndarray, shape (512,), int64
        Of each number, -256 first.
    without_zeros : bool
        Zeros are told otherwise.
    slice_length : int
        Numbers that are looked at together.
    divisors : int
        Parameters: 0, 1, ...
    longest : int
        Quotient above which a parameter cannot code a number.
    header : int
        Bits before each slice but the first.
    plain : int
        Bits of a number as it is; 0: there is no such way.
    """
    ways = 2 * divisors + 1
    whole, own = np.zeros(ways, np.int64), np.zeros(ways, np.int64)
    whole_can, can = np.ones(ways, np.bool_), np.ones(ways, np.bool_)
    can[-1] = whole_can[-1] = plain > 0
    sliced, last, held, left = 0, -1, 0, stream.size
    for number in stream:
        left -= 1
        if number != 0 or not without_zeros:
            i = index[number + 256]
            held += 1
            own[-1] += plain
            for d in range(divisors):
                quotient = i >> d
                own[d] += quotient + 1 + d
                own[divisors + d] += min(quotient + 1, LAST) + d
                can[d] &= quotient <= longest
                can[divisors + d] &= quotient <= LAST
        if held == slice_length or (left == 0 and held > 0):
            best = -1
            for way in range(ways):
                whole[way] += own[way]
                whole_can[way] &= can[way]
                if can[way] and (best < 0 or own[way] < own[best]):
                    best = way
            if best < 0:
                best = divisors - 1
            sliced += own[best] + (header if last >= 0 and best != last else 0)
            last, held = best, 0
            own[:], can[:] = 0, True
            can[-1] = plain > 0
    for way in range(ways):
        if whole_can[way] and whole[way] < sliced:
            sliced = whole[way]
    return sliced
