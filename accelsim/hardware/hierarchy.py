"""Which caches stand between a unit and a memory, and whether a chip file says of caches and networks what can be."""

from collections.abc import Iterator

from accelsim.base.errors import AccelsimError, not_one_of


def caches_before(memories, unit: str, memory: str) -> tuple[str, ...]:
    """Return the caches that a unit's accesses to a memory pass, the one next to the memory first."""
    found: list[str] = []
    behind = memory
    while (nearer := next((name for name, one in memories.items() if _takes(one, unit, behind)), None)) is not None:
        found.append(nearer)
        behind = nearer
    return tuple(found)


def _takes(memory, unit: str, behind: str) -> bool:
    return memory.kind == "cache" and memory.behind == behind and (not memory.users or unit in memory.users)


def check_caches(file, place: str) -> None:
    """Refuse caches that stand before nothing, before themselves, or beside each other, and those that are used as homes.

    Raises
    ------
    AccelsimError
        With file, key and what would be right.
    """
    caches = {name: memory for name, memory in file.memories.items() if memory.kind == "cache"}
    for name, cache in caches.items():
        here = f"{place}: memories.{name}"
        if cache.behind not in file.memories:
            raise not_one_of(f"{here}.behind", cache.behind, file.memories)
        for i, user in enumerate(cache.users):
            if user not in file.units:
                raise not_one_of(f"{here}.users.{i}", user, file.units)
        seen, behind = {name}, cache.behind
        while behind in caches:
            if behind in seen:
                raise AccelsimError(f"{here}.behind", f"'{cache.behind}' leads back to '{behind}'", "caches end at a memory that holds the tensors")
            seen.add(behind)
            behind = caches[behind].behind
        for other in list(caches)[: list(caches).index(name)]:
            shared = caches[other].behind == cache.behind and (not cache.users or not caches[other].users or set(cache.users) & set(caches[other].users))
            if shared:
                raise AccelsimError(here, f"and '{other}' both stand before '{cache.behind}' for the same unit", "one of them behind the other, or users of their own")
    for path, name in _homes(file):
        if name in caches:
            raise AccelsimError(f"{place}: {path}", f"'{name}' is a cache, which holds nothing of its own", f"'{caches[name].behind}', whose accesses pass it")


def check_networks(file, place: str) -> None:
    """Refuse networks to which nothing known is attached, or that move bytes of memories that are not.

    Raises
    ------
    AccelsimError
        With file, key and what would be right.
    """
    things = [*file.units, *file.memories, *(name for name, link in file.links.items() if link.moves)]
    for name, network in file.links.items():
        if network.moves:
            continue
        here = f"{place}: links.{name}"
        key = "places" if network.kind == "mesh2d" else "attaches"
        for one in network.attached:
            if one not in things:
                raise not_one_of(f"{here}.{key}", one, things)
        if len(set(network.attached)) < 2:
            raise AccelsimError(f"{here}.{key}", "attaches fewer than two things, between which nothing moves")
        for end in ("sources", "targets"):
            for i, memory in enumerate(getattr(network, end)):
                if memory not in network.attached:
                    raise AccelsimError(f"{here}.{end}.{i}", f"'{memory}' is not attached to it", f"name it under {key}")


def _homes(file) -> Iterator[tuple[str, str]]:
    """Yield each place in a chip file that names a memory in which bytes are put."""
    for name, unit in file.units.items():
        yield from ((f"units.{name}.memories.{i}", memory) for i, memory in enumerate(unit.memories))
    for name, link in file.links.items():
        for end in ("sources", "targets"):
            yield from ((f"links.{name}.{end}.{i}", memory) for i, memory in enumerate(getattr(link, end)))
    for role in ("constants", "activations"):
        yield from ((f"placement.{role}.{i}", memory) for i, memory in enumerate(getattr(file.placement, role)))
    if file.placement.loaded_from is not None:
        yield "placement.loaded_from", file.placement.loaded_from
