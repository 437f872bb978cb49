"""Pairwise STDP of one projection on described spiking cores, item after item."""

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError, not_one_of
from accelsim.base.provenance import worst
from accelsim.functional.spiking_inputs import random_stimulus, stimuli_of_values
from accelsim.functional.spiking_learning import PairRule, execute_learning
from accelsim.graph.spike_record import SpikeRecord
from accelsim.graph.spiking_network import SpikingNetwork
from accelsim.graph.work import SpikeStep
from accelsim.hardware.chip import Chip
from accelsim.hardware.spiking_service import dynamic_energy
from accelsim.importers import is_spiking_file, load_spiking_network
from accelsim.importers.datasets import load_dataset
from accelsim.mapping.spiking_steps import require_spiking_unit
from accelsim.results.learning import LearnedOnCores
from accelsim.studies.spiking_run import placed
from accelsim.studies.spiking_shown import STEPS, Presentation, check_presentation

PS = 1e-12


def learn_on_cores(chip: Chip, model: str, projection: str | None, shown: Presentation, items: int) -> LearnedOnCores:
    """Return what a projection learns while items of a data set's training part, or one random input, are shown one after another.

    The cores of the projection's target update their synapses at once, each its own share, after the spikes of a step.

    Parameters
    ----------
    model : str
        A file of an integer spiking network.
    projection : str, optional
        By name; by default the last.

    Raises
    ------
    AccelsimError
        The chip has no figures of learning, or anything that is wrong with the input.
    """
    unit = require_spiking_unit(chip)
    cores = chip.units[unit]
    check_presentation(shown)
    if cores.costs.learning is None:
        raise UnsupportedError(f"{chip.path}: units.{unit}.costs.learning", "time and energy of a synaptic update are not known", "loihi states them")
    if not is_spiking_file(model):
        raise UnsupportedError(model, "is no file of a spiking network", "learning starts from a .net file's weights")
    network, steps = load_spiking_network(model), shown.steps or STEPS
    rule = PairRule(_projection(network, projection))
    layout, program = placed(network, cores)
    target = next(q.target for q in network.projections if q.name == rule.projection)
    first = network.starts[target]
    sharing = np.unique(layout.core[first : first + network.population(target).neurons]).size
    spent, joules = [], []

    def on_step(record: SpikeRecord, updates: int) -> None:
        service = cores.served(SpikeStep(steps=1, counts=(layout, record)))
        spent.append((service.time * PS, -(-updates // sharing) * cores.costs.learning.time))
        joules.append(sum(dynamic_energy(cores, service).values()))

    before, _, updates = execute_learning(program, rule, 0)
    mantissas, stimuli = before, _stimuli(network, shown, steps, items)
    for stimulus in stimuli:
        mantissas, _, learned = execute_learning(program, rule, steps, stimulus.spikes, stimulus.drive, mantissas, on_step)
        updates += learned
    change, seconds = np.abs(mantissas - before), np.sum(spent, axis=0)
    grade = worst(chip.provenance_of(f"units.{unit}.costs.learning.{key}").grade for key in ("time", "energy"))
    return LearnedOnCores(
        chip.name, network.name, rule.projection, len(stimuli), steps, change.size, int(np.count_nonzero(change)), float(change.mean()), updates,
        float(seconds.sum()), float(seconds[1]), float(np.sum(joules)), updates * cores.costs.learning.energy,
        float(seconds.sum()) * (chip.file.static_power + cores.static_power), grade,
    )  # fmt: skip


def _projection(network: SpikingNetwork, name: str | None) -> str:
    names = [q.name for q in network.projections]
    if name is None and names:
        return names[-1]
    if name not in names:
        raise not_one_of(f"{network.name}: projection", str(name), names)
    return name


def _stimuli(network: SpikingNetwork, shown: Presentation, steps: int, items: int):
    if shown.data is None:
        return [random_stimulus(network, steps, shown.seed)]
    train = load_dataset(shown.data, "train").inputs[:items]
    if not len(train):
        raise AccelsimError(f"--data {shown.data}", "has no items")
    return stimuli_of_values(network, train, steps, f"--data {shown.data}")
