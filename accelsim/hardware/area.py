"""The area of a chip's arrays and scratchpads, estimated from published designs of known size.

A linear fit (multipliers, KiB of buffer, fixed part) through the designs in ``hwconfigs/energy/sources/area.yaml`` at the
nearest published process; it meets each of them within 10 %. To another process the optimistic end of the range is the area factor of
Stillmaker and Baas, the pessimistic end no gain at all, and the figure their geometric mean: SRAM and wires shrink less than logic.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.base.paths import data_folder
from accelsim.base.yaml_files import read_yaml
from accelsim.hardware.chip import Chip
from accelsim.hardware.energy_tables import process_nm

FIT_SPREAD = 0.10  # the largest distance of a published design from the fit
KIB = 1024


@dataclass(frozen=True, slots=True)
class AreaEstimate:
    """An area [mm2], its range [mm2], grade and how it was found; ``parts`` are the summands [mm2]."""

    value: float
    low: float
    high: float
    grade: str
    source: str
    parts: tuple[tuple[str, float], ...]


def estimate_area(chip: Chip) -> AreaEstimate:
    """Return the area of a chip's units and scratchpads; memories of other kinds are taken to be other dies.

    Raises
    ------
    AccelsimError
        The chip file states no process that can be read, or no unit multiplies.
    """
    nm = _process_of(chip)
    base, (per_mac, per_kib, fixed) = min(_fits().items(), key=lambda item: abs(math.log(item[0] / nm)))
    macs = {f"units.{name}": unit.peak_macs_per_cycle for name, unit in chip.units.items() if unit.peak_macs_per_cycle}
    if not macs:
        raise AccelsimError(f"{chip.path}: units", "no unit multiplies: the estimate rests on multipliers and buffers")
    sizes = {f"memories.{name}": memory.capacity / KIB for name, memory in chip.memories.items() if memory.kind == "scratchpad" and memory.capacity}
    logic = _shrink(base, nm)
    scale = math.sqrt(logic)
    parts = [(name, count * per_mac * scale) for name, count in macs.items()] + [(name, size * per_kib * scale) for name, size in sizes.items()]
    parts.append(("control and interfaces", fixed * scale))
    value = sum(area for _, area in parts)
    ends = sorted((value / scale, value * scale))
    how = f"fit through seven NVDLA configurations at {base:g} nm" + ("" if base == nm else f", to {nm:g} nm between Stillmaker and Baas' factor {logic:.2g} and none")
    return AreaEstimate(value, ends[0] * (1 - FIT_SPREAD), ends[1] * (1 + FIT_SPREAD), "estimated", how, tuple(parts))


def _process_of(chip: Chip) -> float:
    try:
        return process_nm(chip.file.process)
    except AccelsimError as error:
        raise AccelsimError(f"{chip.path}: process", error.message, error.hint) from error


@lru_cache
def _fits() -> dict[float, tuple[float, float, float]]:
    """Return per process the area of a multiplier, of a KiB and of the rest [mm2], by least relative squares."""
    fits = {}
    for process, rows in _source("area")["designs"].items():
        table = np.array(rows, float)
        sizes = np.c_[table[:, :2], np.ones(len(table))]
        found, *_ = np.linalg.lstsq(sizes / table[:, 2:], np.ones(len(table)), rcond=None)
        fits[process_nm(process)] = tuple(found.tolist())
    return fits


def _source(name: str) -> dict:
    return read_yaml(data_folder("hwconfigs") / "energy" / "sources" / f"{name}.yaml")


@lru_cache
def _shrink(from_nm: float, to_nm: float) -> float:
    """Return the area of logic at one process over that at another; beyond the factors by the square of the feature size."""
    factors = {process_nm(name): value for name, value in _source("scaling")["area_from_45_nm"].items() if name != "provenance"} | {45.0: 1.0}
    sizes = np.array(sorted(factors))
    logs = np.log([factors[size] for size in sizes])

    def at(nm: float) -> float:
        inside = min(max(nm, sizes[0]), sizes[-1])
        return float(np.exp(np.interp(math.log(inside), np.log(sizes), logs)) * (nm / inside) ** 2)

    return at(to_nm) / at(from_nm)
