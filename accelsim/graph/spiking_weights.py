"""Loihi's stored weights: an 8-bit mantissa of some precision and sign mode, times a power of two."""

from typing import Literal

import numpy as np

from accelsim.base.errors import AccelsimError

SignMode = Literal["mixed", "excitatory", "inhibitory"]
LIMIT = 2**21 - 64


def effective_weights(mantissa: np.ndarray, exponent: int = 0, bits: int = 8, sign_mode: SignMode = "mixed") -> np.ndarray:
    """Return what a spike adds to the synaptic current, int32.

    clip(floor(trunc(w / P) * P * 2**(6 + exponent) / 64) * 64, +-(2**21 - 64)) with the precision
    P = 2**(8 - (bits - mixed)): a mixed sign costs one bit, so that 8 mixed bits hold even numbers.

    Parameters
    ----------
    mantissa : ndarray of int
        -256..254 mixed, 0..255 excitatory, -255..0 inhibitory.
    exponent : int
        -8..7.

    Raises
    ------
    AccelsimError
        A mantissa, exponent or width outside its range.

    References
    ----------
    Davies et al., IEEE Micro 38(1), 2018; as in brian2-loihi 0.5.2 (``loihi_synapses.py``).
    """
    lowest, highest = {"mixed": (-256, 255), "excitatory": (0, 255), "inhibitory": (-255, 0)}[sign_mode]
    mantissa = np.asarray(mantissa)
    if mantissa.size and not lowest <= mantissa.min() <= mantissa.max() <= highest:
        raise AccelsimError("Loihi weights", f"mantissas {mantissa.min()}..{mantissa.max()} are outside {lowest}..{highest} of sign mode '{sign_mode}'")
    if not -8 <= exponent <= 7 or not 1 <= bits <= 8:
        raise AccelsimError("Loihi weights", f"exponent {exponent} or {bits} bits is outside -8..7 or 1..8")
    precision = 2 ** (8 - (bits - (sign_mode == "mixed")))
    kept = np.trunc(mantissa / precision) * precision
    return np.clip(np.floor(kept * 2.0**exponent) * 64, -LIMIT, LIMIT).astype(np.int32)


def bias_of(mantissa: int, exponent: int) -> int:
    """Return a bias in units of the voltage: a signed 13-bit mantissa shifted by 0..7."""
    if not -4095 <= mantissa <= 4095 or not 0 <= exponent <= 7:
        raise AccelsimError("Loihi bias", f"mantissa {mantissa} or exponent {exponent} is outside -4095..4095 or 0..7")
    return mantissa << exponent
