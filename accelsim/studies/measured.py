"""Published measurements: one CSV file per family in hwconfigs/measured, each row calibration or validation, never both.

Columns: ``chip`` (and ``overrides``, separated by ;) as what it is predicted, ``model`` (a name, or a file in the folder of models), ``input``
(height and width, empty: the network's own), ``precision``, ``batch``, ``layers`` (their names, separated by ;, empty: all), ``metric``, ``value``,
``unit``, ``split``, ``grade``, ``source``, ``conditions``, and in files that need it ``units``: copies of the network that ran at once, separated by ;,
each its units joined by + and its batch (``gpu,64; dla0,1; dla1,1``); the figure is that of all together.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.paths import data_folder
from accelsim.base.provenance import GRADES
from accelsim.base.quantities import parse

COLUMNS = ("chip", "overrides", "model", "input", "precision", "batch", "layers", "metric", "value", "unit", "split", "grade", "source", "conditions")
SHARES = "units"
SPLITS = ("calibration", "validation")
# Each metric's dimension; throughput is a plain number per second.
METRICS = {"latency": "time [s]", "processing_latency": "time [s]", "energy": "energy [J]", "throughput": ""}


@dataclass(frozen=True, slots=True)
class Measurement:
    """One published figure.

    Attributes
    ----------
    value : float
        In SI units.
    place : str
        File and line, for messages.
    shares : tuple of (tuple of str, int)
        Units and batch of each copy that ran at once; empty: one, on all units.
    """

    chip: str
    overrides: tuple[str, ...]
    model: str
    input: int | None
    precision: str
    batch: int
    layers: tuple[str, ...]
    metric: str
    value: float
    split: str
    grade: str
    source: str
    conditions: str
    place: str
    shares: tuple[tuple[tuple[str, ...], int], ...] = ()

    @property
    def what(self) -> tuple:
        """What was measured, whoever did: the same in calibration and validation would be a leak."""
        return self.chip, self.overrides, self.model, self.input, self.precision, self.batch, self.layers, self.metric, self.value, self.shares


def measurement_files() -> tuple[Path, ...]:
    """Return the shipped files of measurements."""
    return tuple(sorted((data_folder("hwconfigs") / "measured").glob("*.csv")))


def load_measurements(paths: Iterable[str | Path] = ()) -> tuple[Measurement, ...]:
    """Return the rows of some files, by default of all shipped ones.

    Raises
    ------
    AccelsimError
        A wrong column or value, or a row that is calibration and validation at once.
    """
    rows = [row for path in tuple(paths) or measurement_files() for row in _rows(Path(path))]
    seen: dict[tuple, Measurement] = {}
    for row in rows:
        other = seen.setdefault(row.what, row)
        if other.split != row.split:
            raise AccelsimError(row.place, f"is {row.split}, and the same figure is {other.split} in {other.place}", "a figure is one or the other")
    return tuple(rows)


def _rows(path: Path) -> list[Measurement]:
    if not path.is_file():
        raise AccelsimError(str(path), "no such file of measurements")
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) not in (COLUMNS, (*COLUMNS, SHARES)):
            raise AccelsimError(f"{path}: line 1", "has other columns than a file of measurements", ",".join(COLUMNS))
        return [_row(raw, f"{path}: line {number}") for number, raw in enumerate(reader, 2)]


def _row(raw: dict[str, str], place: str) -> Measurement:
    for column, allowed in (("metric", METRICS), ("split", SPLITS), ("grade", GRADES), ("precision", ("int8", "float32"))):
        if raw[column] not in allowed:
            raise not_one_of(f"{place}: {column}", raw[column], allowed)
    if raw["split"] == "validation" and raw["grade"] == "estimated":
        raise AccelsimError(place, "validates with an estimated figure", "recalled figures may calibrate, not validate")
    if not raw["source"]:
        raise AccelsimError(f"{place}: source", "is empty")
    dimension = METRICS[raw["metric"]]
    try:
        value = parse(f"{raw['value']} {raw['unit']}", dimension, f"{place}: value") if dimension else float(raw["value"])
        batch, size = int(raw["batch"]), int(raw["input"]) if raw["input"] else None
        shares = tuple(_share(part) for part in (raw.get(SHARES) or "").split(";") if part.strip())
    except ValueError as error:
        raise AccelsimError(place, f"{error}") from error
    parts = lambda text: tuple(part.strip() for part in text.split(";") if part.strip())  # noqa: E731 of one column
    return Measurement(
        raw["chip"], parts(raw["overrides"]), raw["model"], size, raw["precision"], batch, parts(raw["layers"]), raw["metric"], value, raw["split"],
        raw["grade"], raw["source"], raw["conditions"], place, shares,
    )  # fmt: skip


def _share(text: str) -> tuple[tuple[str, ...], int]:
    units, _, batch = text.strip().partition(",")
    if not batch.isdecimal() or not int(batch) or not all(units.split("+")):
        raise ValueError(f"units '{text.strip()}' is not UNIT[+UNIT...],BATCH")
    return tuple(units.split("+")), int(batch)
