"""Serving requests: given what waits at a resource, when does each finish, and when is the resource free again?

Both engines call ``serve``; it owns no queue and no clock of its own. A resource's life is one row of ``state``.

Codes of service
----------------
CLOCKED : a compute unit. Amount is cycles; starts at the unit's next clock edge, lasts whole cycles.
STREAM : a plain channel or mover. Amount is bytes, rounded up to beats of ``QUANTUM`` bytes, one beat per clock
    period; the latency [ps] of its direction is added to the finish but does not occupy the channel.
DRAM : a DRAM channel with banks and rows, served by ``serve_dram`` of ``dram_service``.
BANKED : an SRAM of several ports and banks, served by ``serve_banked`` of ``bank_service``.
"""

import numpy as np
from numba import njit

CLOCKED, STREAM, DRAM, BANKED = 0, 1, 2, 3
# Columns of a parameter row, and its length.
P, Q, QUANTUM, READ_LATENCY, WRITE_LATENCY = 0, 1, 2, 3, 4
# A DRAM channel's command clock (P, Q are then the mean period of a burst), and its row in the tables of channels.
CLOCK_P, CLOCK_Q, CHANNEL = 5, 6, 7
# A banked SRAM: ports, banks, and bytes that lie in one bank before the next begins (P, Q, QUANTUM are those of a port).
PORTS, BANKS, INTERLEAVE = 8, 9, 10
PARAMETERS = 11
MOST_PORTS, MOST_BANKS = 8, 64
# Columns of a state row: when the resource is free again [ps]; work it has done [cycles or beats].
FREE_AT, SERVED = 0, 1
# Of a banked SRAM: when each port and each bank is free again [ps].
PORT_FREE = 2
BANK_FREE = PORT_FREE + MOST_PORTS
STATES = BANK_FREE + MOST_BANKS


@njit(cache=True, nogil=True)
def edge(p, q, n):
    """Return the time [ps] of clock edge n of a period p/q [ps]; exact, no overflow for n * p/q below 2**63."""
    return n // q * p + n % q * p // q


@njit(cache=True, nogil=True)
def edge_at_or_after(p, q, time):
    """Return the number of the first clock edge at or after a time [ps]."""
    n = time // p * q + time % p * q // p
    if edge(p, q, n) >= time:
        return n
    return n + 1


@njit(cache=True, nogil=True)
def serve(service, parameters, state, amount, write, now):
    """Serve one request.

    Parameters
    ----------
    service : int
        CLOCKED or STREAM.
    parameters : ndarray, shape (PARAMETERS,), int64
    state : ndarray, shape (STATES,), int64
        Changed in place.
    amount : int
        Cycles or bytes.
    write : bool
        Direction of a transfer.
    now : int
        Time of the grant [ps], not before ``state[FREE_AT]``.

    Returns
    -------
    int
        Time at which the request is finished [ps].
    """
    p, q = parameters[P], parameters[Q]
    if service == CLOCKED:
        first = edge_at_or_after(p, q, now)
        finish = edge(p, q, first + amount)
        state[FREE_AT] = finish
        state[SERVED] += amount
        return finish
    beats, span = stream_time(parameters, amount)
    state[FREE_AT] = now + span
    state[SERVED] += beats
    return now + span + parameters[WRITE_LATENCY if write else READ_LATENCY]


@njit(cache=True, nogil=True)
def stream_time(parameters, amount):
    """Return the beats of a transfer and the time [ps] for which it occupies a channel, which need not start at an edge of its own: n beats last n periods."""
    beats = -(-amount // parameters[QUANTUM])
    return beats, edge(parameters[P], parameters[Q], beats)


@njit(cache=True, nogil=True)
def streamed(resource, amount, service, parameters):
    """Return the time [ps] for which each transfer occupies a plain channel, and its beats, shape (tasks,), int64; 0 for what no such channel serves.

    Pieces of one stream differ by a byte: the last even and the last odd amount at each server are remembered, to be divided once.
    """
    span, beats = np.zeros(resource.size, np.int64), np.zeros(resource.size, np.int64)
    amounts, known = np.zeros((service.size, 2), np.int64), np.zeros((service.size, 2, 2), np.int64)
    for i in range(resource.size):
        r = resource[i]
        if r < 0 or service[r] != STREAM:
            continue
        slot = amount[i] & 1
        if amounts[r, slot] != amount[i]:
            amounts[r, slot] = amount[i]
            known[r, slot, 0], known[r, slot, 1] = stream_time(parameters[r], amount[i])
        beats[i], span[i] = known[r, slot, 0], known[r, slot, 1]
    return span, beats


@njit(cache=True, nogil=True)
def loads(resource, amount, servers):
    """Return how many tasks each server has and the sum of their amounts, shape (servers,), float64."""
    counts, amounts = np.zeros(servers), np.zeros(servers)
    i = 0
    while i < resource.size:
        r, first = resource[i], i
        total = amounts[r] if r >= 0 else 0.0
        while i < resource.size and resource[i] == r:  # tasks of a server stand in blocks
            total += amount[i]
            i += 1
        if r >= 0:
            counts[r] += i - first
            amounts[r] = total
    return counts, amounts


@njit(cache=True, nogil=True)
def bursts(resource, write, counted, amount, quantum):
    """Return what the counted tasks read and write at each server, every one rounded up to its quantum, shape (servers, 2), int64 [B].

    Parameters
    ----------
    counted : ndarray, shape (tasks,), bool
    quantum : ndarray, shape (servers,), int64
    """
    sums = np.zeros((quantum.size, 2), np.int64)
    for i in range(resource.size):
        r = resource[i]
        if r >= 0 and counted[i]:
            sums[r, np.int64(write[i])] += -(-amount[i] // quantum[r]) * quantum[r]
    return sums
