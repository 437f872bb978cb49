"""What the run of a network's arithmetic left behind: the tensors' real values, and counts read from them on demand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from accelsim.base.errors import not_one_of
from accelsim.graph.tensor import Tensor

# Named orders in which a channels-last tensor is traversed: the axes from the slowest to the fastest.
ORDERS = {
    "memory": lambda rank: range(rank),
    "planes": lambda rank: (*range(rank - 3), rank - 1, rank - 3, rank - 2) if rank >= 3 else range(rank),
    "columns": lambda rank: (*range(rank - 3), rank - 2, rank - 3, rank - 1) if rank >= 3 else range(rank),
}


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
    _known: dict[tuple, float] = field(default_factory=dict, repr=False)

    def value(self, name: str) -> np.ndarray:
        """Return a tensor's values, constant or computed."""
        tensor = self.tensors[name]
        return tensor.values if tensor.is_constant else self.values[name]

    def zeros(self, name: str, block: int = 1) -> int:
        """Return how many runs of ``block`` channels side by side stand for real zero throughout (the zero point where quantised).

        Parameters
        ----------
        name : str
        block : int
            Elements along the last axis; the last run of a pixel may be shorter.
        """
        return self._once(("zeros", name, block), lambda: count_zero_blocks(self.tensors[name], self.value(name), block))

    def density(self, name: str, block: int = 1) -> float:
        """Return the fraction of elements, or of runs of ``block`` channels, that are not zero."""
        blocks = block_count(self.tensors[name].shape, block)
        return 1.0 - self.zeros(name, block) / blocks if blocks else 0.0

    def toggles(self, name: str, order: str = "memory", word_bytes: int = 1) -> int:
        """Return how many wires of a bus change from word to word while a tensor passes in a named order.

        Parameters
        ----------
        order : str
            One of ``ORDERS``: "memory" (channels fastest), "planes" (a channel's pixels one after another), "columns".
        word_bytes : int
            Bytes side by side on the bus; the last word is filled with zeros.
        """
        if order not in ORDERS:
            raise not_one_of("traversal order", order, ORDERS)
        return self._once(("toggles", name, order, word_bytes), lambda: count_toggles(self.value(name), order, word_bytes))

    def toggle_rate(self, name: str, order: str = "memory", word_bytes: int = 1) -> float:
        """Return toggles per wire and step between words; random data has 0.5."""
        steps = -(-self.value(name).nbytes // word_bytes) - 1
        return self.toggles(name, order, word_bytes) / (steps * word_bytes * 8) if steps > 0 else 0.0

    def _once(self, key: tuple, count) -> int:
        if key not in self._known:
            self._known[key] = count()
        return self._known[key]


def block_count(shape: tuple[int, ...], block: int) -> int:
    """Return the runs of ``block`` elements along the last axis of a tensor."""
    pixels = int(np.prod(shape[:-1], dtype=np.int64)) if shape else 1
    return pixels * -(-shape[-1] // block) if shape else 1


def is_zero(tensor: Tensor, values: np.ndarray) -> np.ndarray:
    """Return where elements equal real zero; per-channel zero points are compared along their axis."""
    q = tensor.quantization
    if q is None:
        return values == 0
    if q.per_tensor:
        return values == q.zero_point[0]
    shape = [1] * values.ndim
    shape[q.axis] = -1
    return values == q.zero_point.reshape(shape)


def count_zero_blocks(tensor: Tensor, values: np.ndarray, block: int) -> int:
    """Return how many runs of ``block`` elements along the last axis are zero throughout."""
    zero = is_zero(tensor, values)
    if block == 1 or not zero.ndim:
        return int(np.count_nonzero(zero))
    rows = zero.reshape(-1, zero.shape[-1])
    whole = rows.shape[1] // block * block
    found = int(np.count_nonzero(rows[:, :whole].reshape(len(rows), -1, block).all(axis=2)))
    return found + (int(np.count_nonzero(rows[:, whole:].all(axis=1))) if whole < rows.shape[1] else 0)


def count_toggles(values: np.ndarray, order: str, word_bytes: int) -> int:
    """Return the bits that differ between consecutive words of a tensor's bytes."""
    flat = np.frombuffer(np.ascontiguousarray(values.transpose(tuple(ORDERS[order](values.ndim)))).tobytes(), np.uint8)
    words = np.pad(flat, (0, -flat.size % word_bytes)).reshape(-1, word_bytes)
    return int(np.bitwise_count(words[1:] ^ words[:-1]).sum())
