"""Zeros among constant weights that a unit leaves out: N of M side by side, or wherever they stand."""

import math
from typing import Literal, Self
from weakref import WeakKeyDictionary

import numpy as np
from pydantic import model_validator

from accelsim.base.schema import Count, Described, Positive, field
from accelsim.graph.activity import is_zero
from accelsim.graph.tensor import Tensor

_known: WeakKeyDictionary[Tensor, dict[str, tuple[float, float]]] = WeakKeyDictionary()


class SparseWeights(Described):
    """Products with weights of zero that take no cycles, as far as a unit finds them.

    - ``n_of_m``: of ``m`` input channels side by side at most ``n`` weights are not zero, in every such group of a filter; the
      unit then multiplies ``n`` of them, picked by an index. A tensor that breaks the rule anywhere runs dense.
    - ``unstructured``: each filter's zeros are left out wherever they stand; ``lanes`` filters work side by side and
      wait for the one with most weights.

    References
    ----------
    2:4: A. Mishra et al., "Accelerating Sparse Deep Neural Networks", arXiv 2104.08378. Filters that wait for each other:
    A. Parashar et al., "SCNN", ISCA 2017, section VI (load imbalance).
    """

    scheme: Literal["n_of_m", "unstructured"] = field("which zeros are left out")
    n: Count | None = field("weights kept of a group (n_of_m)", default=None)
    m: Count | None = field("input channels of a group (n_of_m)", default=None)
    lanes: Count = field("filters that wait for each other (unstructured)", unit="filter", default=1)
    most: Positive | None = field("largest gain in cycles; null: m / n, or what the zeros give", default=None)
    types: tuple[str, ...] = field("element types that it knows; empty: all", default=())

    @model_validator(mode="after")
    def _group(self) -> Self:
        stated = self.n is not None and self.m is not None
        if (self.scheme == "n_of_m") != stated or (stated and self.n >= self.m):
            raise ValueError("states n and m, n below m, with scheme n_of_m and with no other")
        return self

    def shares(self, weights: Tensor) -> tuple[float, float]:
        """Return the shares of a product's multiplications and of its cycles that its weights leave.

        Parameters
        ----------
        weights : Tensor
            Constant, filters first, input channels last.
        """
        if weights.values is None or (self.types and weights.dtype not in self.types):
            return 1.0, 1.0
        found = _known.setdefault(weights, {})
        key = self.model_dump_json()
        if key not in found:
            zero = is_zero(weights, weights.values)
            found[key] = self._of_groups(zero) if self.scheme == "n_of_m" else self._of_filters(zero)
        return found[key]

    def _of_groups(self, zero: np.ndarray) -> tuple[float, float]:
        if not fits(zero, self.n, self.m):
            return 1.0, 1.0
        kept = self.n / self.m
        return kept, self._at_most(kept)

    def _of_filters(self, zero: np.ndarray) -> tuple[float, float]:
        counts = np.count_nonzero(~zero.reshape(len(zero), -1), axis=1)
        waits = np.pad(counts, (0, -len(counts) % self.lanes)).reshape(-1, self.lanes).max(axis=1)
        whole = zero[0].size * len(waits)
        return float(counts.sum() / max(1, zero.size)), self._at_most(float(waits.sum() / max(1, whole)))

    def _at_most(self, share: float) -> float:
        return max(share, 1 / self.most) if self.most else share


def fits(zero: np.ndarray, n: int, m: int) -> bool:
    """Return whether the last axis consists of whole groups of m elements, each with at most n that are not zero.

    Parameters
    ----------
    zero : ndarray, bool
    """
    return zero.shape[-1] % m == 0 and bool((np.count_nonzero(~zero.reshape(-1, m), axis=1) <= n).all())


def indexed_bits(elements: int, n: int, m: int, width: int) -> int:
    """Return the bits of N-of-M weights: of every group n words, each with its place in the group."""
    return elements // m * n * (width + math.ceil(math.log2(m)))
