"""Parts of a product: some of its filters or some of its output rows."""

from dataclasses import replace
from functools import lru_cache

from accelsim.graph.work import Contraction


def filters_of(work: Contraction) -> int:
    """Return the channels of output over which a contraction can be cut: groups of a depthwise one, else filters."""
    return work.group if work.is_depthwise else work.filters


@lru_cache(maxsize=1 << 16)
def part_of(work: Contraction, rows: int | None = None, filters: int | None = None) -> Contraction:
    """Return the contraction over some output rows or some filters."""
    if rows is not None:
        needed = (rows - 1) * work.stride_h + (work.filter_h - 1) * work.dilation_h + 1
        return replace(work, out_h=rows, in_h=min(work.in_h, needed))
    return replace(work, group=filters) if work.is_depthwise else replace(work, filters=filters)
