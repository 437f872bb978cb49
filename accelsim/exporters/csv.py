"""The layer table as CSV."""

import csv
import io
from dataclasses import asdict, fields
from pathlib import Path

from accelsim.base.files import write_whole
from accelsim.results.layer_table import LayerResult
from accelsim.results.result import Result


def write(result: Result, path: str | Path) -> None:
    """Write one row per layer; columns are the fields of ``LayerResult``."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [f.name for f in fields(LayerResult)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in result.layer_rows)
    write_whole(path, text.getvalue())
