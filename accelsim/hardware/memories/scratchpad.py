"""On-chip SRAM that the mapper manages: what is in it is what the plan put there."""

from typing import Literal

from accelsim.hardware.memory import Memory


class Scratchpad(Memory):
    """On-chip SRAM that the mapper manages: what is in it is what the plan put there."""

    kind: Literal["scratchpad"]


DESCRIPTION = Scratchpad
