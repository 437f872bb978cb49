"""Every network on every chip: one table that can be interrupted and gone on with."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from accelsim.base.errors import AccelsimError
from accelsim.graph.work import Contraction
from accelsim.hardware.chip import Chip
from accelsim.hardware.chip_files import chip_names
from accelsim.importers import load_graph, trained_names
from accelsim.importers.recipes import describe, recipe_names
from accelsim.kernels import span_loop
from accelsim.pipeline import Options, load_chip, run
from accelsim.results.summary import COLUMNS, failed, summary
from accelsim.studies._parallel import each
from accelsim.studies._tables import html, write_rows

Progress = Callable[[str, int, int], None]
KEPT_GRAPHS = 4
# A product as every network has it, to ask a unit for its types.
PROBE = {"out_h": 8, "out_w": 8, "in_h": 10, "in_w": 10, "filters": 16, "channels": 16, "filter_h": 3, "filter_w": 3}


@dataclass(frozen=True, eq=False)
class Matrix:
    """What every chip makes of every network.

    Attributes
    ----------
    rows : tuple of dict
        One per network and chip, keys as in ``results.summary.COLUMNS`` and "precision"; what a chip cannot run has the reason in
        ``failure``.
    resumed : int
        Rows that were taken from the store of an earlier run.
    """

    rows: tuple[dict, ...]
    resumed: int = 0

    @property
    def table(self):
        """All rows as a pandas DataFrame."""
        import pandas

        return pandas.DataFrame(list(self.rows), columns=["precision", *COLUMNS])

    def write(self, path: str | Path) -> None:
        """Write the rows as ``.csv``, ``.json`` or ``.parquet``, by the ending."""
        write_rows(self.rows, path)

    def _repr_html_(self) -> str:
        return html(self.table)


def default_models() -> tuple[str, ...]:
    """Return the networks known by name: the shipped int8 ones and all recipes that are no variants of others."""
    return (*(name for name in trained_names() if not name.endswith("float32")), *(name for name in recipe_names() if not describe(name).variant_of))


def matrix(
    chips: Sequence[str] = (), models: Sequence[str] = (), *, store: str | Path | None = None, workers: int | None = None, on_progress: Progress | None = None
) -> Matrix:
    """Run every network on every chip without arithmetic.

    Parameters
    ----------
    chips, models : sequence of str, optional
        Names or files; by default all shipped chips and ``default_models()``.
    store : path, optional
        Rows are appended here as they are done; a later run takes those that are still true from here.
    workers : int, optional
        Processes; by default one a core.
    on_progress : callable, optional
        Called with (what, done, total).

    Raises
    ------
    AccelsimError
        A chip file that is wrong, or a store that is none. A network that a chip cannot take is a row that says so.
    """
    chips, models = tuple(chips) or tuple(chip_names()), tuple(models) or default_models()
    described = {name: load_chip(name) for name in chips}
    marks = {(chip, model): _mark(described[chip], model) for model in models for chip in chips}
    known = _read(Path(store)) if store is not None else {}
    rows = {pair: known[mark] for pair, mark in marks.items() if mark in known}
    resumed, total = len(rows), len(marks)
    missing = [(chip, model) for model in models for chip in chips if (chip, model) not in rows]
    for done, (pair, row) in enumerate(each(_pair, missing, workers), resumed + 1):
        rows[pair] = row
        if store is not None:
            _append(Path(store), marks[pair], row)
        if on_progress is not None:
            on_progress("networks on chips", done, total)
    return Matrix(tuple(rows[pair] for pair in marks), resumed)


def precision_for(chip: Chip) -> str:
    """Return the precision in which a chip is given a recipe: int8 unless its strongest unit multiplies float only."""
    strongest = max(chip.units.values(), key=lambda unit: unit.peak_macs_per_cycle * (unit.clock or 1.0))

    def takes(kind: str) -> bool:
        return not strongest.declines(Contraction(**PROBE, input_type=kind, weight_type=kind, output_type=kind))

    return "float32" if not takes("int8") and takes("float32") else "int8"


def _pair(chip_name: str, model: str) -> tuple[tuple[str, str], dict]:
    chip = load_chip(chip_name)
    precision = precision_for(chip)
    try:
        row = summary(run(chip, _graph(model, precision), options=Options(execute=False)), span_loop.spread)
    except AccelsimError as error:
        row = failed(chip.name, Path(model).stem if Path(model).suffix else model, str(error))
    return (chip_name, model), {"precision": precision} | row


@lru_cache(maxsize=KEPT_GRAPHS)
def _graph(name: str, precision: str):
    return load_graph(name, precision) if name in recipe_names() else load_graph(name)


def _mark(chip: Chip, model: str) -> str:
    """Return what a row is true of: the chip's figures, the network and this version of the program."""
    from accelsim import __version__

    stamp = (Path(model).stat().st_mtime_ns, Path(model).stat().st_size) if Path(model).is_file() else ()
    return hashlib.sha256(f"{__version__}|{model}|{stamp}|{chip.file.model_dump_json()}".encode()).hexdigest()[:24]


def _read(path: Path) -> dict[str, dict]:
    if not path.is_file():
        return {}
    found = {}
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            found[entry["mark"]] = entry["row"]
        except (ValueError, TypeError, KeyError) as error:
            if number == len(lines):
                break  # the run was ended while it wrote its last line
            raise AccelsimError(f"{path}: line {number}", "is no row of a matrix", "name another file as store") from error
    return found


def _append(path: Path, mark: str, row: dict) -> None:
    with path.open("a") as file:
        file.write(json.dumps({"mark": mark, "row": row}) + "\n")
