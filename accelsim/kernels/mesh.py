"""One time step of spiking cores on a mesh: neurons in turn, packets along X-Y routes through finite buffers, synapses in turn."""

import numpy as np
from numba import njit

EAST, WEST, NORTH, SOUTH, PORTS = 0, 1, 2, 3, 4


@njit(cache=True, nogil=True)
def push(heap, time, core, size):
    """Add a core to a binary heap ordered by (time, core); return its new size."""
    i = size
    heap[i] = core
    while i > 0:
        parent = (i - 1) // 2
        a, b = heap[i], heap[parent]
        if time[a] < time[b] or (time[a] == time[b] and a < b):
            heap[i], heap[parent] = b, a
            i = parent
        else:
            break
    return size + 1


@njit(cache=True, nogil=True)
def pop(heap, time, size):
    """Remove the first core of the heap, leaving ``size - 1`` entries; return it."""
    first = heap[0]
    size -= 1
    heap[0] = heap[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        other = child + 1
        if other < size:
            a, b = heap[other], heap[child]
            if time[a] < time[b] or (time[a] == time[b] and a < b):
                child = other
        a, b = heap[child], heap[i]
        if time[a] < time[b] or (time[a] == time[b] and a < b):
            heap[i], heap[child] = a, b
            i = child
        else:
            break
    return first


@njit(cache=True, nogil=True)
def route(height, cores_per_tile, source, target, ports):
    """Write the queues that a packet waits in: out of its core, into each router on its way, into the target core.

    X first, then Y. A router has one queue from each neighbour, one from and one to each of its cores.

    Parameters
    ----------
    height : int
        Tiles in a column; tile t stands at column t // height and row t % height.
    ports : ndarray, int64
        Written.

    Returns
    -------
    columns, rows : int
        Hops east-west and north-south; columns + rows + 2 queues are written.
    """
    per_tile = PORTS + 2 * cores_per_tile
    tile, goal = source // cores_per_tile, target // cores_per_tile
    x, y = tile // height, tile % height
    goal_x, goal_y = goal // height, goal % height
    ports[0] = tile * per_tile + PORTS + source % cores_per_tile
    n = 1
    while x != goal_x:
        ahead = x < goal_x
        x += 1 if ahead else -1
        ports[n] = (x * height + y) * per_tile + (WEST if ahead else EAST)
        n += 1
    columns = n - 1
    while y != goal_y:
        ahead = y < goal_y
        y += 1 if ahead else -1
        ports[n] = (x * height + y) * per_tile + (SOUTH if ahead else NORTH)
        n += 1
    ports[n] = goal * per_tile + PORTS + cores_per_tile + target % cores_per_tile
    return columns, n - 1 - columns


@njit(cache=True, nogil=True)
def send(ports, columns, rows, ready, hop_x, hop_y, local, buffer, entered, leaves, last_left, core_free, service):
    """Move one packet from its core to its target's; return when it left its core.

    It enters a queue when the packet ``buffer`` places before it has left that queue, leaves it after the one
    before it (first in, first out) and when the next has room, and leaves the last when the target core begins to
    serve it. Packets are moved in the order in which their cores send them.

    Parameters
    ----------
    ports : ndarray, shape (columns + rows + 2,), int64
    ready : int
        When the core offers it [ps].
    hop_x, hop_y, local : int
        Time of one hop, and of a delivery within one tile [ps].
    buffer : int
        Packets that one queue holds.
    entered : ndarray, shape (ports,), int64
        Packets that entered each port so far.
    leaves : ndarray, shape (ports, buffer), int64
        When the last ``buffer`` packets left [ps].
    last_left : ndarray, shape (ports,), int64
    core_free : ndarray, shape (1,), int64
        When the target core has served what came before; set to when it has served this one.
    service : int
        Time the target core needs for it [ps].
    """
    hops = columns + rows
    first = ports[0]
    sent = max(ready, leaves[first, entered[first] % buffer])
    now = sent
    for i in range(hops + 1):
        here, there = ports[i], ports[i + 1]
        if i < hops:
            now += hop_x if i < columns else hop_y
        now = max(now, last_left[here], leaves[there, entered[there] % buffer])
        leaves[here, entered[here] % buffer] = now
        last_left[here] = now
        entered[here] += 1
    here = ports[hops + 1]
    if hops == 0:
        now += local
    now = max(now, last_left[here], core_free[0])
    leaves[here, entered[here] % buffer] = now
    last_left[here] = now
    entered[here] += 1
    core_free[0] = now + service
    return sent


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
def serve_step(spikes, before, core, rank, axon_rows, axon_core, axon_service, costs, height, cores_per_tile, buffer, neurons, updates, work, busy, loads, hops):
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
def serve_steps(rows, spikes, before, updates, core, rank, axon_rows, axon_core, axon_service, costs, height, cores_per_tile, buffer, neurons, finish, busy, loads, hops):
    """Serve time steps one after another; as ``serve_step``, whose step t has the spikes ``rows[t]`` up to ``rows[t + 1]``.

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
        np.empty(n_cores, np.int64), np.empty(n_cores, np.int64), np.empty(n_ports, np.int64), np.empty((n_ports, buffer), np.int64), np.empty(n_ports, np.int64), np.empty(n_ports, np.int64),
    )  # fmt: skip
    for t in range(finish.shape[0]):
        a, b = rows[t], rows[t + 1]
        finish[t] = serve_step(
            spikes[a:b], before[a:b], core, rank, axon_rows, axon_core, axon_service, costs, height, cores_per_tile, buffer, neurons, updates[t], work,
            busy[t], loads, hops[t],
        )  # fmt: skip
