"""Clock cycles and host-link bytes of an RBF classifier chip (NeuroMem), register access by register access.

An access is a pair (register, "read" or "write"). Where the manual gives one register several costs, the case that
decides stands behind a colon: ``"CAT:identified"``. Whoever uses the device records the case; what it costs is said here.

References
----------
NM: NM500 User's Manual v1.6.3 (2019), p. 6 register map, p. 11 cycles, p. 27 composite operations and clocks.
CM: CM1K Hardware User's Manual, p. 24, 46-47 cycles and waveforms.
NS: NeuroShield User's Guide v1.0.5 (2018), p. 16-17 SPI frames.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

REGISTERS = (
    "NCR", "COMP", "LCOMP", "INDEXCOMP", "DIST", "CAT", "AIF", "MINIF", "MAXIF", "TESTCOMP", "TESTCAT", "NID", "GCR", "RESETCHAIN", "NSR", "POWERSAVE",
    "FORGET", "NCOUNT",
)  # fmt: skip
SPECIAL_CASES = (
    ("LCOMP:empty", "write"),
    ("DIST:none", "read"),
    ("CAT:identified", "read"),
    ("CAT:identified_same", "write"),
    ("CAT:identified_other", "write"),
    ("DIST:save_restore", "read"),
    ("CAT:save_restore", "read"),
    ("CAT:save_restore", "write"),
)
ACCESSES = tuple((register, direction) for register in REGISTERS for direction in ("read", "write")) + SPECIAL_CASES
ACCESS_CODE = {access: code for code, access in enumerate(ACCESSES)}
"""Every access by the small integer under which records keep it."""

Run = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class AccessCycles:
    """Clock cycles of the accesses that do not take one cycle; all others do (NM p. 11, CM p. 24).

    Attributes
    ----------
    last_component, last_component_empty : int
        Write LCOMP; with no committed neuron.
    distance : int
        Read DIST: a race over 16 bits and two cycles.
    category, category_identified : int
        Read CAT; when the vector is identified.
    learn, learn_identified : int
        Write CAT; when the vector is identified.
    distance_of_none : "one_cycle" or "full_race"
        Read DIST when no neuron is left. The table says 18, the text that a neuron which does not recognise finishes in one
        cycle; the text is followed (estimated).
    fast_learning : "same_category" or "any_identified"
        Whether "1 if identified" of Write CAT also holds for another category than the identified one, which must run the
        race for the closest neuron; taken not to (estimated).
    """

    last_component: int = 3
    last_component_empty: int = 1
    distance: int = 18
    category: int = 19
    category_identified: int = 3
    learn: int = 19
    learn_identified: int = 1
    distance_of_none: Literal["one_cycle", "full_race"] = "one_cycle"
    fast_learning: Literal["same_category", "any_identified"] = "same_category"

    def table(self) -> np.ndarray:
        """Return the cycles of each of ``ACCESSES``, int64."""
        slow = {
            ("LCOMP", "write"): self.last_component,
            ("LCOMP:empty", "write"): self.last_component_empty,
            ("DIST", "read"): self.distance,
            ("DIST:none", "read"): 1 if self.distance_of_none == "one_cycle" else self.distance,
            ("CAT", "read"): self.category,
            ("CAT:identified", "read"): self.category_identified,
            ("CAT", "write"): self.learn,
            ("CAT:identified_same", "write"): self.learn_identified,
            ("CAT:identified_other", "write"): self.learn if self.fast_learning == "same_category" else self.learn_identified,
        }
        return np.array([slow.get(access, 1) for access in ACCESSES], np.int64)


MANUAL_CYCLES = AccessCycles()


def cycles_of(runs: Iterable[Run], cycles: AccessCycles = MANUAL_CYCLES) -> int:
    """Return the clock cycles of run-length register accesses (register, direction, count)."""
    table = cycles.table()
    return int(sum(table[ACCESS_CODE[register, direction]] * count for register, direction, count in runs))


def cycles_of_rows(codes: np.ndarray, counts: np.ndarray, cycles: AccessCycles = MANUAL_CYCLES) -> np.ndarray:
    """Return the clock cycles of each row of run-length accesses.

    Parameters
    ----------
    codes : ndarray, shape (operations, runs)
        Indices into ``ACCESSES``.
    counts : ndarray, shape (operations, runs)

    Returns
    -------
    ndarray, shape (operations,), int64
    """
    return (cycles.table()[codes] * counts).sum(axis=1)


def learn_cycles(length: int) -> int:
    """Return the printed cycles of learning one vector, L + 3 + 18 (NM p. 27); equal to the access table's."""
    return length + 3 + 18


def status_cycles(length: int) -> int:
    """Return the printed cycles of recognising up to the status, L + 3 + 1 (NM p. 27): one more than the access table's."""
    return length + 3 + 1


def nearest_cycles(length: int, k: int = 1) -> int:
    """Return the printed cycles of reading the K closest neurons, L + 3 + 37 K (NM p. 27): one more than the access table's."""
    return length + 3 + 37 * k


def transfer_cycles(neurons: int, components: int = 256) -> int:
    """Return the printed cycles of saving or restoring neurons, 4 + 260 N at 256 components (NM p. 27)."""
    return 4 + (components + 4) * neurons


def save_runs(neurons: int, components: int) -> tuple[Run, ...]:
    """Return the accesses that read all committed neurons out in save-and-restore mode (CM p. 26)."""
    return _transfer_runs(("NCOUNT", "read", 1), neurons, components, "read")


def restore_runs(neurons: int, components: int) -> tuple[Run, ...]:
    """Return the accesses that forget and then write neurons in save-and-restore mode (CM p. 27)."""
    return _transfer_runs(("FORGET", "write", 1), neurons, components, "write")


def _transfer_runs(first: Run, neurons: int, components: int, direction: str) -> tuple[Run, ...]:
    record = (
        ("NCR", direction, 1), ("COMP", direction, components), ("AIF", direction, 1), ("MINIF", direction, 1), ("CAT:save_restore", direction, 1),
    )  # fmt: skip
    return (first, ("NSR", "write", 1), ("RESETCHAIN", "write", 1)) + record * neurons + (("NSR", "write", 1),)


@dataclass(frozen=True, slots=True)
class LinkFrame:
    """The frame in which a board's bridge carries register accesses: header bytes, then 16-bit words (NS p. 16-17).

    Attributes
    ----------
    header : int
        Bytes before the data: 1 reserved, 4 address, 3 length [B].
    word : int
        Bytes of one register value [B].
    burst : tuple of str
        Registers whose runs of accesses go out in one frame.
    """

    header: int = 8
    word: int = 2
    burst: tuple[str, ...] = ("COMP",)


def link_bytes(runs: Iterable[Run], frame: LinkFrame = LinkFrame()) -> int:
    """Return the bytes on the host link of run-length register accesses [B]."""
    codes, counts = np.array([(ACCESS_CODE[register, direction], count) for register, direction, count in runs], np.int64).reshape(-1, 2).T
    return int(link_bytes_of_rows(codes[None], counts[None], frame)[0])


def link_bytes_of_rows(codes: np.ndarray, counts: np.ndarray, frame: LinkFrame = LinkFrame()) -> np.ndarray:
    """Return the bytes on the host link of each row of run-length accesses, as ``cycles_of_rows`` takes them [B], int64."""
    in_one_frame = np.array([register in frame.burst for register, _ in ACCESSES])[codes]
    frames = np.where(in_one_frame, counts > 0, counts)
    return (frame.header * frames + frame.word * counts.astype(np.int64)).sum(axis=1)
