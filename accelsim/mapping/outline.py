"""A layer's tasks in a few numbers, from which ``kernels/layer_tasks.py`` makes them."""

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.hardware.chip import Chip
from accelsim.kernels import layer_tasks as numbers
from accelsim.mapping.choice import Choice, Stream, chunks_of
from accelsim.mapping.plan import MOVE, READ, WRITE
from accelsim.mapping.routes import Hop, Routes

LARGEST_PRODUCT = 2**62
ROLES = {"input": numbers.INPUT, "constant": numbers.CONSTANT, "output": numbers.OUTPUT}


class Outline:
    """The numbers of one layer.

    Attributes
    ----------
    numbers : ndarray, shape (numbers,), int64
        As ``layer_tasks.inference`` takes them.
    tasks, needs : int
        How many tasks it has, and how many needs at most.
    addressed : bool
        Whether a server asks where bytes lie.
    """

    __slots__ = ("numbers", "tasks", "needs", "addressed")

    def __init__(self, choice: Choice, chip: Chip, routes: Routes):
        setup = choice.cost.setup_cycles if choice.groups == 1 else 0
        for cycles in choice.group_cycles:
            check(cycles - setup, choice.pieces)
        fed = [stream for stream in choice.streams if stream.role != "output"]
        streams = (*fed, *(stream for stream in choice.streams if stream.role == "output"))
        found = [choice.layer.index, routes.index[choice.layer.unit], choice.groups, choice.pieces, setup, bool(choice.cost.setup_cycles), len(streams), *choice.group_cycles]
        count = choice.groups * choice.pieces
        self.tasks, self.needs, self.addressed = 2 + (setup > 0) + count, 4 + 2 * count, False
        for stream in streams:
            self._add(found, stream, choice, chip, routes)
        self.numbers = np.array(found, np.int64)

    def _add(self, found: list[int], stream: Stream, choice: Choice, chip: Chip, routes: Routes) -> None:
        served = [(hop, amount) for hop, amount in stream.loads if hop.resource is not None]
        output = stream.role == "output"
        times = choice.groups if stream.grouped and not output else choice.pieces * (1 if stream.first_group_only and not output else choice.groups)
        chunks = 1 if output else chunks_of(stream, times, chip.compiler)
        moved = times * chunks
        beside = any(hop.beside for hop, _ in served[1:])
        self.tasks += moved * len(served) * (2 if beside else 1)
        self.needs += moved * (len(served) * (4 if beside else 1) + 4)
        found += ROLES[stream.role], stream.grouped, stream.first_group_only, chunks, stream.address, stream.extent, len(served)
        for hop, amount in served:
            check(amount, moved)
            asks = _asks(hop, stream, chip, routes)
            self.addressed |= asks != numbers.NOTHING
            found += hop.resource, hop.write, role_of(hop, chip), hop.beside, amount, asks


def outline_of(choice: Choice, chip: Chip, routes: Routes) -> Outline:
    """Return a layer's outline, kept with the choice's form.

    Raises
    ------
    AccelsimError
        Cycles or bytes so many that their products leave int64.
    """
    known = choice.known
    if "outline" not in known:
        known["outline"] = Outline(choice, chip, routes)
    return known["outline"]


def check(total: int, pieces: int) -> None:
    """Refuse so many cycles or bytes that what they are cut by leaves int64."""
    if total * pieces > LARGEST_PRODUCT:
        raise AccelsimError("plan", f"{total} cycles or bytes of one layer are more than can be simulated")


def role_of(hop: Hop, chip: Chip) -> int:
    """Return what a transfer at a hop is called."""
    return MOVE if hop.place in chip.links else WRITE if hop.write else READ


def _asks(hop: Hop, stream: Stream, chip: Chip, routes: Routes) -> int:
    """Return what a server is told of where the pieces of a stream begin."""
    server = routes.resources[hop.resource]
    if not server.addressed:
        return numbers.NOTHING
    at_home = [one for one in stream.hops if one.place in chip.memories][-1 if stream.role == "output" else 0]
    staged = hop is not at_home or stream.extent == 1  # such pieces lie wherever there is room
    return numbers.UNKNOWN if server.dram is None and staged else numbers.WHERE
