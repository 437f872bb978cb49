"""What the engines see of a described thing: a name, a kind of service and a flat row of integers."""

from dataclasses import dataclass, field

import numpy as np

from accelsim.base.clocks import Clock
from accelsim.hardware.dram_channel import DramChannel
from accelsim.kernels.dram_layout import FRACTION
from accelsim.kernels.service import (
    BANKED, BANKS, CLOCK_P, CLOCK_Q, CLOCKED, DRAM, INTERLEAVE, PARAMETERS, PORTS, QUANTUM, READ_LATENCY, STREAM, WRITE_LATENCY, P, Q,
)  # fmt: skip


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
    dram : DramChannel, optional
        Of a DRAM channel.
    """

    name: str
    service: int
    parameters: tuple[int, ...]
    dram: DramChannel | None = field(default=None, compare=False, repr=False)

    @property
    def addressed(self) -> bool:
        """Whether it matters where a transfer's bytes lie."""
        return self.service in (DRAM, BANKED)


def clocked(name: str, clock: Clock) -> Resource:
    """Return a unit's server: amounts are clock cycles, starts are at clock edges."""
    return Resource(name, CLOCKED, _row({P: clock.p, Q: clock.q, QUANTUM: 1}))


def stream(name: str, beat: Clock, bytes_per_beat: int, latencies_ps: tuple[int, int] = (0, 0)) -> Resource:
    """Return a plain channel: amounts are bytes, rounded up to beats; latency is added but does not occupy."""
    return Resource(name, STREAM, _row({P: beat.p, Q: beat.q, QUANTUM: bytes_per_beat, READ_LATENCY: latencies_ps[0], WRITE_LATENCY: latencies_ps[1]}))


def banked(name: str, clock: Clock, width: int, ports: int, banks: int, interleave: int, latencies_ps: tuple[int, int]) -> Resource:
    """Return the server of an SRAM whose ports meet in its banks; amounts are bytes."""
    own = {PORTS: ports, BANKS: banks, INTERLEAVE: interleave}
    return Resource(name, BANKED, _row({P: clock.p, Q: clock.q, QUANTUM: width, READ_LATENCY: latencies_ps[0], WRITE_LATENCY: latencies_ps[1]} | own))


def delay(name: str, latency_ps: int) -> Resource:
    """Return a server that occupies nobody: whatever comes leaves after a latency."""
    return Resource(name, STREAM, _row({P: 0, Q: 1, QUANTUM: 1, READ_LATENCY: latency_ps, WRITE_LATENCY: latency_ps}))


def dram(name: str, channel: DramChannel, clock: Clock, channels: int, latencies_ps: tuple[int, int] = (0, 0)) -> Resource:
    """Return the server of DRAM channels that share every transfer: amounts are bytes; P and Q tell the mean time of a read burst."""
    quantum = channels * channel.part.geometry.burst_bytes
    mean = {P: clock.p * int(channel.pace[0]), Q: clock.q * FRACTION, QUANTUM: quantum}
    own = {READ_LATENCY: latencies_ps[0], WRITE_LATENCY: latencies_ps[1], CLOCK_P: clock.p, CLOCK_Q: clock.q}
    return Resource(name, DRAM, _row(mean | own), channel)


def _row(values: dict[int, int]) -> tuple[int, ...]:
    row = np.zeros(PARAMETERS, dtype=np.int64)
    for slot, value in values.items():
        row[slot] = value
    return tuple(int(v) for v in row)
