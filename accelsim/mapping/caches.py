"""Which bytes of the chosen streams hit caches: only the rest reaches the memory behind.

The layers are walked through in the order of the plan, twice: what one inference leaves in a cache meets the next. In a layer the operands are used
in turn, then the results. A tensor that a layer reads several times finds, from the second time on, what its other streams of one round leave of the capacity.
"""

from collections.abc import Iterable
from dataclasses import replace

from accelsim.hardware.chip import Chip
from accelsim.hardware.hierarchy import caches_before
from accelsim.mapping.cached_ranges import CachedRanges
from accelsim.mapping.choice import Choice, Stream
from accelsim.mapping.homes import Homes
from accelsim.mapping.routes import Hop, Routes

Ranges = list[tuple[int, int]]


def with_caches(choices: tuple[Choice, ...], chip: Chip, routes: Routes, homes: Homes, cold: bool = False) -> tuple[Choice, ...]:
    """Return choices whose streams pass the chip's caches; the same ones where it has none.

    Parameters
    ----------
    cold : bool
        The first inference, which finds empty caches.
    """
    sizes = {name: int(memory.capacity) for name, memory in chip.memories.items() if memory.kind == "cache"}
    if not sizes:
        return choices
    walk = _Walk(chip, routes, homes, sizes)
    found = walk.inference(choices)
    return found if cold else walk.inference(choices)


class _Walk:
    """Caches as the layers pass by."""

    def __init__(self, chip: Chip, routes: Routes, homes: Homes, sizes: dict[str, int]):
        self.chip, self.routes, self.homes = chip, routes, homes
        self.contents = {name: CachedRanges(size) for name, size in sizes.items()}
        self.written_back: dict[tuple[str, str], Ranges] = {}  # (cache, what is behind it): what had to leave in this layer

    def inference(self, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """Return the choices of one inference, and leave the caches as it leaves them."""
        return tuple(self._layer(choice) for choice in choices)

    def _layer(self, choice: Choice) -> Choice:
        self.written_back = {}
        streams = []
        for stream in choice.streams:
            home = self.homes.memory.get(stream.tensor, "")
            chain = caches_before(self.chip.memories, choice.layer.unit, home)
            at = next((i for i, hop in enumerate(stream.hops) if hop.place == home), None)
            streams.append(stream if at is None or not chain else self._passing(stream, at, (home, *chain), self._others(choice, stream, home)))
        for (cache, behind), left in self.written_back.items():
            way = (Hop(None, cache, False), self.routes.access(behind, True))
            streams.append(Stream("output", _size(left), way, address=left[0][0], extent=_size(left)))
        streams = tuple(streams)
        return replace(choice, streams=streams, bound=bound_of(choice, self.routes, choice.cost.cycles, streams))

    def _others(self, choice: Choice, stream: Stream, home: str) -> float:
        """Return the bytes that pass the same caches between two uses of a tensor in one layer."""
        rounds = max(1.0, stream.payload / max(1, stream.extent))
        there = [other.payload for other in choice.streams if other is not stream and any(hop.place == home for hop in other.hops)]
        return sum(there) / rounds

    def _passing(self, stream: Stream, at: int, chain: tuple[str, ...], others: float) -> Stream:
        """Return a stream whose hop at its home is one through the caches; ``chain`` begins with the home."""
        hop = stream.hops[at]
        amounts = list(stream.amounts)
        once = min(amounts[at], stream.extent)
        ranges = [(stream.address, stream.address + once)]
        if hop.write:
            self._use(chain, ranges, write=True)
            new = [(self.routes.access(chain[-1], True), amounts[at])]
        else:
            new = self._read(chain, ranges, once, amounts[at], others)
        hops = (*stream.hops[:at], *(hop for hop, _ in new), *stream.hops[at + 1 :])
        wire = stream.wire and (*stream.wire[:at], *(stream.wire[at] * amount // max(1, amounts[at]) for _, amount in new), *stream.wire[at + 1 :])
        return replace(stream, hops=hops, amounts_at=(*amounts[:at], *(amount for _, amount in new), *amounts[at + 1 :]), wire=wire)

    def _read(self, chain: tuple[str, ...], ranges: Ranges, once: int, amount: int, others: float) -> list[tuple[Hop, int]]:
        """Return hops and bytes from the farthest place that a part of the bytes comes from."""
        missing = self._use(chain, ranges, write=False)
        again = amount - once
        hops: list[tuple[Hop, int]] = []
        served = amount  # asked of the cache next to the unit
        for cache, missed in reversed(list(zip(chain[1:], missing, strict=True))):
            hops.insert(0, (self.routes.access(cache, False), served))
            lost = 1 - min(1.0, max(0.0, self.contents[cache].capacity - others) / max(1, once))
            served = min(served, missed + int(again * lost))
            again = int(again * lost)
            if not served:
                return hops
            hops.insert(0, (Hop(None, cache, True), served))
        return [(self.routes.access(chain[0], False), served), *hops]

    def _use(self, chain: tuple[str, ...], ranges: Ranges, write: bool) -> list[int]:
        """Touch ranges in the caches from the unit towards the home; return the bytes that each misses, the home's neighbour first."""
        missed: list[int] = []
        for level in range(len(chain) - 1, 0, -1):
            lacking: Ranges = []
            for low, high in ranges:
                missing, left = self.contents[chain[level]].touch(low, high, write)
                lacking += missing
                self._write_back(chain, level, left)
            missed.insert(0, _size(lacking))
            ranges = [] if write else lacking
        return missed

    def _write_back(self, chain: tuple[str, ...], level: int, left: Ranges) -> None:
        """Hand written ranges that leave a cache to what is behind it."""
        if not left:
            return
        behind = chain[level - 1]
        key = (chain[level], behind)
        self.written_back.setdefault(key, []).extend(left)
        if level > 1:
            for low, high in left:
                self._write_back(chain, level - 1, self.contents[behind].touch(low, high, True)[1])


def _size(ranges: Ranges) -> int:
    return sum(high - low for low, high in ranges)


def bound_of(choice: Choice, routes: Routes, cycles: int, streams: Iterable[Stream]) -> dict[str, float]:
    """Return the busy seconds that a layer asks of each place, the unit first; of a network on the chip, of its busiest link."""
    unit, links = choice.layer.unit, routes.chip.links
    busy: dict[tuple[str, int], float] = {}
    for stream in streams:
        for hop, amount in stream.loads:
            if hop.resource is not None:
                busy[hop.place, hop.resource] = busy.get((hop.place, hop.resource), 0.0) + routes.seconds(hop.resource, amount)
    bound = {unit: routes.seconds(routes.index[unit], cycles)}
    for (place, _), seconds in busy.items():
        bound[place] = max(bound.get(place, 0.0), seconds) if place in links else bound.get(place, 0.0) + seconds
    return bound
