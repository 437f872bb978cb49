"""Non-volatile memory for constants, read in place or copied."""

from typing import Literal

from accelsim.base.schema import field
from accelsim.hardware.memory import Memory


class Flash(Memory):
    """Non-volatile memory for constants, read in place or copied."""

    kind: Literal["flash"]
    volatile: bool = field("keeps its content without power", default=False)


DESCRIPTION = Flash
