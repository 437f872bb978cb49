"""On-chip SRAM that the mapper manages: what is in it is what the plan put there."""

from typing import Literal, Self

from pydantic import model_validator

from accelsim.base.clocks import clock_of
from accelsim.base.schema import Capacity, Count, Frequency, field
from accelsim.hardware.memory import PS_PER_S, Memory
from accelsim.hardware.resource import Resource, banked
from accelsim.kernels.service import MOST_BANKS, MOST_PORTS


class Scratchpad(Memory):
    """On-chip SRAM that the mapper manages: what is in it is what the plan put there.

    Its bandwidth is stated as such, or follows from its build: each of ``ports`` moves ``width`` bytes per ``clock`` cycle, and a
    bank of single-ported cells serves one port at a time, so that at most min(ports, banks) move at once. Without ``interleave`` requests
    are taken to be spread evenly and to find their banks free. With it every transfer takes one port, reads and writes alike, and meets the others
    in the banks: by address where a tensor lies in some of them, as chance has it where its bytes are spread over all (``kernels/bank_service.py``).
    """

    kind: Literal["scratchpad"]
    banks: Count = field("single-ported banks over which addresses are interleaved", default=1)
    ports: Count = field("requests that can be served at once; with channels 'read_write', per direction", default=1)
    width: Count | None = field("bytes that a port moves per cycle; in place of bandwidth", unit="B", default=None)
    clock: Frequency | None = field("of ports and banks; goes with width", unit="Hz", default=None)

    interleave: Capacity | None = field("bytes in one bank before the next begins (capacity / banks: a range each); null: no conflicts", unit="B", default=None)

    @model_validator(mode="after")
    def _one_way_to_say_bandwidth(self) -> Self:
        if (self.width is None) != (self.clock is None):
            raise ValueError("width and clock go together")
        if self.width is not None and self.bandwidth is not None:
            raise ValueError("states bandwidth and also width and clock; state one of the two")
        if self.ports > 1 and self.banks < self.ports:
            raise ValueError(f"{self.ports} ports need at least as many banks, not {self.banks}")
        if self.interleave is not None:
            self._check_interleave(self.interleave)
        return self

    def _check_interleave(self, interleave: float) -> None:
        if self.width is None:
            raise ValueError("interleave needs width and clock of the ports")
        if self.channels != "shared":
            raise ValueError("interleave goes with channels 'shared': reads and writes meet in the banks")
        if self.ports > MOST_PORTS or self.banks > MOST_BANKS:
            raise ValueError(f"conflicts are modelled for up to {MOST_PORTS} ports and {MOST_BANKS} banks")
        if not interleave >= self.width:
            raise ValueError(f"interleave is less than the {self.width} B that a port moves at once")

    def resources(self, name: str) -> tuple[Resource, ...]:
        """Return the channel servers, at the stated bandwidth or that of the build."""
        if self.width is None:
            return super().resources(name)
        if self.interleave is not None:
            latencies = (round(self.read_latency * PS_PER_S), round(self.write_latency * PS_PER_S))
            return (banked(name, clock_of(self.clock), self.width, self.ports, self.banks, int(self.interleave), latencies),)
        built = self.width * self.clock * min(self.ports, self.banks)
        return self.model_copy(update={"bandwidth": built, "width": None, "clock": None}).resources(name)


DESCRIPTION = Scratchpad
