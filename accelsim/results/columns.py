"""Terms of an energy as columns, to be added up at once; every sum is made in the order of the terms."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from accelsim.base.provenance import GRADES, worst
from accelsim.results.term import Term

GRADE_INDEX = {grade: index for index, grade in enumerate(GRADES)}
IGNORED = 0.05  # of an energy: what rests on it does not set the grade


@dataclass(frozen=True, eq=False, slots=True)
class Columns:
    """Terms as arrays.

    Attributes
    ----------
    components : tuple of str
        In the order of their first terms.
    component : ndarray, shape (terms,), int64
        Index into ``components``.
    write : ndarray, shape (terms,), bool
        Whether the action is "write".
    layer : ndarray, shape (terms,), int64
        -1 where a term belongs to no layer.
    joules : ndarray, shape (terms,), float64
    grade : ndarray, shape (terms,), int64
        Index into ``GRADES``.
    """

    components: tuple[str, ...]
    component: np.ndarray
    write: np.ndarray
    layer: np.ndarray
    joules: np.ndarray
    grade: np.ndarray

    @classmethod
    def of(cls, terms: Iterable[Term]) -> "Columns":
        """Return the columns of terms."""
        component, action, layer, _, joules, provenance = zip(*terms, strict=True) if terms else ((),) * 6
        names = {name: index for index, name in enumerate(dict.fromkeys(component))}
        grades = [GRADE_INDEX[one.grade] for one in provenance]
        return cls(tuple(names), np.array([names[name] for name in component], np.int64), np.array([one == "write" for one in action], bool), np.array(layer, np.int64), np.array(joules, float), np.array(grades, np.int64))

    def dynamic(self) -> "Columns":
        """Return the terms that cost something and are not static."""
        static = self.components.index("static") if "static" in self.components else -1
        kept = np.flatnonzero((self.joules != 0) & (self.component != static))
        used, first, index = np.unique(self.component[kept], return_index=True, return_inverse=True)
        order = np.argsort(first)
        place = np.empty(order.size, np.int64)
        place[order] = np.arange(order.size)
        names = tuple(self.components[i] for i in used[order].tolist())
        return Columns(names, place[index], self.write[kept], self.layer[kept], self.joules[kept], self.grade[kept])

    def total(self, first: int | None = None) -> float:
        """Return the sum of all terms, or of so many first ones [J]."""
        joules = self.joules[:first]
        return float(np.cumsum(joules)[-1]) if joules.size else 0.0

    def by_component(self) -> dict[str, float]:
        """Return the joules of each component [J]."""
        return dict(zip(self.components, np.bincount(self.component, self.joules).tolist(), strict=True))

    def by_layer(self, layers: int) -> np.ndarray:
        """Return the joules of each layer, shape (layers,) [J]."""
        return np.bincount(self.layer + 1, self.joules, layers + 1)[1:]

    def by_grade(self) -> dict[str, float]:
        """Return the joules that rest on figures of each grade [J]."""
        return dict(zip(GRADES, np.bincount(self.grade, self.joules, len(GRADES)).tolist(), strict=True))

    @property
    def worst_grade(self) -> str:
        """The worst grade among those that carry more than a twentieth of the energy."""
        total = self.total()
        return worst(name for name, joules in self.by_grade().items() if joules > IGNORED * total)

    @property
    def estimated_share(self) -> float:
        """The share of the energy that rests on estimated figures."""
        total = self.total()
        return self.by_grade()["estimated"] / total if total else 0.0
