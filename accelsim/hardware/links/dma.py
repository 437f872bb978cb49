"""A DMA engine: moves bytes between memories beside the compute units."""

from typing import Literal

from accelsim.hardware.memory import Link


class Dma(Link):
    """A DMA engine: moves bytes between memories beside the compute units."""

    kind: Literal["dma"]


DESCRIPTION = Dma
