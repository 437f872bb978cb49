"""Run a spiking network step by step: event-driven inside a step, one compiled loop over all steps."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.functional.spiking_program import SpikingProgram, initial_state
from accelsim.graph.spike_record import SpikeRecord, SpikeTrain
from accelsim.graph.spiking_neurons import SourceNeuron
from accelsim.kernels.spiking_records import Inputs, Outputs, State


@dataclass(frozen=True, eq=False, slots=True)
class SpikingState:
    """Where a run stopped.

    Attributes
    ----------
    steps : int
        Steps run so far.
    """

    state: State
    steps: int


def start(program: SpikingProgram) -> SpikingState:
    """Return the state before the first step."""
    return SpikingState(initial_state(program), 0)


def cleared(state: SpikingState, network, population: str) -> SpikingState:
    """Return the state with one population's currents, voltages and refractory counts at zero (what is on its way stays)."""
    copy = _copied(state.state)
    first = network.starts[population]
    stop = first + network.population(population).neurons
    for array in (copy.voltage, copy.residue, copy.held_until):
        array[first:stop] = 0
    currents = np.cumsum([0] + [len(getattr(p.neuron, "current_kept", (0,))) * p.neurons for p in network.populations])
    p = [q.name for q in network.populations].index(population)
    copy.current[currents[p] : currents[p + 1]] = 0
    return SpikingState(copy, state.steps)


def execute_spiking(
    program: SpikingProgram,
    steps: int,
    spikes: Mapping[str, SpikeTrain] | None = None,
    drive: Mapping[str, np.ndarray] | None = None,
    state: SpikingState | None = None,
    probes: np.ndarray | None = None,
) -> tuple[SpikeRecord, SpikingState]:
    """Return what happened in ``steps`` time steps, and the state after them.

    Parameters
    ----------
    spikes : mapping of population name to SpikeTrain
        For populations of source neurons.
    drive : mapping of population name to ndarray, shape (neurons,), (steps, neurons) or the population's own
        Currents for the populations named in the network's ``inputs``.
    state : SpikingState, optional
        Where to go on; by default everything zero. It is not changed.
    probes : ndarray of int, optional
        Network-wide numbers of neurons whose current and voltage to record.

    Raises
    ------
    AccelsimError
        A train or drive names another population, or has another size.
    """
    network = program.network
    state = start(program) if state is None else SpikingState(_copied(state.state), state.steps)
    inputs = _inputs(program, steps, spikes or {}, drive or {})
    probes = np.zeros(0, np.int64) if probes is None else np.asarray(probes, np.int64)
    outputs = _outputs(program, steps, probes, inputs.neuron.size)
    advance = _advance(program)
    reached = 0
    while reached < steps:
        reached = advance(program.tables, state.state, inputs, outputs, reached, steps, state.steps)
        if reached < steps:
            outputs = _larger(outputs, reached / steps, network.neurons)
    count = outputs.rows[-1]
    events = np.empty_like(outputs.events)
    events[:, program.projection_order] = outputs.events
    record = SpikeRecord(
        network, outputs.rows, outputs.neuron[:count], outputs.value[:count], outputs.updates_before[:count], events, outputs.updates,
        program.groups, probes, outputs.probed_current, outputs.probed_voltage,
    )  # fmt: skip
    return record, SpikingState(state.state, state.steps + steps)


def _advance(program: SpikingProgram):
    if program.network.is_integer:
        from accelsim.kernels.spiking_integer import advance_integer

        return advance_integer
    from accelsim.kernels.spiking_float import advance_float

    return advance_float


def _copied(state: State) -> State:
    return State(*(array.copy() for array in state))


def _inputs(program: SpikingProgram, steps: int, spikes: Mapping[str, SpikeTrain], drive: Mapping[str, np.ndarray]) -> Inputs:
    network = program.network
    sources = [p.name for p in network.populations if isinstance(p.neuron, SourceNeuron)]
    driven = [p.name for p in network.populations if p.name in network.inputs and p.name not in sources]
    for kind, given, allowed in (("spikes", spikes, sources), ("drive", drive, driven)):
        for name in given:
            if name not in allowed:
                raise not_one_of(f"{network.name}: {kind} for population", name, allowed)
    step, neuron, value = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)], [np.zeros(0, program.dtype)]
    for name, train in spikes.items():
        size = network.population(name).neurons
        if train.steps != steps or (train.neuron.size and not 0 <= train.neuron.min() <= train.neuron.max() < size):
            raise AccelsimError(f"{network.name}: spikes for '{name}'", f"{train.steps} steps, not {steps}, or a neuron outside 0..{size - 1}")
        step.append(np.repeat(np.arange(steps), np.diff(train.rows)))
        neuron.append(train.neuron + np.int32(network.starts[name]))
        value.append(np.ones(train.neuron.size, program.dtype) if train.value is None else train.value.astype(program.dtype))
    step, neuron, value = np.concatenate(step), np.concatenate(neuron), np.concatenate(value)
    order = np.lexsort((neuron, step))
    rows = np.concatenate([[0], np.cumsum(np.bincount(step, minlength=steps))]).astype(np.int64)
    return Inputs(rows, neuron[order].astype(np.int32), value[order], _drive(program, steps, driven, drive))


def _drive(program: SpikingProgram, steps: int, driven: list[str], drive: Mapping[str, np.ndarray]) -> np.ndarray:
    sizes = {name: program.network.population(name).neurons for name in driven}
    given = {}
    for name, array in drive.items():
        array = np.asarray(array)
        if array.size not in (sizes[name], steps * sizes[name]):
            raise AccelsimError(
                f"{program.network.name}: drive for '{name}'", f"shape {array.shape} is neither {sizes[name]} neurons nor {steps} x {sizes[name]}"
            )
        given[name] = array.reshape(-1, sizes[name]).astype(program.dtype)
    table = np.zeros((max([a.shape[0] for a in given.values()], default=1), max(program.driven, 1)), program.dtype)
    column = 0
    for name, size in sizes.items():
        if name in given:
            table[:, column : column + size] = given[name]
        column += size
    return table


def _outputs(program: SpikingProgram, steps: int, probes: np.ndarray, given: int) -> Outputs:
    network = program.network
    capacity = 2 * network.neurons + given + 16 * steps
    starts = program.tables.populations
    owner = np.searchsorted(starts["start"], probes, side="right") - 1
    return Outputs(
        np.zeros(steps * len(network.populations) + 1, np.int64), np.zeros(capacity, np.int32), np.zeros(capacity, program.dtype),
        np.zeros(capacity, np.int32), np.zeros((steps, len(network.projections)), np.int64), np.zeros((steps, int(program.groups.max()) + 1), np.int64),
        probes, starts["currents"][owner] + probes - starts["start"][owner],
        np.zeros((steps, probes.size), program.dtype), np.zeros((steps, probes.size), program.dtype),
    )  # fmt: skip


def _larger(outputs: Outputs, fraction: float, neurons: int) -> Outputs:
    """Return the same record with room for what the run so far suggests, and at least one step more."""
    capacity = outputs.neuron.size + neurons + int(outputs.neuron.size * min(1.2 / max(fraction, 0.05) - 1, 4.0))
    grown = {}
    for name in ("neuron", "value", "updates_before"):
        old = getattr(outputs, name)
        grown[name] = np.zeros(capacity, old.dtype)
        grown[name][: old.size] = old
    return outputs._replace(**grown)
