"""The tasks of one inference from the outlines of its layers: pieces of work and of streams, and what waits for what.

Buffers are double (or single): a piece's bytes move in when the piece two (one) before it has been computed, and a piece is computed when the
result two before it has moved out. Constants, and what stays for a group, move ahead into buffers of the layer before as they fall free.

An outline is a row of whole numbers: those of the layer, the cycles of each group, and for each stream, those towards the unit first, its own
numbers and those of its hops. Tasks are numbered as they are made; ids of a block of tasks follow one another.
"""

import numpy as np
from numba import njit

# Of a layer: its index, the server of its unit, groups, pieces of each, cycles of set-up, whether constants too wait for its start, how many streams.
INDEX, UNIT, GROUPS, PIECES, SETUP, CONSTANTS_WAIT, STREAMS = range(7)
LAYER = 7
# Of a stream: what it carries, whether it stays for a group, moves with the first group only, transfers a group, where its tensor lies [B], hops.
ROLE, GROUPED, ONCE, CHUNKS, ADDRESS, EXTENT, HOPS = range(7)
STREAM = 7
INPUT, CONSTANT, OUTPUT = range(3)
# Of a hop: its server, direction, what its tasks are called, whether it begins with the hop before it, bytes, and what it is told of addresses.
SERVER, WRITE, CALLED, BESIDE, AMOUNT, ASKS = range(6)
HOP = 6
NOTHING, UNKNOWN, WHERE = range(3)
# What tasks are called, as in ``mapping.plan.ROLES``.
MILESTONE, COMPUTE, START = 0, 1, 5
# The last row of the table of tasks.
PRIORITY = 4
# Columns of the ``made`` record: tasks and needs so far, the priority of the next piece, the number at which the next layer's outline begins.
TASKS, NEEDS, CLOCK, AT = range(4)


@njit(cache=True, nogil=True)
def inference(outlines, first_wait, waits, depth, ahead, under_way, late, host, call, servers, table, amount, needs, address):
    """Write the tasks and needs of one inference; return how many there are of each.

    Parameters
    ----------
    outlines : ndarray, shape (numbers,), int64
        Those of all layers, one behind the other.
    first_wait, waits : ndarray, int64
        ``waits[first_wait[i]:first_wait[i + 1]]`` are the layers for whose end layer i waits, -1 for the host's call; the last ones are
        waited for by the end of the inference.
    depth, ahead : int
        Buffers of each stream, and of constants that do not stay for a group.
    under_way : int
        Likewise of what is read where it lies: pieces that are on their way or wait at the unit while their layer is computed.
    late : int
        How many pieces later results rank than the work that makes them.
    host, call : int
        Server and cycles of the call that begins an inference; no cycles: there is none.
    servers : int
        How many there are.
    table : ndarray, shape (5, tasks), int32
        Server (-1: none), direction, what a task is called, layer (-1: none) and priority; written in place.
    amount : ndarray, shape (tasks,), int64
        Written in place [cycles or bytes].
    needs : ndarray, shape (2, needs), int32
        Task after task, and who waits for it; written in place, room for as many as there may be.
    address : ndarray, shape (tasks,) or (0,), int64
        Written in place where a hop is told where its bytes lie.
    """
    layers = first_wait.size - 1
    made = np.zeros(4, np.int64)
    begun = _add(table, amount, made, 1, -1, False, MILESTONE, -1)
    if call > 0:
        begun = _add(table, amount, made, 1, host, False, START, -1)
        amount[begun] = call
        _tie(needs, made, begun - 1, begun)
    done = np.empty(layers, np.int64)
    recent, recents = np.empty((servers, ahead), np.int64), np.zeros(servers, np.int64)  # a unit's last pieces of work
    ended, endeds = np.empty((servers, 2, depth), np.int64), np.zeros((servers, 2), np.int64)  # and the last ones of groups, by what stays for them
    for i in range(layers - 1):
        start = made[TASKS]
        for j in range(first_wait[i], first_wait[i + 1]):
            _tie(needs, made, done[waits[j]] if waits[j] >= 0 else begun, start)
        _layer(outlines, depth, ahead, under_way, late, table, amount, needs, address, made, recent, recents, ended, endeds)
        done[i] = made[TASKS] - 1
    end = _add(table, amount, made, 1, -1, False, MILESTONE, -1)
    table[PRIORITY, end] = made[CLOCK]
    for j in range(first_wait[layers - 1], first_wait[layers]):
        _tie(needs, made, done[waits[j]] if waits[j] >= 0 else begun, end)
    return made[TASKS], made[NEEDS]


@njit(cache=True, nogil=True)
def _layer(outlines, depth, ahead, under_way, late, table, amount, needs, address, made, recent, recents, ended, endeds):
    """Write the next layer."""
    at = made[AT]
    index, unit, groups, pieces, setup = outlines[at + INDEX], outlines[at + UNIT], outlines[at + GROUPS], outlines[at + PIECES], outlines[at + SETUP]
    constants_wait, streams, count = outlines[at + CONSTANTS_WAIT] > 0, outlines[at + STREAMS], groups * pieces
    start = _add(table, amount, made, 1, -1, False, MILESTONE, index)
    table[PRIORITY, start] = made[CLOCK]
    if setup > 0:
        start = _add(table, amount, made, 1, unit, False, COMPUTE, index)
        amount[start], table[PRIORITY, start] = setup, made[CLOCK]
        _tie(needs, made, start - 1, start)
    compute = _add(table, amount, made, count, unit, False, COMPUTE, index)
    for group in range(groups):
        _cut(amount, compute + group * pieces, outlines[at + LAYER + group] - setup, pieces)
    _rank(table, compute, count, 1, 1, made[CLOCK])
    _tie(needs, made, start, compute)
    _tie_all(needs, made, compute, 1, compute + 1, 1, count - 1)  # a unit works through a layer in order, whatever else is ready
    stays = np.zeros(2, np.bool_)
    finishing = np.empty(streams + 1, np.int64)  # after whose last tasks the layer is done
    finishing[0], ends = compute, 1
    at += LAYER + groups
    for _ in range(streams):
        role, grouped, hops = outlines[at + ROLE], outlines[at + GROUPED] > 0, outlines[at + HOPS]
        times, step, chunks = count, 1, 1
        if role != OUTPUT:
            if grouped:
                times, step, chunks = groups, pieces, outlines[at + CHUNKS]
                stays[role] = True
            elif outlines[at + ONCE] > 0:
                times = pieces
        rank = made[CLOCK] + (late if role == OUTPUT else 0)
        first, last = _hops(outlines, at, index, times * chunks, step, chunks, rank, table, amount, needs, address, made)
        at += STREAM + hops * HOP
        if role == OUTPUT:
            finishing[ends] = last if hops > 0 else compute
            ends += 1
            if hops > 0:
                _tie_all(needs, made, compute, 1, first, 1, count)
                _tie_all(needs, made, last, 1, compute + depth, 1, count - depth)
            continue
        if hops == 0:
            continue
        _tie_all(needs, made, last + chunks - 1, chunks, compute, step, times)
        buffers = times * chunks
        if grouped:
            _stay(needs, made, compute + pieces - 1, pieces, first, groups, chunks, depth, ended[unit, role], endeds[unit, role])
        else:
            early = ahead if role == CONSTANT else depth
            buffers = min(times, max(early, under_way) if hops == 1 else early)
            _tie_all(needs, made, compute, 1, first + buffers, 1, times - buffers)
            if role == CONSTANT:
                for k in range(min(buffers, recents[unit])):
                    _tie(needs, made, recent[unit, k], first + k)
                if not constants_wait:  # what goes beyond the buffers does not come before its layer
                    _tie_all(needs, made, start, 0, first + early, 1, buffers - early)
        if role == INPUT or constants_wait:
            _tie_all(needs, made, start, 0, first, 1, buffers)
    done = _add(table, amount, made, 1, -1, False, MILESTONE, index)
    table[PRIORITY, done] = made[CLOCK] + count - 1
    for k in range(ends):
        least = min(count, depth)
        _tie_all(needs, made, finishing[k] + count - least, 1, done, 0, least)
    made[CLOCK] += count
    recents[unit] = _remember(recent[unit], recents[unit], compute + count - min(count, ahead), 1, min(count, ahead))
    for role in range(2):
        if stays[role]:
            few = min(groups, depth)
            endeds[unit, role] = _remember(ended[unit, role], endeds[unit, role], compute + (groups - few + 1) * pieces - 1, pieces, few)
    made[AT] = at


@njit(cache=True, nogil=True)
def _hops(outlines, stream, layer, count, step, chunks, rank, table, amount, needs, address, made):
    """Write a task a hop and piece; return the first of those before which none begins, and of those after which all have ended."""
    hops, hop = outlines[stream + HOPS], stream + STREAM
    first = previous = -1
    together = 0
    if hops > 1 and outlines[hop + HOP + BESIDE] > 0:
        first = previous = _meet(table, amount, made, count, step, chunks, rank)
    for i in range(hops):
        ids = _add(table, amount, made, count, outlines[hop + SERVER], outlines[hop + WRITE] > 0, outlines[hop + CALLED], layer)
        _cut(amount, ids, outlines[hop + AMOUNT], count)
        _rank(table, ids, count, step, chunks, rank)
        if outlines[hop + ASKS] != NOTHING:
            _lay(amount, address, ids, count, outlines[hop + ASKS] == WHERE, outlines[stream + ADDRESS], max(1, outlines[stream + EXTENT]))
        if previous >= 0:
            _tie_all(needs, made, previous, 1, ids, 1, count)
        if first < 0:
            first = ids
        together += 1
        hop += HOP
        if i + 1 == hops or outlines[hop + BESIDE] == 0:
            previous = ids
            if together > 1:
                previous = _meet(table, amount, made, count, step, chunks, rank)
                for k in range(together):
                    _tie_all(needs, made, ids - k * count, 1, previous, 1, count)
            together = 0
    return first, previous


@njit(cache=True, nogil=True)
def _stay(needs, made, ends, pieces, first, groups, chunks, depth, earlier, earliers):
    """Let a group's bytes move in when the group two before it, in this layer or an earlier one, has been computed."""
    for group in range(groups):
        if group >= depth:
            _tie_all(needs, made, ends + (group - depth) * pieces, 0, first + group * chunks, 1, chunks)
        elif group >= depth - earliers:
            _tie_all(needs, made, earlier[group - (depth - earliers)], 0, first + group * chunks, 1, chunks)


@njit(cache=True, nogil=True)
def _remember(last, count, first, step, new):
    """Put so many ids behind those remembered, of which the oldest go; return how many there are."""
    kept = min(count, last.size - new)
    for k in range(kept):
        last[k] = last[count - kept + k]
    for k in range(new):
        last[kept + k] = first + k * step
    return kept + new


@njit(cache=True, nogil=True)
def _add(table, amount, made, count, server, write, called, layer):
    """Add tasks of amount and priority 0; return the first one's number."""
    first = made[TASKS]
    for i in range(first, first + count):
        table[0, i], table[1, i], table[2, i], table[3, i], table[4, i], amount[i] = server, write, called, layer, 0, 0
    made[TASKS] += count
    return first


@njit(cache=True, nogil=True)
def _meet(table, amount, made, count, step, chunks, rank):
    """Add a milestone a piece for which hops side by side wait, or which waits for them."""
    ids = _add(table, amount, made, count, -1, False, MILESTONE, -1)
    _rank(table, ids, count, step, chunks, rank)
    return ids


@njit(cache=True, nogil=True)
def _rank(table, first, count, step, chunks, rank):
    """Give pieces their priorities, a step more after so many chunks."""
    for i in range(first, first + count, chunks):
        for k in range(i, i + chunks):
            table[PRIORITY, k] = rank
        rank += step


@njit(cache=True, nogil=True)
def _cut(amount, first, total, pieces):
    """Cut a whole number into pieces that differ by at most one: the differences of ``i * total // pieces``."""
    least, over = total // pieces, total % pieces
    left = 0
    for i in range(first, first + pieces):
        left += over
        amount[i] = least
        if left >= pieces:
            left -= pieces
            amount[i] += 1


@njit(cache=True, nogil=True)
def _lay(amount, address, first, count, known, base, extent):
    """Say where pieces begin: one behind the other, round and round where they are read again; -1 where nobody knows."""
    passed = 0
    for i in range(first, first + count):
        address[i] = base + passed % extent if known else -1
        passed += amount[i]


@njit(cache=True, nogil=True)
def _tie(needs, made, one, other):
    """Let a task wait for another."""
    needs[0, made[NEEDS]], needs[1, made[NEEDS]] = one, other
    made[NEEDS] += 1


@njit(cache=True, nogil=True)
def _tie_all(needs, made, one, step, other, stride, count):
    """Let each of some tasks wait for its partner; a step of 0 stays at one task."""
    at = made[NEEDS]
    for i in range(count):
        needs[0, at + i], needs[1, at + i] = one + i * step, other + i * stride
    made[NEEDS] = at + max(0, count)
