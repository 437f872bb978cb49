"""Many variants of chips against networks: a grid or a list of overrides, kept in a file that survives a kill."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from accelsim import __version__
from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.freed_memory import keep_freed_memory
from accelsim.base.garbage import collected_later
from accelsim.importers import load_graph
from accelsim.kernels import span_loop
from accelsim.pipeline import Options, load_chip, run
from accelsim.results.summary import COLUMNS, FIGURES, failed, summary
from accelsim.studies._constraint import condition
from accelsim.studies._grid import Overrides, axes_of, grid, read_points
from accelsim.studies._parallel import cores, each
from accelsim.studies._pareto import PARETO_COLUMNS, front
from accelsim.studies._sensitivity import sensitivity_rows
from accelsim.studies._store import Store
from accelsim.studies._tables import html, write_rows

Progress = Callable[[str, int, int], None]
CHUNK = 8
KEPT_GRAPHS = 2
WARM_ONLY = Options(execute=False, cold=False)


@dataclass(frozen=True, eq=False)
class Sweep:
    """The points of a sweep.

    Attributes
    ----------
    rows : tuple of dict
        One per chip, network and point: the overrides by path, then the keys of ``results.summary.COLUMNS``.
    parameters : tuple of str
        The paths that were changed.
    """

    rows: tuple[dict, ...]
    parameters: tuple[str, ...]

    @property
    def table(self):
        """All rows as a pandas DataFrame."""
        import pandas

        return pandas.DataFrame(list(self.rows), columns=[*self.parameters, *COLUMNS])

    def where(self, text: str) -> "Sweep":
        """Return the points that satisfy a condition, such as ``latency_s < 0.01``; names are columns and overridden paths."""
        holds = condition(text, (*self.parameters, *COLUMNS))
        return Sweep(tuple(row for row in self.rows if holds(row)), self.parameters)

    def pareto(self, columns: Sequence[str] = PARETO_COLUMNS) -> "Sweep":
        """Return, network by network, the points that no other equals in every column and beats in one."""
        return Sweep(tuple(front(self.rows, columns)), self.parameters)

    def sensitivity_rows(self, figures: Sequence[str] = PARETO_COLUMNS) -> list[dict]:
        """Return how much of each figure's variation each parameter explains, the strongest first.

        Raises
        ------
        AccelsimError
            A column that is no figure.
        """
        for name in figures:
            if name not in FIGURES:
                raise not_one_of("sensitivity", name, FIGURES)
        return sensitivity_rows(self.rows, self.parameters, figures)

    def sensitivity(self, figures: Sequence[str] = PARETO_COLUMNS):
        """``sensitivity_rows`` as a DataFrame."""
        import pandas

        return pandas.DataFrame(self.sensitivity_rows(figures))

    def write(self, path: str | Path) -> None:
        """Write the rows as ``.csv``, ``.json`` or ``.parquet``, by the ending."""
        write_rows(self.rows, path)

    def _repr_html_(self) -> str:
        return html(self.table)


def sweep(
    chips: Sequence[str],
    models: Sequence[str],
    axes: Mapping[str, Sequence[object]] | Sequence[Overrides],
    *,
    store: str | Path | None = None,
    workers: int | None = None,
    on_progress: Progress | None = None,
) -> Sweep:
    """Simulate one warm inference, without arithmetic, at every point.

    Parameters
    ----------
    chips, models : sequence of str
        Names or paths.
    axes : mapping of path to values, or sequence of points
        A grid, ``{"units.npu.rows": [8, 16], "units.npu.clock": ["500 MHz", "1 GHz"]}``, or a list of points, each a
        tuple of (path, value).
    store : path, optional
        Keep the points in this file as they come; where it holds some of this sweep already, only the rest is done.
    workers : int, optional
        Processes; by default one a core.
    on_progress : callable, optional
        Called with (what, done, total).

    Raises
    ------
    AccelsimError
        No chip, no network, or a file that holds another sweep. A point that cannot be done is a row that says why.
    """
    if not chips or not models:
        raise AccelsimError("sweep", "needs at least one chip and one network")
    points = grid(axes) if isinstance(axes, Mapping) else list(axes)
    parameters = parameters_of(points)
    jobs = [(chip, model, point) for model in models for chip in chips for point in points]
    with Store(store if store is not None else ":memory:", _question(chips, models, points)) as kept:
        left = sorted(set(range(len(jobs))) - kept.done())
        workers = workers if workers is not None else cores()
        chunk = max(1, min(CHUNK, len(left) // max(1, workers)))
        chunks = [([(number, *jobs[number]) for number in left[i : i + chunk]],) for i in range(0, len(left), chunk)]
        done = len(jobs) - len(left)
        for rows in each(_points, chunks, workers):
            kept.add(rows)
            done += len(rows)
            if on_progress is not None:
                on_progress("points", done, len(jobs))
        return Sweep(kept.rows(), parameters)


def parameters_of(axes: Mapping[str, Sequence[object]] | Iterable[Overrides]) -> tuple[str, ...]:
    """Return the paths that a grid or points change."""
    return tuple(axes) if isinstance(axes, Mapping) else tuple(dict.fromkeys(path for point in axes for path, _ in point))


def points_of(axes: Iterable[str], points: str | Path | None = None) -> dict[str, tuple[str, ...]] | list[Overrides]:
    """Return what the command line gives: texts such as ``units.npu.rows=8,16``, or a CSV file of points.

    Raises
    ------
    AccelsimError
        Both, neither, or something wrong in them.
    """
    axes = list(axes)
    if bool(axes) == (points is not None):
        raise AccelsimError("sweep", "takes either --vary, several for a grid, or --points", "such as --vary units.npu.rows=8,16,32")
    return read_points(points) if points is not None else axes_of(axes)


def _question(chips: Sequence[str], models: Sequence[str], points: Sequence[Overrides]) -> str:
    """Return a digest of all that the rows depend on: version, columns, chip descriptions, model files, points."""
    described = [load_chip(chip).file.model_dump_json() for chip in chips]
    files = [hashlib.sha256(Path(model).read_bytes()).hexdigest() if Path(model).is_file() else model for model in models]
    return hashlib.sha256(json.dumps([__version__, list(COLUMNS), described, list(models), files, points]).encode()).hexdigest()


def _points(jobs: Sequence[tuple[int, str, str, Overrides]]) -> list[tuple[int, dict]]:
    keep_freed_memory()
    rows = []
    for number, chip, model, point in jobs:
        with collected_later():
            rows.append((number, dict(point) | _row(chip, model, point)))
    return rows


def _row(chip: str, model: str, point: Overrides) -> dict:
    try:
        described = load_chip(chip, [f"{path}={value}" for path, value in point])
        return summary(run(described, _graph(model), options=WARM_ONLY), span_loop.spread)
    except AccelsimError as error:
        return failed(Path(chip).stem, Path(model).stem, str(error))


@lru_cache(maxsize=KEPT_GRAPHS)
def _graph(name: str):
    return load_graph(name)
