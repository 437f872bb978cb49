"""A Result as one row: the figures by which chips are compared."""

from accelsim.base.errors import AccelsimError
from accelsim.hardware.area import estimate_area
from accelsim.hardware.chip import Chip
from accelsim.kernels import spans
from accelsim.results.power import WINDOWS, Spread, power_over_time
from accelsim.results.result import Result

# Each column and what it holds; units of the figures in [brackets].
COLUMNS = {
    "chip": "name of the chip",
    "model": "name of the network",
    "latency_s": "one warm inference alone [s]",
    "throughput_per_s": "inputs per second, back to back [1/s]",
    "cycles": "of one warm inference, in the clock of the unit that does most MACs",
    "energy_j": "of one warm inference [J]",
    "average_power_w": "energy over latency [W]",
    "peak_power_w": "highest mean power in 1/400 of the run [W]",
    "utilization": "MACs over the peak of the unit that does most of them",
    "macs": "algorithmic multiply-accumulates of one inference",
    "traffic_bytes": "read and written at all memories [B]",
    "off_chip_bytes": "read and written at memories that are neither scratchpads nor caches [B]",
    "sram_peak_bytes": "highest use of the scratchpads, added up [B]",
    "area_mm2": "as the chip file states it [mm2]",
    "area_estimate_mm2": "of units and scratchpads, as 'accelsim area' estimates it [mm2]",
    "accuracy": "share of the data's items that are classified right",
    "latency_grade": "worst grade of the figures behind the latency",
    "energy_grade": "worst grade of the figures behind the energy",
    "estimated_share": "share of the energy that rests on estimated figures",
    "fidelity": "of the chip file",
    "failure": "why there are no figures; empty where there are",
}
# Columns of which less is better, and more is better.
LESS_IS_BETTER = ("latency_s", "cycles", "energy_j", "average_power_w", "peak_power_w", "traffic_bytes", "off_chip_bytes", "sram_peak_bytes", "area_mm2", "area_estimate_mm2", "estimated_share")
MORE_IS_BETTER = ("throughput_per_s", "utilization", "accuracy")
FIGURES = (*LESS_IS_BETTER, *MORE_IS_BETTER, "macs")


def summary(result: Result, lay: Spread = spans.spread) -> dict:
    """Return the row of a Result, keys as in ``COLUMNS``; None where a figure is not known. ``lay`` is as in ``power_over_time``."""
    scratchpads = {name for name, memory in result.mapping.chip.memories.items() if memory.kind == "scratchpad"}
    caches = {name for name, memory in result.mapping.chip.memories.items() if memory.kind == "cache"}
    moved = {name: memory["read_bytes"] + memory["write_bytes"] for name, memory in result.memories.items()}
    power = power_over_time(result, WINDOWS, lay)
    values = (
        result.chip,
        result.model,
        result.latency_s,
        result.throughput_per_s,
        result.cycles,
        result.energy_j["total"] if result.energy_j else None,
        result.average_power_w,
        power.peak if power is not None else None,
        result.utilization,
        result.macs,
        sum(moved.values()),
        sum(count for name, count in moved.items() if name not in scratchpads and name not in caches),
        sum(result.memories[name]["peak_used_bytes"] for name in scratchpads),
        result.mapping.chip.area,
        _estimated_area(result.mapping.chip),
        result.accuracy["top1"] if result.accuracy else None,
        result.grade["latency"],
        result.grade["energy"],
        result.grade["estimated_share"],
        result.fidelity,
        "",
    )
    return dict(zip(COLUMNS, values, strict=True))


def _estimated_area(chip: Chip) -> float | None:
    try:
        return estimate_area(chip).value
    except AccelsimError:  # no process or no multipliers: not known
        return None


def failed(chip: str, model: str, why: str) -> dict:
    """Return the row of a pair that has no figures."""
    return dict.fromkeys(COLUMNS) | {"chip": chip, "model": model, "failure": why}
