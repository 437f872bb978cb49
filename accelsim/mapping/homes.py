"""Where every tensor lives: constants in their home memory, activations in arenas that are planned over time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.base.quantities import show
from accelsim.graph.graph import Graph
from accelsim.graph.tensor import Tensor
from accelsim.graph.work import Elementwise
from accelsim.hardware.chip import Chip
from accelsim.kernels import arena
from accelsim.mapping.cascades import Cascade
from accelsim.mapping.kept import kept_of
from accelsim.mapping.layers import Layer

ALIGNMENT = 16  # bytes; what the tool chains of edge NPUs align tensors to


@dataclass(frozen=True, eq=False)
class Homes:
    """Homes of tensors.

    Attributes
    ----------
    memory : mapping of str to str
        Tensor name to memory name.
    offset : mapping of str to int
        Of constants from the start of their home, of activations in their arena, which lies behind the constants [B].
    peak : mapping of str to int
        Highest byte used by activations, per memory [B].
    constants : mapping of str to int
        Bytes of constants per memory [B].
    lives : mapping of str to (int, int)
        First and last layer of each activation.
    sizes : mapping of str to int
        Bytes of each activation [B].
    callers : tuple of str
        Tensors that lie as the network's caller laid them: its inputs, and views of them.
    cascades : tuple of Cascade
        Runs of layers for whose tensors there are rolling buffers; all that a run touches lives until its end.
    bound : tuple of str
        Tensors that must lie where the caller puts them or takes them from.
    """

    memory: Mapping[str, str]
    offset: Mapping[str, int]
    peak: Mapping[str, int]
    constants: Mapping[str, int]
    lives: Mapping[str, tuple[int, int]]
    sizes: Mapping[str, int]
    callers: tuple[str, ...] = ()
    cascades: tuple[Cascade, ...] = ()
    bound: tuple[str, ...] = ()

    def address(self, tensor: Tensor) -> int:
        """Return where a tensor begins in its home [B]."""
        behind = 0 if tensor.is_constant else self.constants.get(self.memory[tensor.name], 0)
        return self.offset[tensor.name] + behind

    def cascade_of(self, index: int) -> Cascade | None:
        """Return the cascade to which a layer belongs."""
        return next((cascade for cascade in self.cascades if cascade.first <= index <= cascade.last), None)

    def used(self, memory: str) -> int:
        """Return bytes taken in a memory by constants and activations."""
        return self.constants.get(memory, 0) + self.peak.get(memory, 0)


def plan_homes(graph: Graph, layers: tuple[Layer, ...], chip: Chip, kept_free: float = 0.0, cascades: tuple[Cascade, ...] = ()) -> Homes:
    """Return a home for every tensor, the preferred memory first.

    Parameters
    ----------
    kept_free : float
        Share of the units' working memories that is left to staging.
    cascades : tuple of Cascade
        Whose tensors need no more than their rolling buffers.

    Raises
    ------
    AccelsimError
        Constants or activations do not fit any memory that may hold them; names the largest tensor.
    """
    capacities = tuple((name, memory.capacity) for name, memory in chip.memories.items())
    kept = kept_of(graph)

    def planned() -> Homes:
        homes = _planned(graph, layers, chip, kept_free, cascades)
        laid = (tuple(each.items()) for each in (homes.memory, homes.offset, homes.peak, homes.constants))
        return kept.get(("laid", layers, cascades, homes.bound, *laid), lambda: homes)  # more room that nobody takes changes nothing

    return kept.get(("homes", layers, capacities, reach_of(chip), chip.placement, chip.compiler, kept_free, cascades), planned)


def _planned(graph: Graph, layers: tuple[Layer, ...], chip: Chip, kept_free: float, cascades: tuple[Cascade, ...]) -> Homes:
    memory: dict[str, str] = {}
    offset: dict[str, int] = {}
    constants = _place_constants(layers, chip, memory, offset, graph)
    aliases, lives = _known_lives(graph, layers)
    lives = {name: _within(cascades, *life) for name, life in lives.items()}
    tensors = {name: graph.tensors[name] for name in lives}
    rolling = {name: size for cascade in cascades for name, size in cascade.rolling}
    sizes = {name: tensor.bytes for name, tensor in tensors.items()} | rolling
    peak: dict[str, int] = {}
    left = list(tensors)
    bound = _bound_to_a_memory(graph, chip, aliases)
    homes = dict.fromkeys((*chip.placement.activations, *bound.values()))
    near, users = {home: _within_reach(chip, home) for home in homes}, _users(layers, aliases, lives)
    for home in homes:
        here = [name for name in left if bound.get(name, home) == home and (name in bound or (home in chip.placement.activations and near[home] >= users[name]))]
        if not here:
            continue
        capacity = chip.memories[home].capacity
        room = -1 if capacity is None else max(0, int(capacity) - constants.get(home, 0) - reserved(chip, home, kept_free))
        tiled = chip.compiler.tiles_across_layers and home == chip.placement.activations[0]
        kept = set(_fill(home, here, sizes, rolling, lives, -1 if tiled else room, memory, offset, peak))
        if tiled and room >= 0 and home in peak:
            peak[home] = min(peak[home], room)  # of what is larger only a tile is there at a time
        left = [name for name in left if name not in memory or name in kept]
    if left:
        _refuse(graph, chip, tensors, left, "activations", tuple(homes))
    for alias, original in aliases.items():
        memory[alias], offset[alias] = memory[original], offset[original]
    callers = (*graph.inputs, *(alias for alias, original in aliases.items() if original in graph.inputs))
    return Homes(memory, offset, peak, constants, lives, sizes, callers, cascades, tuple(bound))


def _within(cascades: tuple[Cascade, ...], first: int, last: int) -> tuple[int, int]:
    """Return a life that does not begin or end inside a cascade, whose layers run at one time."""
    for cascade in cascades:
        first = cascade.first if cascade.first <= first <= cascade.last else first
        last = cascade.last if cascade.first <= last <= cascade.last else last
    return first, last


def aliases_of(graph: Graph, layers: tuple[Layer, ...]) -> dict[str, str]:
    """Return the tensors that lie on the bytes of another."""
    return _known_lives(graph, layers)[0]


def _known_lives(graph: Graph, layers: tuple[Layer, ...]) -> tuple[dict[str, str], dict[str, tuple[int, int]]]:
    return kept_of(graph).get(("lives", layers), lambda: _aliases_and_lives(graph, layers))


def _aliases_and_lives(graph: Graph, layers: tuple[Layer, ...]) -> tuple[dict[str, str], dict[str, tuple[int, int]]]:
    aliases = _aliases(layers, graph)
    return aliases, _lives(graph, layers, aliases)


def reserved(chip: Chip, memory: str, kept_free: float) -> int:
    """Return the bytes of a working memory that are kept for staging: what the tool chain declares, or a share [B]."""
    capacity = chip.memories[memory].capacity
    if capacity is None or not any(unit.memories[0] == memory for unit in chip.units.values()):
        return 0
    return max(int(chip.compiler.weight_buffer or 0), int(kept_free * capacity))


def _bound_to_a_memory(graph: Graph, chip: Chip, aliases: Mapping[str, str]) -> dict[str, str]:
    """Return the memory of tensors that the caller puts there or takes from there."""
    placement = chip.placement
    inputs = dict.fromkeys(graph.inputs, placement.inputs) if placement.inputs else {}
    outputs = {aliases.get(name, name): placement.outputs for name in graph.outputs} if placement.outputs else {}
    return inputs | outputs


def reach_of(chip: Chip) -> tuple:
    """Return all that says which memories are near to which units, as a key."""
    return tuple((name, unit.memories) for name, unit in chip.units.items()), tuple((link.sources, link.targets) for link in chip.links.values())


def _within_reach(chip: Chip, home: str) -> set[str]:
    """Return the units that a memory is near to: they read it themselves or one link leads from it to where they work."""
    linked = {target for link in chip.links.values() if home in link.sources for target in link.targets}
    last = home == chip.placement.activations[-1]
    return {name for name, unit in chip.units.items() if last or home in unit.memories or unit.memories[0] in linked}


def _users(layers: tuple[Layer, ...], aliases: Mapping[str, str], names: Iterable[str]) -> dict[str, set[str]]:
    """Return the units that make or read each tensor, views of it included."""
    users: dict[str, set[str]] = {name: set() for name in names}
    for layer in layers:
        for tensor in (*layer.inputs, *layer.outputs) if not layer.is_view else ():
            users.setdefault(aliases.get(tensor.name, tensor.name), set()).add(layer.unit)
    return users


def _place_constants(layers: tuple[Layer, ...], chip: Chip, memory: dict[str, str], offset: dict[str, int], graph: Graph) -> dict[str, int]:
    used: dict[str, int] = {}
    every = {t.name: t for layer in layers for t in layer.constants}
    for tensor in every.values():
        size = stored_bytes(tensor)
        for home in chip.placement.constants:
            capacity = chip.memories[home].capacity
            if capacity is None or used.get(home, 0) + size <= capacity:
                memory[tensor.name], offset[tensor.name] = home, used.get(home, 0)
                used[home] = used.get(home, 0) + size
                break
        else:
            _refuse(graph, chip, every, list(every), "constants", chip.placement.constants)
    return used


def stored_bytes(tensor: Tensor) -> int:
    """Return the bytes of a constant as it lies in memory: its stored form where the file has one [B]."""
    return tensor.structure.stored_bytes if tensor.structure is not None else tensor.bytes


def _aliases(layers: tuple[Layer, ...], graph: Graph) -> dict[str, str]:
    """Return tensors that lie on the bytes of another: views, and results of element-wise work on an input that nobody else reads."""
    readers: dict[str, int] = {}
    for layer in layers:
        for tensor in layer.inputs:
            readers[tensor.name] = readers.get(tensor.name, 0) + 1
    found: dict[str, str] = {}
    for layer in layers:
        if len(layer.outputs) != 1:
            continue
        source = layer.inputs[0] if layer.is_view and layer.inputs else _done_in_place(layer, graph, readers)
        if source is not None:
            found[layer.outputs[0].name] = found.get(source.name, source.name)
    return found


def _done_in_place(layer: Layer, graph: Graph, readers: Mapping[str, int]) -> Tensor | None:
    """Return the input on whose bytes element-wise work may put its result."""
    if not all(isinstance(work, Elementwise) for work in layer.works):
        return None
    for tensor in layer.inputs:
        own = readers[tensor.name] == 1 and tensor.name not in (*graph.inputs, *graph.outputs) and not tensor.is_state
        if own and tensor.bytes == layer.outputs[0].bytes:
            return tensor
    return None


def _lives(graph: Graph, layers: tuple[Layer, ...], aliases: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    lives: dict[str, list[int]] = {name: [0, 0] for name in graph.inputs}
    for layer in layers:
        for tensor in (*layer.inputs, *layer.outputs):
            span = lives.setdefault(aliases.get(tensor.name, tensor.name), [layer.index, layer.index])
            span[1] = layer.index
    for name in graph.outputs:
        if (real := aliases.get(name, name)) in lives:
            lives[real][1] = len(layers)
    for name, tensor in graph.tensors.items():
        if tensor.is_state and name in lives:
            lives[name] = [0, len(layers)]
    return {name: (first, last) for name, (first, last) in lives.items() if not graph.tensors[name].is_constant}


def _fill(home: str, names: list[str], bytes_of: Mapping[str, int], rolling: Mapping[str, int], lives, room: int, memory, offset, peak) -> list[str]:
    """Place what fits into one memory, rolling buffers first and then the largest; return the rest."""
    sizes = np.array([-(-bytes_of[n] // ALIGNMENT) * ALIGNMENT for n in names], np.int64)
    spans = np.array([lives[n] for n in names], np.int64).reshape(-1, 2)
    offsets = np.empty(len(names), np.int64)
    order = np.lexsort((spans[:, 0], -sizes, [name not in rolling for name in names]))
    top = arena.place(sizes, spans[:, 0].copy(), spans[:, 1].copy(), order, room, offsets)
    if top > 0 or (offsets >= 0).any():
        peak[home] = int(top)
    for name, place in zip(names, offsets.tolist(), strict=True):
        if place >= 0:
            memory[name], offset[name] = home, place
    return [name for name, place in zip(names, offsets.tolist(), strict=True) if place < 0]


def _refuse(graph: Graph, chip: Chip, tensors: Mapping[str, Tensor], names: list[str], what: str, homes: tuple[str, ...]) -> None:
    largest = max((tensors[n] for n in names), key=lambda t: t.bytes)
    rooms = ", ".join(f"{h} {show(c, 'B') if (c := chip.memories[h].capacity) is not None else 'unlimited'}" for h in homes)
    raise AccelsimError(
        f"{graph.name} on {chip.name}",
        f"{what} do not fit ({rooms}): the largest tensor is '{largest.name}' with {largest.bytes} bytes",
        f"{what} need {sum(tensors[n].bytes for n in names)} bytes in all" if what == "constants" else "a larger memory, a smaller input, or another home under placement.activations",
    )
