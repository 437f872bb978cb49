"""A cache in front of another memory: what fits stays from its last use, only the rest reaches the memory behind."""

from typing import Literal, Self

from pydantic import model_validator

from accelsim.base.schema import Capacity, field
from accelsim.hardware.memory import Memory


class Cache(Memory):
    """A cache in front of another memory: what fits stays from its last use, only the rest reaches the memory behind.

    System-level caches and those of processors. Nothing has its home in it: tensors live in the memory ``behind``, and every access of the
    ``users`` to it passes the cache. Hits are a matter of capacity alone (``mapping/caches.py``): the bytes used last stay, write-back,
    written lines are not fetched; sets, ways and conflicts are not modelled. A line that is filled is written beside the stream and takes
    none of the bandwidth, but its energy counts.
    """

    kind: Literal["cache"]
    capacity: Capacity = field("size", unit="B")
    behind: str = field("the memory, or next cache, whose accesses it takes")
    users: tuple[str, ...] = field("units whose accesses pass it, with the movers that work for them; empty: all", default=())

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if self.capacity <= 0:
            raise ValueError("a cache of no capacity; leave it out")
        return self


DESCRIPTION = Cache
