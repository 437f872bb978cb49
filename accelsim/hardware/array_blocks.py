"""Blocks of outputs in which an array works: what one is, what its buffer holds, and how it may be cut."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from accelsim.base.schema import Count, Described, field

MOST_PARTS = 8


class Extent(Described):
    """A block of output: rows, columns, channels."""

    h: Count = field("rows")
    w: Count = field("columns")
    c: Count = field("channels")

    @property
    def elements(self) -> int:
        """Outputs in the block."""
        return self.h * self.w * self.c


class BlockBuffer(Described):
    """The array's own buffer, dealt out in banks to inputs and sums, both double."""

    banks: Count = field("banks for inputs and sums")
    bank_bytes: Count = field("size of one", unit="B")
    input_granule: Count = field("banks in which input space is dealt out", default=1)
    sum_granule: Count = field("banks in which sum space is dealt out", default=1)
    elementwise_granule: Count = field("likewise for the inputs of element-wise work", default=1)


@dataclass(frozen=True, slots=True)
class Laid:
    """Output and input extents over which blocks are laid."""

    out_h: int
    out_w: int
    out_c: int
    in_h: int
    in_w: int
    in_c: int

    def blocks(self, block: Extent, unit: Extent | None) -> float:
        """Return the blocks that cover the output; given a unit block, those at its edges count as the unit blocks of them that lie inside."""
        if unit is None:
            return -(-self.out_h // block.h) * -(-self.out_w // block.w) * -(-self.out_c // block.c)
        whole = -(-self.out_h // unit.h) * -(-self.out_w // unit.w) * -(-self.out_c // unit.c)
        return whole / (-(-min(block.h, self.out_h) // unit.h) * -(-min(block.w, self.out_w) // unit.w) * -(-min(block.c, self.out_c) // unit.c))

    def inside(self, block: Extent) -> int:
        """Return the outputs of a block that lie inside the layer."""
        return min(block.h, self.out_h) * min(block.w, self.out_w) * min(block.c, self.out_c)

    def limits(self, unit: Extent, largest: Extent, channel_step: int) -> Iterator[Extent]:
        """Yield limits of a block that cut rows and channels into few equal parts."""
        heights = dict.fromkeys(min(largest.h, up(-(-self.out_h // parts), unit.h)) for parts in range(1, MOST_PARTS + 1))
        whole = up(self.out_c, unit.c)
        depths = dict.fromkeys(min(largest.c, whole if parts == 1 else up(-(-self.out_c // parts), channel_step)) for parts in range(1, MOST_PARTS + 1))
        for h in heights:
            for c in depths:
                yield Extent.model_construct(h=h, w=largest.w, c=c)


class Timing(NamedTuple):
    """How long an array takes for blocks one after another.

    Attributes
    ----------
    cycles : float
        From the first block's operands being there to the last block's results having passed the output stage.
    tail : float
        Of them, those at the end in which one of the two stages has nothing to do any more.
    edges : float
        Beside them: the first block's operands on their way in, the last block's results on their way out.
    """

    cycles: float
    tail: float
    edges: float


def timing(blocks: float, array: float, output: float, ways: tuple[float, float], overlap: float) -> Timing:
    """Return how long blocks take that pass two stages; the second works on the last block while the first works on the next.

    Parameters
    ----------
    array, output : float
        Cycles of a block in either stage.
    ways : tuple of two float
        Cycles in which its operands arrive and its results leave. Both ways are under way at once: only by how much they differ shows in between.
    overlap : float
        Blocks that may be under way at once: none is faster than its whole chain divided by this.
    """
    chain = (array + output + (abs(ways[0] - ways[1]) if blocks > 1 else 0.0)) / overlap
    array, output = max(array, chain), max(output, chain)
    return Timing(blocks * max(array, output) + min(array, output), min(array, output), sum(ways))


def up(value: int, granule: int) -> int:
    """Return the next multiple of a granule."""
    return -(-value // granule) * granule


def span(outputs: int, stride: int, taps: int, dilation: int) -> int:
    """Return the input extent that a run of outputs needs."""
    return (outputs - 1) * stride + (taps - 1) * dilation + 1
