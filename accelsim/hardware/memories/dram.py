"""External DRAM with its part's banks, rows, refresh and currents."""

from typing import Literal, Self

from pydantic import model_validator

from accelsim.base.clocks import clock_of
from accelsim.base.errors import AccelsimError
from accelsim.base.schema import Count, field
from accelsim.hardware.dram_channel import channel_of
from accelsim.hardware.dram_part import controllers, parts
from accelsim.hardware.memory import PS_PER_S, Memory
from accelsim.hardware.resource import Resource, dram


class Dram(Memory):
    """External DRAM with its part's banks, rows, refresh and currents.

    A transfer is a stream of bursts at its address. Rows open and close as the part's timing rules allow, refresh comes in
    between, and energy is that of the commands (``hardware/dram_energy.py``). Several channels share every transfer evenly.
    """

    kind: Literal["dram"]
    part: str = field("a file of hwconfigs/dram, or a path")
    controller: str = field("a file of hwconfigs/dram/controllers, or a path", default="interleaved")
    service: Literal["rows", "bursts"] = field("rows: a transfer is served row by row; bursts: every burst passes the controller's queues (exact, slower)", default="rows")
    part_channels: Count = field("equal channels over which every transfer is spread", default=1)

    @model_validator(mode="after")
    def _bandwidth_is_the_parts(self) -> Self:
        if self.bandwidth is not None:
            raise ValueError("states bandwidth, which follows from part, controller and part_channels")
        if self.read_energy is not None or self.write_energy is not None:
            raise ValueError("states read_energy or write_energy, which follow from the part")
        for name, known in ((self.part, parts()), (self.controller, controllers())):
            if "/" not in name and not name.endswith(".yaml") and name not in known:
                raise ValueError(f"'{name}' is not one of {', '.join(known)}")
        return self

    @property
    def peak_bandwidth(self) -> float:
        """Of the data pins of all channels [B/s]."""
        part = channel_of(self.part, self.controller).part
        return self.part_channels * part.geometry.burst_bytes / (part.geometry.burst_clocks * part.timing.tCK)

    def resources(self, name: str) -> tuple[Resource, ...]:
        """Return the channels' common server."""
        channel = channel_of(self.part, self.controller, self.service == "bursts")
        latencies = (round(self.read_latency * PS_PER_S), round(self.write_latency * PS_PER_S))
        try:
            command_clock = clock_of(round(1 / channel.part.timing.tCK, 3))
        except AccelsimError as error:
            raise AccelsimError(f"dram part {self.part}: timing.tCK", error.message, error.hint) from error
        return (dram(name, channel, command_clock, self.part_channels, latencies),)


DESCRIPTION = Dram
