"""Chips against networks in one table: latency, energy, power, traffic, area, accuracy, grades."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.graph.graph import Graph
from accelsim.hardware.chip import Chip
from accelsim.importers import load_graph
from accelsim.kernels import span_loop
from accelsim.pipeline import Options, load_chip, run
from accelsim.results.summary import COLUMNS, FIGURES, failed, summary
from accelsim.studies._parallel import each
from accelsim.studies._pareto import PARETO_COLUMNS, front
from accelsim.studies._tables import html, write_rows

Progress = Callable[[str, int, int], None]
KEPT_GRAPHS = 2


@dataclass(frozen=True, eq=False)
class Comparison:
    """What every chip makes of every network.

    Attributes
    ----------
    rows : tuple of dict
        One per chip and network, keys as in ``results.summary.COLUMNS``; a network that a chip cannot take has the reason
        in ``failure``.
    baseline : str
        The chip to which ``ratios`` refers.
    """

    rows: tuple[dict, ...]
    baseline: str

    @property
    def table(self):
        """All rows as a pandas DataFrame."""
        import pandas

        return pandas.DataFrame(list(self.rows), columns=list(COLUMNS))

    def ratio_rows(self) -> list[dict]:
        """Return row by row the figures over those of the baseline chip on the same network; None where one is not known."""
        base = {row["model"]: row for row in self.rows if row["chip"] == self.baseline}
        return [_ratio(row, base[row["model"]]) for row in self.rows]

    @property
    def ratios(self):
        """``ratio_rows`` as a DataFrame."""
        import pandas

        return pandas.DataFrame(self.ratio_rows())

    def pareto_rows(self, columns: Sequence[str] = PARETO_COLUMNS) -> list[dict]:
        """Return, network by network, the rows that no other chip equals in every column and beats in one.

        Raises
        ------
        AccelsimError
            A column that has no better and worse.
        """
        return front(self.rows, columns)

    def pareto(self, columns: Sequence[str] = PARETO_COLUMNS):
        """``pareto_rows`` as a DataFrame."""
        import pandas

        return pandas.DataFrame(self.pareto_rows(columns), columns=list(COLUMNS))

    def write(self, path: str | Path) -> None:
        """Write the rows as ``.csv``, ``.json`` or ``.parquet``, by the ending."""
        write_rows(self.rows, path)

    def _repr_html_(self) -> str:
        return html(self.table)


def compare(
    chips: Sequence[Chip | str],
    models: Sequence[Graph | str],
    *,
    execute: bool = False,
    data: str | None = None,
    baseline: str | None = None,
    workers: int | None = None,
    on_progress: Progress | None = None,
) -> Comparison:
    """Run every network on every chip and return one table.

    Parameters
    ----------
    chips, models
        Names, paths, or what they load to.
    execute : bool
        Run the real arithmetic too, so that savings from zeros count.
    data : str, optional
        A data set with labels: the accuracy of each pair (this runs the arithmetic).
    baseline : str, optional
        The chip for ratios; by default the first.
    workers : int, optional
        Processes; by default one a core.
    on_progress : callable, optional
        Called with (what, done, total).

    Raises
    ------
    AccelsimError
        No chip, no network, a chip file that is wrong, or a baseline that is not compared. A network that a chip cannot
        take is a row that says so.
    """
    if not chips or not models:
        raise AccelsimError("compare", "needs at least one chip and one network")
    names = [_chip_name(chip) for chip in chips]
    for kind, every in (("chip", names), ("model", [_model_name(model) for model in models])):
        if doubled := [name for name in every if every.count(name) > 1]:
            raise AccelsimError("compare", f"{kind} '{doubled[0]}' is given twice")
    chosen = baseline if baseline is not None else names[0]
    if chosen not in names:
        raise not_one_of("baseline", chosen, names)
    options = Options(execute=execute or data is not None, data=data)
    pairs = [(i * len(chips) + j, chip, model, options) for i, model in enumerate(models) for j, chip in enumerate(chips)]
    rows: list[dict] = [{}] * len(pairs)
    for done, (index, row) in enumerate(each(_pair, pairs, workers), 1):
        rows[index] = row
        if on_progress is not None:
            on_progress(f"{row['model']} on {row['chip']}", done, len(pairs))
    return Comparison(tuple(rows), chosen)


def _pair(index: int, chip: Chip | str, model: Graph | str, options: Options) -> tuple[int, dict]:
    try:
        described = load_chip(chip) if isinstance(chip, str) else chip
        graph = _graph(model) if isinstance(model, str) else model
        return index, summary(run(described, graph, options=options), span_loop.spread)
    except AccelsimError as error:
        return index, failed(_chip_name(chip), _model_name(model), str(error))


@lru_cache(maxsize=KEPT_GRAPHS)
def _graph(name: str) -> Graph:
    return load_graph(name)


def _chip_name(chip: Chip | str) -> str:
    return load_chip(chip).name if isinstance(chip, str) else chip.name


def _model_name(model: Graph | str) -> str:
    if not isinstance(model, str):
        return model.name
    return Path(model).stem if Path(model).suffix else model


def _ratio(row: dict, base: dict) -> dict:
    ratios = {name: row[name] / base[name] if row[name] is not None and base[name] else None for name in FIGURES}
    return {"chip": row["chip"], "model": row["model"], **ratios}


