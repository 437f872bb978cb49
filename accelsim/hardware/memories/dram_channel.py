"""External DRAM as a plain channel: bandwidth, latency, burst (the part's banks and rows are not modelled)."""

from typing import Literal

from accelsim.hardware.memory import Memory


class DramChannel(Memory):
    """External DRAM as a plain channel: bandwidth, latency, burst (the part's banks and rows are not modelled)."""

    kind: Literal["dram_channel"]


DESCRIPTION = DramChannel
