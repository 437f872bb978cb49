"""A memory of several ports and banks as a server: transfers that meet in a bank wait for each other.

Where a transfer's bytes lie in some of the banks, by its address, it goes through them in order and waits at each that is still busy. Where they are
interleaved over all banks, or nobody knows where they lie, every bank takes its share, and k transfers at once find B banks as if each request chose one
at random: B (1 - (1 - 1/B)^k) of them work in a cycle (D. Bhandarkar, "Analysis of memory interference in multiprocessors",
IEEE Trans. Computers 1975; requests that lose are tried again).
"""

from numba import njit

from accelsim.kernels.service import BANK_FREE, BANKS, FREE_AT, INTERLEAVE, PORT_FREE, PORTS, QUANTUM, READ_LATENCY, SERVED, WRITE_LATENCY, P, Q, edge


LARGEST = 2**62


@njit(cache=True, nogil=True)
def chance_cycles(cycles, banks, at_once):
    """Return the cycles that one of several transfers at once takes over all banks: cycles x k / (B (1 - (1 - 1/B)^k)), rounded up; in whole numbers."""
    ways, losing = 1, 1
    for _ in range(at_once):
        ways *= banks
        losing *= banks - 1
    above, below = at_once * (ways // banks), ways - losing
    whole, rest = above // below, above % below
    while rest > 0 and cycles > LARGEST // rest:  # too long for exact products: a last digit less
        rest >>= 1
        below >>= 1
    return cycles * whole - (-cycles * rest // below)


@njit(cache=True, nogil=True)
def serve_banked(parameters, state, amount, write, address, now):
    """Serve one request on a free port.

    Parameters
    ----------
    parameters : ndarray, shape (service.PARAMETERS,), int64
        ``QUANTUM`` bytes pass a port, or leave a bank, per clock.
    state : ndarray, shape (service.STATES,), int64
        Changed in place.
    amount : int
        Bytes.
    write : bool
    address : int
        Of the first byte; negative: not known.
    now : int
        Time of the grant [ps].

    Returns
    -------
    int
        Time at which the last byte has moved [ps].
    """
    p, q, banks, chunk = parameters[P], parameters[Q], parameters[BANKS], parameters[INTERLEAVE]
    port, at_once = -1, 1
    for k in range(parameters[PORTS]):
        if state[PORT_FREE + k] > now:
            at_once += 1
        elif port < 0:
            port = k
    cycles = -(-amount // parameters[QUANTUM])
    first = address // chunk
    touched = (address + max(amount, 1) - 1) // chunk - first + 1
    if address < 0 or touched >= banks:
        done = now + edge(p, q, chance_cycles(cycles, banks, at_once))
        share = edge(p, q, -(-cycles // banks))
        for bank in range(banks):
            free = max(now, state[BANK_FREE + bank]) + share
            state[BANK_FREE + bank] = free
            done = max(done, free)
    else:
        done, left, place = now, amount, address
        while left > 0:
            bank = place // chunk % banks
            here = min(left, chunk - place % chunk)
            done = max(done, state[BANK_FREE + bank]) + edge(p, q, -(-here // parameters[QUANTUM]))
            state[BANK_FREE + bank] = done
            left -= here
            place += here
    state[PORT_FREE + port] = done
    state[SERVED] += cycles
    soonest = done
    for k in range(parameters[PORTS]):
        soonest = min(soonest, state[PORT_FREE + k])
    state[FREE_AT] = soonest
    return done + parameters[WRITE_LATENCY if write else READ_LATENCY]
