"""How long forms of layers take on a chip, and which of each layer's is the fastest."""

import numpy as np
from numba import njit

NOT_GROUPED, WAITED_FOR, AHEAD = range(3)  # of a stream: whether it moves group by group, and whether it may come before its layer begins


@njit(cache=True, nogil=True)
def form_seconds(forms, streams, first_stream, hops, place, servers, depth, busy, seconds, arrival):
    """Write how long every form takes, each place of the chip is busy with it, and its first group is on its way.

    The busiest place sets the pace, and one piece of every other is its fill and drain; no form is faster than its longest stream, whose buffer is
    filled again only when its piece has been computed.

    Parameters
    ----------
    forms : ndarray, shape (4, forms), int64
        Column of the unit's own server, its cycles, groups, and pieces of each.
    streams : ndarray, shape (4, streams), int64
        Bytes at each hop, how often a buffer is filled, transfers at each filling, and one of NOT_GROUPED, WAITED_FOR, AHEAD.
    first_stream : ndarray, shape (forms + 1,), int64
    hops : ndarray, shape (streams, 2 * servers), int64
        How often a stream's bytes are read from each server, then written to it.
    place : ndarray, shape (servers,), int64
        Rising.
    servers : ndarray, shape (4, servers), float64
        Seconds a byte or cycle, bytes of a burst, and latency of a read and of a write [s].
    depth : int
        Buffers of each stream.
    busy : ndarray, shape (forms, places), float64
    seconds : ndarray, shape (forms,), float64
    arrival : ndarray, shape (streams, 2), float64
        Of grouped streams, when the first group has arrived, and at which place it keeps longest busy.
    """
    count = place.size
    amount, added = np.empty(count), np.empty(count)
    for form in range(seconds.size):
        amount[:], added[:], busy[form] = 0.0, 0.0, 0.0
        own, groups, pieces = forms[0, form], forms[2, form], forms[3, form]
        amount[own] = forms[1, form]
        compute = amount[own] * servers[0, own]
        longest = 0.0
        for stream in range(first_stream[form], first_stream[form + 1]):
            latency, transfer, slowest, busiest = 0.0, 0.0, 0.0, 0
            moved, trips = float(streams[0, stream]), streams[1, stream]
            for server in range(count):
                passes = hops[stream, server] + hops[stream, count + server]
                if passes == 0:
                    continue
                latency += hops[stream, server] * servers[2, server] + hops[stream, count + server] * servers[3, server]
                there, burst = moved * passes, servers[1, server]
                transfers = max(1.0, float(trips * streams[2, stream] * passes))
                in_bursts = np.ceil(there / transfers / burst) * burst * transfers
                amount[server] += there
                added[server] += in_bursts - there
                taken = in_bursts * servers[0, server]
                transfer += taken
                if taken > slowest:
                    slowest, busiest = taken, server
            if trips > depth:  # else every piece has a buffer of its own
                longest = max(longest, (trips * latency + transfer + compute) / depth)
            if streams[3, stream] != NOT_GROUPED:
                arrival[stream, 0], arrival[stream, 1] = slowest / groups + latency, place[busiest]
        for server in range(count):
            busy[form, place[server]] += (amount[server] + added[server]) * servers[0, server]
        slowest, total = 0.0, 0.0
        for one in busy[form]:
            slowest = max(slowest, one)
            total += one
        seconds[form] = max(slowest + (total - slowest) / (pieces * groups), longest)


@njit(cache=True, nogil=True)
def choose(forms, streams, first_stream, place, first_form, patience, good_enough, busy, seconds, arrival, taken, chosen, looked_at):
    """Write the form that is chosen for each layer, one layer after another, and the seconds of those that were looked at.

    A layer waits for its first group; constants come ahead of it as far as the form chosen for the layer before leaves their place free. The search ends
    where one group keeps its unit busy for nearly all of its time: no other order makes it compute faster.

    Parameters
    ----------
    forms, streams, first_stream, place, busy, seconds, arrival : ndarray
        As in ``form_seconds``.
    first_form : ndarray, shape (layers + 1,), int64
    patience : float
        Share of the wait that counts.
    good_enough : float
        The search ends below so many times what the unit itself is busy.
    taken : ndarray, shape (forms,), float64
        Not written where a form is not looked at.
    chosen, looked_at : ndarray, shape (layers,), int64
        The form, and how many of the layer's first forms were looked at.
    """
    before = -1
    for layer in range(chosen.size):
        best = -1
        for form in range(first_form[layer], first_form[layer + 1]):
            wait = 0.0
            for stream in range(first_stream[form], first_stream[form + 1]):
                if streams[3, stream] == AHEAD and before >= 0:
                    free = taken[before] - busy[before, int(arrival[stream, 1])]
                    wait += max(0.0, arrival[stream, 0] - max(0.0, free))
                elif streams[3, stream] != NOT_GROUPED:
                    wait += arrival[stream, 0]
            taken[form] = seconds[form] + patience * wait
            looked_at[layer] = form + 1 - first_form[layer]
            if best < 0 or taken[form] < taken[best]:
                best = form
            if forms[2, form] == 1 and taken[form] <= good_enough * busy[form, place[forms[0, form]]]:
                break
        before = chosen[layer] = best


@njit(cache=True, nogil=True)
def settled(forms, streams, first_stream, place, patience, good_enough, busy, seconds, arrival, ends):
    """Write of each form whether a search is sure to end there, even if nothing of its first group comes ahead.

    Parameters
    ----------
    forms, streams, first_stream, place, patience, good_enough, busy, seconds, arrival
        As in ``choose``.
    ends : ndarray, shape (forms,), bool
    """
    for form in range(seconds.size):
        wait = 0.0
        for stream in range(first_stream[form], first_stream[form + 1]):
            if streams[3, stream] != NOT_GROUPED:
                wait += arrival[stream, 0]
        ends[form] = forms[2, form] == 1 and seconds[form] + patience * wait <= good_enough * busy[form, place[forms[0, form]]]
