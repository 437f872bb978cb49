"""What the run of a network's arithmetic left behind: the tensors' real values, and counts read from them on demand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from accelsim.graph.tensor import Tensor


@dataclass(frozen=True, eq=False)
class Activity:
    """Answers questions about real data; it knows no time.

    Attributes
    ----------
    tensors : mapping of str to Tensor
    values : mapping of str to ndarray
        Every tensor that the run computed, and the inputs.
    """

    tensors: Mapping[str, Tensor]
    values: Mapping[str, np.ndarray]
    _zeros: dict[str, int] = field(default_factory=dict, repr=False)

    def value(self, name: str) -> np.ndarray:
        """Return a tensor's values, constant or computed."""
        tensor = self.tensors[name]
        return tensor.values if tensor.is_constant else self.values[name]

    def zeros(self, name: str) -> int:
        """Return how many elements of a tensor stand for real zero (its zero point where quantised)."""
        if name not in self._zeros:
            self._zeros[name] = count_zeros(self.tensors[name], self.value(name))
        return self._zeros[name]

    def density(self, name: str) -> float:
        """Return the fraction of non-zero elements."""
        size = self.value(name).size
        return 1.0 - self.zeros(name) / size if size else 0.0


def count_zeros(tensor: Tensor, values: np.ndarray) -> int:
    """Return how many elements equal real zero; per-channel zero points are compared along their axis."""
    q = tensor.quantization
    if q is None:
        return int(values.size - np.count_nonzero(values))
    if q.per_tensor:
        return int(np.count_nonzero(values == q.zero_point[0]))
    shape = [1] * values.ndim
    shape[q.axis] = -1
    return int(np.count_nonzero(values == q.zero_point.reshape(shape)))
