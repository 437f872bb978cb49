"""One time step of spiking cores on a mesh: neurons in turn, packets along X-Y routes through finite queues, synapses in turn."""

import numpy as np
from numba import njit

from accelsim.kernels.mesh_packets import pop, push, route, send


@njit(cache=True, nogil=True)
def chain_spikes(spikes, core, head, following, tail):
    """Link the spikes of each core in their order: ``head`` per core, ``following`` per spike, -1 at the end."""
    head[:] = -1
    for s in range(spikes.shape[0]):
        c = core[spikes[s]]
        following[s] = -1
        if head[c] < 0:
            head[c] = s
        else:
            following[tail[c]] = s
        tail[c] = s


@njit(cache=True, nogil=True)
def next_message(c, now, reached, done, spikes, before, rank, axon_rows, head, following, cursor, time, costs, total, active):
    """Let a core visit its neurons up to its next message; True where there is one, at ``time[c]``.

    Parameters
    ----------
    now : int
        When the core goes on [ps].
    reached, done : int
        Neurons visited, and active ones among them, up to now.
    total, active : int
        Neurons of the core, and its active ones in this step.

    Returns
    -------
    bool, int
        Whether a message waits, and the core's time (its end where there is none).
    """
    while head[c] >= 0:
        s = head[c]
        neuron = spikes[s]
        now += (rank[neuron] - reached) * costs[0] + (before[s] - done) * costs[1] + costs[2]
        if axon_rows[neuron + 1] > axon_rows[neuron]:
            cursor[c] = axon_rows[neuron]
            time[c] = now + costs[3]
            return True, now
        reached, done = rank[neuron], before[s]
        head[c] = following[s]
    return False, now + (total - reached) * costs[0] + (active - done) * costs[1]


@njit(cache=True, nogil=True)
def serve_step(
    spikes, before, core, rank, axon_rows, axon_core, axon_service, costs, height, cores_per_tile, buffer, neurons, updates, work, busy, loads, hops
):
    """Return when the slowest core has finished one time step, the barrier not counted [ps].

    Every core visits its neurons in order: each costs an access, an active one an update, one that fires a spike and
    one message per axon, sent in turn; a message that finds its queue full blocks the core. At the target a core
    serves its messages one after another.

    Parameters
    ----------
    spikes : ndarray, shape (spikes,), int32
        Neurons that fire, ascending within each core.
    before : ndarray, shape (spikes,), int32
        Active neurons of the same core up to and with each.
    core, rank : ndarray, shape (neurons,), int32
        Each neuron's core and its place in it, from 1.
    axon_rows, axon_core, axon_service : ndarray
        Each neuron's axons: target core and the time it needs there [ps].
    costs : ndarray, shape (7,), int64
        Access, update, spike, message out, hop in a row, hop in a column, delivery within a tile [ps].
    neurons, updates : ndarray, shape (cores,), int64
        Neurons placed on each core, and the active ones of this step.
    work : tuple of ndarray
        Scratch of ``serve_steps``.
    busy, loads, hops : ndarray
        Added to: per core [generate, receive] time [ps] (cores, 2), packets per queue, and hops (3,) east-west,
        north-south, and deliveries inside a tile.
    """
    head, tail, following, heap, time, cursor, free, entered, leaves, last_left, ports = work
    free[:] = 0
    entered[:] = 0
    leaves[:] = 0
    last_left[:] = 0
    chain_spikes(spikes, core, head, following, tail)
    size = 0
    finish = 0
    for c in range(head.shape[0]):
        busy[c, 0] += neurons[c] * costs[0] + updates[c] * costs[1]
        waits, now = next_message(c, 0, 0, 0, spikes, before, rank, axon_rows, head, following, cursor, time, costs, neurons[c], updates[c])
        if waits:
            size = push(heap, time, c, size)
        else:
            finish = max(finish, now)
    while size > 0:
        c = pop(heap, time, size)
        size -= 1
        a = cursor[c]
        target = axon_core[a]
        columns, rows = route(height, cores_per_tile, c, target, ports)
        sent = send(ports, columns, rows, time[c], costs[4], costs[5], costs[6], buffer, entered, leaves, last_left, free[target : target + 1], axon_service[a])
        hops[0] += columns
        hops[1] += rows
        hops[2] += columns + rows == 0
        busy[c, 0] += costs[3]
        busy[target, 1] += axon_service[a]
        for i in range(columns + rows + 2):
            loads[ports[i]] += 1
        s = head[c]
        neuron = spikes[s]
        waits = a + 1 < axon_rows[neuron + 1]
        if waits:
            cursor[c] = a + 1
            time[c] = sent + costs[3]
        else:
            head[c] = following[s]
            waits, now = next_message(
                c, sent, rank[neuron], before[s], spikes, before, rank, axon_rows, head, following, cursor, time, costs, neurons[c], updates[c]
            )
            finish = max(finish, now)
        if waits:
            size = push(heap, time, c, size)
    for s in range(spikes.shape[0]):
        busy[core[spikes[s]], 0] += costs[2]
    for c in range(free.shape[0]):
        finish = max(finish, free[c])
    return finish


@njit(cache=True, nogil=True)
def serve_steps(
    rows, spikes, before, updates, core, rank, axon_rows, axon_core, axon_service, costs, height, cores_per_tile, buffer, neurons, finish, busy, loads, hops
):
    """Serve time steps one after another; as ``serve_step``, step t with the spikes ``rows[t]`` up to ``rows[t + 1]``.

    Parameters
    ----------
    updates : ndarray, shape (steps, cores), int64
    finish : ndarray, shape (steps,), int64
        Written [ps].
    busy : ndarray, shape (steps, cores, 2), int64
    loads : ndarray, shape (ports,), int64
    hops : ndarray, shape (steps, 3), int64
    """
    n_cores, n_ports = neurons.shape[0], loads.shape[0]
    largest = 1
    for t in range(finish.shape[0]):
        largest = max(largest, rows[t + 1] - rows[t])
    work = (
        np.empty(n_cores, np.int64), np.empty(n_cores, np.int64), np.empty(largest, np.int64), np.empty(n_cores, np.int64), np.empty(n_cores, np.int64),
        np.empty(n_cores, np.int64), np.empty(n_cores, np.int64), np.empty(n_ports, np.int64), np.empty((n_ports, buffer), np.int64),
        np.empty(n_ports, np.int64), np.empty(n_ports, np.int64),
    )  # fmt: skip
    for t in range(finish.shape[0]):
        a, b = rows[t], rows[t + 1]
        finish[t] = serve_step(
            spikes[a:b], before[a:b], core, rank, axon_rows, axon_core, axon_service, costs, height, cores_per_tile, buffer, neurons, updates[t], work,
            busy[t], loads, hops[t],
        )  # fmt: skip
