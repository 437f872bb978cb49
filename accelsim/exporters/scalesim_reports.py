"""SCALE-Sim's report files in a folder, to be laid beside SCALE-Sim's own.

COMPUTE_REPORT.csv, BANDWIDTH_REPORT.csv and DETAILED_ACCESS_REPORT.csv have the columns of SCALE-Sim v3 whose meaning is the
same here; words are bytes, as SCALE-Sim counts them. Columns that this simulation does not know are left out, and
LEFT_OUT.txt names each with the reason. Partial sums stay in accumulators here, while SCALE-Sim writes those of every fold
to its OFMAP SRAM.
"""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from accelsim.base.errors import AccelsimError
from accelsim.base.files import write_whole
from accelsim.mapping.choice import Choice
from accelsim.results.layer_table import LayerResult
from accelsim.results.result import Result

COMPUTE = ("LayerID", "Total Cycles", "Stall Cycles", "Overall Util %")
BANDWIDTH = ("LayerID", "Avg IFMAP SRAM BW", "Avg FILTER SRAM BW", "Avg OFMAP SRAM BW")
ACCESS = ("LayerID", "SRAM IFMAP Reads", "SRAM Filter Reads", "SRAM OFMAP Writes", "DRAM IFMAP Reads", "DRAM Filter Reads", "DRAM OFMAP Writes")
PARTIAL_SUMS = "partial sums stay in accumulators and are not counted; SCALE-Sim counts those of every fold"
LEFT_OUT = {
    "COMPUTE_REPORT.csv": {
        "Total Cycles (incl. prefetch)": "constants move ahead across layers here, so no layer has a prefetch of its own",
        "Mapping Efficiency %, Compute Util %": "the share of PEs that each fold uses is not kept",
    },
    "BANDWIDTH_REPORT.csv": {
        "Avg IFMAP DRAM BW, Avg FILTER DRAM BW, Avg OFMAP DRAM BW": "SCALE-Sim averages each over a window of its own; see DRAM reads and writes over Total Cycles instead",
    },
    "DETAILED_ACCESS_REPORT.csv": {"Start Cycle, Stop Cycle (all)": "the trace does not tell apart the streams of one memory"},
}


def write(result: Result, path: str | Path) -> None:
    """Write the reports of the layers that multiply, numbered in their order, into a folder, which is made if it is not there.

    Total Cycles is, as SCALE-Sim prints it, the number of the last cycle: one less than the cycles that pass.

    Raises
    ------
    AccelsimError
        The folder cannot be made or written.
    """
    folder = Path(path)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise AccelsimError(str(path), f"cannot be made a folder: {error.strerror}") from error
    pairs = [(row, choice) for row, choice in zip(result.layer_rows, result.mapping.choices, strict=True) if row.macs]
    peaks = {name: unit.peak_macs_per_cycle for name, unit in result.mapping.chip.units.items()}
    memories = {name: memory.kind == "scratchpad" for name, memory in result.mapping.chip.memories.items() if memory.kind != "cache"}
    moved = [_moved(choice, memories) for _, choice in pairs]
    write_whole(folder / "COMPUTE_REPORT.csv", _csv(COMPUTE, (_compute(row, peaks[row.unit]) for row, _ in pairs)))
    rates = ([bytes_ / max(1, _total(row)) for bytes_ in one[:3]] for (row, _), one in zip(pairs, moved, strict=True))
    write_whole(folder / "BANDWIDTH_REPORT.csv", _csv(BANDWIDTH, rates))
    write_whole(folder / "DETAILED_ACCESS_REPORT.csv", _csv(ACCESS, moved))
    lines = [f"OFMAP writes: {PARTIAL_SUMS}"]
    lines += [f"{file}: {column}: {why}" for file, columns in LEFT_OUT.items() for column, why in columns.items()]
    write_whole(folder / "LEFT_OUT.txt", "\n".join(lines) + "\n")


def _total(row: LayerResult) -> int:
    return row.cycles + row.stall_cycles - 1


def _compute(row: LayerResult, peak: float) -> list[object]:
    return [_total(row), row.stall_cycles, 100 * row.macs / (max(1, _total(row)) * peak)]


def _moved(choice: Choice, memories: dict[str, bool]) -> list[int]:
    """Return bytes of inputs, constants and outputs at scratchpads, then at other memories; caches, which hold copies, are left out."""
    columns = {(True, "input"): 0, (True, "constant"): 1, (True, "output"): 2, (False, "input"): 3, (False, "constant"): 4, (False, "output"): 5}
    found = [0] * len(columns)
    for stream in choice.streams:
        for hop, amount in zip(stream.hops, stream.amounts, strict=True):
            if hop.place in memories and hop.write == (stream.role == "output"):
                found[columns[memories[hop.place], stream.role]] += amount
    return found


def _csv(columns: tuple[str, ...], rows: Iterable[list]) -> str:
    """Return a report as SCALE-Sim writes it: a comma and a space between cells, a comma behind the last."""
    text = io.StringIO()
    text.write(", ".join(columns) + ",\n")
    writer = csv.writer(text, lineterminator=",\n")
    for index, row in enumerate(rows):
        writer.writerow([index, *row])
    return text.getvalue()
