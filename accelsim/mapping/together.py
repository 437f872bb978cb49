"""Several networks on one chip at once: each mapped onto its own units, tensors side by side, all tasks in one Plan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError, not_one_of
from accelsim.graph.graph import Graph
from accelsim.hardware.chip import Chip
from accelsim.hardware.resource import Resource
from accelsim.mapping.mapper import NetworkMapping, map_graph
from accelsim.mapping.observed import observe
from accelsim.mapping.plan import Plan

Mapper = Callable[[Graph, Chip], NetworkMapping]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Networks that live on one chip at once.

    Attributes
    ----------
    chip : Chip
    mappings : tuple of NetworkMapping
        Each on the chip as it sees it: with its own units and the room that the others leave.
    bases : tuple of dict of str to int
        Where each network's part of every memory begins [B].
    shared_evenly : bool
        True where not all found room one behind the other, so that each had an equal share of every memory.
    """

    chip: Chip
    mappings: tuple[NetworkMapping, ...]
    bases: tuple[dict[str, int], ...]
    shared_evenly: bool

    def plan(self, frames: Sequence[int], periods_ps: Sequence[int], fair: bool = True) -> tuple[Plan, tuple[slice, ...]]:
        """Return one Plan of all networks' inferences, and which of its tasks are whose.

        Parameters
        ----------
        frames, periods_ps : sequence of int
            Inferences of each network, and the time between their releases [ps]; 0: back to back.
        fair : bool
            How a server chooses between networks; as in ``Plan``.
        """
        plans = [mapping.plan(count, period) for mapping, count, period in zip(self.mappings, frames, periods_ps, strict=True)]
        return join(plans, self.bases, fair)

    def observed(self, activities: Sequence[object]) -> "Neighbours":
        """Return the same networks with what each one's data saves."""
        return replace(self, mappings=tuple(observe(mapping, activity) for mapping, activity in zip(self.mappings, activities, strict=True)))


def map_together(graphs: Sequence[Graph], chip: Chip, units: Sequence[tuple[str, ...]], mapper: Mapper = map_graph) -> Neighbours:
    """Return the mappings of several networks that share a chip.

    Each has the units that it names, in its order of preference, and the host; all units where it names none. In every memory their tensors
    lie one behind the other in the order of the networks; where a later one then finds no room, each gets an equal share of every memory.
    Caches are always shared equally.

    Parameters
    ----------
    mapper : callable
        Maps one network on the chip as it sees it.

    Raises
    ------
    AccelsimError
        A unit that the chip does not have, work that none of its units does, or no room.
    """
    views = [as_seen_with(chip, names) for names in units]
    try:
        return _one_behind_the_other(graphs, chip, views, mapper)
    except UnsupportedError:
        raise
    except AccelsimError as refused:
        try:
            return _in_equal_shares(graphs, chip, views, mapper)
        except AccelsimError:
            for graph, view in zip(graphs, views, strict=True):
                mapper(graph, view)  # one that finds no room even alone says so
            raise AccelsimError(refused.place, refused.message, f"beside {len(graphs) - 1} more networks, even in equal shares of every memory") from refused


def as_seen_with(chip: Chip, names: tuple[str, ...]) -> Chip:
    """Return the chip as a network sees it that may use some of its units, the preferred first.

    Raises
    ------
    AccelsimError
        A unit that the chip does not have.
    """
    for name in names:
        if name not in chip.units:
            raise not_one_of(f"units of {chip.name}", name, chip.units)
    if not names:
        return chip
    kept = dict.fromkeys((*names, *([chip.host] if chip.host is not None else [])))
    compiler = chip.compiler.model_copy(update={"unit_order": names})
    return _changed(chip, units={name: chip.units[name] for name in kept}, compiler=compiler)


def _changed(chip: Chip, **update: object) -> Chip:
    return Chip(chip.file.model_copy(update=update), chip.provenance, chip.path)


def _one_behind_the_other(graphs: Sequence[Graph], chip: Chip, views: Sequence[Chip], mapper: Mapper) -> Neighbours:
    taken = dict.fromkeys(chip.memories, 0)
    mappings, bases = [], []
    for graph, view in zip(graphs, views, strict=True):
        room = {name: None if memory.capacity is None else max(0.0, memory.capacity - taken[name]) for name, memory in chip.memories.items()}
        mappings.append(mapper(graph, _with_room(view, room | _of_caches(chip, len(graphs)))))
        bases.append(dict(taken))
        for name, size in used_by(mappings[-1]).items():
            taken[name] += size
    return Neighbours(chip, tuple(mappings), tuple(bases), shared_evenly=False)


def _in_equal_shares(graphs: Sequence[Graph], chip: Chip, views: Sequence[Chip], mapper: Mapper) -> Neighbours:
    homes = {*chip.placement.constants, *chip.placement.activations}
    users = {name: [i for i, view in enumerate(views) if name in homes or _reaches(view, name)] for name in chip.memories}
    mappings, bases = [], []
    for i, (graph, view) in enumerate(zip(graphs, views, strict=True)):
        room: dict[str, float | None] = {}
        base: dict[str, int] = {}
        for name, memory in chip.memories.items():
            mine = users[name].index(i) if i in users[name] else 0
            room[name] = None if memory.capacity is None else memory.capacity // max(1, len(users[name]))
            base[name] = 0 if memory.capacity is None else int(mine * room[name])
        mappings.append(mapper(graph, _with_room(view, room | _of_caches(chip, len(graphs)))))
        bases.append(base)
    return Neighbours(chip, tuple(mappings), tuple(bases), shared_evenly=True)


def _of_caches(chip: Chip, networks: int) -> dict[str, float | None]:
    """Return a network's part of each cache: networks that run at once push each other's bytes out of it."""
    return {name: memory.capacity // networks for name, memory in chip.memories.items() if memory.kind == "cache"}


def _reaches(view: Chip, memory: str) -> bool:
    return any(memory in unit.memories for unit in view.units.values())


def _with_room(view: Chip, room: dict[str, float | None]) -> Chip:
    return _changed(view, memories={name: memory.model_copy(update={"capacity": room[name]}) for name, memory in view.memories.items()})


def used_by(mapping: NetworkMapping) -> dict[str, int]:
    """Return the bytes of each memory that a network takes: constants, activations of all inferences in flight, staging [B]."""
    staging: dict[str, int] = {}
    for choice in mapping.choices:
        working = mapping.chip.units[choice.layer.unit].memories[0]
        staging[working] = max(staging.get(working, 0), choice.staging_bytes)
    homes = mapping.homes
    return {name: homes.constants.get(name, 0) + mapping.in_flight * homes.peak.get(name, 0) + staging.get(name, 0) for name in mapping.chip.memories}


def join(plans: Sequence[Plan], bases: Sequence[dict[str, int]], fair: bool) -> tuple[Plan, tuple[slice, ...]]:
    """Return the plans as one, on the servers of all of them, and which tasks are whose.

    Parameters
    ----------
    plans : sequence of Plan
        Servers of the same name are the same server.
    bases : sequence of dict of str to int
        What is added to each plan's addresses in a memory [B].
    """
    servers: dict[str, Resource] = {resource.name: resource for plan in plans for resource in plan.resources}
    index = {name: i for i, name in enumerate(servers)}
    edges = np.cumsum([0, *(plan.tasks for plan in plans)])
    layers = np.cumsum([0, *(int(plan.layer.max(initial=-1)) + 1 for plan in plans)])
    slices = tuple(slice(int(a), int(b)) for a, b in zip(edges, edges[1:], strict=False))
    here = [np.array([index[resource.name] for resource in plan.resources] + [-1], np.int32) for plan in plans]
    whole = lambda columns: np.concatenate(list(columns))  # noqa: E731 of one column
    same = {name: whole(getattr(plan, name) for plan in plans) for name in ("amount", "write", "role", "frame", "priority", "release")}
    joined = Plan(
        resources=tuple(servers.values()),
        resource=whole(names[plan.resource] for names, plan in zip(here, plans, strict=True)),
        layer=whole(np.where(plan.layer < 0, -1, plan.layer + first).astype(np.int32) for plan, first in zip(plans, layers, strict=False)),
        before=whole(plan.before + np.int32(first) for plan, first in zip(plans, edges, strict=False)),
        after=whole(plan.after + np.int32(first) for plan, first in zip(plans, edges, strict=False)),
        starts=whole(plan.starts + first for plan, first in zip(plans, edges, strict=False)),
        ends=whole(plan.ends + first for plan, first in zip(plans, edges, strict=False)),
        addresses=_addresses(plans, bases),
        requester=np.repeat(np.arange(len(plans), dtype=np.int32), np.diff(edges)),
        requesters=len(plans),
        fair=fair,
        **same,
    )
    return joined, slices


def _addresses(plans: Sequence[Plan], bases: Sequence[dict[str, int]]) -> np.ndarray | None:
    """Return the addresses of all, each network's behind its base in the memory; None where nobody has any."""
    if all(plan.addresses is None for plan in plans):
        return None
    columns = []
    for plan, base in zip(plans, bases, strict=True):
        offsets = np.array([base.get(resource.name, 0) if resource.addressed else 0 for resource in plan.resources] + [0], np.int64)
        columns.append(np.where(plan.address < 0, plan.address, plan.address + offsets[plan.resource]))
    return np.concatenate(columns)

