"""External DRAM as a plain channel: bandwidth, latency, burst (the part's banks and rows are not modelled)."""

from typing import Literal

from accelsim.base.schema import Fraction, field
from accelsim.hardware.memory import Memory
from accelsim.hardware.resource import Resource


class DramChannel(Memory):
    """External DRAM as a plain channel: bandwidth, latency, burst (the part's banks and rows are not modelled)."""

    kind: Literal["dram_channel"]
    efficiency: Fraction = field("share of the bandwidth that long streams reach: refresh, row changes and turnarounds take the rest", default=1.0, gt=0)

    def resources(self, name: str) -> tuple[Resource, ...]:
        """Return the channel servers at the bandwidth that streams reach."""
        if self.bandwidth is None or self.efficiency == 1.0:
            return super().resources(name)
        return self.model_copy(update={"bandwidth": self.bandwidth * self.efficiency, "efficiency": 1.0}).resources(name)


DESCRIPTION = DramChannel
