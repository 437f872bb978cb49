"""A banked SRAM in the plainest words: bytes are put into their banks one by one."""

from fractions import Fraction
from math import ceil

from accelsim.kernels.service import BANKS, INTERLEAVE, PORTS, QUANTUM, READ_LATENCY, WRITE_LATENCY, P, Q


def fresh(row) -> dict:
    """Return ports and banks that have been free all the time."""
    return {"ports": [0] * row[PORTS], "banks": [0] * row[BANKS]}


def serve_banked(row, life: dict, amount: int, write: bool, address: int, now: int) -> tuple[int, int]:
    """Return (finish, when a port is free again); changes ``life``."""
    period, ports, banks = Fraction(row[P], row[Q]), life["ports"], life["banks"]

    def cycles(size) -> int:
        return -(-int(size) // row[QUANTUM])

    def lasts(n: int) -> int:
        return int(n * period)

    others = sum(1 for free in ports if free > now)
    port = next(k for k, free in enumerate(ports) if free <= now)
    runs: list[list[int]] = []  # [bank, bytes] in the order in which the transfer passes them
    for byte in range(address, address + amount) if address >= 0 else ():
        chunk = byte // row[INTERLEAVE]
        if not runs or runs[-1][0] != chunk:
            runs.append([chunk, 0])
        runs[-1][1] += 1
    if address < 0 or len(runs) >= len(banks):
        at_once = others + 1
        working = len(banks) * (1 - (1 - Fraction(1, len(banks))) ** at_once)
        done = now + lasts(ceil(cycles(amount) * at_once / working))
        share = -(-cycles(amount) // len(banks))
        for k in range(len(banks)):
            banks[k] = max(now, banks[k]) + lasts(share)
        done = max(done, *banks)
    else:
        done = now
        for chunk, size in runs:
            k = chunk % len(banks)
            done = banks[k] = max(done, banks[k]) + lasts(cycles(size))
    ports[port] = done
    return done + row[WRITE_LATENCY if write else READ_LATENCY], min(ports)
