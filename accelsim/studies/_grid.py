"""The points of a sweep: every combination of some overrides, or a list of them."""

import csv
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from accelsim.base.errors import AccelsimError

Overrides = tuple[tuple[str, str], ...]
TOP_LEVEL_COMMA = re.compile(r",(?![^\[{]*[\]}])")
MOST_POINTS = 10**6


def axes_of(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the values of each path from texts such as ``units.npu.rows=8,16,32``.

    Raises
    ------
    AccelsimError
        Not of this form, a path given twice, a value given twice.
    """
    axes: dict[str, tuple[str, ...]] = {}
    for text in texts:
        path, equals, values = (part.strip() for part in text.partition("="))
        found = tuple(value.strip() for value in TOP_LEVEL_COMMA.split(values))
        if not equals or not path or not all(found):
            raise AccelsimError(f"'{text}'", "is not path=value,value", "such as units.npu.clock=500MHz,1GHz")
        if path in axes:
            raise AccelsimError(f"'{text}'", f"'{path}' is given twice")
        if len(set(found)) < len(found):
            raise AccelsimError(f"'{text}'", "holds a value twice")
        axes[path] = found
    return axes


def grid(axes: Mapping[str, Sequence[object]]) -> list[Overrides]:
    """Return every combination, the last path changing fastest; one point without overrides for no axes.

    Raises
    ------
    AccelsimError
        More points than anybody waits for.
    """
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > MOST_POINTS:
        raise AccelsimError("sweep", f"{count} points are more than {MOST_POINTS}", "fewer values, or a list of points")
    return [tuple(zip(axes, map(str, values), strict=True)) for values in itertools.product(*axes.values())]


def read_points(path: str | Path) -> list[Overrides]:
    """Return the points of a CSV file: the header names the paths, each row is a point; an empty cell changes nothing.

    Raises
    ------
    AccelsimError
        Not readable, no header, or a row of another length.
    """
    try:
        rows = [row for row in csv.reader(Path(path).read_text(encoding="utf-8-sig").splitlines()) if row]
    except OSError as error:
        raise AccelsimError(str(path), error.strerror or "cannot be read") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise AccelsimError(str(path), "is not CSV text") from error
    if len(rows) < 2:
        raise AccelsimError(str(path), "holds no points", "a header of paths such as units.npu.rows, then a row a point")
    paths = [name.strip() for name in rows[0]]
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(paths):
            raise AccelsimError(f"{path}: line {number}", f"has {len(row)} cells, the header {len(paths)}")
    return [tuple((name, cell.strip()) for name, cell in zip(paths, row, strict=True) if cell.strip()) for row in rows[1:]]
