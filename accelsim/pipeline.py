"""The program in a few lines: load, execute, plan, simulate, account. Start reading here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.rooms import member, members
from accelsim.engine.trace import Trace
from accelsim.graph.declared_activity import DeclaredActivity
from accelsim.graph.graph import Graph
from accelsim.graph.numerics import Numerics
from accelsim.hardware.chip import Chip
from accelsim.hardware.chip_files import find_chip, load_chip_file
from accelsim.importers import is_spiking_file, load_graph
from accelsim.mapping.alternatives import alternatives
from accelsim.mapping.candidates import Pin
from accelsim.mapping.mapper import NetworkMapping
from accelsim.mapping.matching import has_rbf_unit
from accelsim.mapping.observed import observe
from accelsim.mapping.pins import load_pins
from accelsim.mapping.plan import Plan
from accelsim.mapping.spiking_steps import spiking_unit
from accelsim.results.account import Simulated, account
from accelsim.results.result import Request, Result

ENGINES = ("compiled", "event")
VECTOR_FILES = (".csv", ".npz")
PS_PER_S = 10**12


@dataclass(frozen=True)
class Options:
    """How to run.

    Attributes
    ----------
    execute : bool
        Run the real arithmetic; False: only time, bytes and joules, data-dependent savings at none.
    inputs : mapping of tensor name to ndarray, optional
        By default seeded random codes over the input's whole range.
    data : str, optional
        Data set or file with labels, for an accuracy.
    pixels : str, optional
        What a uint8 pixel of the data means to the network: "codes", "unit", "signed", "raw".
    pins : path, optional
        A saved mapping with decisions to keep.
    on_progress : callable, optional
        Called with (what, done, total).
    zeros : mapping of tensor name to float, optional
        Without execution: declared shares of zeros, "" for all tensors that are not named; an assumption, graded estimated.
    cold : bool
        Simulate the first inference of a cold chip too, for ``first_latency_s``; False saves its time in a sweep.
    """

    engine: str = "compiled"
    execute: bool = True
    inputs: Mapping[str, np.ndarray] | None = None
    data: str | None = None
    pixels: str | None = None
    pins: Path | None = None
    seed: int = 0
    on_progress: Callable[[str, int, int], None] | None = None
    zeros: Mapping[str, float] | None = None
    cold: bool = True


def load_chip(name_or_path: str, overrides: Iterable[str] = ()) -> Chip:
    """Return a chip by name or file, with ``path=value`` overrides.

    Foreign descriptions are chips too: a SCALE-Sim ``.cfg``, and ``format:path`` for the formats in ``importers/chips``,
    such as ``timeloop:arch.yaml``, ``zigzag:hardware.yaml``, ``vela:vela.ini:System:Mode:ethos_u55_128``.
    """
    form, colon, path = name_or_path.partition(":")
    if colon and form in members("accelsim.importers.chips"):
        return member("accelsim.importers.chips", form).load(Path(path), name_or_path, overrides)
    if Path(name_or_path).suffix.lower() == ".cfg":
        return member("accelsim.importers.chips", "scalesim").load(find_chip(name_or_path), name_or_path, overrides)
    return load_chip_file(name_or_path, overrides)


def learns(chip: Chip, workload: str) -> bool:
    """Return whether a workload is vectors that the chip's RBF unit learns (``studies.rbf_run``), not a network.

    Raises
    ------
    AccelsimError
        A data set for a chip that only runs networks, or a network for one that only learns vectors.
    """
    from accelsim.importers.datasets import dataset_names

    named = workload in dataset_names()
    if not has_rbf_unit(chip):
        if named:
            hint = f"'accelsim run {chip.name} MODEL --data {workload}' measures a network on it; nm500, cm1k and quarkse learn a data set"
            raise AccelsimError(f"run {chip.name} {workload}", f"'{workload}' is a data set and '{chip.name}' runs networks", hint)
        return False
    vectors = named or Path(workload).suffix.lower() in VECTOR_FILES
    if not vectors and len(chip.units) == 1:
        hint = f"it learns data sets: {', '.join(dataset_names())}, or a .csv or .npz of vectors with labels"
        raise AccelsimError(f"run {chip.name} {workload}", f"'{chip.name}' runs no networks, and '{workload}' is no data set", hint)
    return vectors


def spikes(chip: Chip, workload: str) -> bool:
    """Return whether a workload runs on the chip's spiking cores (``studies.spiking_run``), converted where it is not of spikes."""
    return spiking_unit(chip) is not None and (len(chip.units) == 1 or is_spiking_file(workload))


def run(chip: Chip | str, graph: Graph | str, request: Request = Request(), options: Options = Options()) -> Result:
    """Return what a network computes on a chip, how long it takes, what moves and what it costs.

    Parameters
    ----------
    chip, graph : Chip and Graph, or their names or paths

    Raises
    ------
    AccelsimError
        Anything that is wrong with the input, in one line.
    """
    from accelsim import __version__

    chip = load_chip(chip) if isinstance(chip, str) else chip
    if isinstance(graph, str) and learns(chip, graph):
        raise AccelsimError(f"run {chip.name} {graph}", "a data set is learned by accelsim.studies.rbf_run.run_data_set")
    if spikes(chip, graph if isinstance(graph, str) else ""):
        raise AccelsimError(chip.name, "runs spiking networks, not graphs of operators", "accelsim.studies.spiking_run.run_spiking converts a ReLU network for it")
    graph = load_graph(graph, seed=options.seed) if isinstance(graph, str) else graph
    check(request)
    planned, warm = _best_simulated(batched(graph, request.batch), chip, load_pins(options.pins) if options.pins else None)
    activity, outputs, extras = execute_all(graph, planned.graph, chip, options)
    mapping = observe(planned, activity)
    known = warm if mapping is planned and options.engine == "compiled" else None
    simulated = simulate_all(mapping, request, options.engine, options.cold, known)
    return account(mapping, simulated, request, activity, outputs, __version__, extras)


def check(request: Request) -> None:
    """Refuse requests that make no sense."""
    for name in ("batch", "frames"):
        if getattr(request, name) < 1:
            raise AccelsimError(f"--{name}", f"{getattr(request, name)} is not at least 1")
    if request.rate is not None and not request.rate > 0:
        raise AccelsimError("--rate", f"{request.rate} is not above 0")
    if request.state not in ("warm", "cold"):
        raise not_one_of("--state", request.state, ("warm", "cold"))


def best_mapping(graph: Graph, chip: Chip, pins: Mapping[str, Pin] | None = None) -> NetworkMapping:
    """Return the one of a few mappings whose warm inference takes the least simulated time.

    Raises
    ------
    AccelsimError
        An operator that no unit does, or a footprint above a capacity.
    """
    return _best_simulated(graph, chip, pins)[0]


def _best_simulated(graph: Graph, chip: Chip, pins: Mapping[str, Pin] | None) -> tuple[NetworkMapping, Trace | None]:
    """Return the best mapping, and its warm inference where it was simulated to find it."""
    best, warm = None, None
    for mapping in alternatives(graph, chip, pins):
        if best is None:
            best = mapping  # not simulated here if it stays alone
            continue
        warm = simulate(best.plan()) if warm is None else warm
        trace = simulate(mapping.plan())
        if trace.finish.max() < warm.finish.max():
            best, warm = mapping, trace
    return best, warm


def simulate_all(mapping, request: Request, engine: str, with_cold: bool = True, warm: Trace | None = None) -> Simulated:
    """Return the traces of a warm inference, unless it is known, a cold one where it is wanted, and the requested frames."""
    period = round(PS_PER_S / request.rate) if request.rate else 0
    warm = warm if warm is not None else simulate(mapping.plan(), engine)
    cold = simulate(mapping.plan(cold=True), engine) if with_cold or request.state == "cold" else None
    alone = request.frames == 1 and not period
    if alone:
        return Simulated(warm, cold, warm if request.state == "warm" else cold)
    return Simulated(warm, cold, simulate(mapping.plan(request.frames, period, request.state == "cold"), engine))


def simulate(plan: Plan, engine: str = "compiled"):
    """Return the Trace of a Plan by one of the two engines."""
    if engine not in ENGINES:
        raise not_one_of("--engine", engine, ENGINES)
    return member("accelsim.engine", engine).simulate(plan)


def execute_all(graph: Graph, batched: Graph, chip: Chip, options: Options):
    """Return (activity, outputs, extras): the real arithmetic of one request, and the accuracy on a data set."""
    from accelsim.functional.evaluate import random_inputs, top_classes
    from accelsim.functional.interpreter import execute

    if not options.execute:
        if options.data:
            raise AccelsimError("--data", "an accuracy needs the arithmetic", "leave --no-execute out")
        return declared(batched, options.zeros)
    numerics = chip_numerics(chip, graph)
    extras: dict = {}
    if options.data:
        extras["accuracy"] = _accuracy(graph, options, numerics)
    inputs = options.inputs if options.inputs is not None else random_inputs(batched, options.seed)
    outputs, _, activity = execute(batched, inputs, numerics=numerics, on_node=_reporter(options, len(batched.nodes)))
    if options.inputs is not None:
        extras["top_classes"] = top_classes(batched, outputs)
    return activity, outputs, extras


def declared(graph: Graph, zeros: Mapping[str, float] | None):
    """Return (activity, None, extras) of a network that is not executed: declared shares of zeros, or none.

    Raises
    ------
    AccelsimError
        A tensor that the network does not have, or a share that is none.
    """
    if zeros is None:
        return None, None, {"notes": ("not executed: no outputs, no savings from zeros",)}
    for name, share in zeros.items():
        if name and name not in graph.tensors:
            raise not_one_of("zeros", name, graph.tensors)
        if not 0 <= share <= 1:
            raise AccelsimError(f"zeros of '{name}'", f"{share} is not between 0 and 1")
    return DeclaredActivity(graph.tensors, dict(zeros)), None, {"notes": ("not executed: no outputs; shares of zeros are declared, an assumption",)}


def _accuracy(graph: Graph, options: Options, numerics: Numerics) -> dict:
    from accelsim.functional.evaluate import measure_accuracy
    from accelsim.importers.datasets import fit_input, load_dataset

    data = load_dataset(options.data)
    items = fit_input(data.inputs, graph.tensors[graph.inputs[0]], options.pixels, place=f"--data {options.data}")
    share = measure_accuracy(graph, items, data.labels, numerics, options.on_progress)
    return {"data": data.name, "items": len(data), "top1": share, "split": data.split}


def chip_numerics(chip: Chip, graph: Graph) -> Numerics:
    """Return the model's arithmetic with what the chip declares of its own."""
    own = {name: value for name, value in chip.file.numerics if value is not None}
    return replace(graph.numerics, **own)


def batched(graph: Graph, batch: int) -> Graph:
    """Return the network for several inputs per inference."""
    if batch == 1:
        return graph
    from accelsim.functional.rebatch import with_batch

    return with_batch(graph, batch)


def _reporter(options: Options, total: int):
    if options.on_progress is None:
        return None
    done = iter(range(1, total + 1))
    return lambda name: options.on_progress("arithmetic", next(done), total)
