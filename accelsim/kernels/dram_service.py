"""A DRAM channel as a server of the engines: a request is a stream of bursts, rows and refresh are in the channel's record.

A channel serves its streams row by row, or, where its numbers say so, burst by burst through the controller's queues.
"""

from numba import njit

from accelsim.kernels.dram import serve
from accelsim.kernels.dram_layout import BURST_BY_BURST, C_ADDRESS, C_ARRIVAL, C_WRITE, S_CLOCK
from accelsim.kernels.dram_steady import T_ARRIVAL, T_BURSTS, T_FINISH, T_FIRST, T_WRITE, serve_streams
from accelsim.kernels.service import CHANNEL, CLOCK_P, CLOCK_Q, FREE_AT, QUANTUM, READ_LATENCY, SERVED, WRITE_LATENCY, edge, edge_at_or_after


@njit(cache=True, nogil=True)
def _serve_bursts(numbers, record, streams, batch, log):
    """Serve a stream by the exact kernel, in batches as long as the scratch: the rows stay open in between."""
    left = streams[0, T_BURSTS]
    address = streams[0, T_FIRST]
    while left > 0:
        bursts = min(left, batch.shape[0])
        for k in range(bursts):
            batch[k, C_ADDRESS] = address + k
            batch[k, C_WRITE] = streams[0, T_WRITE]
            batch[k, C_ARRIVAL] = streams[0, T_ARRIVAL]
        streams[0, T_FINISH] = serve(numbers, record, batch[:bursts], 0, log)
        address += bursts
        left -= bursts

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
        and scratch: one stream, bursts of a batch (none where no channel works burst by burst), one line of log. Records are changed in place.
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
    numbers, paces, records, streams, batch, log = dram
    channel, p, q = parameters[CHANNEL], parameters[CLOCK_P], parameters[CLOCK_Q]
    bursts = -(-amount // parameters[QUANTUM])
    if bursts == 0:
        return now
    streams[0, T_FIRST] = address // parameters[QUANTUM]
    streams[0, T_BURSTS] = bursts
    streams[0, T_WRITE] = 1 if write else 0
    streams[0, T_ARRIVAL] = edge_at_or_after(p, q, now)
    if numbers[channel, BURST_BY_BURST]:
        _serve_bursts(numbers[channel], records[channel], streams, batch, log)
    else:
        serve_streams(numbers[channel], paces[channel], records[channel], streams, log)
    state[FREE_AT] = max(now, edge(p, q, records[channel, S_CLOCK]))
    state[SERVED] += bursts
    return edge(p, q, streams[0, T_FINISH]) + parameters[WRITE_LATENCY if write else READ_LATENCY]
