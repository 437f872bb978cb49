"""A trace of memory requests on a DRAM part behind a controller: clocks, latencies, commands, joules."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.base.quantities import show
from accelsim.hardware.dram_energy import dram_energy
from accelsim.hardware.dram_parameters import channel_counts, channel_parameters
from accelsim.hardware.dram_part import load_controller, load_part
from accelsim.kernels import dram_layout as d

COMMANDS = ("activate", "precharge", "precharge_all", "read", "write", "refresh", "refresh_bank", "clock_sync")


@dataclass(frozen=True)
class ServedTrace:
    """What a channel made of a trace.

    Attributes
    ----------
    part, controller : str
    bursts : int
    clocks : int
        Up to the last beat.
    seconds, bytes_per_second : float
    read_latency : float or None
        Mean from acceptance to the last beat [clocks]; None without reads.
    stranded : int
        Writes that the controller never issued (profiles that do not flush).
    counts : dict of str to int
        Commands, row hits, merged and forwarded requests, clocks in each power state.
    joules : dict of str to float
    """

    part: str
    controller: str
    bursts: int
    clocks: int
    seconds: float
    bytes_per_second: float
    read_latency: float | None
    stranded: int
    counts: dict[str, int]
    joules: dict[str, float]

    def words(self) -> Iterator[str]:
        """Yield what a reader wants to know, a line each."""
        yield f"{self.bursts} bursts on {self.part} under {self.controller}: {self.clocks} clocks, {show(self.seconds, 's')}, {show(self.bytes_per_second, 'B/s')}"
        if self.read_latency is not None:
            yield f"mean read latency: {self.read_latency:.2f} clocks"
        yield "commands: " + ", ".join(f"{name} {self.counts[name]}" for name in COMMANDS if self.counts[name])
        yield f"row hits {self.counts['row_hit']}, merged {self.counts['merged']}, forwarded {self.counts['forwarded']}"
        if self.stranded:
            yield f"{self.stranded} writes are left in the controller, which does not flush them"
        total = sum(self.joules.values())
        yield f"energy: {show(total, 'J')} (" + ", ".join(f"{name} {show(value, 'J', 3)}" for name, value in self.joules.items() if value) + ")"


def serve_trace(part: str, controller: str, requests: np.ndarray) -> ServedTrace:
    """Return what a DRAM part makes of requests, by the exact kernel.

    Parameters
    ----------
    part, controller : str
        By name or file.
    requests : ndarray, shape (requests, 3), int64
        Byte address, 1 for a write, earliest clock.

    Raises
    ------
    AccelsimError
        No such part or controller, or an address beyond the part.
    """
    from accelsim.kernels.dram import serve

    described, _ = load_part(part)
    numbers = channel_parameters(described, load_controller(controller), f"{part} under {controller}")
    geometry = described.geometry
    capacity = geometry.banks * geometry.rows * geometry.columns * geometry.device_width * geometry.devices // 8
    beyond = np.flatnonzero(requests[:, 0] >= capacity)
    if len(beyond):
        raise AccelsimError(f"request {beyond[0] + 1}", f"address 0x{requests[beyond[0], 0]:X} lies beyond the {capacity} bytes of {part}")
    batch = np.zeros((len(requests), d.BATCH_COLUMNS), np.int64)
    batch[:, d.C_ADDRESS], batch[:, d.C_WRITE], batch[:, d.C_ARRIVAL] = requests[:, 0] // geometry.burst_bytes, requests[:, 1], requests[:, 2]
    batch[:, d.C_FINISH] = -1
    record = d.fresh_record(numbers)
    clocks = int(serve(numbers, record, batch, 0, np.zeros((1, d.LOG_FIELDS), np.int64)))
    counts = channel_counts(record, clocks)
    answered = (batch[:, d.C_WRITE] == 0) & (batch[:, d.C_FINISH] >= 0)
    latency = float((batch[answered, d.C_FINISH] - batch[answered, d.C_ACCEPTED]).mean()) if answered.any() else None
    seconds = clocks * described.timing.tCK
    moved = (counts["read"] + counts["write"]) * geometry.burst_bytes
    stranded = int(((batch[:, d.C_WRITE] == 1) & (batch[:, d.C_FINISH] < 0)).sum())
    return ServedTrace(part, controller, len(batch), clocks, seconds, moved / seconds if seconds else 0.0, latency, stranded, counts, dram_energy(described, counts))
