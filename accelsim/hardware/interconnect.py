"""What buses, crossbars and meshes have in common: things are attached, and what goes from one to another takes a route of servers."""

from abc import abstractmethod
from functools import cached_property
from itertools import permutations
from typing import ClassVar

from accelsim.base.clocks import clock_of
from accelsim.base.schema import Time, field
from accelsim.hardware.memory import PS_PER_S, Link
from accelsim.hardware.resource import Resource, delay, stream


class Interconnect(Link):
    """A network on the chip, of which every link is a server of its own.

    Whatever passes between two attached things, units, memories or movers, occupies all links of its route for as long as its bytes take at the
    bandwidth of one; two transfers that share a link wait for each other there. What is not attached is wired directly.
    Energy is per byte and link. With ``sources`` and ``targets`` it moves bytes between attached memories by itself.
    """

    moves: ClassVar[bool] = False
    sources: tuple[str, ...] = field("memories that it reads without a mover", default=())
    targets: tuple[str, ...] = field("memories that it writes without a mover", default=())
    latency: Time = field("of a hop, pipelined", unit="s", default=0.0)

    @property
    @abstractmethod
    def attached(self) -> tuple[str, ...]:
        """Names of what is attached."""

    @abstractmethod
    def links(self, source: str, target: str) -> tuple[str, ...]:
        """Return the names of the links between two attached things, in their order; none between a thing and itself."""

    @cached_property
    def _in_use(self) -> tuple[tuple[str, ...], int]:
        """Links that some pair of attached things uses, and the most on one way."""
        ways = [self.links(a, b) for a, b in permutations(self.attached, 2)]
        return tuple(dict.fromkeys(link for way in ways for link in way)), max((len(way) for way in ways), default=0)

    def resources(self, name: str) -> tuple[Resource, ...]:
        """Return a server for every link in use, and delays for hops beyond the first; none where nothing limits it."""
        if self.bandwidth is None:
            return ()
        used, longest = self._in_use
        beat, latency = clock_of(round(self.bandwidth / self.burst, 3)), round(self.latency * PS_PER_S)
        servers = [stream(server_name(name, link), beat, self.burst, (latency, latency)) for link in used]
        delays = [delay(delay_name(name, hops), latency * hops) for hops in range(1, longest)] if latency else []
        return (*servers, *delays)


def server_name(network: str, link: str) -> str:
    """Return the name of a link's server."""
    return f"{network}:{link}" if link else network


def delay_name(network: str, hops: int) -> str:
    """Return the name of the server that delays by further hops."""
    return f"{network}:+{hops} hop{'s' if hops > 1 else ''}"
