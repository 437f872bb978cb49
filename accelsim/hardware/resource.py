"""What the engines see of a described thing: a name, a kind of service and a flat row of integers."""

from dataclasses import dataclass

import numpy as np

from accelsim.base.clocks import Clock
from accelsim.kernels.service import CLOCKED, PARAMETERS, QUANTUM, READ_LATENCY, STREAM, WRITE_LATENCY, P, Q


@dataclass(frozen=True, slots=True)
class Resource:
    """One server of the plan.

    Attributes
    ----------
    name : str
        ``npu``, ``sram.read``, ``dma``.
    service : int
        A code of ``accelsim.kernels.service``.
    parameters : tuple of int
        The service's parameter row.
    """

    name: str
    service: int
    parameters: tuple[int, ...]


def clocked(name: str, clock: Clock) -> Resource:
    """Return a unit's server: amounts are clock cycles, starts are at clock edges."""
    return Resource(name, CLOCKED, _row({P: clock.p, Q: clock.q, QUANTUM: 1}))


def stream(name: str, beat: Clock, bytes_per_beat: int, latencies_ps: tuple[int, int] = (0, 0)) -> Resource:
    """Return a plain channel: amounts are bytes, rounded up to beats; latency is added but does not occupy."""
    return Resource(name, STREAM, _row({P: beat.p, Q: beat.q, QUANTUM: bytes_per_beat, READ_LATENCY: latencies_ps[0], WRITE_LATENCY: latencies_ps[1]}))


def _row(values: dict[int, int]) -> tuple[int, ...]:
    row = np.zeros(PARAMETERS, dtype=np.int64)
    for slot, value in values.items():
        row[slot] = value
    return tuple(int(v) for v in row)
