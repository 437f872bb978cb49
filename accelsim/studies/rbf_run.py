"""A data set on a described RBF chip: learn, recognise, and in the same run time, bytes and joules through the host link."""

import hashlib
from dataclasses import dataclass

import numpy as np

from accelsim import __version__
from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.functional.neuromem import IDENTIFIED, UNCERTAIN, UNKNOWN
from accelsim.functional.neuromem_accesses import Accesses, from_runs
from accelsim.functional.neuromem_state import NeuroMemDevice, Switches
from accelsim.hardware.chip import Chip
from accelsim.hardware.neuromem import restore_runs
from accelsim.mapping.matching import map_accesses, rbf_unit
from accelsim.pipeline import PS_PER_S, check, load_chip, simulate
from accelsim.results.matching import Phase, account_matching, service, summary
from accelsim.results.result import Output, Request, Result
from accelsim.studies.rbf import Classified, Training, classify

OUTCOMES = {"identified": IDENTIFIED, "uncertain": UNCERTAIN, "unknown": UNKNOWN}
PS = 1e-12


@dataclass(frozen=True, slots=True)
class Recognitions:
    """Which recognitions are simulated for throughput and percentiles.

    Attributes
    ----------
    frames : int, optional
        How many, in the order of the test part and from its beginning again; by default the test part once.
    rate : float, optional
        Requested per second; by default back to back.
    state : str
        "warm", or "cold": the host first restores the knowledge into an empty chip.
    """

    frames: int | None = None
    rate: float | None = None
    state: str = "warm"


def device_of(chip: Chip) -> NeuroMemDevice:
    """Return the chain of neurons that a chip file describes."""
    unit = chip.units[rbf_unit(chip)]
    return NeuroMemDevice(unit.neurons, unit.components, unit.chips, unit.clock, unit.chained_clock or unit.clock)


def run_data_set(chip: Chip | str, data: str, training: Training = Training(), recognitions: Recognitions = Recognitions(), engine: str = "compiled") -> Result:
    """Return what a chip learns of a data set, how often it is right, how long everything takes and what it costs.

    Parameters
    ----------
    chip : Chip, or its name or path
    data : str
        A data set by name, or a .csv or .npz of vectors with labels, of which a third, drawn by the seed, is the test part.

    Raises
    ------
    AccelsimError
        Anything that is wrong with the input, in one line.
    """
    chip = load_chip(chip) if isinstance(chip, str) else chip
    return measure(chip, teach(chip, data, training), training, recognitions, engine)


def teach(chip: Chip, data: str, training: Training = Training()) -> Classified:
    """Return what a chip learns of a data set and answers; no time yet."""
    check_training(training)
    rules = chip.units[rbf_unit(chip)].rules
    return classify(data, device_of(chip), training, Switches(**rules.model_dump()))


def measure(chip: Chip, seen: Classified, training: Training = Training(), recognitions: Recognitions = Recognitions(), engine: str = "compiled") -> Result:
    """Return what that takes in time, bytes and joules."""
    request = Request(1, seen.tested if recognitions.frames is None else recognitions.frames, recognitions.rate, recognitions.state)
    check(request)
    recognition = phase(chip, "recognise", seen.recognition, seen.committed, engine)
    learning = phase(chip, "learn", seen.learning, seen.committed, engine)
    restoring = phase(chip, "restore", from_runs(restore_runs(seen.committed, device_of(chip).components)), seen.committed, engine)
    period = round(PS_PER_S / request.rate) if request.rate else 0
    asked = np.arange(request.frames) % seen.tested
    frames = simulate(recognition.mapping.plan(asked, period, request.state == "cold"), engine)
    cold = simulate(recognition.mapping.plan(asked[:1], cold=True), engine)
    rbf = facts(seen, training, chip) | {"outcomes": outcomes(seen, recognition)}
    rbf |= {"recognition": summary(recognition), "learning": summary(learning), "restore": summary(restoring)}
    accuracy = {"data": seen.dataset, "items": seen.tested, "top1": seen.accuracy, "split": seen.split}
    return account_matching(recognition, cold, frames, request, rbf, accuracy, answers_of(seen), __version__, notes_of(seen))


def check_training(training: Training) -> None:
    """Refuse values that the chip or its host do not take."""
    for option, value, least, most in (
        ("--k", training.k, 1, 0xFFFF),
        ("--passes", training.passes, 1, 0xFFFF),
        ("--minif", training.minimum_influence, 0, 0xFFFF),
        ("--maxif", training.maximum_influence, 0, 0xFFFF),
        ("--seed", training.seed, 0, 2**32 - 1),
    ):
        if not least <= value <= most:
            raise AccelsimError(option, f"{value} is not within {least}..{most}")
    for option, value, allowed in (("--mode", training.mode, ("rbf", "knn")), ("--norm", training.norm, ("l1", "lsup"))):
        if value not in allowed:
            raise not_one_of(option, value, allowed)


def phase(chip: Chip, name: str, accesses: Accesses, committed: int, engine: str) -> Phase:
    """Return operations of one sort, simulated with and without the host link."""
    mapping = map_accesses(chip, name, accesses.codes, accesses.counts, committed)
    return Phase(mapping, simulate(mapping.plan(), engine), simulate(mapping.plan(linked=False), engine))


def facts(seen: Classified, training: Training, chip: Chip) -> dict:
    """Return what was taught, how, and what the chip made of it."""
    return {
        "data": seen.dataset,
        "trained": seen.trained,
        "tested": seen.tested,
        "components": seen.components,
        "chips": chip.units[rbf_unit(chip)].chips,
        "neurons": seen.capacity,
        "neurons_committed": seen.committed,
        "neurons_degenerated": seen.degenerated,
        "accuracy": seen.accuracy,
        "identified_right": seen.identified_right,
        "uncertain": seen.uncertain,
        "unknown": seen.unknown,
        "nearest_neighbour_accuracy": seen.nearest_neighbour_accuracy,
        "mode": training.mode,
        "norm": training.norm,
        "k": training.k,
        "passes": training.passes,
        "minif": training.minimum_influence,
        "maxif": training.maximum_influence,
        "seed": training.seed,
    }


def outcomes(seen: Classified, recognition: Phase) -> dict[str, dict]:
    """Return per outcome its share of the test part, and mean cycles and latency of those recognitions (null for none)."""
    times, found = service(recognition.linked) * PS, {}
    for name, status in OUTCOMES.items():
        chosen = seen.answers.status == status
        mean = (lambda values, chosen=chosen: float(values[chosen].mean())) if chosen.any() else lambda values: None
        found[name] = {"share": float(chosen.mean()), "cycles": mean(recognition.mapping.cycles), "latency_s": mean(times)}
    return found


def answers_of(seen: Classified) -> Output:
    """Return the categories read out, as an output whose hash tells runs apart."""
    category = np.ascontiguousarray(seen.answers.category)
    return Output("category", category.shape, "uint16", hashlib.sha256(category.tobytes()).hexdigest())


def notes_of(seen: Classified) -> tuple[str, ...]:
    """Return what a reader should know."""
    full = (f"the chain is full: all {seen.capacity} neurons are committed, later vectors taught it nothing new",) if seen.committed == seen.capacity else ()
    return ("the host's own software and power are not counted", *full)
