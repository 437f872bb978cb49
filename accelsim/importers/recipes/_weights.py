"""Seeded normal weights as 256 equally likely levels: one random byte a weight, so that millions take milliseconds.

A byte selects the middle of one of 256 equal slices of the standard normal distribution. The int8 codes and the float32
values come from the same byte, so both precisions of a recipe are the same network.
"""

from functools import lru_cache
from statistics import NormalDist

import numpy as np

from accelsim.graph.tensor import Quantization, Tensor

LEVELS = 256
BLOCK = 1 << 20


@lru_cache(maxsize=1)
def levels() -> tuple[np.ndarray, float, bytes]:
    """Return (normal levels with deviation 1 (256,), the largest level, the table from byte to int8 code)."""
    middles = np.array([NormalDist().inv_cdf((i + 0.5) / LEVELS) for i in range(LEVELS)])
    middles /= np.sqrt(np.mean(middles**2))
    codes = np.rint(middles * (127 / middles.max())).astype(np.int8)
    return middles, float(middles.max()), codes.tobytes()


def random_weights(generator: np.random.Generator, name: str, shape: tuple[int, ...], deviation: np.ndarray, axis: int, precision: str) -> Tensor:
    """Return a constant of normal weights.

    Parameters
    ----------
    deviation : ndarray, shape (1,) or (shape[axis],)
        Standard deviation, of the whole tensor or of each slice along ``axis``.
    precision : str
        "float32"; "int8" (symmetric codes with a scale per slice); "shape" (one zero for all, when only counting).
    """
    if precision == "shape":
        return Tensor(name, shape, "float32", values=np.broadcast_to(np.float32(0), shape))
    count = int(np.prod(shape))
    drawn = bytearray(generator.bytes(count))
    middles, top, codes = levels()
    scale = deviation * top / 127
    if precision == "int8":
        values = np.frombuffer(drawn.translate(codes), np.int8).reshape(shape)
        return Tensor(name, shape, "int8", Quantization(scale.astype(np.float32), np.zeros(scale.size, np.int64), axis), values)
    # The float network holds exactly what the codes stand for.
    table = np.frombuffer(codes, np.int8).astype(np.float32)
    values, bytes_ = np.empty(count, np.float32), np.frombuffer(drawn, np.uint8)
    for start in range(0, count, BLOCK):
        np.take(table, bytes_[start : start + BLOCK], out=values[start : start + BLOCK], mode="clip")
    values = values.reshape(shape)
    values *= scale.astype(np.float32).reshape([-1 if i == axis else 1 for i in range(len(shape))])
    return Tensor(name, shape, "float32", values=values)
