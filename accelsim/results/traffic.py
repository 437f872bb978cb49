"""Bytes by memory: what one inference reads and writes, and the most that is in use at once."""

from collections.abc import Mapping

import numpy as np

from accelsim.engine.trace import Trace
from accelsim.kernels.service import QUANTUM, bursts
from accelsim.mapping.choice import Choice
from accelsim.mapping.mapper import NetworkMapping

READ = ("read_bytes", "wire_read_bytes", "transferred_read_bytes")
WRITTEN = ("write_bytes", "wire_write_bytes", "transferred_write_bytes")
COUNTS = tuple(name for pair in zip(READ, WRITTEN, strict=True) for name in pair)


def memory_results(mapping: NetworkMapping, joules: Mapping[str, float] | None, trace: Trace) -> dict[str, dict]:
    """Return read, write, energy and peak use of every memory of the chip.

    Three counts each way: the tensors' own bytes (``read_bytes``), what of them moves where they are compressed (``wire_read_bytes``),
    and that rounded up to bursts, piece by piece (``transferred_read_bytes``). Of a cache, ``filled_bytes`` tells what of its writes came from
    the memory behind it: its misses.

    Parameters
    ----------
    joules : mapping of str to float, optional
        Of each component; None where they are not known [J].
    trace : Trace
        Of one warm inference.
    """
    staging: dict[str, int] = {}
    table = {name: dict.fromkeys(COUNTS, 0) | {"energy_j": None if joules is None else joules.get(name, 0.0), "peak_used_bytes": 0} for name in mapping.chip.memories}
    for name, memory in mapping.chip.memories.items():
        if memory.kind == "cache":
            table[name]["filled_bytes"] = 0
    for choice in mapping.choices:
        working = mapping.chip.units[choice.layer.unit].memories[0]
        staging[working] = max(staging.get(working, 0), choice.staging_bytes)
        for (place, write), (payload, amount, unserved) in _passed(choice).items():
            if (row := table.get(place)) is None:
                continue
            way, wire, transferred = WRITTEN if write else READ
            row[way] += payload
            row[wire] += amount
            for own, moved in unserved:
                row[transferred] += _rounded(moved, mapping.chip.memories[place].burst)
                if write and "filled_bytes" in row:
                    row["filled_bytes"] += own
    _count_bursts(table, trace)
    for name, row in table.items():
        row["peak_used_bytes"] = mapping.homes.used(name) + staging.get(name, 0)
    return table


def _passed(choice: Choice) -> dict[tuple[str, bool], tuple[int, int, tuple[tuple[int, int], ...]]]:
    """Return by place and direction the payload and the bytes that move, and these pair by pair for what no server serves [B]."""
    if "passed" not in choice.known:
        found: dict[tuple[str, bool], tuple] = {}
        for hop, payload, amount, _ in choice.moves:
            before, moved, unserved = found.get((hop.place, hop.write), (0, 0, ()))
            found[hop.place, hop.write] = (before + payload, moved + amount, (*unserved, (payload, amount)) if hop.resource is None else unserved)
        choice.known["passed"] = found
    return choice.known["passed"]


def _count_bursts(table: dict[str, dict], trace: Trace) -> None:
    """Add what passes the servers of memories, every task of a layer rounded up."""
    plan = trace.plan
    quantum = np.array([resource.parameters[QUANTUM] for resource in plan.resources], np.int64)
    sums = bursts(plan.resource, plan.write, (plan.layer >= 0) & (plan.frame == 0), plan.amount, quantum).tolist()
    for index, resource in enumerate(plan.resources):
        row = table.get(resource.name.removesuffix(".read").removesuffix(".write"))
        if row is not None:
            row["transferred_read_bytes"] += sums[index][0]
            row["transferred_write_bytes"] += sums[index][1]


def _rounded(amount: int, burst: int) -> int:
    return -(-amount // burst) * burst
