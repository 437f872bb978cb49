"""Register accesses of an RBF chip -> Plans: for each vector one task of the host link and one of the chip, in order."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.graph import Node
from accelsim.graph.work import Match
from accelsim.hardware.chip import Chip
from accelsim.hardware.cost import Cost
from accelsim.hardware.links.host_link import HostLink
from accelsim.hardware.neuromem import cycles_of_rows, link_bytes, link_bytes_of_rows, restore_runs
from accelsim.hardware.units.neuromem import NeuroMem
from accelsim.mapping.choice import Choice, Stream
from accelsim.mapping.layers import Layer
from accelsim.mapping.plan import COMPUTE, MILESTONE, MOVE, Plan
from accelsim.mapping.routes import Hop, Routes

BEGIN, LINK, UNIT, END = range(4)  # the tasks of one operation


@dataclass(frozen=True, eq=False)
class Matching:
    """Operations of one sort (learn, recognise, restore) on an RBF chip, before time.

    Attributes
    ----------
    unit, link : str
        Names in the chip file.
    name : str
        Of the operation.
    cycles, link_bytes : ndarray, shape (operations,), int64
    restore : Match
        Writes the knowledge that the operations need into an empty chip.
    """

    chip: Chip
    unit: str
    link: str
    name: str
    cycles: np.ndarray
    link_bytes: np.ndarray
    restore: Match

    @cached_property
    def routes(self) -> Routes:
        """The chip's servers."""
        return Routes(self.chip)

    def plan(self, chosen: np.ndarray | None = None, period_ps: int = 0, cold: bool = False, linked: bool = True) -> Plan:
        """Return the Plan of some operations, each a frame of its own.

        Parameters
        ----------
        chosen : ndarray of int, optional
            Indices of the operations, in order; all, once, by default.
        period_ps : int
            Time between releases [ps]; 0: back to back.
        cold : bool
            Restore the knowledge first.
        linked : bool
            Through the host link; False: as if it took no time.
        """
        chosen = np.arange(self.cycles.size) if chosen is None else chosen
        amounts = np.stack([np.zeros_like(chosen), self.link_bytes[chosen], self.cycles[chosen], np.zeros_like(chosen)], axis=1)
        release = np.zeros(amounts.shape, np.int64)
        release[:, BEGIN] = np.arange(chosen.size) * period_ps
        frame = np.arange(chosen.size)
        if cold:
            unit, link = self.chip.units[self.unit], self.chip.links[self.link]
            first = np.array([[0, link_bytes(self.restore.runs, link.frame()), unit.cost(self.restore).cycles, 0]])
            amounts, release, frame = np.concatenate([first, amounts]), np.concatenate([np.zeros((1, 4), np.int64), release]), np.concatenate([[-1], frame])
        return self._chained(amounts, release, frame, linked)

    def _chained(self, amounts: np.ndarray, release: np.ndarray, frame: np.ndarray, linked: bool) -> Plan:
        """Let the tasks of an operation, and operations, follow one another: the host waits for each answer."""
        rows, steps = amounts.shape
        link = self.routes.index.get(self.link, -1) if linked else -1
        resource = np.tile([-1, link, self.routes.index[self.unit], -1], rows)
        role = np.tile([MILESTONE, MOVE if link >= 0 else MILESTONE, COMPUTE, MILESTONE], rows)
        tasks = np.arange(rows * steps, dtype=np.int32)
        inner = frame >= 0
        return Plan(
            tuple(self.routes.resources), resource.astype(np.int32), amounts.ravel(), np.zeros(tasks.size, np.bool_), role.astype(np.int32),
            np.repeat(np.where(inner, 0, -1), steps).astype(np.int32), np.repeat(frame, steps).astype(np.int32), np.repeat(np.arange(rows), steps).astype(np.int32),
            release.ravel(), tasks[:-1], tasks[1:], tasks[BEGIN::steps][inner], tasks[END::steps][inner],
        )  # fmt: skip

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The operation as the one layer of its inference, with the mean amounts, for traces and tables."""
        cycles, size = round(self.cycles.mean()), round(self.link_bytes.mean())
        layer = Layer(0, (Node(self.name, "match", (), ()),), self.unit, (), (), (), ())
        stream = Stream("input", size, (Hop(self.routes.index.get(self.link), self.link, False),))
        bound = {self.unit: cycles / self.chip.units[self.unit].exact_clock().hz, self.link: self.routes.seconds(self.routes.index.get(self.link), size)}
        seconds = sum(bound.values())
        return (Choice(layer, "whole", 1, 1, (cycles,), Cost(cycles, note="search and sort"), (stream,), bound, seconds, (("whole", seconds),)),)


def map_accesses(chip: Chip, name: str, codes: np.ndarray, counts: np.ndarray, committed: int) -> Matching:
    """Return the mapping of run-length register accesses, one row per operation.

    Parameters
    ----------
    codes, counts : ndarray, shape (operations, runs)
        As in ``accelsim.hardware.neuromem.cycles_of_rows``.
    committed : int
        Neurons to restore where the chip starts empty.

    Raises
    ------
    AccelsimError
        The chip has no RBF unit, or no host link leads to it.
    """
    unit = rbf_unit(chip)
    link = _host_link(chip, unit)
    described: NeuroMem = chip.units[unit]
    restore = Match(runs=restore_runs(committed, described.components), neurons=described.capacity)
    cycles = cycles_of_rows(codes, counts, described.access_cycles())
    return Matching(chip, unit, link, name, cycles, link_bytes_of_rows(codes, counts, chip.links[link].frame()), restore)


def has_rbf_unit(chip: Chip) -> bool:
    """Return whether a chip can learn and recognise vectors."""
    return any(isinstance(unit, NeuroMem) for unit in chip.units.values())


def rbf_unit(chip: Chip) -> str:
    """Return the name of a chip's RBF unit.

    Raises
    ------
    UnsupportedError
        It has none.
    """
    for name, unit in chip.units.items():
        if isinstance(unit, NeuroMem):
            return name
    raise UnsupportedError(chip.name, f"learns no vectors: none of its units ({', '.join(chip.units)}) is of kind 'neuromem'", "nm500 is")


def _host_link(chip: Chip, unit: str) -> str:
    knowledge = chip.units[unit].memories[0]
    for name, link in chip.links.items():
        if isinstance(link, HostLink) and knowledge in link.targets:
            return name
    raise AccelsimError(f"{chip.path}: links", f"no host_link leads to '{knowledge}' of unit '{unit}'")

