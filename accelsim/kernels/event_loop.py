"""The compiled engine's loop: a heap of events over flat arrays.

Each timestamp has two phases: first everything that happens at it (tasks finish, resources fall free, releases), then
grants: every resource that is free takes its ready task of least (priority, index). Records are arrays, so a run can
stop at a time and go on later.
"""

import numpy as np
from numba import njit

from accelsim.kernels.service import FREE_AT, serve

# Columns of the ``progress`` record.
NOW, EVENTS, DONE = 0, 1, 2


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
def _push(keys, tags, size, key, tag):
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if keys[up] <= key:
            break
        keys[i] = keys[up]
        tags[i] = tags[up]
        i = up
    keys[i] = key
    tags[i] = tag


@njit(cache=True, nogil=True)
def _pop(keys, tags, size):
    """Remove the least of ``size`` entries; it must be read before."""
    last = size - 1
    key, tag = keys[last], tags[last]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= last:
            break
        if down + 1 < last and keys[down + 1] < keys[down]:
            down += 1
        if keys[down] >= key:
            break
        keys[i] = keys[down]
        tags[i] = tags[down]
        i = down
    keys[i] = key
    tags[i] = tag


@njit(cache=True, nogil=True)
def begin(resource, release, after, resources):
    """Return fresh records of a run: what waits, the event heap, the ready heaps, progress."""
    tasks = resource.size
    waiting = np.zeros(tasks, np.int64)
    for i in range(after.size):
        waiting[after[i]] += 1
    for i in range(tasks):
        if release[i] > 0:
            waiting[i] += 1
    first = np.zeros(resources + 1, np.int64)
    for i in range(tasks):
        if resource[i] >= 0:
            first[resource[i] + 1] += 1
    for r in range(resources):
        first[r + 1] += first[r]
    event_time = np.empty(3 * tasks + resources + 1, np.int64)
    event_tag = np.empty(3 * tasks + resources + 1, np.int64)
    ready_key = np.empty(tasks, np.int64)
    ready_tag = np.empty(tasks, np.int64)
    ready_size = np.zeros(resources, np.int64)
    progress = np.zeros(3, np.int64)
    progress[NOW] = -1
    return waiting, event_time, event_tag, first, ready_key, ready_tag, ready_size, progress


@njit(cache=True, nogil=True)
def run(resource, amount, write, priority, release, first_next, following, service, parameters, state, records, start, finish, until):  # fmt: skip
    """Advance a run to the end, or to the last timestamp not after ``until``.

    Parameters
    ----------
    resource, amount, write, priority, release : ndarray, shape (tasks,)
        As in a Plan.
    first_next, following : ndarray
        From ``successors``.
    service, parameters, state : ndarray
        Per resource; ``state`` is changed in place.
    records : tuple
        From ``begin``; changed in place.
    start, finish : ndarray, shape (tasks,), int64
        Written in place [ps].
    until : int
        Time [ps]; negative: to the end.

    Returns
    -------
    int
        Tasks finished so far.
    """
    waiting, event_time, event_tag, first_ready, ready_key, ready_tag, ready_size, progress = records
    tasks, resources = resource.size, service.size
    stack = np.empty(tasks, np.int64)
    touched = np.zeros(resources, np.bool_)
    if progress[NOW] < 0:  # the beginning: releases become events, what needs nothing is ready at 0
        progress[NOW] = 0
        for i in range(tasks):
            if release[i] > 0:
                _push(event_time, event_tag, progress[EVENTS], release[i], tasks + i)
                progress[EVENTS] += 1
        depth = 0
        for i in range(tasks):
            if waiting[i] == 0:
                stack[depth] = i
                depth += 1
                waiting[i] = -1
        _settle(stack, depth, 0, resource, priority, first_next, following, waiting, first_ready, ready_key, ready_tag, ready_size, touched, start, finish, progress)
        _grant(0, resource, amount, write, service, parameters, state, first_ready, ready_key, ready_tag, ready_size, touched, event_time, event_tag, progress, start, finish, tasks)
    while progress[EVENTS] > 0:
        now = event_time[0]
        if until >= 0 and now > until:
            break
        progress[NOW] = now
        depth = 0
        while progress[EVENTS] > 0 and event_time[0] == now:
            tag = event_tag[0]
            _pop(event_time, event_tag, progress[EVENTS])
            progress[EVENTS] -= 1
            if tag >= 2 * tasks:
                touched[tag - 2 * tasks] = True
            elif tag >= tasks:
                waiting[tag - tasks] -= 1
                if waiting[tag - tasks] == 0:
                    waiting[tag - tasks] = -1
                    stack[depth] = tag - tasks
                    depth += 1
            else:
                progress[DONE] += 1
                touched[resource[tag]] = True
                for j in range(first_next[tag], first_next[tag + 1]):
                    k = following[j]
                    waiting[k] -= 1
                    if waiting[k] == 0:
                        waiting[k] = -1
                        stack[depth] = k
                        depth += 1
        _settle(stack, depth, now, resource, priority, first_next, following, waiting, first_ready, ready_key, ready_tag, ready_size, touched, start, finish, progress)
        _grant(now, resource, amount, write, service, parameters, state, first_ready, ready_key, ready_tag, ready_size, touched, event_time, event_tag, progress, start, finish, tasks)
    return progress[DONE]


@njit(cache=True, nogil=True)
def _settle(stack, depth, now, resource, priority, first_next, following, waiting, first_ready, ready_key, ready_tag, ready_size, touched, start, finish, progress):  # fmt: skip
    """Queue the tasks on the stack at their resources; milestones finish at once and wake what waits for them."""
    while depth > 0:
        depth -= 1
        i = stack[depth]
        r = resource[i]
        if r >= 0:
            first, last = first_ready[r], first_ready[r + 1]
            _push(ready_key[first:last], ready_tag[first:last], ready_size[r], (np.int64(priority[i]) << 32) + i, i)
            ready_size[r] += 1
            touched[r] = True
            continue
        start[i] = now
        finish[i] = now
        progress[DONE] += 1
        for j in range(first_next[i], first_next[i + 1]):
            k = following[j]
            waiting[k] -= 1
            if waiting[k] == 0:
                waiting[k] = -1
                stack[depth] = k
                depth += 1


@njit(cache=True, nogil=True)
def _grant(now, resource, amount, write, service, parameters, state, first_ready, ready_key, ready_tag, ready_size, touched, event_time, event_tag, progress, start, finish, tasks):  # fmt: skip
    """Let every touched resource that is free serve its least ready task, in the order of the resources."""
    for r in range(service.size):
        if not touched[r]:
            continue
        touched[r] = False
        while ready_size[r] > 0 and state[r, FREE_AT] <= now:
            first, last = first_ready[r], first_ready[r + 1]
            i = ready_tag[first]
            _pop(ready_key[first:last], ready_tag[first:last], ready_size[r])
            ready_size[r] -= 1
            start[i] = now
            finish[i] = serve(service[r], parameters[r], state[r], amount[i], write[i], now)
            _push(event_time, event_tag, progress[EVENTS], finish[i], i)
            progress[EVENTS] += 1
            if now < state[r, FREE_AT] < finish[i]:
                _push(event_time, event_tag, progress[EVENTS], state[r, FREE_AT], 2 * tasks + r)
                progress[EVENTS] += 1
