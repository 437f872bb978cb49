"""Learning on spiking cores: pairwise STDP with integer traces, step by step beside the run.

Not bit-exact to the chip: Loihi decays traces and rounds weights at random with a generator that is not public; here
both round down. ``BIT_EXACT`` says so for reports.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.functional.spiking import SpikingState, execute_spiking, start
from accelsim.functional.spiking_program import SpikingProgram
from accelsim.graph.spike_record import SpikeRecord, SpikeTrain
from accelsim.graph.spiking_network import SpikingNetwork
from accelsim.graph.spiking_synapses import DenseSynapses
from accelsim.kernels.stdp import bump_traces, decay_traces, learn_pairs

BIT_EXACT = False
TRACE_BITS = 12
LARGEST_TRACE = 127
UNIT = 64


@dataclass(frozen=True, slots=True)
class PairRule:
    """Pairwise STDP of one dense projection of an integer network.

    Attributes
    ----------
    projection : str
    source_kept, target_kept : int
        What a trace keeps of itself each step, of 4096.
    impulse : int
        Added to a trace at a spike; traces hold 0..127.
    potentiation, depression : int
        Weight mantissas per ``2**shift`` of trace, at a target's and at a source's spike.
    lowest, highest : int
        Limits of a mantissa.
    """

    projection: str
    source_kept: int = 3686
    target_kept: int = 3686
    impulse: int = 64
    potentiation: int = 16
    depression: int = 16
    shift: int = 8
    lowest: int = -256
    highest: int = 254


def execute_learning(
    program: SpikingProgram,
    rule: PairRule,
    steps: int,
    spikes: Mapping[str, SpikeTrain] | None = None,
    drive: Mapping[str, np.ndarray] | None = None,
    mantissas: np.ndarray | None = None,
    on_step: Callable[[SpikeRecord, int], None] | None = None,
) -> tuple[np.ndarray, SpikingState, int]:
    """Run steps while one projection learns.

    Parameters
    ----------
    spikes, drive : mapping
        As for ``execute_spiking``.
    mantissas : ndarray, shape (sources, targets), int32, optional
        Weights to go on from; by default the program's.
    on_step : callable, optional
        Called after each step with its record and its synaptic updates.

    Returns
    -------
    mantissas : ndarray, shape (sources, targets), int32
        The learned weights; the program is left as it was.
    state : SpikingState
    updates : int
        Synaptic updates, for the energy of learning.

    Raises
    ------
    AccelsimError
        The projection is not dense, or the network is not of integers.
    """
    network = program.network
    projection = next((q for q in network.projections if q.name == rule.projection), None)
    if projection is None or not isinstance(projection.synapses, DenseSynapses) or not network.is_integer:
        raise AccelsimError(f"{network.name}: learning", f"'{rule.projection}' is not a dense projection of an integer network")
    program = replace(program, tables=program.tables._replace(weights=program.tables.weights.copy()))
    stored = _stored_weights(program, network, rule.projection)
    mantissas = stored // UNIT if mantissas is None else mantissas.copy()
    stored[:] = mantissas * UNIT
    traces = [np.zeros(n, np.int32) for n in mantissas.shape]
    state, updates = start(program), 0
    for step in range(steps):
        record, state = execute_spiking(program, 1, {k: _one(t, step) for k, t in (spikes or {}).items()}, _rows(drive or {}, network, step), state)
        fired = [record.spikes(name).neuron for name in (projection.source, projection.target)]
        for trace, kept in zip(traces, (rule.source_kept, rule.target_kept), strict=True):
            decay_traces(trace, kept, TRACE_BITS)
        learned = learn_pairs(mantissas, *fired, *traces, rule.potentiation, rule.depression, rule.shift, rule.lowest, rule.highest)
        updates += learned
        if on_step is not None:
            on_step(record, learned)
        for trace, neurons in zip(traces, fired, strict=True):
            bump_traces(trace, neurons, rule.impulse, LARGEST_TRACE)
        stored[:] = mantissas * UNIT
    return mantissas, state, updates


def _stored_weights(program: SpikingProgram, network: SpikingNetwork, name: str) -> np.ndarray:
    position = [q.name for q in network.projections].index(name)
    row = program.tables.projections[int(np.flatnonzero(program.projection_order == position)[0])]
    shape = network.projections[position].synapses.weights.shape
    return program.tables.weights[row["weights"] : row["weights"] + shape[0] * shape[1]].reshape(shape)


def _one(train: SpikeTrain, step: int) -> SpikeTrain:
    first, last = train.rows[step], train.rows[step + 1]
    return SpikeTrain(np.array([0, last - first]), train.neuron[first:last], None if train.value is None else train.value[first:last])


def _rows(drive: Mapping[str, np.ndarray], network: SpikingNetwork, step: int) -> dict[str, np.ndarray]:
    rows = {}
    for name, array in drive.items():
        table = np.asarray(array).reshape(-1, network.population(name).neurons)
        rows[name] = table[min(step, table.shape[0] - 1)]
    return rows
