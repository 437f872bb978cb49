"""Joules of DRAM channels from the commands that the trace holds."""

from accelsim.base.provenance import Provenance, worst
from accelsim.engine.trace import Trace
from accelsim.hardware.dram_energy import dram_energy
from accelsim.hardware.dram_parameters import channel_counts
from accelsim.hardware.dram_part import load_part
from accelsim.kernels.service import CLOCK_P, CLOCK_Q, edge_at_or_after
from accelsim.mapping.choice import Choice
from accelsim.mapping.mapper import NetworkMapping
from accelsim.results.term import Term

# What moving bytes causes, with its count's name: shared out to the layers by the bytes that they move. The rest belongs
# to the chip being on.
OF_MOVING = {"activate": "activate", "precharge": "closed", "read": "read", "write": "write"}


def dram_terms(mapping: NetworkMapping, trace: Trace) -> list[Term]:
    """Return the energy of every DRAM channel over a trace of one inference."""
    terms: list[Term] = []
    channels = [resource for resource in trace.plan.resources if resource.dram is not None]
    for row, resource in enumerate(channels):
        clock = edge_at_or_after(resource.parameters[CLOCK_P], resource.parameters[CLOCK_Q], trace.makespan)
        counts = channel_counts(trace.dram[row], clock)
        memory = mapping.chip.memories[resource.name]
        source = _source(memory.part)
        moved = {choice.layer.index: _bytes(choice, resource.name) for choice in mapping.choices}
        whole = sum(moved.values())
        for action, joules in dram_energy(resource.dram.part, counts).items():
            joules *= memory.part_channels
            if action in OF_MOVING and whole:
                count = counts[OF_MOVING[action]] * memory.part_channels
                terms += [Term(resource.name, action, layer, count * share / whole, joules * share / whole, source) for layer, share in moved.items() if share]
            elif joules:
                terms.append(Term(resource.name, action, -1, counts.get(action, 0), joules, source))
    return terms


def _bytes(choice: Choice, memory: str) -> int:
    return sum(amount for hop, _, amount, _ in choice.moves if hop.place == memory)


def _source(part: str) -> Provenance:
    """Return the provenance of a part's currents or energy per byte: the worst grade among them."""
    _, provenance = load_part(part)
    figures = [p for path, p in provenance.items() if path.startswith("rails") or path == "energy_per_byte"]
    return Provenance(f"DRAM part {part}: {figures[0].source}" if figures else f"DRAM part {part}", worst(p.grade for p in figures))
