"""Bytes by memory: what one inference reads and writes, and the most that is in use at once."""

from collections.abc import Iterable

from accelsim.mapping.mapper import NetworkMapping
from accelsim.results.term import Term


def memory_results(mapping: NetworkMapping, terms: Iterable[Term] | None) -> dict[str, dict]:
    """Return read, write, energy and peak use of every memory of the chip."""
    staging: dict[str, int] = {}
    table = {name: {"read_bytes": 0, "write_bytes": 0, "energy_j": None if terms is None else 0.0, "peak_used_bytes": 0} for name in mapping.chip.memories}
    for choice in mapping.choices:
        working = mapping.chip.units[choice.layer.unit].memories[0]
        staging[working] = max(staging.get(working, 0), choice.staging_bytes)
        for stream in choice.streams:
            for hop in stream.hops:
                if hop.place in table:
                    table[hop.place]["write_bytes" if hop.write else "read_bytes"] += stream.payload
    for term in terms or ():
        if term.component in table:
            table[term.component]["energy_j"] += term.joules
    for name, row in table.items():
        row["peak_used_bytes"] = mapping.homes.used(name) + staging.get(name, 0)
    return table
