"""On-chip SRAM that the mapper manages: what is in it is what the plan put there."""

from typing import Literal, Self

from pydantic import model_validator

from accelsim.base.schema import Count, Frequency, field
from accelsim.hardware.memory import Memory
from accelsim.hardware.resource import Resource


class Scratchpad(Memory):
    """On-chip SRAM that the mapper manages: what is in it is what the plan put there.

    Its bandwidth is stated as such, or follows from its build: each of ``ports`` moves ``width`` bytes per ``clock`` cycle, and a
    bank of single-ported cells serves one port at a time, so that at most min(ports, banks) move at once. Requests
    are taken to be spread evenly over the banks (addresses interleaved); conflicts by address are not modelled.
    """

    kind: Literal["scratchpad"]
    banks: Count = field("single-ported banks over which addresses are interleaved", default=1)
    ports: Count = field("requests that can be served at once; with channels 'read_write', per direction", default=1)
    width: Count | None = field("bytes that a port moves per cycle; in place of bandwidth", unit="B", default=None)
    clock: Frequency | None = field("of ports and banks; goes with width", unit="Hz", default=None)

    @model_validator(mode="after")
    def _one_way_to_say_bandwidth(self) -> Self:
        if (self.width is None) != (self.clock is None):
            raise ValueError("width and clock go together")
        if self.width is not None and self.bandwidth is not None:
            raise ValueError("states bandwidth and also width and clock; state one of the two")
        if self.ports > 1 and self.banks < self.ports:
            raise ValueError(f"{self.ports} ports need at least as many banks, not {self.banks}")
        return self

    def resources(self, name: str) -> tuple[Resource, ...]:
        """Return the channel servers, at the stated bandwidth or that of the build."""
        if self.width is None:
            return super().resources(name)
        built = self.width * self.clock * min(self.ports, self.banks)
        return self.model_copy(update={"bandwidth": built, "width": None, "clock": None}).resources(name)


DESCRIPTION = Scratchpad
