"""Bytes by memory: what one inference reads and writes, and the most that is in use at once."""

from collections.abc import Iterable

import numpy as np

from accelsim.engine.trace import Trace
from accelsim.kernels.service import QUANTUM
from accelsim.mapping.mapper import NetworkMapping
from accelsim.results.term import Term

COUNTS = ("read_bytes", "write_bytes", "wire_read_bytes", "wire_write_bytes", "transferred_read_bytes", "transferred_write_bytes")


def memory_results(mapping: NetworkMapping, terms: Iterable[Term] | None, trace: Trace) -> dict[str, dict]:
    """Return read, write, energy and peak use of every memory of the chip.

    Three counts each way: the tensors' own bytes (``read_bytes``), what of them moves where they are compressed (``wire_read_bytes``),
    and that rounded up to bursts, piece by piece (``transferred_read_bytes``). Of a cache, ``filled_bytes`` tells what of its writes came from
    the memory behind it: its misses.

    Parameters
    ----------
    trace : Trace
        Of one warm inference.
    """
    staging: dict[str, int] = {}
    table = {name: dict.fromkeys(COUNTS, 0) | {"energy_j": None if terms is None else 0.0, "peak_used_bytes": 0} for name in mapping.chip.memories}
    for name, memory in mapping.chip.memories.items():
        if memory.kind == "cache":
            table[name]["filled_bytes"] = 0
    for choice in mapping.choices:
        working = mapping.chip.units[choice.layer.unit].memories[0]
        staging[working] = max(staging.get(working, 0), choice.staging_bytes)
        for stream in choice.streams:
            for (hop, amount), payload in zip(stream.loads, stream.amounts, strict=True):
                if hop.place in table:
                    way = "write_bytes" if hop.write else "read_bytes"
                    table[hop.place][way] += payload
                    if "filled_bytes" in table[hop.place] and hop.write and hop.resource is None:
                        table[hop.place]["filled_bytes"] += payload
                    table[hop.place][f"wire_{way}"] += amount
                    if hop.resource is None:
                        table[hop.place][f"transferred_{way}"] += _rounded(amount, mapping.chip.memories[hop.place].burst)
    _count_bursts(table, trace)
    for term in terms or ():
        if term.component in table:
            table[term.component]["energy_j"] += term.joules
    for name, row in table.items():
        row["peak_used_bytes"] = mapping.homes.used(name) + staging.get(name, 0)
    return table


def _count_bursts(table: dict[str, dict], trace: Trace) -> None:
    """Add what passes the servers of memories, every task of a layer rounded up."""
    plan = trace.plan
    for index, resource in enumerate(plan.resources):
        name = resource.name.removesuffix(".read").removesuffix(".write")
        if name not in table:
            continue
        for write, way in ((False, "read"), (True, "write")):
            amounts = plan.amount[(plan.resource == index) & (plan.write == write) & (plan.layer >= 0) & (plan.frame == 0)]
            table[name][f"transferred_{way}_bytes"] += int(_rounded(amounts, resource.parameters[QUANTUM]).sum())


def _rounded(amount: int | np.ndarray, burst: int) -> int | np.ndarray:
    return -(-amount // burst) * burst
