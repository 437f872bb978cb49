"""Tensors: shape, element type, quantisation and, for constants, values."""

import math
from dataclasses import dataclass, field

import numpy as np

from accelsim.base.errors import not_one_of

# Bits that one element occupies in the modelled memory, and the numpy type that carries it here.
# Types below 8 bits are carried one element per byte; ``Tensor.bytes`` counts them packed.
BITS = {
    "binary": 1, "ternary": 2, "int2": 2, "uint2": 2, "int4": 4, "uint4": 4,
    "int8": 8, "uint8": 8, "bool": 8, "int16": 16, "uint16": 16, "float16": 16, "bfloat16": 16,
    "int32": 32, "uint32": 32, "float32": 32, "int64": 64, "uint64": 64, "float64": 64, "complex64": 64,
}  # fmt: skip
CARRIERS = {
    "binary": np.int8, "ternary": np.int8, "int2": np.int8, "uint2": np.uint8, "int4": np.int8, "uint4": np.uint8,
    "bool": np.bool_, "bfloat16": np.float32,
}  # fmt: skip


def carrier(dtype: str) -> np.dtype:
    """Return the numpy type that carries an element type."""
    if dtype not in BITS:
        raise not_one_of("element type", dtype, BITS)
    return np.dtype(CARRIERS.get(dtype, dtype))


@dataclass(frozen=True, eq=False, slots=True)
class Quantization:
    """Affine quantisation: real = scale * (q - zero_point), per tensor or along one axis.

    Attributes
    ----------
    scale : ndarray, shape (1,) or (channels,), float32
        As the file stores it.
    zero_point : ndarray, same shape, int64
    axis : int
        The axis of ``channels``; 0 where per tensor.
    """

    scale: np.ndarray
    zero_point: np.ndarray
    axis: int = 0

    @property
    def per_tensor(self) -> bool:
        """True for a single scale."""
        return self.scale.size == 1


@dataclass(frozen=True, eq=False, slots=True)
class Structure:
    """How a constant is really stored, where that is not one plain element after another.

    Attributes
    ----------
    kind : str
        "pruned" (unstructured), "n_of_m", "codebook", "block".
    stored_bytes : int
        Bytes in the model file's own form, indices and codebook included.
    detail : tuple of (str, int)
        Parameters of the kind, such as (("n", 2), ("m", 4)) or (("entries", 256), ("index_bits", 4)).
    """

    kind: str
    stored_bytes: int
    detail: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Tensor:
    """A named array of the graph. Activations are channels-last (N, H, W, C); convolution weights are (O, H, W, I).

    Attributes
    ----------
    values : ndarray or None
        Constant values in the carrier type; None for what the network computes. Of a state: the first contents.
    is_state : bool
        Kept from one inference to the next (streaming models).
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    quantization: Quantization | None = None
    values: np.ndarray | None = field(default=None, repr=False)
    structure: Structure | None = None
    is_state: bool = False

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def bits(self) -> int:
        """Bits of one element."""
        return BITS[self.dtype]

    @property
    def bytes(self) -> int:
        """Bytes of the whole tensor, sub-byte types packed [B]."""
        return -(-self.elements * self.bits // 8)

    @property
    def is_constant(self) -> bool:
        """True where the model file carries the values and nothing writes them."""
        return self.values is not None and not self.is_state
