"""Blocks of pixels to channels and back, in TensorFlow's order (block row, block column, channel)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attributes:
    """Edge of the square block of pixels."""

    block: int = 2
