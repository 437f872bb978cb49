"""The range of an energy from the ranges of its figures; the rule and its reasons stand in ``docs/ranges.md``."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from accelsim.base.paths import data_folder
from accelsim.base.provenance import Provenance, worst
from accelsim.base.quantities import DIMENSIONS, parse
from accelsim.base.errors import AccelsimError
from accelsim.base.yaml_files import read_yaml
from accelsim.results.term import Term

KEPT_FACTORS = 1024  # a run has thousands of terms of a few dozen figures
ANY_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Contribution:
    """All joules of one kind: a component's action, with the range that its own figure gives it.

    Attributes
    ----------
    joules, low_j, high_j : float
    share : float
        Of the whole energy.
    share_of_width : float
        Of the squared width of the whole range: what would be gained by knowing this source exactly.
    """

    component: str
    action: str
    joules: float
    low_j: float
    high_j: float
    share: float
    share_of_width: float
    grade: str
    source: str


@dataclass(frozen=True, slots=True)
class EnergyRange:
    """Between which joules an energy lies, and what makes the range wide: contributions, the most important first."""

    joules: float
    low_j: float
    high_j: float
    contributions: tuple[Contribution, ...] = field(repr=False)

    @property
    def most_estimated(self) -> Contribution | None:
        """The largest contribution that rests on an estimated figure."""
        estimated = [c for c in self.contributions if c.grade == "estimated"]
        return max(estimated, key=lambda c: c.joules, default=None)


def energy_range(terms: Iterable[Term]) -> EnergyRange:
    """Return the range of a sum of terms: linear inside a source, in quadrature across sources.

    Parameters
    ----------
    terms : iterable of Term
        Of one inference.
    """
    terms = [term for term in terms if term.joules]
    total = sum(term.joules for term in terms)
    below: dict[str, float] = {}
    above: dict[str, float] = {}
    kinds: dict[tuple[str, str], list[tuple[Term, float, float]]] = {}
    for term in terms:
        low, high = factors(term.provenance)
        down, up = term.joules * (1 - low), term.joules * (high - 1)
        source = _key(term)
        below[source], above[source] = below.get(source, 0.0) + down, above.get(source, 0.0) + up
        kinds.setdefault((term.component, term.action), []).append((term, down, up))
    wide = {source: (below[source] + above[source]) ** 2 for source in below}
    contributions = sorted((_contribution(entries, total, below, above, wide) for entries in kinds.values()), key=lambda c: (-c.share_of_width, -c.joules))
    return EnergyRange(total, total - _quadrature(below), total + _quadrature(above), tuple(contributions))


def _quadrature(distances: dict[str, float]) -> float:
    return math.sqrt(sum(distance**2 for distance in distances.values()))


def _contribution(entries: list[tuple[Term, float, float]], total: float, below: dict, above: dict, wide: dict) -> Contribution:
    first = entries[0][0]
    joules, down, up = sum(t.joules for t, _, _ in entries), sum(d for _, d, _ in entries), sum(u for _, _, u in entries)
    source = _key(first)
    # A source's part of the squared width is shared out by what each contribution adds to its linear sum.
    of_source = (down + up) / (below[source] + above[source]) if wide[source] else 0.0
    share = of_source * wide[source] / sum(wide.values()) if wide[source] else 0.0
    grade = worst(t.provenance.grade for t, _, _ in entries)
    return Contribution(first.component, first.action, joules, joules - down, joules + up, joules / total if total else 0.0, share, grade, first.provenance.source)


def _key(term: Term) -> str:
    """Return what tells sources apart; figures without one are taken to err together."""
    return ANY_SPACE.sub(" ", term.provenance.source).casefold()


@lru_cache(maxsize=KEPT_FACTORS)
def factors(provenance: Provenance) -> tuple[float, float]:
    """Return (low, high) over the figure: of its own stated range, else of its grade."""
    spread = _spreads()[provenance.grade]
    value = _number(provenance.value)
    low, high = (_number(text) / value if value and text else None for text in (provenance.low, provenance.high))
    return min(1.0, low if low is not None else 1 / spread), max(1.0, high if high is not None else spread)


def _number(text: str) -> float:
    """Return a quantity in the SI unit of whatever dimension it has; 0 for none."""
    for dimension in DIMENSIONS:
        try:
            return parse(text, dimension)
        except AccelsimError:
            continue
    try:
        return float(text)
    except ValueError:
        return 0.0


@lru_cache
def _spreads() -> dict[str, float]:
    tree = read_yaml(data_folder("hwconfigs") / "energy" / "sources" / "spread.yaml")
    return {grade: float(tree[grade]) for grade in ("published", "derived", "estimated")}
