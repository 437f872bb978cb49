"""Lossless compression of tensors on their way: declared schemes, sizes of real tensors, expected sizes of declared ones."""

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from accelsim.base.schema import Count, Described, field
from accelsim.graph.activity import is_zero
from accelsim.graph.tensor import Tensor
from accelsim.hardware.sparsity import fits, indexed_bits

BOX_BITS = 64  # run-length pairs travel in words of this width


class Compression(Described):
    """How constants or activations lie in some memories and pass some links.

    - ``rlc``: pairs of a run of zeros (``run_bits``) and the word behind it, as many as fit 64-bit words beside a flag bit
      (Y.-H. Chen et al., JSSC 2017, section V-A: three pairs of 5 and 16 bits).
    - ``bitmask``: a bit per element, then the elements that are not zero.
    - ``n_of_m``: constants of which at most ``n`` of ``m`` input channels side by side are not zero: ``n`` words of every group,
      each with its place in it (2:4 of 8 bits: 20 bits instead of 32); tensors that break the rule lie plain.
    - ``entropy``: codes as long as the entropy of the tensor's own values (what Huffman- and Golomb-like weight streams
      reach within a few per cent), with a length table of one byte per value.
    """

    scheme: Literal["rlc", "bitmask", "n_of_m", "entropy"] = field("how it is done")
    of: Literal["constants", "activations"] = field("which tensors")
    at: tuple[str, ...] = field("memories and links where they are in this form; elsewhere they are plain")
    even_if_longer: bool = field("sent in this form also where plain ones are shorter", default=False)
    run_bits: Count = field("of a run of zeros (rlc)", unit="bit", default=5)
    n: Count | None = field("words kept of a group (n_of_m)", default=None)
    m: Count | None = field("input channels of a group (n_of_m)", default=None)
    word_bits: Count | None = field("of an element as it is stored; null: its type's", unit="bit", default=None)

    @model_validator(mode="after")
    def _group(self) -> Self:
        stated = self.n is not None and self.m is not None
        if (self.scheme == "n_of_m") != stated or (stated and (self.n >= self.m or self.of != "constants")):
            raise ValueError("states n and m, n below m, with scheme n_of_m of constants and with no other")
        return self

    def bits_of(self, tensor: Tensor, values: np.ndarray) -> int:
        """Return the bits of real values; a tensor that would grow is sent as it is, unless declared otherwise."""
        width = self.word_bits or tensor.bits
        zero = is_zero(tensor, values)
        if self.scheme == "n_of_m":
            return indexed_bits(zero.size, self.n, self.m, width) if fits(zero, self.n, self.m) else zero.size * width
        zero = zero.reshape(-1)
        found = {"rlc": self._rlc, "bitmask": _bitmask, "entropy": _entropy}[self.scheme](values.reshape(-1), zero, width)
        return found if self.even_if_longer else min(found, zero.size * width)

    def expected_bits(self, tensor: Tensor, density: float) -> int:
        """Return the bits to expect where only the share of elements that are not zero is known, independent of one another."""
        width, count, zero = self.word_bits or tensor.bits, tensor.elements, 1.0 - density
        if self.scheme == "rlc":
            longest = zero ** (1 << self.run_bits)
            bits = self._boxed(count * density * (1 + longest / (1 - longest)), width) if zero < 1 else self._boxed(count >> self.run_bits, width)
        elif self.scheme == "bitmask":
            bits = count + count * density * width
        else:
            ends = sum(-p * np.log2(p) for p in (zero, density) if p > 0)
            bits = count * (ends + density * width)
        return int(np.ceil(bits)) if self.even_if_longer else min(int(np.ceil(bits)), count * width)

    def _rlc(self, values: np.ndarray, zero: np.ndarray, width: int) -> int:
        return self._boxed(rlc_pairs(zero, (1 << self.run_bits) - 1), width)

    def _boxed(self, pairs: float, width: int) -> int:
        in_a_box = max(1, (BOX_BITS - 1) // (self.run_bits + width))
        return int(-(-pairs // in_a_box)) * BOX_BITS


def rlc_pairs(zero: np.ndarray, longest_run: int) -> int:
    """Return the (run, word) pairs of a sequence: a run above the longest is cut by a pair whose word is itself zero.

    Parameters
    ----------
    zero : ndarray, shape (elements,), bool
    longest_run : int
    """
    places = np.flatnonzero(~zero)
    runs = np.diff(places, prepend=-1) - 1
    trailing = zero.size - (int(places[-1]) + 1 if places.size else 0)
    return int(places.size + (runs // (longest_run + 1)).sum() + -(-trailing // (longest_run + 1)))


def _bitmask(values: np.ndarray, zero: np.ndarray, width: int) -> int:
    return zero.size + int(np.count_nonzero(~zero)) * width


def _entropy(values: np.ndarray, zero: np.ndarray, width: int) -> int:
    _, counts = np.unique(values, return_counts=True)
    share = counts / max(1, values.size)
    return int(np.ceil(-(counts * np.log2(share)).sum())) + 8 * counts.size
