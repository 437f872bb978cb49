"""A DRAM channel as a server of the engines: a request is a stream of bursts, rows and refresh are in the channel's record."""

from numba import njit

from accelsim.kernels.dram_layout import S_CLOCK
from accelsim.kernels.dram_steady import T_ARRIVAL, T_BURSTS, T_FINISH, T_FIRST, T_WRITE, serve_streams
from accelsim.kernels.service import CHANNEL, CLOCK_P, CLOCK_Q, FREE_AT, QUANTUM, READ_LATENCY, SERVED, WRITE_LATENCY, edge, edge_at_or_after


@njit(cache=True, nogil=True)
def serve_dram(parameters, state, dram, amount, write, address, now):
    """Serve one request.

    Parameters
    ----------
    parameters : ndarray, shape (service.PARAMETERS,), int64
    state : ndarray, shape (service.STATES,), int64
        Changed in place.
    dram : tuple of ndarray
        Of all channels: numbers (channels, dram_layout.PARAMETERS), paces (channels, 2), records (channels, largest record),
        and scratch: one stream, one line of log. Records are changed in place.
    amount : int
        Bytes.
    write : bool
    address : int
        Of the first byte.
    now : int
        Time of the grant [ps].

    Returns
    -------
    int
        Time at which the last byte has moved [ps].
    """
    numbers, paces, records, streams, log = dram
    channel, p, q = parameters[CHANNEL], parameters[CLOCK_P], parameters[CLOCK_Q]
    bursts = -(-amount // parameters[QUANTUM])
    if bursts == 0:
        return now
    streams[0, T_FIRST] = address // parameters[QUANTUM]
    streams[0, T_BURSTS] = bursts
    streams[0, T_WRITE] = 1 if write else 0
    streams[0, T_ARRIVAL] = edge_at_or_after(p, q, now)
    serve_streams(numbers[channel], paces[channel], records[channel], streams, log)
    state[FREE_AT] = max(now, edge(p, q, records[channel, S_CLOCK]))
    state[SERVED] += bursts
    return edge(p, q, streams[0, T_FINISH]) + parameters[WRITE_LATENCY if write else READ_LATENCY]
