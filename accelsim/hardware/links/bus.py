"""A shared bus: one transfer at a time between whatever is attached."""

from typing import Literal

from accelsim.base.schema import field
from accelsim.hardware.interconnect import Interconnect


class Bus(Interconnect):
    """A shared bus: one transfer at a time between whatever is attached."""

    kind: Literal["bus"]
    attaches: tuple[str, ...] = field("units, memories and movers on the bus")

    @property
    def attached(self) -> tuple[str, ...]:
        """Names of what is attached."""
        return self.attaches

    def links(self, source: str, target: str) -> tuple[str, ...]:
        """Return the bus itself."""
        return () if source == target else ("",)


DESCRIPTION = Bus
