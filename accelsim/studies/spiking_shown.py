"""What a chip's spiking cores are to run: a file's network or a converted one, and the inputs that it is shown."""

from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError, not_one_of
from accelsim.functional.spiking_compartments import to_compartments
from accelsim.functional.spiking_conversion import convert_to_spikes, largest_output
from accelsim.functional.spiking_inputs import Stimulus, random_stimulus, recorded_stimulus, stimuli_of_values
from accelsim.graph.spiking_network import SpikingNetwork
from accelsim.graph.spiking_neurons import LinearNeuron, SigmaDeltaNeuron
from accelsim.hardware.units.spiking_cores import SpikingCores
from accelsim.importers import is_spiking_file, load_graph, load_spiking_network
from accelsim.importers.datasets import DataSet, fit_input, load_dataset, load_input

STEPS = 64
MOST_STEPS = 100_000
SAMPLES = 300
MARGIN = 1.5
RESETS = ("subtract", "value")


@dataclass(frozen=True, slots=True)
class Presentation:
    """What is shown, for how long, and how a trained network becomes a spiking one.

    Attributes
    ----------
    steps : int, optional
        Time steps of an inference; by default 64.
    data, pixels : str, optional
        Data set, by whose training part a conversion balances its thresholds and whose test part is shown.
    input : str, optional
        A .npy file in place of a data set; by default seeded random input.
    percentile : float
        Of a layer's activations: what one spike a step stands for.
    reset : str
        At a spike of a converted network: "subtract" the threshold, or to the "value" 0.
    cores : tuple of str
        How many cores a population takes, each "name=number"; the others take the fewest that hold them.
    """

    steps: int | None = None
    data: str | None = None
    pixels: str | None = None
    input: str | None = None
    percentile: float = 99.9
    reset: str = "subtract"
    seed: int = 0
    cores: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Shown:
    """A network ready to be placed, and its inputs.

    Attributes
    ----------
    cores : SpikingCores
        The unit as this network uses it.
    taken : dict of str to int
        Cores that populations were told to take.
    labels : ndarray or None
        Of the inputs, where a data set gave them.
    """

    network: SpikingNetwork
    cores: SpikingCores
    taken: dict[str, int]
    converted: bool
    subtracting: bool
    steps: int
    stimuli: list[Stimulus]
    data: DataSet | None
    labels: np.ndarray | None
    notes: tuple[str, ...]


def prepare(model: str, cores: SpikingCores, shown: Presentation) -> Shown:
    """Return the network of a model for spiking cores and what it is shown.

    Raises
    ------
    AccelsimError
        Anything wrong with model, data or options, in one line.
    """
    check_presentation(shown)
    converted = not is_spiking_file(model)
    steps = shown.steps or STEPS
    data = load_dataset(shown.data) if shown.data else None
    if converted:
        network, items = _converted(model, cores, shown, data, steps)
    else:
        network, items = load_spiking_network(model), data.inputs if data is not None else None
    subtracting = converted and shown.reset == "subtract"
    cores = cores.for_subtracting_neurons() if subtracting else cores
    stimuli = _stimuli(network, items, steps, shown)
    return Shown(
        network,
        cores,
        cores_of(network, shown.cores),
        converted,
        subtracting,
        steps,
        stimuli,
        data,
        data.labels if data is not None else None,
        notes_of(network, cores, shown, converted),
    )


def check_presentation(shown: Presentation) -> None:
    """Refuse options that make no sense."""
    if shown.steps is not None and not 1 <= shown.steps <= MOST_STEPS:
        raise AccelsimError("--steps", f"{shown.steps} is not within 1..{MOST_STEPS}")
    if not 50 <= shown.percentile <= 100:
        raise AccelsimError("--percentile", f"{shown.percentile:g} is not within 50..100")
    if shown.reset not in RESETS:
        raise not_one_of("--reset", shown.reset, RESETS)
    if shown.data and shown.input:
        raise AccelsimError("--input", "a data set is shown already", "give --data or --input")


def cores_of(network: SpikingNetwork, given: tuple[str, ...]) -> dict[str, int]:
    """Return how many cores populations take, of texts "name=number"."""
    taken = {}
    for text in given:
        name, equals, number = text.rpartition("=")
        if not equals or not number.isdecimal() or int(number) < 1:
            raise AccelsimError(f"--cores {text}", "is not population=number", f"such as {network.populations[-1].name}=4")
        if not 1 <= int(number) <= network.population(name).neurons:
            raise AccelsimError(f"--cores {text}", f"'{name}' has {network.population(name).neurons} neurons")
        taken[name] = int(number)
    return taken


def _converted(model: str, cores: SpikingCores, shown: Presentation, data: DataSet | None, steps: int) -> tuple[SpikingNetwork, np.ndarray]:
    """Return a trained network as one of spikes, and the data set's test part as its input."""
    graph = load_graph(model, "float32", shown.seed)
    if data is None:
        raise AccelsimError(model, "a conversion balances thresholds on a data set", "--data NAME, such as --data digits")
    if len(graph.inputs) != 1:
        raise UnsupportedError(graph.name, f"{len(graph.inputs)} inputs; conversion knows one")
    tensor, place = graph.tensors[graph.inputs[0]], f"--data {shown.data}"
    if tensor.dtype != "float32":
        raise UnsupportedError(graph.name, f"its input is {tensor.dtype}; conversion knows float32 networks", _float_sibling(graph.name))
    items = fit_input(data.inputs, tensor, shown.pixels, place=place)
    train = fit_input(load_dataset(shown.data, "train").inputs[:SAMPLES], tensor, shown.pixels, place=place)
    network = convert_to_spikes(graph, train, shown.percentile, delay=1, rate_coded_input=True)
    if cores.arithmetic == "integer":
        network = to_compartments(network, MARGIN * steps * largest_output(graph, train), shown.reset)
    return network, items


def _float_sibling(name: str) -> str:
    from accelsim.importers import trained_names

    sibling = f"{name}_float32"
    return f"'{sibling}' is the same network" if sibling in trained_names() else ""


def _stimuli(network: SpikingNetwork, items: np.ndarray | None, steps: int, shown: Presentation) -> list[Stimulus]:
    if shown.input:
        return [recorded_stimulus(network, load_input(shown.input), steps, f"--input {shown.input}")]
    if items is None:
        return [random_stimulus(network, steps, shown.seed)]
    return stimuli_of_values(network, items, steps, f"--data {shown.data}")


def notes_of(network: SpikingNetwork, cores: SpikingCores, shown: Presentation, converted: bool) -> tuple[str, ...]:
    """Return what a reader should know, and refuse what the cores cannot send."""
    notes = [*network.notes, "putting inputs in, reading outputs and clearing the state between inferences are not counted"]
    graded = [p.name for p in network.populations if isinstance(p.neuron, SigmaDeltaNeuron)]
    if graded and not cores.graded_spikes:
        raise UnsupportedError(f"population '{graded[0]}'", "sends graded spikes, which these cores do not have (limit: graded_spikes)", "loihi2 has them")
    relays = [p.name for p in network.populations if isinstance(p.neuron, LinearNeuron) and p.neuron.emits == "voltage"]
    if relays and not cores.graded_spikes:
        notes.append(f"{len(relays)} populations pass on values, not spikes ({', '.join(relays[:3])}): the cores would need them folded into weights")
    if cores.arithmetic == "integer" and not network.is_integer:
        notes.append("the file's neurons are computed in float64; the chip would round them to its integers")
    if converted and shown.reset == "subtract" and cores.compartments_to_subtract > 1:
        notes.append(f"each neuron takes {cores.compartments_to_subtract} compartments, so that a spike can subtract the threshold (--reset value: one)")
    if not shown.cores:
        notes.append("placed on the fewest cores that hold it; --cores POPULATION=N spreads a busy population, which shortens steps")
    if not shown.data and not shown.input:
        notes.append("input: seeded random, not data; time and energy depend on it")
    return tuple(notes)
