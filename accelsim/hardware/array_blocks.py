"""Blocks of outputs in which an array works: what one is, what its buffer holds, and how it may be cut."""

from collections.abc import Iterator
from dataclasses import dataclass

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

    def blocks(self, block: Extent) -> int:
        """Return the blocks that cover the output."""
        return -(-self.out_h // block.h) * -(-self.out_w // block.w) * -(-self.out_c // block.c)

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


def up(value: int, granule: int) -> int:
    """Return the next multiple of a granule."""
    return -(-value // granule) * granule


def span(outputs: int, stride: int, taps: int, dilation: int) -> int:
    """Return the input extent that a run of outputs needs."""
    return (outputs - 1) * stride + (taps - 1) * dilation + 1
