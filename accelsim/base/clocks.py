"""Clocks in integer picoseconds: a period is a reduced fraction p/q ps, edge n is at ``n * p // q``."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isqrt

from accelsim.base.errors import AccelsimError

PS_PER_S = 10**12
SLOWEST_HZ = 1e-3
DENOMINATOR_OF_HZ = 10**6
LARGEST_PRODUCT = 2**62


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock whose period is exactly ``p / q`` picoseconds.

    933 MHz is p/q = 10**6/933: edges fall on whole picoseconds without drift, and ``r * q`` with
    ``r < p`` stays below 2**62, so the engines' int64 arithmetic cannot overflow.
    """

    p: int
    q: int

    def edge(self, n: int) -> int:
        """Return the time [ps] of edge n."""
        return n // self.q * self.p + n % self.q * self.p // self.q

    def edge_at_or_after(self, time: int) -> int:
        """Return the number of the first edge at or after a time [ps]."""
        n = time // self.p * self.q + time % self.p * self.q // self.p
        return n if self.edge(n) >= time else n + 1

    @property
    def hz(self) -> float:
        """Frequency [Hz]."""
        return PS_PER_S * self.q / self.p


@lru_cache(maxsize=1 << 10)
def clock_of(hz: float, place: str = "clock") -> Clock:
    """Return the clock of a frequency [Hz]: exact where its period is a short fraction, else within a billionth of it.

    Raises
    ------
    AccelsimError
        The frequency is below 1 mHz or above 1 THz.
    """
    if not SLOWEST_HZ <= hz <= PS_PER_S:
        raise AccelsimError(place, f"{hz:g} Hz is not a clock frequency", "from 1 mHz to 1 THz")
    period = Fraction(PS_PER_S) / Fraction(hz).limit_denominator(DENOMINATOR_OF_HZ)
    if period.numerator * period.denominator > LARGEST_PRODUCT:
        period = period.limit_denominator(isqrt(int(LARGEST_PRODUCT / period)))
    return Clock(period.numerator, period.denominator)
