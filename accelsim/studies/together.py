"""Several networks on one chip at once: how much do they slow each other down, and what does it save?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from accelsim import pipeline
from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.graph.graph import Graph
from accelsim.hardware.chip import Chip
from accelsim.importers import load_graph
from accelsim.mapping.together import Neighbours, map_together
from accelsim.results.result import Request
from accelsim.results.together import Alone, Together, account_together

ARBITRATIONS = ("fair", "order")
MOST_TASKS = 50_000_000
KEYS = ("batch", "rate")


@dataclass(frozen=True)
class Task:
    """One network of several on a chip.

    Attributes
    ----------
    model : str or Graph
    units : tuple of str
        Units that it may use, the preferred first, and the host; empty: all units, as in the chip file.
    batch : int
        Inputs per inference.
    rate : float or None
        Inferences requested per second; None: back to back.
    """

    model: str | Graph
    units: tuple[str, ...] = ()
    batch: int = 1
    rate: float | None = None


def task_of(text: str) -> Task:
    """Return the task that ``MODEL[@UNIT[+UNIT...]][,batch=N][,rate=PER_SECOND]`` says.

    Raises
    ------
    AccelsimError
        Another form, an unknown key or no number.
    """
    named, *settings = text.split(",")
    model, _, units = named.partition("@")
    place = f"task '{text}'"
    if not model or ("@" in named and not all(units.split("+"))):
        raise AccelsimError(place, "is not MODEL[@UNIT[+UNIT...]][,batch=N][,rate=PER_SECOND]", "such as resnet50@dla0+gpu,rate=30")
    values: dict[str, float | int] = {}
    for setting in settings:
        key, _, value = setting.partition("=")
        if key not in KEYS:
            raise not_one_of(place, key, KEYS)
        try:
            values[key] = int(value) if key == "batch" else float(value)
        except ValueError:
            raise AccelsimError(place, f"{key} '{value}' is not a number") from None
    return Task(model, tuple(units.split("+")) if units else (), **values)


def together(chip: Chip | str, tasks: Sequence[Task | str], frames: int = 8, arbitration: str = "fair", execute: bool = False, engine: str = "compiled", seed: int = 0) -> Together:
    """Return what several networks on one chip do to each other.

    All run on one clock of one plan: their tasks wait for the same units, memories and movers. Each network is also run without the
    others, mapped the same, so that the difference is contention alone.

    Parameters
    ----------
    chip : Chip, or its name or path
    tasks : sequence of Task or str
        Texts as ``task_of`` reads them.
    frames : int
        Inferences of the network that takes longest for them alone; the others get as many as fill that time.
    arbitration : str
        "fair": a server for which several networks wait takes the one for which it has done least; "order": the first in the list.
    execute : bool
        Run the arithmetic too, so that savings from zeros count.

    Raises
    ------
    AccelsimError
        Anything that is wrong with the input, in one line.
    """
    from accelsim import __version__

    chip = pipeline.load_chip(chip) if isinstance(chip, str) else chip
    tasks = [task_of(task) if isinstance(task, str) else task for task in tasks]
    _check(chip, tasks, frames, arbitration)
    neighbours, activities = _mapped(chip, tasks, execute, seed)
    periods = [round(pipeline.PS_PER_S / task.rate) if task.rate else 0 for task in tasks]
    counts = _counts(neighbours, periods, frames, engine)
    alone = tuple(
        Alone(task.batch, task.rate, activity, pipeline.simulate(mapping.plan(), engine), pipeline.simulate(mapping.plan(count, period), engine))
        for task, activity, mapping, count, period in zip(tasks, activities, neighbours.mappings, counts, periods, strict=True)
    )
    plan, slices = neighbours.plan(counts, periods, arbitration == "fair")
    joint = pipeline.simulate(plan, engine)
    return account_together(neighbours, alone, joint, slices, arbitration, __version__, tuple(task.units for task in tasks))


def _check(chip: Chip, tasks: Sequence[Task], frames: int, arbitration: str) -> None:
    place = f"together {chip.name}"
    if not tasks:
        raise AccelsimError(place, "names no task", "such as resnet50@gpu, once for every network")
    if arbitration not in ARBITRATIONS:
        raise not_one_of("--arbitration", arbitration, ARBITRATIONS)
    for task in tasks:
        check_can_share(chip, place, task.model)
        pipeline.check(Request(task.batch, frames, task.rate))


def check_can_share(chip: Chip, place: str, model: str | Graph) -> None:
    """Refuse what does not run as layers on units that have a clock.

    Raises
    ------
    AccelsimError
        Spiking networks, vectors to learn, a unit without a clock.
    """
    name = model if isinstance(model, str) else ""
    if pipeline.spikes(chip, name) or (name and pipeline.learns(chip, name)):
        raise AccelsimError(place, f"'{chip.name}' does not run '{name or model.name}' as a graph of layers, and only such networks run together")
    clockless = [name for name, unit in chip.units.items() if unit.clock is None]
    if clockless:
        raise AccelsimError(place, f"{', '.join(clockless)} has no clock, so that nothing runs beside it in time")


def _mapped(chip: Chip, tasks: Sequence[Task], execute: bool, seed: int) -> tuple[Neighbours, list]:
    options = pipeline.Options(execute=execute, seed=seed)
    graphs = [load_graph(task.model, seed=seed) if isinstance(task.model, str) else task.model for task in tasks]
    batched = [pipeline.batched(graph, task.batch) for graph, task in zip(graphs, tasks, strict=True)]
    neighbours = map_together(batched, chip, [task.units for task in tasks], pipeline.best_mapping)
    activities = [pipeline.execute_all(graph, mapping.graph, chip, options)[0] for graph, mapping in zip(graphs, neighbours.mappings, strict=True)]
    return neighbours.observed(activities), activities


def _counts(neighbours: Neighbours, periods: Sequence[int], frames: int, engine: str) -> list[int]:
    """Return as many frames of each network as take about equally long alone."""
    first = [pipeline.simulate(mapping.plan(frames, period), engine) for mapping, period in zip(neighbours.mappings, periods, strict=True)]
    longest = max(trace.makespan for trace in first)
    counts = [math.ceil(frames * longest / trace.makespan) for trace in first]
    tasks = sum(trace.plan.tasks // frames * count for trace, count in zip(first, counts, strict=True))
    if tasks > MOST_TASKS:
        raise AccelsimError(f"together {neighbours.chip.name}", f"{counts} frames are {tasks} tasks, more than {MOST_TASKS}", "fewer frames, or rates that differ less")
    return counts
