"""One network in stages on several units of a chip: how long does an inference take, and how many come out in a second?"""

from collections.abc import Sequence
from dataclasses import replace

from accelsim import pipeline
from accelsim.base.errors import AccelsimError
from accelsim.graph.graph import Graph
from accelsim.hardware.chip import Chip
from accelsim.importers import load_graph
from accelsim.mapping.cuts import best_cut, stated_cut
from accelsim.mapping.observed import observe
from accelsim.mapping.stages import map_stages
from accelsim.mapping.together import as_seen_with
from accelsim.results.result import Request
from accelsim.results.stages import PS, StageAlone, Staged, Whole, account_stages, steady_rate
from accelsim.studies.together import check_can_share

FORM = "UNIT[+UNIT...][:UNIT[+UNIT...]...]"


def units_of(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the units of each stage that ``UNIT[+UNIT...][:UNIT...]`` says; none for an empty text.

    Raises
    ------
    AccelsimError
        Another form.
    """
    stages = tuple(tuple(part.split("+")) for part in text.split(":")) if text else ()
    if not all(all(stage) for stage in stages):
        raise AccelsimError(f"--pipeline '{text}'", f"is not {FORM}", "such as dla0:gpu, one part a stage")
    return stages


def stages(
    chip: Chip | str, model: Graph | str, units: str = "", cut: Sequence[str] = (), batch: int = 1, frames: int = 16, execute: bool = False, engine: str = "compiled", seed: int = 0
) -> Staged:
    """Return what a network does whose inferences pass through several units in turn, one stage on each.

    All stages run on one clock of one plan. Each is also run without the others, and the whole network on the units of each.

    Parameters
    ----------
    chip : Chip, or its name or path
    units : str
        Of each stage, as ``units_of`` reads them; by default the order of units that is predicted to be the fastest.
    cut : sequence of str
        The node with which each later stage begins; by default where the slowest stage is predicted to end soonest.
    frames : int
        Inferences over which the steady state is measured; as many as fill and drain the stages come on top.
    execute : bool
        Run the arithmetic too, so that savings from zeros count.

    Raises
    ------
    AccelsimError
        Anything that is wrong with the input, in one line.
    """
    from accelsim import __version__

    chip = pipeline.load_chip(chip) if isinstance(chip, str) else chip
    own = units_of(units)
    check_can_share(chip, f"stages {chip.name}", model)
    pipeline.check(Request(batch, frames))
    if cut and not own:
        raise AccelsimError("--cut", "says where the stages begin, not on which units they are", f"--pipeline {FORM}")
    graph = load_graph(model, seed=seed) if isinstance(model, str) else model
    batched = pipeline.batched(graph, batch)
    chosen = stated_cut(batched, own, cut) if cut or len(own) == 1 else best_cut(batched, chip, own, pipeline.best_mapping)
    planned = map_stages(batched, chip, chosen, pipeline.best_mapping)
    activity = pipeline.execute_all(graph, batched, chip, pipeline.Options(execute=execute, seed=seed))[0]
    planned = replace(planned, neighbours=planned.neighbours.observed([activity] * len(chosen.units)))
    total = frames + 2 * planned.in_flight
    first, joint = (pipeline.simulate(planned.plan(count)[0], engine) for count in (1, total))
    alone = [StageAlone(pipeline.simulate(mapping.plan(), engine), pipeline.simulate(mapping.plan(total), engine)) for mapping in planned.neighbours.mappings]
    whole = tuple(_whole(batched, chip, names, activity, batch, frames, engine) for names in dict.fromkeys(chosen.units))
    return account_stages(planned, batch, alone, first, joint, activity, whole, __version__)


def _whole(graph: Graph, chip: Chip, units: tuple[str, ...], activity: object, batch: int, frames: int, engine: str) -> Whole:
    try:
        mapping = observe(pipeline.best_mapping(graph, as_seen_with(chip, units)), activity)
    except AccelsimError:
        return Whole(units, None, None)
    warm, many = (pipeline.simulate(mapping.plan(count), engine) for count in (1, frames + 2 * mapping.in_flight))
    return Whole(units, warm.latency() * PS, steady_rate(many, mapping.in_flight, batch))
