"""Time and energy of a spiking network's steps on a mesh of cores: one macro task a step."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.spike_record import SpikeRecord
from accelsim.hardware.spiking_core import SpikingCore, in_ps
from accelsim.hardware.spiking_layout import SpikingLayout

ACTIONS = (
    "neuron_access", "neuron_update", "spike", "message_out", "message_in", "column_hop", "row_hop", "local_delivery",
    "synaptic_event_dense", "synaptic_event_convolution", "synaptic_event_sparse",
)  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class SpikingService:
    """What steps took.

    Attributes
    ----------
    finish : ndarray, shape (steps,), int64
        Duration of each step, its barrier included [ps].
    barrier : int
        Of which the barrier [ps].
    busy : ndarray, shape (steps, cores, 2), int64
        Time each core spent on its neurons and messages out, and on messages in [ps].
    queue_packets : ndarray, shape (queues,), int64
        Packets through each router queue.
    actions : ndarray, shape (steps, actions), int64
        Counts of ``ACTIONS``.
    """

    finish: np.ndarray
    barrier: int
    busy: np.ndarray
    queue_packets: np.ndarray
    actions: np.ndarray

    @property
    def time(self) -> int:
        """Duration of all steps [ps]."""
        return int(self.finish.sum())

    def counts(self) -> dict[str, int]:
        """Return how often each action happened."""
        return dict(zip(ACTIONS, self.actions.sum(axis=0).tolist(), strict=True))


def serve_spike_steps(chip: SpikingCore, layout: SpikingLayout, record: SpikeRecord, first: int = 0, last: int | None = None) -> SpikingService:
    """Return time and counts of the steps ``first`` up to ``last`` of a run.

    Within a step cores work at once: each visits its neurons in turn and sends messages, which wait in finite router
    queues; each serves the messages that reach it in turn. The step ends when the slowest core has, plus the barrier.

    Parameters
    ----------
    record : SpikeRecord
        Of a run whose groups were the layout's cores.
    """
    from accelsim.kernels.mesh import serve_steps

    last = record.steps if last is None else last
    mesh, costs = chip.mesh, chip.costs
    rows = record.step_rows[first : last + 1]
    spikes = slice(rows[0], rows[-1])
    updates = np.zeros((last - first, mesh.cores), np.int64)
    updates[:, : record.updates.shape[1]] = record.updates[first:last]
    finish, busy = np.zeros(last - first, np.int64), np.zeros((last - first, mesh.cores, 2), np.int64)
    packets, hops = np.zeros(mesh.queues, np.int64), np.zeros((last - first, 3), np.int64)
    times = (costs.access_time, costs.update_time, costs.spike_time, costs.message_out_time, mesh.column_hop_time, mesh.row_hop_time, mesh.local_time)
    serve_steps(
        rows - rows[0], record.neuron[spikes], record.updates_before[spikes], updates, layout.core, layout.rank, layout.axon_rows, layout.axon_core,
        axon_service(chip, layout), np.array([in_ps(t) for t in times], np.int64), mesh.rows, mesh.cores_per_tile, mesh.buffer, layout.neurons,
        finish, busy, packets, hops,
    )  # fmt: skip
    barrier = in_ps(mesh.barrier.time(layout.used_tiles(mesh.cores_per_tile)))
    return SpikingService(finish + barrier, barrier, busy, packets, _actions(layout, record, first, last, hops))


def axon_service(chip: SpikingCore, layout: SpikingLayout) -> np.ndarray:
    """Return the time a core needs for one message of each axon [ps], int64."""
    per_event = np.array([in_ps(chip.costs.synapses[kind].time) for kind in layout.synapse_kinds], np.int64)
    return in_ps(chip.costs.message_in_time) + layout.axon_synapses @ per_event


def _actions(layout: SpikingLayout, record: SpikeRecord, first: int, last: int, hops: np.ndarray) -> np.ndarray:
    counts = np.zeros((last - first, len(ACTIONS)), np.int64)
    rows = record.step_rows[first : last + 1]
    neuron = record.neuron[rows[0] : rows[-1]]
    step = np.repeat(np.arange(last - first), np.diff(rows))
    axons = np.diff(layout.axon_rows)[neuron]
    messages = np.bincount(step, axons, last - first).astype(np.int64)
    counts[:, 0] = layout.neurons.sum()
    counts[:, 1] = record.updates[first:last].sum(axis=1)
    counts[:, 2] = np.bincount(step, layout.rank[neuron] > 0, last - first)
    counts[:, 3] = counts[:, 4] = messages
    counts[:, 5:8] = hops
    for projection, kind in enumerate(layout.synapse_kinds):
        counts[:, ACTIONS.index(f"synaptic_event_{kind}")] += record.events[first:last, projection]
    return counts


def action_energies(chip: SpikingCore) -> dict[str, float]:
    """Return the energy of one of each of ``ACTIONS`` [J]."""
    costs, mesh = chip.costs, chip.mesh
    energies = {
        "neuron_access": costs.access_energy, "neuron_update": costs.update_energy, "spike": costs.spike_energy,
        "message_out": costs.message_out_energy, "message_in": costs.message_in_energy,
        "column_hop": mesh.column_hop_energy, "row_hop": mesh.row_hop_energy, "local_delivery": mesh.local_energy,
    }  # fmt: skip
    return energies | {f"synaptic_event_{kind}": cost.energy for kind, cost in costs.synapses.items()}


def dynamic_energy(chip: SpikingCore, service: SpikingService) -> dict[str, float]:
    """Return the energy of all steps by action [J]; static power is not part of it."""
    each = action_energies(chip)
    return {action: count * each[action] for action, count in service.counts().items() if count}
