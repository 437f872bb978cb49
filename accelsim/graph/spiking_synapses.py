"""How one population reaches another: weights as they are stored, never expanded."""

from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError


@dataclass(frozen=True, eq=False, slots=True)
class DenseSynapses:
    """All to all.

    Attributes
    ----------
    weights : ndarray, shape (sources, targets)
    """

    weights: np.ndarray

    @property
    def sources(self) -> int:
        """Neurons of the source population."""
        return self.weights.shape[0]

    @property
    def targets(self) -> int:
        """Neurons of the target population."""
        return self.weights.shape[1]

    @property
    def synapses(self) -> int:
        """Connections."""
        return self.weights.size


@dataclass(frozen=True, eq=False, slots=True)
class ConvolutionSynapses:
    """A 2-D convolution or, with one group per channel, a pooling; channels last.

    Attributes
    ----------
    weights : ndarray, shape (kernel_h, kernel_w, in_c, filters per group)
    in_shape : tuple of int
        (height, width, channels).
    stride, padding, dilation : tuple of int
        (vertical, horizontal); padding stands before the first row and column, and after the last unless given.
    trailing : tuple of int or None
        Padding after the last row and column.
    """

    weights: np.ndarray
    in_shape: tuple[int, int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    trailing: tuple[int, int] | None = None

    def __post_init__(self):
        if self.weights.ndim != 4 or self.weights.shape[2] != self.in_shape[2] or self.in_shape[2] % self.groups:
            raise AccelsimError("convolution", f"weights {self.weights.shape} in {self.groups} groups do not fit {self.in_shape[2]} input channels")
        if min(self.out_shape) < 1:
            raise AccelsimError("convolution", f"kernel {self.weights.shape[:2]} is larger than its input {self.in_shape[:2]}")

    @property
    def out_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        spans = [self.dilation[i] * (self.weights.shape[i] - 1) + 1 for i in (0, 1)]
        after = self.padding if self.trailing is None else self.trailing
        height, width = ((self.in_shape[i] + self.padding[i] + after[i] - spans[i]) // self.stride[i] + 1 for i in (0, 1))
        return height, width, self.groups * self.weights.shape[3]

    @property
    def sources(self) -> int:
        """Neurons of the source population."""
        return int(np.prod(self.in_shape))

    @property
    def targets(self) -> int:
        """Neurons of the target population."""
        return int(np.prod(self.out_shape))

    @property
    def synapses(self) -> int:
        """Connections that lie inside the input."""
        taps = [sum(self._reach(i, k) for k in range(self.weights.shape[i])) for i in (0, 1)]
        return taps[0] * taps[1] * self.in_shape[2] * self.weights.shape[3]

    def _reach(self, axis: int, tap: int) -> int:
        positions = np.arange(self.out_shape[axis]) * self.stride[axis] + tap * self.dilation[axis] - self.padding[axis]
        return int(np.count_nonzero((positions >= 0) & (positions < self.in_shape[axis])))


@dataclass(frozen=True, eq=False, slots=True)
class SparseSynapses:
    """Compressed rows, one per source.

    Attributes
    ----------
    rows : ndarray, shape (sources + 1,), int64
    columns : ndarray, shape (synapses,), int32
        Target neurons.
    weights : ndarray, shape (synapses,)
    targets : int
    delays : ndarray, shape (synapses,), int32, or None
        Added to the projection's delay [steps].
    """

    rows: np.ndarray
    columns: np.ndarray
    weights: np.ndarray
    targets: int
    delays: np.ndarray | None = None

    @property
    def sources(self) -> int:
        """Neurons of the source population."""
        return self.rows.size - 1

    @property
    def synapses(self) -> int:
        """Connections."""
        return self.weights.size


Synapses = DenseSynapses | ConvolutionSynapses | SparseSynapses


def pool_synapses(in_shape: tuple[int, int, int], kernel, stride, padding=(0, 0), weight=1) -> ConvolutionSynapses:
    """Return sum pooling (weight 1) or average pooling (weight 1 / window)."""
    weights = np.full((kernel[0], kernel[1], in_shape[2], 1), weight)
    return ConvolutionSynapses(weights, tuple(in_shape), tuple(stride), tuple(padding), (1, 1), in_shape[2])


def one_to_one(weights: np.ndarray, delays: np.ndarray | None = None) -> SparseSynapses:
    """Return one synapse per neuron, to the neuron of the same number."""
    n = weights.size
    return SparseSynapses(np.arange(n + 1), np.arange(n, dtype=np.int32), weights.ravel(), n, None if delays is None else delays.ravel().astype(np.int32))


def sparse_from_pairs(sources: np.ndarray, targets: np.ndarray, weights: np.ndarray, n_sources: int, n_targets: int, delays=None) -> SparseSynapses:
    """Return compressed rows from lists of pairs in any order."""
    order = np.lexsort((targets, sources))
    rows = np.concatenate([[0], np.cumsum(np.bincount(sources, minlength=n_sources))]).astype(np.int64)
    return SparseSynapses(
        rows, np.asarray(targets, np.int32)[order], np.asarray(weights)[order], n_targets, None if delays is None else np.asarray(delays, np.int32)[order]
    )
