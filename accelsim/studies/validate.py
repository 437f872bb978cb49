"""Predictions beside published measurements: how wrong the program is, device by device."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.graph import Graph
from accelsim.hardware.chip import Chip
from accelsim.hardware.chip_files import chip_names
from accelsim.importers import load_graph
from accelsim.importers.recipes import load_recipe, recipe_names
from accelsim.pipeline import Options, load_chip, run
from accelsim.results.result import Request, Result
from accelsim.studies._parallel import each
from accelsim.studies._tables import html, write_rows
from accelsim.studies.measured import Measurement, load_measurements
from accelsim.studies.together import Task, together

Progress = Callable[[str, int, int], None]
STEADY_FRAMES = 8
KEPT_GRAPHS = 8
CALIBRATED = "_calibrated"


@dataclass(frozen=True, eq=False)
class Validation:
    """Predictions and what was published.

    Attributes
    ----------
    rows : tuple of dict
        chip, model, metric, predicted, published, error (predicted over published, less 1), split, grade, source, conditions; rows that
        could not be predicted have the reason in ``failure`` and None for predicted and error. ``calibrated``: whether the chip is the
        file of fitted figures that is shipped beside the measured one.
    """

    rows: tuple[dict, ...]

    def devices(self, split: str = "validation") -> tuple[dict, ...]:
        """Return the statistics of each chip and metric and, last, of all together: as shipped, and with the calibrated files where there are some."""
        known = [row for row in self.rows if row["split"] == split and row["error"] is not None]
        groups: dict[tuple[str, str], list[dict]] = {}
        for row in known:
            groups.setdefault((row["chip"], row["metric"]), []).append(row)
        every = [{"chip": chip, "metric": metric} | statistics(rows) for (chip, metric), rows in groups.items()]
        fitted = {row["chip"].removesuffix(CALIBRATED) for row in known if row["calibrated"]}
        shipped = [row for row in known if not row["calibrated"]]
        best = [row for row in known if row["calibrated"] or row["chip"] not in fitted]
        together = (("all", shipped), ("all, calibrated", best)) if fitted else (("all", known),)
        return (*every, *({"chip": name, "metric": "all"} | statistics(rows) for name, rows in together if rows)) if known else ()

    def write(self, path: str | Path) -> None:
        """Write the rows as ``.csv``, ``.json`` or ``.parquet``, by the ending."""
        write_rows(self.rows, path)

    @property
    def table(self):
        """All rows as a pandas DataFrame."""
        import pandas

        return pandas.DataFrame(list(self.rows))

    def _repr_html_(self) -> str:
        return html(self.table)


def statistics(rows: Sequence[dict]) -> dict:
    """Return how wrong some rows are.

    ``median`` and ``mape`` are of absolute relative errors, ``worst`` is the error of largest size with its sign. ``leave_one_out`` is the mean
    absolute error of each row when predictions are scaled by the one factor that fits all other rows best (in logarithms): what is
    left when the level is right. ``rank`` is Spearman's correlation of predicted and published; both None for fewer than three rows.
    """
    errors = np.array([row["error"] for row in rows])
    predicted, published = (np.array([row[key] for row in rows]) for key in ("predicted", "published"))
    enough = len(rows) >= 3
    return {
        "n": len(rows),
        "median": float(np.median(np.abs(errors))),
        "mape": float(np.mean(np.abs(errors))),
        "worst": float(errors[np.abs(errors).argmax()]),
        "leave_one_out": _leave_one_out(predicted, published) if enough else None,
        "rank": _rank_correlation(predicted, published) if enough else None,
    }


def _leave_one_out(predicted: np.ndarray, published: np.ndarray) -> float:
    logs = np.log(published / predicted)
    others = (logs.sum() - logs) / (logs.size - 1)
    return float(np.mean(np.abs(np.exp(others) * predicted / published - 1)))


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> float | None:
    ranks = [_ranks(values) for values in (first, second)]
    if min(np.ptp(rank) for rank in ranks) == 0:
        return None
    return float(np.corrcoef(*ranks)[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks, equal values sharing their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse]


def validate(
    chips: Iterable[str] = (), *, files: Iterable[str | Path] = (), models: str | Path | None = None, workers: int | None = None, on_progress: Progress | None = None
) -> Validation:
    """Predict every published measurement.

    Parameters
    ----------
    chips : iterable of str, optional
        Only these; a chip file that extends a measured chip is named ``measured=own``: its rows are predicted by the own chip. Of a chip
        that is shipped with a calibrated file both are shown.
    files : iterable of path, optional
        Files of measurements; by default the shipped ones.
    models : path, optional
        Folder of the model files that rows name.
    workers : int, optional
        Processes; by default one a core.
    on_progress : callable, optional
        Called with (what, done, total).

    Raises
    ------
    AccelsimError
        A file of measurements that is wrong, or a chip of which nothing is measured.
    """
    stand_ins = dict(name.split("=", 1) if "=" in name else (name, name) for name in chips)
    rows = load_measurements(files)
    for name in stand_ins:
        if name not in {row.chip for row in rows}:
            raise AccelsimError("validate", f"nothing is measured of '{name}'", f"measured: {', '.join(sorted({row.chip for row in rows}))}")
    chosen = [row for row in rows if not stand_ins or row.chip in stand_ins]
    files_known = set(chip_names())
    pairs = [(row, stand_ins.get(row.chip, row.chip)) for row in chosen]
    pairs += [(row, name + CALIBRATED) for row, name in pairs if name == row.chip and name + CALIBRATED in files_known]
    pairs.sort(key=lambda pair: [row.chip for row in chosen].index(pair[0].chip))  # stable: a chip's rows as shipped, then calibrated
    inputs = [(i, row, chip, str(models) if models else None) for i, (row, chip) in enumerate(pairs)]
    found: list[dict] = [{}] * len(inputs)
    for done, (index, row) in enumerate(each(_predicted_row, inputs, workers), 1):
        found[index] = row
        if on_progress is not None:
            on_progress("predictions", done, len(inputs))
    return Validation(tuple(found))


def _predicted_row(index: int, row: Measurement, chip: str, models: str | None) -> tuple[int, dict]:
    predicted, failure = None, ""
    try:
        predicted = predict(row, chip, (), models)
    except AccelsimError as error:
        failure = str(error)
    error = predicted / row.value - 1 if predicted is not None else None
    return index, {
        "chip": chip, "overrides": "; ".join(row.overrides), "model": row.model, "input": row.input, "metric": row.metric, "layers": "; ".join(row.layers), "predicted": predicted,
        "published": row.value, "error": error, "split": row.split, "grade": row.grade, "source": row.source, "conditions": row.conditions, "failure": failure,
        "calibrated": chip == row.chip + CALIBRATED,
    }  # fmt: skip


def predict(row: Measurement, chip: str, overrides: Iterable[str] = (), models: str | None = None) -> float:
    """Return the prediction of a measurement in its SI unit.

    Raises
    ------
    AccelsimError
        A network that is not there or that the chip cannot take, a layer that the network does not have.
    """
    described = load_chip(chip, (*row.overrides, *overrides))
    if row.shares:
        return _together(row, described, models)
    frames = STEADY_FRAMES if row.metric == "throughput" else 1
    result = run(described, _graph(row.model, row.precision, row.input, models), Request(batch=row.batch, frames=frames), Options(execute=False))
    if row.metric == "processing_latency":
        return _processing(result, row)
    figures = {"latency": result.latency_s, "throughput": result.throughput_per_s, "energy": result.energy_j["total"] if result.energy_j else None}
    if figures[row.metric] is None:
        raise AccelsimError(row.place, f"'{chip}' gives no {row.metric}", result.why_no_energy or result.why_no_time)
    return figures[row.metric]


def _together(row: Measurement, chip: Chip, models: str | None) -> float:
    """Return the throughput of several copies of a network at once [1/s]."""
    if row.metric != "throughput":
        raise AccelsimError(row.place, f"asks for the {row.metric} of several copies at once", "their throughput is what adds up")
    graph = _graph(row.model, row.precision, row.input, models)
    found = together(chip, [Task(graph, units, batch) for units, batch in row.shares], STEADY_FRAMES)
    return sum(network.together.throughput_per_s for network in found.networks)


def _processing(result: Result, row: Measurement) -> float:
    """Return the time that a unit computes for some layers, all waits left out [s]."""
    layers = {layer.name: layer for layer in result.layer_rows}
    for name in row.layers:
        if name not in layers:
            raise AccelsimError(row.place, f"'{result.model}' has no layer '{name}'", f"it has {', '.join(layers)}")
    chosen = [layers[name] for name in row.layers or layers]
    return sum(layer.cycles / result.units[layer.unit]["clock_hz"] for layer in chosen)


@lru_cache(maxsize=KEPT_GRAPHS)
def _graph(model: str, precision: str, size: int | None, models: str | None) -> Graph:
    if model in recipe_names():
        return load_recipe(model, precision, input_size=size)
    if Path(model).suffix and not Path(model).is_file():
        path = Path(models or ".") / model
        if not path.is_file():
            raise AccelsimError(model, "is not among the model files", "--models names the folder in which it lies")
        return load_graph(str(path), precision)
    return load_graph(model, precision)
