"""Which servers a tensor's bytes pass on their way between two memories."""

from dataclasses import dataclass

from accelsim.base.errors import AccelsimError
from accelsim.hardware.chip import Chip
from accelsim.hardware.resource import Resource
from accelsim.kernels.service import QUANTUM, READ_LATENCY, WRITE_LATENCY, P, Q

PS_PER_S = 10**12


@dataclass(frozen=True, slots=True)
class Hop:
    """One server on the way; ``resource`` is None where it takes no time but moves bytes.

    Attributes
    ----------
    place : str
        Memory or link whose bytes are counted.
    write : bool
        Direction at a memory.
    beside : bool
        It begins with the hop before it, not when that has ended: the links of one route are occupied together.
    """

    resource: int | None
    place: str
    write: bool
    beside: bool = False


class Routes:
    """A chip's servers by index and the ways between its memories."""

    def __init__(self, chip: Chip):
        self.chip = chip
        self.resources: list[Resource] = [unit.resource(name) for name, unit in chip.units.items()]
        for name, thing in (*chip.memories.items(), *chip.links.items()):
            self.resources += thing.resources(name)
        self.index = {resource.name: i for i, resource in enumerate(self.resources)}
        self._accesses: dict[tuple[str, bool], Hop] = {}
        self._ways: dict[tuple[str, str], tuple[Hop, ...]] = {}

    def access(self, memory: str, write: bool) -> Hop:
        """Return the server of one access to a memory."""
        if (memory, write) not in self._accesses:
            served = (name for name in (memory, f"{memory}.{'write' if write else 'read'}") if name in self.index)
            self._accesses[memory, write] = Hop(self.index.get(next(served, None)), memory, write)
        return self._accesses[memory, write]

    def way(self, source: str, target: str, place: str) -> tuple[Hop, ...]:
        """Return the hops from one memory into another.

        Raises
        ------
        AccelsimError
            No link leads there.
        """
        if (source, target) not in self._ways:
            self._ways[source, target] = self._found_way(source, target, place)
        return self._ways[source, target]

    def _found_way(self, source: str, target: str, place: str) -> tuple[Hop, ...]:
        reached: dict[str, tuple[Hop, ...]] = {source: ()}
        frontier = [source]
        while frontier and target not in reached:
            here = frontier.pop(0)
            for name, link in self.chip.links.items():
                for there in link.targets if here in link.sources else ():
                    if there not in reached:
                        reached[there] = (*reached[here], self.access(here, False), Hop(self.index.get(name), name, False), self.access(there, True))
                        frontier.append(there)
        if target not in reached:
            raise AccelsimError(f"{self.chip.path}: links", f"no link leads from '{source}' to '{target}'", place)
        return reached[target]

    def latency(self, resource: int, write: bool) -> float:
        """Return what a transfer takes beyond the time for which it occupies a server [s]."""
        return self.resources[resource].parameters[WRITE_LATENCY if write else READ_LATENCY] / PS_PER_S

    def seconds(self, resource: int | None, amount: float) -> float:
        """Return how long a server is busy with an amount, latency apart [s]."""
        if resource is None:
            return 0.0
        row = self.resources[resource].parameters
        return amount / row[QUANTUM] * row[P] / row[Q] / PS_PER_S
