"""The layers' tasks as one inference, and what a cold chip does before the first."""

from collections.abc import Sequence

import numpy as np

from accelsim.hardware.chip import Chip
from accelsim.kernels import layer_tasks
from accelsim.mapping.choice import Choice
from accelsim.mapping.fabric import Fabric
from accelsim.mapping.homes import Homes
from accelsim.mapping.outline import Outline, outline_of, role_of
from accelsim.mapping.plan import START
from accelsim.mapping.routes import Routes
from accelsim.mapping.stripes import parts_of
from accelsim.mapping.succession import WHOLE, Succession
from accelsim.mapping.tasks import NO_TASKS, Closed, Tasks


def inference(chip: Chip, routes: Routes, homes: Homes, succession: Succession, choices: Sequence[Choice]) -> Closed:
    """Return the tasks of one inference, the first its start and the last its end.

    Constants move ahead across layers into buffers as they fall free; activations wait until their producers are done and until nobody still
    reads the bytes that they will overwrite.
    """
    compiler = chip.compiler
    outlines = _outlines(chip, routes, homes, succession, choices)
    room = 3 + sum([outline.tasks for outline in outlines])
    needs = 1 + succession.waits.size + sum([outline.needs for outline in outlines])
    table, amount, between = np.empty((5, room), np.int32), np.empty(room, np.int64), np.empty((2, needs), np.int32)
    address = np.zeros(room if any([outline.addressed for outline in outlines]) else 0, np.int64)
    depth = 2 if compiler.double_buffering else 1
    # Where reads go first, results rank behind the last operands that may be fetched meanwhile: a tie with these, which were emitted first.
    late = depth if compiler.reads_first else 0
    call = chip.start.warm_cycles if chip.host is not None else 0
    tasks, needs = layer_tasks.inference(
        np.concatenate([NO_TASKS, *[outline.numbers for outline in outlines]]), succession.first_wait, succession.waits, depth, 2 if compiler.constants_ahead else depth, compiler.reads_under_way, late,
        routes.index[chip.host] if call else -1, call, len(routes.resources), table, amount, between, address,
    )  # fmt: skip
    resource, write, role, layer, priority = table[:, :tasks]
    return Closed(resource, amount[:tasks], write.astype(np.bool_), role, layer, priority, *between[:, :needs], address[:tasks] if address.size else None)


def _outlines(chip: Chip, routes: Routes, homes: Homes, succession: Succession, choices: Sequence[Choice]) -> list[Outline]:
    """Return the outline of every step."""
    chosen = {choice.layer.index: choice for choice in choices}
    addressed = bool(homes.cascades) and any(resource.addressed for resource in routes.resources)
    found = []
    for index, stripe in succession.steps:
        choice = chosen[index]
        if stripe != WHOLE:
            choice = parts_of(choice, homes.cascade_of(index).rows_of(index), addressed)[stripe]
        found.append(outline_of(choice, chip, routes))
    return found


def prologue(chip: Chip, routes: Routes, homes: Homes) -> Closed:
    """Return what happens once before the first inference of a cold chip; the last task is the one after which it is over.

    The driver starts, and constants whose home is volatile come from ``placement.loaded_from``.
    """
    tasks = Tasks()
    ends = []
    if chip.host is not None and chip.start.cold_cycles:
        ends.append(tasks.add(chip.start.cold_cycles, 1, routes.index[chip.host], START))
    source = chip.placement.loaded_from
    for home, size in homes.constants.items():
        if not chip.memories[home].volatile or source in (None, home):
            continue
        pieces = max(1, -(-size // int(chip.compiler.transfer_chunk)))
        last = None
        way = routes.way(source, home, "constants at a cold start")
        for hop, (moved,) in Fabric(chip, routes).passed(way, [(size,)] * len(way)):
            if hop.resource is None:
                continue
            ids = tasks.add(moved, pieces, hop.resource, role_of(hop, chip), hop.write)
            if last is not None:
                tasks.need(last, ids)
            last = ids
        if last is not None:
            ends.append(last)
    gate = tasks.milestone()
    for ids in ends:
        tasks.need(ids, np.full(ids.size, gate))
    return tasks.close()
