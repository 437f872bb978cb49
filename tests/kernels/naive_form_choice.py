"""Plain twins of the kernels that predict how long forms of layers take: a form, a stream and a server at a time."""

import math

NOT_GROUPED, WAITED_FOR, AHEAD = range(3)


def streams_of(form, first_stream):
    return range(first_stream[form], first_stream[form + 1])


def passes(stream, server, hops, count):
    """Return how often a stream's bytes are read from a server and written to it."""
    return int(hops[stream][server]), int(hops[stream][count + server])


def bytes_in_bursts(stream, server, streams, hops, servers):
    """Return the bytes that a stream moves at a server, each transfer in whole bursts."""
    moved, fillings, transfers, _ = (int(each) for each in streams[:, stream])
    hops_there = sum(passes(stream, server, hops, servers.shape[1]))
    if not hops_there:
        return 0
    pieces = max(1, fillings * transfers * hops_there)
    burst = servers[1, server]
    return math.ceil(moved * hops_there / pieces / burst) * burst * pieces


def form_seconds(forms, streams, first_stream, hops, place, servers, depth, busy, seconds, arrival):
    count = len(place)
    for form in range(forms.shape[1]):
        own, cycles, groups, pieces = (int(each) for each in forms[:, form])
        compute = cycles * servers[0, own]
        at = [sum(bytes_in_bursts(stream, server, streams, hops, servers) for stream in streams_of(form, first_stream)) * servers[0, server] for server in range(count)]
        at[own] += compute
        for one in range(busy.shape[1]):
            busy[form, one] = sum(at[server] for server in range(count) if place[server] == one)
        longest = max(busy[form])
        others = sum(busy[form]) - longest
        ways = [0.0]
        for stream in streams_of(form, first_stream):
            taken = [bytes_in_bursts(stream, server, streams, hops, servers) * servers[0, server] for server in range(count)]
            latency = sum(reads * servers[2, server] + writes * servers[3, server] for server in range(count) for reads, writes in [passes(stream, server, hops, count)])
            if streams[1, stream] > depth:
                ways.append((int(streams[1, stream]) * latency + sum(taken) + compute) / depth)
            if streams[3, stream] != NOT_GROUPED:
                slowest = max(range(count), key=lambda server, taken=taken: taken[server])
                arrival[stream] = taken[slowest] / groups + latency, place[slowest]
        seconds[form] = max(longest + others / (groups * pieces), *ways)


def wait(form, streams, first_stream, busy, arrival, before):
    """Return how long a form waits for its first group behind a form before it, given as (number, seconds)."""
    found = 0.0
    for stream in streams_of(form, first_stream):
        arrives, at = arrival[stream]
        if streams[3, stream] == WAITED_FOR or (streams[3, stream] == AHEAD and before is None):
            found += arrives
        elif streams[3, stream] == AHEAD:
            found += max(0.0, arrives - max(0.0, before[1] - busy[before[0], int(at)]))
    return found


def settled(forms, streams, first_stream, place, patience, good_enough, busy, seconds, arrival, ends):
    for form in range(forms.shape[1]):
        unit = busy[form, place[forms[0, form]]]
        ends[form] = forms[2, form] == 1 and seconds[form] + patience * wait(form, streams, first_stream, busy, arrival, None) <= good_enough * unit


def choose(forms, streams, first_stream, place, first_form, patience, good_enough, busy, seconds, arrival, taken, chosen, looked_at):
    before = None
    for layer in range(len(chosen)):
        found = {}
        for form in range(first_form[layer], first_form[layer + 1]):
            taken[form] = found[form] = seconds[form] + patience * wait(form, streams, first_stream, busy, arrival, before)
            if forms[2, form] == 1 and taken[form] <= good_enough * busy[form, place[forms[0, form]]]:
                break
        chosen[layer] = min(found, key=found.get)
        looked_at[layer] = len(found)
        before = chosen[layer], taken[chosen[layer]]
