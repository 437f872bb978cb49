"""Joules of an RBF chip: cycles of its accesses, its bus's pull-ups, idling, and the host link."""

from collections.abc import Iterable

from accelsim.base.provenance import GRADES, Provenance
from accelsim.mapping.matching import Matching
from accelsim.results.energy import Term, static_terms


def match_terms(mapping: Matching, cycles: float, link_bytes: float, seconds: float) -> list[Term]:
    """Return what operations cost that took so many cycles, bytes and seconds.

    Parameters
    ----------
    cycles : float
        Of register accesses.
    seconds : float
        Over which chip and link are on.
    """
    chip, name = mapping.chip, mapping.unit
    unit, link = chip.units[name], chip.links[mapping.link]

    def source(*fields: str) -> Provenance:
        return _least_sure(chip.provenance_of(field) for field in fields)

    here, there = f"units.{name}", f"links.{mapping.link}"
    active, idle = cycles * unit.chips * unit.active_cycle_energy, seconds * unit.chips * unit.idle_power
    terms = [Term(name, "active_cycle", 0, cycles * unit.chips, active, source(f"{here}.active_power"))]
    if unit.pull_up_power:
        terms.append(Term("pull_ups", "cycle", 0, cycles, cycles * unit.pull_up_cycle_energy, source(f"{here}.pull_up_power", f"{here}.low_lines")))
    if link.energy:
        terms.append(Term(mapping.link, "byte", 0, link_bytes, link_bytes * link.energy, source(f"{there}.energy")))
    return [*terms, Term("static", f"{here}.idle", -1, seconds, idle, source(f"{here}.idle_power")), *static_terms(mapping, seconds)]


def without_link(mapping: Matching, terms: Iterable[Term]) -> list[Term]:
    """Return the terms that the host link has no part in."""
    return [term for term in terms if term.component != mapping.link and term.action != f"links.{mapping.link}"]


def _least_sure(sources: Iterable[Provenance]) -> Provenance:
    return max(sources, key=lambda source: GRADES.index(source.grade))
