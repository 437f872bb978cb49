"""The finished points of a sweep in a file that survives a kill: SQLite, committed as the points come."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from accelsim.base.errors import AccelsimError

FORMAT = "accelsim sweep 1"
BUSY_S = 30


class Store:
    """Rows by the number of their point.

    Parameters
    ----------
    path : path
        Made where it does not exist.
    question : str
        Digest of all that the rows depend on: a file with another one is refused.

    Raises
    ------
    AccelsimError
        Not such a file, another question, or a folder that cannot be written.
    """

    def __init__(self, path: str | Path, question: str):
        self.path = str(path)
        try:
            self._base = sqlite3.connect(self.path, timeout=BUSY_S)
            with self._base:
                self._base.execute("CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
                self._base.execute("CREATE TABLE IF NOT EXISTS points (number INTEGER PRIMARY KEY, row TEXT NOT NULL)")
                self._base.executemany("INSERT OR IGNORE INTO about VALUES (?, ?)", [("format", FORMAT), ("question", question)])
            about = dict(self._base.execute("SELECT name, value FROM about"))
        except sqlite3.Error as error:
            raise AccelsimError(self.path, f"cannot be used to keep a sweep: {error}") from error
        if about["format"] != FORMAT:
            raise AccelsimError(self.path, f"holds '{about['format']}', not '{FORMAT}'", "give another file")
        if about["question"] != question:
            raise AccelsimError(self.path, "holds another sweep: other chips, networks, values or version", "give another file, or remove this one")

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *error: object) -> None:
        self._base.close()

    def done(self) -> set[int]:
        """Return the numbers of the finished points."""
        return {number for (number,) in self._base.execute("SELECT number FROM points")}

    def add(self, rows: Iterable[tuple[int, dict]]) -> None:
        """Keep some finished points; when this returns, a kill does not lose them.

        Raises
        ------
        AccelsimError
            The disk is full, or another program holds the file.
        """
        try:
            with self._base:
                self._base.executemany("INSERT OR IGNORE INTO points VALUES (?, ?)", [(number, json.dumps(row)) for number, row in rows])
        except sqlite3.Error as error:
            raise AccelsimError(self.path, f"cannot be written: {error}") from error

    def rows(self) -> tuple[dict, ...]:
        """Return all finished rows in the order of their points."""
        return tuple(json.loads(row) for (row,) in self._base.execute("SELECT row FROM points ORDER BY number"))
