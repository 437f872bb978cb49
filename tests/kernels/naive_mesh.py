"""Plain Python twin of one time step on the mesh: packets as objects, queues as lists of departure times."""

import heapq


def route(height, cores_per_tile, source, target):
    """Return the queues on the way, and the hops east-west and north-south."""
    (x, y), (goal_x, goal_y) = (divmod(c // cores_per_tile, height) for c in (source, target))
    queues, columns, rows = [("out", source)], 0, 0
    while x != goal_x:
        side = 1 if goal_x > x else -1
        x, columns = x + side, columns + 1
        queues.append(("column", x, y, side))
    while y != goal_y:
        side = 1 if goal_y > y else -1
        y, rows = y + side, rows + 1
        queues.append(("row", x, y, side))
    return queues + [("in", target)], columns, rows


def messages_of(core, spikes, before, cores, rank, axons, costs):
    """Yield (work since the last message, axon or None) of one core: its last entry has no axon."""
    access, update, fire, message = costs[:4]
    waited, reached, done = 0, 0, 0
    for neuron, active in zip(spikes, before, strict=True):
        if cores[neuron] != core:
            continue
        waited += (rank[neuron] - reached) * access + (active - done) * update + fire
        reached, done = rank[neuron], active
        for axon in axons[neuron]:
            yield waited + message, axon
            waited = 0
    yield waited, (reached, done)


def serve_step(spikes, before, cores, rank, axons, costs, height, cores_per_tile, buffer, neurons, updates):
    """Return the end of the slowest core's step; axons[neuron] = [(target core, service time)]."""
    hop_x, hop_y, local = costs[4:]
    departures, free, finish, waiting, streams = {}, {}, 0, [], {}

    def go_on(core, now):
        nonlocal finish
        work, axon = next(streams[core])
        if len(axon) == 2 and isinstance(axon[0], str):
            heapq.heappush(waiting, (now + work, core, axon))
        else:
            finish = max(finish, now + work + (neurons[core] - axon[0]) * costs[0] + (updates[core] - axon[1]) * costs[1])

    marked = {n: [("axon", a) for a in listed] for n, listed in axons.items()}
    for core in range(len(neurons)):
        streams[core] = messages_of(core, spikes, before, cores, rank, marked, costs)
        go_on(core, 0)
    while waiting:
        ready, core, (_, (target, service)) = heapq.heappop(waiting)
        queues, columns, rows = route(height, cores_per_tile, core, target)
        left = [departures.setdefault(q, []) for q in queues]
        room = [q[-buffer] if len(q) >= buffer else 0 for q in left]
        sent = now = max(ready, room[0])
        for i in range(len(queues) - 1):
            if i < columns + rows:
                now += hop_x if i < columns else hop_y
            now = max(now, left[i][-1] if left[i] else 0, room[i + 1])
            left[i].append(now)
        now += local if columns + rows == 0 else 0
        now = max(now, left[-1][-1] if left[-1] else 0, free.get(target, 0))
        left[-1].append(now)
        free[target] = now + service
        go_on(core, sent)
    return max([finish, *free.values()])
