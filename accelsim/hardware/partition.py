"""Parts of a product: some of its filters or some of its output rows."""

from dataclasses import fields
from functools import lru_cache
from operator import attrgetter

from accelsim.graph.work import Contraction


def filters_of(work: Contraction) -> int:
    """Return the channels of output over which a contraction can be cut: groups of a depthwise one, else filters."""
    return work.group if work.is_depthwise else work.filters


_FIELDS = tuple(each.name for each in fields(Contraction))
_values = attrgetter(*_FIELDS)
_set = tuple(getattr(Contraction, name).__set__ for name in _FIELDS)
_PLACE = {name: place for place, name in enumerate(_FIELDS)}


@lru_cache(maxsize=1 << 16)
def part_of(work: Contraction, rows: int | None = None, filters: int | None = None) -> Contraction:
    """Return the contraction over some output rows or some filters."""
    if rows is not None:
        needed = (rows - 1) * work.stride_h + (work.filter_h - 1) * work.dilation_h + 1
        return _with(work, out_h=rows, in_h=min(work.in_h, needed))
    return _with(work, group=filters) if work.is_depthwise else _with(work, filters=filters)


def _with(work: Contraction, **changed: int) -> Contraction:
    """Return ``dataclasses.replace`` of a contraction in a quarter of its time: a search makes hundreds of parts for every chip."""
    values = list(_values(work))
    for name, value in changed.items():
        values[_PLACE[name]] = value
    part = object.__new__(Contraction)
    for put, value in zip(_set, values, strict=True):
        put(part, value)
    return part
