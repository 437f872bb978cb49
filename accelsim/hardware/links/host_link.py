"""The host's way to the registers of a neuromorphic chip: accesses travel in frames over a bus of its own."""

from typing import Literal

from pydantic import field_validator

from accelsim.base.errors import guess
from accelsim.base.schema import Count, CountOrZero, field
from accelsim.hardware.memory import Link
from accelsim.hardware.neuromem import REGISTERS, LinkFrame


class HostLink(Link):
    """The host's way to the registers of a neuromorphic chip: accesses travel in frames over a bus of its own.

    Without ``bandwidth`` the host drives the chip's own parallel bus: a transfer is then part of the access's cycles.

    References
    ----------
    NeuroShield User's Guide v1.0.5 (2018), p. 16-17: one reserved byte, four of address, three of length, then 16-bit words.
    """

    kind: Literal["host_link"]
    header_bytes: CountOrZero = field("of a frame before its data", unit="B")
    word_bytes: Count = field("of one register value", unit="B")
    burst_registers: tuple[str, ...] = field("registers whose successive accesses go out in one frame", default=())

    @field_validator("burst_registers")
    @classmethod
    def _are_registers(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in REGISTERS:
                raise ValueError(f"'{name}' is not one of {', '.join(REGISTERS)} ({guess(name, REGISTERS)})".replace(" ()", ""))
        return names

    def frame(self) -> LinkFrame:
        """Return the frame in the form that counts bytes."""
        return LinkFrame(self.header_bytes, self.word_bytes, self.burst_registers)


DESCRIPTION = HostLink
