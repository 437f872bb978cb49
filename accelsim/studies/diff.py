"""Where two results differ, layer by layer, and which layers explain it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from accelsim.base.quantities import show
from accelsim.results.layer_table import LayerResult
from accelsim.results.result import Result
from accelsim.results.summary import LESS_IS_BETTER, MORE_IS_BETTER, summary
from accelsim.studies._tables import html, write_rows
from accelsim.studies.given import result_of

MOST_OF_IT = 0.8
MEASURES = ("cycles", "seconds", "read_bytes", "write_bytes", "energy_j")


@dataclass(frozen=True, eq=False)
class Difference:
    """Two results side by side.

    Attributes
    ----------
    first, second : str
        "model on chip" of A and of B.
    measure : str
        "seconds", or "cycles" where one of them has no clock.
    totals : list of dict
        figure, a, b, difference, ratio.
    rows : list of dict
        One per layer of A or B, that with the largest difference in time first: ``cycles``, ``seconds``, ``read_bytes``,
        ``write_bytes``, ``energy_j`` of A and B (``_a``, ``_b``), what bounds them, and ``share_of_changes``: its difference in
        ``measure``, signed, over the sum of all layers' absolute differences, which cannot cancel. A layer that only one of them has (others are fused there) stands alone.
    """

    first: str
    second: str
    measure: str
    totals: list[dict]
    rows: list[dict]

    @property
    def table(self):
        """The layers as a pandas DataFrame."""
        import pandas

        return pandas.DataFrame(self.rows)

    def words(self) -> Iterable[str]:
        """Yield the difference in sentences."""
        changes = [row[f"{self.measure}_b"] - row[f"{self.measure}_a"] for row in self.rows]
        if not any(changes):
            yield "The layers take the same time."
            return
        longer, shorter = sum(c for c in changes if c > 0), -sum(c for c in changes if c < 0)
        both = f": {self._amount(longer)} more in {sum(c > 0 for c in changes)} and {self._amount(shorter)} less in {sum(c < 0 for c in changes)}" if longer and shorter else ""
        yield f"B's {len(changes)} layers take {self._amount(abs(longer - shorter))} {'more' if longer > shorter else 'less'}{both}."
        named, explained = [], 0.0
        for row, change in zip(self.rows, changes, strict=True):
            if explained >= MOST_OF_IT or not change:
                break
            named.append((row, change))
            explained += abs(row["share_of_changes"])
        names = ", ".join(f"{row['layer']} ({'+' if change > 0 else '-'}{self._amount(abs(change))})" for row, change in named[:6])
        more = f" and {len(named) - 6} more" if len(named) > 6 else ""
        yield f"{len(named)} of them explain {explained:.0%} of all changes: {names}{more}."
        moved = [row for row, _ in named if row["bound_by_a"] != row["bound_by_b"] and row["bound_by_a"] and row["bound_by_b"]]
        if moved:
            yield "What bounds them changes: " + ", ".join(f"{row['layer']} from {row['bound_by_a']} to {row['bound_by_b']}" for row in moved[:6]) + "."

    def _amount(self, change: float) -> str:
        return show(change, "s", 3) if self.measure == "seconds" else f"{change:,} cycles"

    def write(self, path: str | Path) -> None:
        """Write the layers as ``.csv``, ``.json`` or ``.parquet``, by the ending."""
        write_rows(self.rows, path)

    def _repr_html_(self) -> str:
        return html(self.table)


def diff(first: Result | str, second: Result | str) -> Difference:
    """Compare two results layer by layer; layers are paired by name.

    Parameters
    ----------
    first, second : Result or str
        A result, a saved one's path, or ``CHIP:MODEL``, which is run without arithmetic.

    Raises
    ------
    AccelsimError
        Neither a saved result nor CHIP:MODEL, or what loading and running them raises.
    """
    a, b = (given if isinstance(given, Result) else result_of(given) for given in (first, second))
    layers_a, layers_b = ({row.name: row for row in result.layer_rows} for result in (a, b))
    names = list(dict.fromkeys((*layers_a, *layers_b)))
    # Where one of them has no clock, cycles stand for time.
    measure = "seconds" if a.latency_s is not None and b.latency_s is not None else "cycles"
    rows = [_pair(name, layers_a.get(name), layers_b.get(name), measure) for name in names]
    changes = [row[f"{measure}_b"] - row[f"{measure}_a"] for row in rows]
    moved = sum(abs(change) for change in changes)
    for row, change in zip(rows, changes, strict=True):
        row["share_of_changes"] = change / moved if moved else 0.0
    order = sorted(range(len(rows)), key=lambda i: -abs(changes[i]))
    return Difference(_title(a), _title(b), measure, _totals(summary(a), summary(b)), [rows[i] for i in order])


def _title(result: Result) -> str:
    return f"{result.model} on {result.chip}"


def _totals(a: dict, b: dict) -> list[dict]:
    known = [name for name in (*LESS_IS_BETTER, *MORE_IS_BETTER) if a[name] is not None and b[name] is not None]
    return [{"figure": name, "a": a[name], "b": b[name], "difference": b[name] - a[name], "ratio": b[name] / a[name] if a[name] else None} for name in known]


def _pair(name: str, a: LayerResult | None, b: LayerResult | None, measure: str) -> dict:
    row: dict = {"layer": name}
    for key in MEASURES:
        for letter, layer in (("a", a), ("b", b)):
            row[f"{key}_{letter}"] = getattr(layer, key) if layer is not None else 0
    for word in ("unit", "bound_by"):
        for letter, layer in (("a", a), ("b", b)):
            row[f"{word}_{letter}"] = getattr(layer, word) if layer is not None else ""
    return row if measure == "seconds" else row | {"seconds_a": None, "seconds_b": None}
