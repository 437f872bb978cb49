"""From the description of a spiking network to the flat records that the kernels run."""

from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.spiking_network import Population, Projection, SpikingNetwork
from accelsim.graph.spiking_neurons import DECAY_ONE, LinearNeuron, LoihiNeuron, SigmaDeltaNeuron, SourceNeuron
from accelsim.graph.spiking_synapses import ConvolutionSynapses, SparseSynapses
from accelsim.kernels import spiking_records as records
from accelsim.kernels.spiking_records import RUN, State, Tables

RESETS = {"value": records.RESET_TO_VALUE, "subtract": records.RESET_BY_SUBTRACTION, "none": records.NO_RESET}
ACTIVATIONS = {"unit": 0, "relu": 1, "given": 2}
LARGEST_INT32 = 2**31 - 1


@dataclass(frozen=True, eq=False, slots=True)
class SpikingProgram:
    """A network ready to run.

    Attributes
    ----------
    slots : int
        Steps that the ring of arriving sums spans.
    currents : int
        Receptor currents of all populations.
    projection_order : ndarray
        The network's projection that each row of ``tables.projections`` is.
    groups : ndarray, shape (neurons,), int32
    driven : int
        Neurons that may be given a current.
    """

    network: SpikingNetwork
    tables: Tables
    slots: int
    currents: int
    projection_order: np.ndarray
    groups: np.ndarray
    driven: int

    @property
    def dtype(self) -> type:
        """Of state, weights and payloads."""
        return np.int32 if self.network.is_integer else np.float64


def compile_network(network: SpikingNetwork, groups: np.ndarray | None = None, count_updates: bool = True) -> SpikingProgram:
    """Return the program of a network.

    Parameters
    ----------
    groups : ndarray, shape (neurons,), int32, optional
        The group under which each neuron's updates are counted (its core); by default its population.
    count_updates : bool
        False where no chip is asked about: uniform populations then run faster, and ``updates`` may stay 0.
    """
    dtype = np.int32 if network.is_integer else np.float64
    sizes = [p.neurons for p in network.populations]
    groups = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32) if groups is None else np.ascontiguousarray(groups, np.int32)
    if groups.size != network.neurons:
        raise AccelsimError(network.name, f"{groups.size} group numbers for {network.neurons} neurons")
    populations, currents, driven, values = _population_rows(network, dtype)
    populations["counted"] = count_updates
    projections, order, synapses, slots = _projection_rows(network, populations, dtype)
    runs = _runs(network, groups)
    return SpikingProgram(network, Tables(populations, projections, *synapses, *runs, *values), slots, currents, order, groups, driven)


def initial_state(program: SpikingProgram) -> State:
    """Return the state before the first step: everything zero."""
    n, dtype = program.network.neurons, program.dtype
    return State(
        np.zeros(program.currents, dtype), np.zeros(n, dtype), np.zeros(n, dtype), np.zeros(n, np.int32),
        np.zeros((program.slots, program.currents), dtype), np.zeros((program.slots, n), np.uint8),
    )  # fmt: skip


def _population_rows(network: SpikingNetwork, dtype: type):
    table = np.zeros(len(network.populations), records.POPULATION)
    per_neuron, per_current = {name: [] for name in ("voltage_kept", "bias", "threshold", "reset")}, {"kept": [], "gain": []}
    start = currents = driven = parameters = current_parameters = first_run = 0
    for row, population in zip(table, network.populations, strict=True):
        n, neuron = population.neurons, population.neuron
        receptors = len(neuron.current_kept) if isinstance(neuron, LinearNeuron) else 1
        row["start"], row["stop"], row["currents"], row["receptors"] = start, start + n, currents, receptors
        row["drive"] = driven if population.name in network.inputs and not isinstance(neuron, SourceNeuron) else -1
        driven += n if row["drive"] >= 0 else 0
        _describe(row, neuron)
        values = _neuron_values(population)
        row["parameters"], row["parameter_stride"] = parameters, _stride(values.values())
        for name, value in values.items():
            per_neuron[name].append(_spread(value, n, row["parameter_stride"], dtype, population.name))
        parameters += per_neuron["bias"][-1].size
        pairs = _current_values(neuron)
        row["current_parameters"], row["current_stride"] = current_parameters, _stride(v for pair in pairs for v in pair)
        for kept, gain in pairs:
            per_current["kept"].append(_spread(kept, n, row["current_stride"], np.float64, population.name))
            per_current["gain"].append(_spread(gain, n, row["current_stride"], np.float64, population.name))
            current_parameters += per_current["kept"][-1].size
        row["first_run"] = first_run
        first_run += -(-n // RUN)
        row["last_run"] = first_run
        start, currents = start + n, currents + n * receptors
    joined = [np.concatenate(v) for v in per_neuron.values()] + [np.concatenate([np.zeros(0), *v]) for v in per_current.values()]
    return table, currents, driven, joined


def _describe(row: np.void, neuron) -> None:
    row["kind"] = records.SPIKE
    if isinstance(neuron, SourceNeuron):
        row["kind"] = records.SOURCE
    elif isinstance(neuron, SigmaDeltaNeuron):
        row["kind"], row["activation"], row["shift"] = records.SIGMA_DELTA, ACTIVATIONS[neuron.activation], neuron.state_exponent
    else:
        row["refractory"], row["inclusive"], row["reset"] = neuron.refractory - 1, neuron.threshold_inclusive, RESETS[neuron.reset]
    if isinstance(neuron, LinearNeuron) and neuron.emits == "voltage":
        row["kind"] = records.VOLTAGE
    if isinstance(neuron, LoihiNeuron):
        row["current_kept"], row["voltage_kept"] = DECAY_ONE - neuron.current_decay, DECAY_ONE - neuron.voltage_decay
        row["overflow"] = records.CLIP if neuron.overflow == "clip" else records.WRAP
        for name in ("accumulator_bits", "sum_exponent", "lowest", "highest"):
            row[name] = getattr(neuron, name)


def _neuron_values(population: Population) -> dict:
    neuron = population.neuron
    values = {name: getattr(neuron, name, 0) for name in ("voltage_kept", "bias", "threshold")}
    values["reset"] = getattr(neuron, "reset_voltage", 0)
    return values


def _current_values(neuron) -> list[tuple]:
    return list(zip(neuron.current_kept, neuron.current_gain, strict=True)) if isinstance(neuron, LinearNeuron) else []


def _stride(values) -> int:
    return int(any(np.size(v) > 1 for v in values))


def _spread(value, neurons: int, stride: int, dtype: type, name: str) -> np.ndarray:
    if np.size(value) not in (1, neurons):
        raise AccelsimError(f"population '{name}'", f"a parameter has {np.size(value)} values for {neurons} neurons")
    length = max(neurons, RUN) if stride else RUN
    spread = np.zeros(length, dtype)
    spread[: neurons if stride else RUN] = np.ravel(value) if np.size(value) > 1 else np.asarray(value).item()
    return spread


def _runs(network: SpikingNetwork, groups: np.ndarray) -> list[np.ndarray]:
    starts, stops = [], []
    for first, population in zip(network.starts.values(), network.populations, strict=True):
        begins = np.arange(first, first + population.neurons, RUN)
        starts.append(begins)
        stops.append(np.append(begins[1:], first + population.neurons))
    start, stop = np.concatenate(starts).astype(np.int64), np.concatenate(stops).astype(np.int64)
    # A run is of one group exactly where no change of group lies inside it.
    changes = np.concatenate([[0], np.cumsum(np.diff(groups) != 0)])
    group = np.where(changes[start] == changes[stop - 1], groups[start], -1)
    return [start, stop, group.astype(np.int64), groups]


def _projection_rows(network: SpikingNetwork, populations: np.ndarray, dtype: type):
    position = {p.name: i for i, p in enumerate(network.populations)}
    order = np.array(sorted(range(len(network.projections)), key=lambda i: position[network.projections[i].source]), np.int64)
    table = np.zeros(order.size, records.PROJECTION)
    weights, targets, delays, rows = [np.zeros(0, dtype)], [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    n_weights = n_rows = 0
    latest = 0
    for row, i in zip(table, order, strict=True):
        projection = network.projections[i]
        synapses = projection.synapses
        source, target = populations[position[projection.source]], populations[position[projection.target]]
        row["source_start"], row["target_start"], row["delay"] = source["start"], target["start"], projection.delay
        row["target_currents"] = target["currents"] + projection.receptor * synapses.targets
        row["targets"], row["weights"], row["rows"], row["delays"] = synapses.targets, n_weights, n_rows, -1
        late = 0
        if isinstance(synapses, SparseSynapses):
            row["kind"] = records.SPARSE
            rows.append(np.asarray(synapses.rows, np.int64) + n_weights)
            n_rows += synapses.rows.size
            if synapses.delays is not None and synapses.delays.size:
                row["delays"], late = 0, int(synapses.delays.max())
        elif isinstance(synapses, ConvolutionSynapses):
            _describe_convolution(row, synapses)
        sparse = isinstance(synapses, SparseSynapses)
        flat = _as_type(synapses.weights, dtype, projection)
        weights.append(flat)
        n_weights += flat.size
        targets.append(np.asarray(synapses.columns, np.int32) if sparse else np.zeros(flat.size, np.int32))
        delays.append(np.asarray(synapses.delays, np.int32) if row["delays"] >= 0 else np.zeros(flat.size, np.int32))
        latest = max(latest, projection.delay + late)
    for p, population in enumerate(network.populations):
        mine = [k for k, i in enumerate(order) if network.projections[i].source == population.name]
        populations[p]["first_projection"], populations[p]["last_projection"] = (mine[0], mine[-1] + 1) if mine else (0, 0)
    return table, order, [np.concatenate(weights), np.concatenate(targets), np.concatenate(delays), np.concatenate(rows)], latest + 1


def _describe_convolution(row: np.void, synapses: ConvolutionSynapses) -> None:
    row["kind"] = records.CONVOLUTION
    row["kernel_h"], row["kernel_w"], row["in_c"], row["filters"] = synapses.weights.shape
    row["in_w"], row["group_in"] = synapses.in_shape[1], synapses.in_shape[2] // synapses.groups
    row["out_h"], row["out_w"], row["out_c"] = synapses.out_shape
    for name, pair in (("stride", synapses.stride), ("pad", synapses.padding), ("dilation", synapses.dilation)):
        row[f"{name}_h"], row[f"{name}_w"] = pair


def _as_type(weights: np.ndarray, dtype: type, projection: Projection) -> np.ndarray:
    if dtype is np.int32 and (np.any(weights != np.rint(weights)) or np.abs(weights).max(initial=0) > LARGEST_INT32):
        raise AccelsimError(f"projection '{projection.name}'", "weights of an integer network are not 32-bit integers")
    return np.ascontiguousarray(weights, dtype).ravel()
