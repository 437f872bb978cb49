"""Packets on a mesh of routers: which core sends next, which queues a packet passes, when it leaves each."""

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
