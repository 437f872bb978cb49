"""Streams over the networks on the chip: between two things that are attached to one, bytes take the route that it has."""

from collections.abc import Sequence
from dataclasses import replace

from accelsim.hardware.chip import Chip
from accelsim.hardware.interconnect import Interconnect, delay_name, server_name
from accelsim.mapping.caches import bound_of
from accelsim.mapping.choice import Choice, Stream
from accelsim.mapping.routes import Hop, Routes


def over_fabric(choices: tuple[Choice, ...], chip: Chip, routes: Routes) -> tuple[Choice, ...]:
    """Return choices whose streams pass the chip's buses, crossbars and meshes; the same ones where it has none."""
    fabric = Fabric(chip, routes)
    if not fabric.networks:
        return choices
    return tuple(_over(choice, fabric, routes) for choice in choices)


def _over(choice: Choice, fabric: "Fabric", routes: Routes) -> Choice:
    streams = tuple(_stream(stream, choice.layer.unit, fabric) for stream in choice.streams)
    return replace(choice, streams=streams, bound=bound_of(choice, routes, choice.cost.cycles, streams))


def _stream(stream: Stream, unit: str, fabric: "Fabric") -> Stream:
    # What a cache writes back leaves from there, not from the unit.
    ends = ("", unit) if stream.role != "output" else (unit if stream.hops[0].write else "", "")
    passed = fabric.passed(stream.hops, tuple(zip(stream.amounts, stream.wire or stream.amounts, strict=True)), *ends)
    if not passed:
        return stream
    hops, pairs = zip(*passed, strict=True)
    amounts, wire = zip(*pairs, strict=True)
    return replace(stream, hops=hops, amounts_at=amounts, wire=wire if wire != amounts else ())


class Fabric:
    """The networks of a chip and the routes over them."""

    def __init__(self, chip: Chip, routes: Routes):
        self.routes = routes
        self.networks = {name: link for name, link in chip.links.items() if isinstance(link, Interconnect)}

    def passed(self, hops: Sequence[Hop], amounts: Sequence[tuple[int, ...]], source: str = "", target: str = "") -> list[tuple[Hop, tuple[int, ...]]]:
        """Return the hops with those over networks between them, each with its amounts.

        Parameters
        ----------
        amounts : sequence of tuple of int
            Of each hop, as many numbers as the caller likes; between two hops the smaller ones move.
        source, target : str
            Unit before the first hop, or behind the last; empty: none.
        """
        found: list[tuple[Hop, tuple[int, ...]]] = []
        here, before = source, None
        for hop, moved in zip(hops, amounts, strict=True):
            if hop.place in self.networks:  # as a mover it is nothing but its route
                continue
            links, late = [], []
            if self._is_attached(hop.place):
                links, late = self._way(here, hop.place, moved if before is None else tuple(map(min, before, moved)), self._streams(found))
                here = hop.place
            if links and hop.write and hop.resource is not None:  # a memory takes the bytes as they come out of the network
                found += [*links, (replace(hop, beside=True), moved), *late]
            else:
                found += [*links, *late, (hop, moved)]
            before = moved
        if target and before is not None:
            links, late = self._way(here, target, before, self._streams(found))
            found += links + late
        return found

    def _streams(self, found: list) -> bool:
        """Return whether bytes enter a network as the last hop gives them: a memory's do, a mover's when it is through."""
        return bool(found) and found[-1][0].resource is not None and found[-1][0].place in self.routes.chip.memories

    def _is_attached(self, place: str) -> bool:
        return any(place in network.attached for network in self.networks.values())

    def _way(self, source: str, target: str, moved: tuple[int, ...], streams: bool) -> tuple[list, list]:
        """Return the links of the first network to which both are attached, and what its hops beyond the first delay."""
        for name, network in self.networks.items():
            if source in network.attached and target in network.attached:
                links = network.links(source, target)
                hops = [Hop(self.routes.index.get(server_name(name, link)), name, False, beside=i > 0 or streams) for i, link in enumerate(links)]
                late = self.routes.index.get(delay_name(name, len(links) - 1))
                return [(hop, moved) for hop in hops], [(Hop(late, name, False), (0,) * len(moved))] if late is not None else []
        return [], []
