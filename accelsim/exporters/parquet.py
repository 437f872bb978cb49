"""The layer table, or any rows, as Parquet."""

import io
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from accelsim.base.errors import UnsupportedError
from accelsim.base.files import write_whole
from accelsim.results.result import Result


def write(result: Result, path: str | Path) -> None:
    """Write one row per layer; columns are the fields of ``LayerResult``.

    Raises
    ------
    UnsupportedError
        pyarrow is not installed.
    """
    write_table([asdict(row) for row in result.layer_rows], path)


def write_table(rows: Sequence[dict], path: str | Path) -> None:
    """Write rows of equal keys; raises likewise."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UnsupportedError(str(path), "Parquet needs pyarrow, which is not installed", "pip install pyarrow, or write .csv") from error
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), buffer)
    write_whole(path, buffer.getvalue())
