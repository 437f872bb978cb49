"""Fit a few declared figures of a chip to its calibration rows, and write them as a new chip file that says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.base.files import write_whole
from accelsim.hardware.chip_files import load_chip_file
from accelsim.studies.measured import Measurement, load_measurements
from accelsim.studies.validate import predict

ROUNDS, LARGEST_STEP, SMALLEST_STEP = 40, 2.0, 0.01
DIMENSIONS = {
    "bandwidth": "B/s", "clock": "Hz", "launch_time": "s", "issue_time": "s", "memory_latency": "s", "read_latency": "s", "write_latency": "s", "static_power": "W",
    "clock_energy": "J", "active_energy": "J", "read_energy": "J/B", "write_energy": "J/B",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Calibration:
    """Fitted figures.

    Attributes
    ----------
    values : dict of str to float
        Path and value in SI units.
    rows : tuple of Measurement
        The calibration rows that were used.
    before, after : float
        Root mean square of the logarithms of predicted over published.
    """

    chip: str
    values: dict[str, float]
    rows: tuple[Measurement, ...]
    before: float
    after: float


def calibrate(
    chip: str, paths: Sequence[str], *, files: Sequence[str | Path] = (), models: str | Path | None = None, metrics: Sequence[str] = ()
) -> Calibration:
    """Return the values of some figures of a chip with which its calibration rows are predicted best.

    The figures are scaled one after another by steps that halve (a pattern search in logarithms). Counts stay whole,
    shares at most 1. Validation rows are not looked at.

    Parameters
    ----------
    chip : str
        A measured chip, or ``measured=own``: figures of an own file are fitted to the rows of the measured chip.
    paths : sequence of str
        Such as ``units.gpu.kernel_efficiency`` or ``start.warm_cycles``: figures with a physical meaning.
    metrics : sequence of str, optional
        Only rows of these.

    Raises
    ------
    AccelsimError
        No calibration row, fewer rows than figures, a path that is no figure, or a row that the chip cannot predict.
    """
    measured, _, own = chip.partition("=")
    chip = own or measured
    rows = tuple(row for row in load_measurements(files) if row.chip == measured and row.split == "calibration" and (not metrics or row.metric in metrics))
    if not rows:
        raise AccelsimError("calibrate", f"no calibration row is of '{measured}'")
    if not paths or len(paths) > len(rows):
        raise AccelsimError("calibrate", f"{len(rows)} calibration rows of '{measured}' carry at most {len(rows)} figures, not {len(paths)}")
    folder = str(models) if models else None
    start = {path: _figure(chip, path) for path in paths}
    shares = {path for path, value in start.items() if isinstance(value, float) and value <= 1 and path.rpartition(".")[2].endswith("efficiency")}

    def misfit(logs: np.ndarray) -> float:
        values = _values(start, logs, shares)
        overrides = [f"{path}={_text(path, value)}" for path, value in values.items()]
        errors = [np.log(predict(row, chip, overrides, folder) / row.value) for row in rows]
        return float(np.sqrt(np.mean(np.square(errors))))

    logs, before = np.zeros(len(paths)), misfit(np.zeros(len(paths)))
    best, step = before, LARGEST_STEP
    for _ in range(ROUNDS):
        trials = [logs + sign * step * np.eye(len(paths))[axis] for axis in range(len(paths)) for sign in (1, -1)]
        found = [misfit(trial) for trial in trials]
        if min(found) < best:
            logs, best = trials[int(np.argmin(found))], min(found)
        else:
            step /= 2
        if step < SMALLEST_STEP:
            break
    return Calibration(chip, _values(start, logs, shares), rows, before, best)


def _figure(chip: str, path: str) -> float | int:
    node: object = load_chip_file(chip).file
    for part in path.split("."):
        node = node.get(part) if isinstance(node, dict) else getattr(node, part, None)
    if isinstance(node, bool) or not isinstance(node, int | float) or not node:
        raise AccelsimError(f"calibrate {chip}", f"'{path}' is no figure that can be scaled")
    return node


def _values(start: dict[str, float | int], logs: np.ndarray, shares: set[str]) -> dict[str, float | int]:
    scaled = {path: value * float(np.exp(log)) for (path, value), log in zip(start.items(), logs, strict=True)}
    return {path: round(value) if isinstance(start[path], int) else min(value, 1.0) if path in shares else value for path, value in scaled.items()}


def _text(path: str, value: float | int) -> str:
    unit = DIMENSIONS.get(path.rpartition(".")[2], "")
    return f"{value:.6g} {unit}".strip() if isinstance(value, float) else str(value)


def write_calibrated(found: Calibration, path: str | Path) -> None:
    """Write a chip file that extends the calibrated chip by the fitted figures, each with where it comes from."""
    import yaml

    from accelsim import __version__

    told = "; ".join(f"{row.model.rpartition('/')[2]} {row.metric} ({row.place.rpartition('/')[2]})" for row in found.rows)
    source = f"accelsim {__version__} calibrate: {len(found.values)} figures fitted to {len(found.rows)} calibration rows: {told}"
    note = f"rms of ln(predicted / published) {found.before:.3f} before, {found.after:.3f} after"
    base = load_chip_file(found.chip).file
    tree: dict = {"extends": found.chip, "title": f"{base.title}, calibrated", "fidelity": base.fidelity, "sources": {"calibration": source}}
    for dotted, value in found.values.items():
        node = tree
        *parents, last = dotted.split(".")
        for parent in parents:
            node = node.setdefault(parent, {})
        text = _text(dotted, value)
        node[last] = {"value": text if DIMENSIONS.get(last) else value, "source": "calibration", "grade": "estimated", "note": note}
    write_whole(path, yaml.safe_dump(tree, sort_keys=False, width=150))
