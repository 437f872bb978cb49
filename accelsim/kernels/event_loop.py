"""The compiled engine's loop: a heap of events over flat arrays.

Each timestamp has two phases: first everything that happens at it (tasks finish, resources fall free, releases), then
grants: every resource that is free takes its ready task of least (priority, index). Where several networks share the
resources, each has a queue of its own at every resource, and the queues take turns (``next_queue``). Records are arrays, so a run can
stop at a time and go on later.
"""

import numpy as np
from numba import njit

from accelsim.kernels.bank_service import serve_banked
from accelsim.kernels.dram_service import serve_dram
from accelsim.kernels.service import BANKED, DRAM, FREE_AT, serve

# Columns of the ``progress`` record.
NOW, EVENTS, DONE = 0, 1, 2
# Ready tasks rank by priority, then index: priority * 2^32 + index.
INDEX = (1 << 32) - 1


@njit(cache=True, nogil=True)
def successors(before, after, tasks):
    """Return the needs turned round: (first, next) such that ``next[first[i]:first[i + 1]]`` wait for task i."""
    first = np.zeros(tasks + 1, np.int64)
    for i in range(before.size):
        first[before[i] + 1] += 1
    for i in range(tasks):
        first[i + 1] += first[i]
    following = np.empty(before.size, np.int64)
    place = first[:-1].copy()
    for i in range(before.size):
        following[place[before[i]]] = after[i]
        place[before[i]] += 1
    return first, following


@njit(cache=True, nogil=True)
def _push_event(time, tag, size, when, what):
    """Add an event to a heap of ``size`` events by time."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if time[up] <= when:
            break
        time[i] = time[up]
        tag[i] = tag[up]
        i = up
    time[i] = when
    tag[i] = what


@njit(cache=True, nogil=True)
def _drop_event(time, tag, size):
    """Remove the earliest of ``size`` events; it must be read before."""
    last = size - 1
    when, what = time[last], tag[last]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= last:
            break
        if down + 1 < last and time[down + 1] < time[down]:
            down += 1
        if time[down] >= when:
            break
        time[i] = time[down]
        tag[i] = tag[down]
        i = down
    time[i] = when
    tag[i] = what


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
def begin(queue, release, after, queues, resources):
    """Return fresh records of a run: what waits, the event heap, the ready heaps, progress."""
    tasks = queue.size
    waiting = np.zeros(tasks, np.int64)
    for i in range(after.size):
        waiting[after[i]] += 1
    for i in range(tasks):
        if release[i] > 0:
            waiting[i] += 1
    first = np.zeros(queues + 1, np.int64)
    for i in range(tasks):
        if queue[i] >= 0:
            first[queue[i] + 1] += 1
    for k in range(queues):
        first[k + 1] += first[k]
    event_time = np.empty(2 * tasks + resources + 1, np.int64)
    event_tag = np.empty(2 * tasks + resources + 1, np.int64)
    ready = np.empty(tasks, np.int64)
    ready_size = np.zeros(queues, np.int64)
    wakes = np.zeros(resources, np.bool_)
    progress = np.zeros(3, np.int64)
    progress[NOW] = -1
    return waiting, event_time, event_tag, first, ready, ready_size, wakes, progress


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
    waiting, event_time, event_tag, first_ready, ready, ready_size, wakes, progress = records
    tasks, resources = resource.size, service.size
    stack = np.empty(tasks, np.int64)  # tasks whose last need has just been fulfilled
    touched = np.zeros(resources, np.bool_)
    depth, done, events, now = 0, progress[DONE], progress[EVENTS], progress[NOW]
    if now < 0:  # the beginning: releases become events, what needs nothing is ready at 0
        now = 0
        for i in range(tasks):
            if release[i] > 0:
                _push_event(event_time, event_tag, events, release[i], tasks + i)
                events += 1
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
                    touched[r] = True
                    continue
                start[i] = now
                finish[i] = now
                done += 1
                depth = _fulfil(i, first_next, following, waiting, stack, depth)
            if events == 0 or event_time[0] != now:
                break
            tag = event_tag[0]
            _drop_event(event_time, event_tag, events)
            events -= 1
            if tag < tasks:
                done += 1
                touched[resource[tag]] = True
                depth = _fulfil(tag, first_next, following, waiting, stack, depth)
            elif tag < 2 * tasks:
                waiting[tag - tasks] -= 1
                if waiting[tag - tasks] == 0:
                    stack[depth] = tag - tasks
                    depth += 1
            else:
                touched[tag - 2 * tasks] = True
                wakes[tag - 2 * tasks] = False
        # Second phase: every touched resource that is free takes its least ready task, in the order of the resources.
        for r in range(resources):
            if not touched[r]:
                continue
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
                served = False
                if banked is not None:
                    if service[r] == BANKED:
                        finish[i] = serve_banked(parameters[r], state[r], amount[i], write[i], address[i], now)
                        served = True
                if dram is not None:
                    if service[r] == DRAM:
                        finish[i] = serve_dram(parameters[r], state[r], dram, amount[i], write[i], address[i], now)
                        served = True
                if not served:
                    finish[i] = serve(service[r], parameters[r], state[r], amount[i], write[i], now)
                _push_event(event_time, event_tag, events, finish[i], i)
                events += 1
                if turns is not None:
                    k = next_queue(r, turns[1], ready_size, turns[2], turns[3])
            if ready_size[k] > 0 and not wakes[r]:  # somebody waits, and a channel falls free before its transfer has arrived
                wakes[r] = True
                _push_event(event_time, event_tag, events, state[r, FREE_AT], 2 * tasks + r)
                events += 1
        if events == 0 or 0 <= until < event_time[0]:
            break
        now = event_time[0]
    progress[NOW], progress[EVENTS], progress[DONE] = now, events, done
    return done


@njit(cache=True, nogil=True)
def _fulfil(task, first_next, following, waiting, stack, depth):
    """Take one need away from all that wait for a task; return the stack's depth with those that wait no more."""
    for j in range(first_next[task], first_next[task + 1]):
        k = following[j]
        waiting[k] -= 1
        if waiting[k] == 0:
            stack[depth] = k
            depth += 1
    return depth
