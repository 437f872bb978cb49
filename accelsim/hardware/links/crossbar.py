"""A crossbar: every pair at once, but one transfer at a time into and out of each port."""

from typing import Literal

from accelsim.base.schema import field
from accelsim.hardware.interconnect import Interconnect


class Crossbar(Interconnect):
    """A crossbar: every pair at once, but one transfer at a time into and out of each port."""

    kind: Literal["crossbar"]
    attaches: tuple[str, ...] = field("units, memories and movers, each with a port in and a port out")

    @property
    def attached(self) -> tuple[str, ...]:
        """Names of what is attached."""
        return self.attaches

    def links(self, source: str, target: str) -> tuple[str, ...]:
        """Return the source's way in and the target's way out."""
        return () if source == target else (f"{source}>", f">{target}")


DESCRIPTION = Crossbar
