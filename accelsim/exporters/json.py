"""The documented JSON structure of a Result."""

import json
from pathlib import Path

from accelsim.base.files import write_whole
from accelsim.results.result import Result


def write(result: Result, path: str | Path) -> None:
    """Write ``Result.to_dict`` as JSON; keys and formulas in ``docs/json.md``."""
    write_whole(path, json.dumps(result.to_dict(), indent=1, allow_nan=False) + "\n")
