"""What a use of the device did on its bus: run-length register accesses, one row per vector."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Match
from accelsim.hardware.neuromem import ACCESS_CODE, ACCESSES, MANUAL_CYCLES, AccessCycles, Run, cycles_of_rows


@dataclass(frozen=True, eq=False, slots=True)
class Accesses:
    """Runs of equal register accesses, in order.

    Attributes
    ----------
    codes : ndarray, shape (operations, runs), uint8
        Index into ``accelsim.hardware.neuromem.ACCESSES``.
    counts : ndarray, shape (operations, runs), int32
        0 where an operation is shorter than the longest.
    """

    codes: np.ndarray
    counts: np.ndarray

    @property
    def operations(self) -> int:
        """Learned or recognised vectors."""
        return len(self.codes)

    def runs(self) -> tuple[Run, ...]:
        """Return (register, direction, count) of all operations one after another."""
        taken = self.counts > 0
        return tuple((*ACCESSES[code], int(count)) for code, count in zip(self.codes[taken], self.counts[taken], strict=True))

    def cycles(self, cycles: AccessCycles = MANUAL_CYCLES) -> np.ndarray:
        """Return the clock cycles of each operation, shape (operations,), int64."""
        return cycles_of_rows(self.codes, self.counts, cycles)

    def match(self, neurons: int) -> Match:
        """Return these accesses as work."""
        return Match(runs=self.runs(), neurons=neurons)


def from_columns(operations: int, columns: Sequence[tuple[np.ndarray | int, np.ndarray | int]]) -> Accesses:
    """Return the record whose run j is ``columns[j]``: (codes, counts), each one number or one per operation."""
    codes, counts = np.empty((operations, len(columns)), np.uint8), np.empty((operations, len(columns)), np.int32)
    for column, (code, count) in enumerate(columns):
        codes[:, column], counts[:, column] = code, count
    return Accesses(codes, counts)


def from_runs(runs: Sequence[Run]) -> Accesses:
    """Return one operation made of the given runs."""
    return from_columns(1, [(ACCESS_CODE[register, direction], count) for register, direction, count in runs])


def joined(records: Sequence[Accesses]) -> Accesses:
    """Return records one after another."""
    width = max((record.codes.shape[1] for record in records), default=0)

    def padded(array: np.ndarray) -> np.ndarray:
        return np.pad(array, ((0, 0), (0, width - array.shape[1])))

    if not records:
        return from_columns(0, [])
    return Accesses(np.concatenate([padded(r.codes) for r in records]), np.concatenate([padded(r.counts) for r in records]))
