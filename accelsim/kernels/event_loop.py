"""The compiled engine's loop: events in the order of time over flat arrays.

Each timestamp has two phases: first everything that happens at it (tasks finish, resources fall free, releases), then
grants: every resource that is free takes its ready task of least (priority, index). Where several networks share the
resources, each has a queue of its own at every resource, and the queues take turns (``next_queue``). Records are arrays, so a run can
stop at a time and go on later.

Few tasks are under way at once, and most end later than those that began before them: a sorted line, entered from behind, costs less than a heap.
"""

import numpy as np
from numba import njit

from accelsim.kernels.bank_service import serve_banked
from accelsim.kernels.dram_service import serve_dram
from accelsim.kernels.service import BANKED, CLOCKED, DRAM, FREE_AT, READ_LATENCY, SERVED, STREAM, WRITE_LATENCY, serve, streamed

# Columns of the ``progress`` record: time, first and last + 1 of the events in line, releases that have happened, tasks done.
NOW, HEAD, TAIL, RELEASED, DONE = range(5)
# Ready tasks rank by priority, then index: priority * 2^32 + index.
INDEX = (1 << 32) - 1
NEVER = 1 << 62


@njit(cache=True, nogil=True)
def successors(before, after, tasks):
    """Return the needs turned round: (first, next) such that ``next[first[i]:first[i + 1]]`` wait for task i."""
    first = np.zeros(tasks + 2, np.int32)
    for i in range(before.size):
        first[before[i] + 2] += 1
    for i in range(2, tasks + 2):
        first[i] += first[i - 1]
    following = np.empty(before.size, np.int32)
    for i in range(before.size):
        place = before[i] + 1  # where the next one goes; in the end, where those of the next task begin
        following[first[place]] = after[i]
        first[place] += 1
    return first[:-1], following


@njit(cache=True, nogil=True)
def _enter(time, tag, head, tail, when, what):
    """Put an event in line, behind those that are not later; return the end of the line."""
    i = tail
    while i > head and time[i - 1] > when:
        time[i], tag[i] = time[i - 1], tag[i - 1]
        i -= 1
    time[i], tag[i] = when, what
    return tail + 1


@njit(cache=True, nogil=True)
def _push_ready(heap, first, size, rank):
    """Add a rank to the heap of ``size`` entries that begins at ``first``."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if heap[first + up] <= rank:
            break
        heap[first + i] = heap[first + up]
        i = up
    heap[first + i] = rank


@njit(cache=True, nogil=True)
def _drop_ready(heap, first, size):
    """Remove the least rank of such a heap; it must be read before."""
    last = size - 1
    rank = heap[first + last]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= last:
            break
        if down + 1 < last and heap[first + down + 1] < heap[first + down]:
            down += 1
        if heap[first + down] >= rank:
            break
        heap[first + i] = heap[first + down]
        i = down
    heap[first + i] = rank


@njit(cache=True, nogil=True)
def next_queue(resource, requesters, waiting, taken, fair):
    """Return the queue from which a free resource takes its next task; an empty one where nobody waits.

    Parameters
    ----------
    resource, requesters : int
        Queue ``resource * requesters + k`` is that of requester k.
    waiting : ndarray, shape (queues,), int64
        Tasks in each queue.
    taken : ndarray, shape (queues,), int64
        Amounts that the resource has done for each; who comes back after a pause starts level with the one served last, so that
        nobody saves up turns (start-time fair queueing: P. Goyal et al., SIGCOMM 1996).
    fair : bool
        True: of those that wait, the one of which least was done; False: the first.
    """
    first = resource * requesters
    best = first
    for k in range(first, first + requesters):
        if waiting[k] > 0 and (waiting[best] == 0 or (fair and taken[k] < taken[best])):
            best = k
    return best


@njit(cache=True, nogil=True)
def begin(queue, resource, amount, coming, after, queues, service, parameters):
    """Return fresh records of a run, given the tasks that are released in order: what each task waits for, releases, the line of events, the ready heaps, time and beats of streams, progress."""
    tasks, resources = queue.size, service.size
    waiting = np.zeros(tasks, np.int32)
    for i in range(after.size):
        waiting[after[i]] += 1
    first = np.zeros(queues + 1, np.int64)
    for i in coming:
        waiting[i] += 1
    for i in range(tasks):
        if queue[i] >= 0:
            first[queue[i] + 1] += 1
    for k in range(queues):
        first[k + 1] += first[k]
    # A task ends once, and who waits for a server that falls free is served then: at most two events a task.
    line = np.empty(2 * tasks, np.int64), np.empty(2 * tasks, np.int32)
    span, beats = streamed(resource, amount, service, parameters)
    progress = np.zeros(5, np.int64)
    progress[NOW] = -1
    return waiting, coming, line[0], line[1], first, np.empty(tasks, np.int64), np.zeros(queues, np.int64), np.zeros(resources, np.bool_), span, beats, progress


@njit(cache=True, nogil=True)
def run(resource, amount, write, address, priority, release, first_next, following, service, parameters, state, dram, records, start, finish, until, turns, banked):  # fmt: skip
    """Advance a run to the end, or to the last timestamp not after ``until``.

    What is None most often stands last: before the arrays it costs a third of the speed (numba 0.68, measured).

    Parameters
    ----------
    resource, amount, write, address, priority, release : ndarray, shape (tasks,)
        As in a Plan.
    first_next, following : ndarray
        From ``successors``.
    service, parameters, state : ndarray
        Per resource; ``state`` is changed in place.
    dram : tuple or None
        The DRAM channels' tables, as ``dram_service.serve_dram`` takes them; None compiles and runs without them.
    records : tuple
        From ``begin``; changed in place.
    start, finish : ndarray, shape (tasks,), int64
        Written in place [ps].
    until : int
        Time [ps]; negative: to the end.
    turns : tuple or None
        Where several networks share the resources: the queue in which each task waits, shape (tasks,), int64, and requesters, taken, fair as ``next_queue``
        takes them, and the level of each resource, shape (resources,), int64; None compiles and runs without.
    banked : bool or None
        Whether some resource is a banked SRAM; None compiles and runs without.

    Returns
    -------
    int
        Tasks finished so far.
    """
    waiting, coming, event_time, event_tag, first_ready, ready, ready_size, wakes, span, beats, progress = records
    tasks, resources = resource.size, service.size
    stack = np.empty(tasks + 1, np.int32)  # tasks whose last need has just been fulfilled
    touched, list_of_touched = np.zeros(resources, np.bool_), np.empty(resources + 1, np.int64)
    late = parameters[:, READ_LATENCY : WRITE_LATENCY + 1].copy()
    depth, many, now = 0, 0, progress[NOW]
    head, tail, released, done = progress[HEAD], progress[TAIL], progress[RELEASED], progress[DONE]
    if now < 0:  # the beginning: what needs nothing is ready at 0
        now = 0
        for i in range(tasks):
            if waiting[i] == 0:
                stack[depth] = i
                depth += 1
    while True:
        # First phase: everything that happens now. Milestones finish at once and wake what waits for them.
        while True:
            while depth > 0:
                depth -= 1
                i = stack[depth]
                r = resource[i]
                if r >= 0:
                    k = r
                    if turns is not None:
                        k = turns[0][i]
                        if ready_size[k] == 0:
                            turns[2][k] = max(turns[2][k], turns[4][r])
                    _push_ready(ready, first_ready[k], ready_size[k], (np.int64(priority[i]) << 32) + i)
                    ready_size[k] += 1
                    many = _touch(touched, list_of_touched, many, r)
                    continue
                start[i] = now
                finish[i] = now
                done += 1
                depth = _fulfil(i, first_next, following, waiting, stack, depth)
            if head < tail and event_time[head] == now:
                tag = event_tag[head]
                head += 1
                if tag < tasks:
                    done += 1
                    many = _touch(touched, list_of_touched, many, resource[tag])
                    depth = _fulfil(tag, first_next, following, waiting, stack, depth)
                else:
                    many = _touch(touched, list_of_touched, many, tag - tasks)
                    wakes[tag - tasks] = False
            elif released < coming.size and release[coming[released]] == now:
                i = coming[released]
                released += 1
                waiting[i] -= 1
                stack[depth] = i
                depth += waiting[i] == 0
            else:
                break
        # Second phase: every touched resource that is free takes its least ready task.
        while many > 0:
            many -= 1
            r = list_of_touched[many]
            touched[r] = False
            k = r
            if turns is not None:
                k = next_queue(r, turns[1], ready_size, turns[2], turns[3])
            while ready_size[k] > 0 and state[r, FREE_AT] <= now:
                i = ready[first_ready[k]] & INDEX
                _drop_ready(ready, first_ready[k], ready_size[k])
                ready_size[k] -= 1
                start[i] = now
                if turns is not None:
                    turns[4][r] = turns[2][k]
                    turns[2][k] += amount[i]
                if service[r] == STREAM:  # as ``serve`` does it, the division done before
                    free = now + span[i]
                    ends = free + late[r, np.int64(write[i])]
                    state[r, FREE_AT] = free
                    state[r, SERVED] += beats[i]
                else:
                    ends = _serve(service[r], parameters[r], state[r], dram, amount[i], write[i], address[i], now, banked)
                finish[i] = ends
                tail = _enter(event_time, event_tag, head, tail, ends, i)
                if turns is not None:
                    k = next_queue(r, turns[1], ready_size, turns[2], turns[3])
            if ready_size[k] > 0 and not wakes[r]:  # somebody waits, and a channel falls free before its transfer has arrived
                wakes[r] = True
                tail = _enter(event_time, event_tag, head, tail, state[r, FREE_AT], tasks + r)
        ahead = event_time[head] if head < tail else NEVER
        if released < coming.size:
            ahead = min(ahead, release[coming[released]])
        if ahead == NEVER or 0 <= until < ahead:
            break
        now = ahead
    progress[NOW], progress[HEAD], progress[TAIL], progress[RELEASED], progress[DONE] = now, head, tail, released, done
    return done


@njit(cache=True, nogil=True)
def _serve(service, parameters, state, dram, amount, write, address, now, banked):
    """Serve a request at what is no plain channel."""
    if banked is not None:
        if service == BANKED:
            return serve_banked(parameters, state, amount, write, address, now)
    if dram is not None:
        if service == DRAM:
            return serve_dram(parameters, state, dram, amount, write, address, now)
    return serve(CLOCKED, parameters, state, amount, write, now)


@njit(cache=True, nogil=True)
def _touch(touched, list_of_touched, many, resource):
    """Note a resource for the second phase, once; return how many are noted."""
    list_of_touched[many] = resource
    many += not touched[resource]
    touched[resource] = True
    return many


@njit(cache=True, nogil=True, inline="always")  # a call costs a third of the speed (measured)
def _fulfil(task, first_next, following, waiting, stack, depth):
    """Take one need away from all that wait for a task; return the stack's depth with those that wait no more."""
    for j in range(first_next[task], first_next[task + 1]):
        other = following[j]
        left = waiting[other] - 1
        waiting[other] = left
        stack[depth] = other  # counted only where nothing is left: without a branch that nobody can foresee
        depth += left == 0
    return depth
