"""How weights are coded for arrays that decode them as they arrive: a palette, Golomb-Rice codes, runs of zeros."""

import numpy as np

from accelsim.base.schema import Count, CountOrZero, Described, field

NUMBERS = 512  # from -256 on: an 8-bit weight less its zero point
SHORTEST_RUN = 2
LAST = 2  # longest quotient of a truncated code, whose last bit need not be said


class RiceCode(Described):
    """A code of a stream of weights.

    Weights that are frequent stand in a palette and are told by their place in it, the others by how far they are from zero; both by Golomb-Rice codes whose
    parameter may change from slice to slice. Where zeros are by far the most frequent and mostly stand together, they are told as runs instead.

    References
    ----------
    Arm's compiler for Ethos-U encodes weights so (ethos-u-vela 5.2, PyPI); the lengths of a stream's parts are given, their sum is worked out here.
    """

    palette: Count = field("values in the palette at most", default=32)
    divisors: Count = field("parameters of the codes of weights: powers of two from 1 on", default=6)
    run_divisors: Count = field("likewise of runs of zeros", default=4)
    longest: Count = field("quotient that can be coded", default=31)
    zero_share: Count = field("zeros are told as runs where they are more often than so many times the next value", default=5)
    slice_length: Count = field("weights that are looked at together when a parameter is chosen", default=256)
    slice_header: CountOrZero = field("before a slice", unit="bit", default=23)
    palette_header: CountOrZero = field("before a palette", unit="bit", default=13)
    entry_bits: Count = field("of a value in the palette at least", unit="bit", default=2)
    end: CountOrZero = field("after the last slice, with what its last chunk leaves unused", unit="bit", default=15)
    align: Count = field("a stream begins at a multiple", unit="B", default=16)

    def bytes_of(self, stream: np.ndarray) -> int:
        """Return the bytes of a stream of weights less their zero point, shape (weights,), int16."""
        counts = np.bincount(stream.astype(np.int64) + NUMBERS // 2, minlength=NUMBERS)
        zeros, runs, told_as_runs = int(counts[NUMBERS // 2]), 0, False
        others = counts.copy()
        others[NUMBERS // 2] = 0
        if zeros > self.zero_share * others.max():
            before = np.diff(np.flatnonzero(stream), prepend=-1, append=stream.size) - 1  # zeros before each other number, and at the end
            runs = min(int((before >> d).sum()) + (1 + d) * before.size for d in range(self.run_divisors))
            told_as_runs = 2 * before[before >= SHORTEST_RUN].sum() >= zeros
        index, entries, width, plain = self._palette(others if told_as_runs else counts)
        weights = sliced_bits(stream, index, told_as_runs, self.slice_length, self.divisors, self.longest, self.slice_header, plain)
        bits = self.slice_header + self.palette_header + entries * width + weights + (runs if told_as_runs else 0) + self.end
        return -(-bits // (8 * self.align)) * self.align

    def _palette(self, counts: np.ndarray) -> tuple[np.ndarray, int, int, int]:
        """Return the index of every number, entries of the palette and their bits, and the bits of a number told as it is (0: it cannot be)."""
        numbers = np.arange(NUMBERS) - NUMBERS // 2
        from_zero = 2 * np.abs(numbers) + (numbers < 0)
        ranked = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
        first = ranked[: self.palette]
        if not ranked.size:
            return from_zero, 0, self.entry_bits, self.entry_bits
        width = lambda values: max(self.entry_bits, int(from_zero[values].max()).bit_length())  # noqa: E731 of some values
        if 2 * counts[first].sum() < counts.sum():
            return from_zero - from_zero[ranked].min(), 0, width(ranked), width(ranked)
        entries = max(2, first.size)
        index = entries + from_zero - from_zero[ranked].min()
        index[first] = np.arange(first.size)
        return index, entries, width(first), max(1, (entries - 1).bit_length()) if first.size == ranked.size else 0


def sliced_bits(stream, index, without_zeros, slice_length, divisors, longest, header, plain) -> int:
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
    told = index[(stream[stream != 0] if without_zeros else stream).astype(np.int64) + NUMBERS // 2].astype(np.int16)
    if not told.size:
        return 0
    starts = np.arange(0, told.size, slice_length)
    numbers = np.diff(starts, append=told.size)
    own = np.empty((2 * divisors + 1, starts.size), np.int64)
    can = np.empty(own.shape, np.bool_)
    own[-1], can[-1] = plain * numbers, plain > 0
    largest = np.maximum.reduceat(told, starts)
    for d in range(divisors):
        quotients = told >> d
        own[d] = np.add.reduceat(quotients, starts, dtype=np.int64) + (1 + d) * numbers
        own[divisors + d] = np.add.reduceat(quotients > 0, starts, dtype=np.int64) + (1 + d) * numbers
        can[d], can[divisors + d] = largest >> d <= longest, largest >> d <= LAST
    least = np.where(can, own, np.iinfo(np.int64).max)
    best = np.where(can.any(axis=0), least.argmin(axis=0), divisors - 1)
    sliced = np.take_along_axis(own, best[None], axis=0).sum() + header * np.count_nonzero(np.diff(best))
    return int(min([sliced, *own.sum(axis=1)[can.all(axis=1)]]))
