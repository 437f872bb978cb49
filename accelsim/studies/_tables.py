"""Rows of figures as files and as tables of a notebook."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from accelsim.base.errors import UnsupportedError
from accelsim.base.files import write_whole

ENDINGS = (".csv", ".json", ".parquet")


def write_rows(rows: Sequence[dict], path: str | Path) -> None:
    """Write rows as CSV, JSON or Parquet, by the ending of the path.

    Raises
    ------
    AccelsimError
        The file cannot be written.
    UnsupportedError
        Another ending.
    """
    ending = Path(path).suffix.lower()
    if ending == ".csv":
        write_whole(path, as_csv(rows))
    elif ending == ".json":
        write_whole(path, json.dumps(list(rows), indent=1, allow_nan=False) + "\n")
    elif ending == ".parquet":
        from accelsim.exporters.parquet import write_table

        write_table(rows, path)
    else:
        raise UnsupportedError(str(path), f"tables that end in '{ending}' are not written", f"known: {', '.join(ENDINGS)}")


def as_csv(rows: Sequence[dict]) -> str:
    """Return rows as CSV; the first row's keys are the columns."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def html(table) -> str:
    """Return a DataFrame as a table of a notebook, figures to four digits, what is nowhere known left out."""
    shown = table.dropna(axis=1, how="all")
    return shown.to_html(index=False, border=0, na_rep="", float_format=lambda value: f"{value:.4g}")
