"""Energy of an SRAM access or an operation by size, width and process: figure, source, grade and range.

Every number stands in ``hwconfigs/energy/sources``; here is only how they are joined. Between published processes a
figure is interpolated geometrically in feature size. The optimistic end of its range is what logic scaling promises
(Stillmaker and Baas), the pessimistic end the nearest older process unscaled. SRAM is scaled by what SRAM has shown,
which for small arrays is little; its range goes from the gain of the largest arrays to none.
"""

import csv
import math
from dataclasses import dataclass
from functools import lru_cache

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.paths import data_folder
from accelsim.base.provenance import Provenance, worst
from accelsim.base.quantities import parse
from accelsim.base.yaml_files import read_yaml_with_provenance

SMALLEST_SRAM = 64  # bytes; below this an array is a register


@dataclass(frozen=True, slots=True)
class EnergyFigure:
    """An energy [J] with where it comes from: source, grade, and the range in which it may lie [J]."""

    value: float
    source: str
    grade: str
    low: float
    high: float


def process_nm(process: str) -> float:
    """Return the feature size [nm] of ``"7 nm"`` or ``"7nm"``; raises AccelsimError."""
    text = str(process).strip().lower().removesuffix("nm").strip()
    try:
        size = float(text)
    except ValueError:
        size = 0.0
    if not 3 <= size <= 130:
        raise AccelsimError("process", f"'{process}' is not a process between 3 nm and 130 nm", "such as '16 nm'")
    return size


@lru_cache
def _file(name: str) -> tuple[dict, dict[str, Provenance]]:
    return read_yaml_with_provenance(data_folder("hwconfigs") / "energy" / "sources" / f"{name}.yaml")


@lru_cache
def _sram_rows() -> tuple[dict, ...]:
    with open(data_folder("hwconfigs") / "energy" / "sources" / "sram_cacti7.csv", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    numbers = [{key: value if key == "cell" else float(value) for key, value in row.items()} for row in csv.DictReader(lines)]
    return tuple(row | {"nm": round(row["tech_um"] * 1000)} for row in numbers)


def sram_cells() -> list[str]:
    """Return the kinds of transistors that SRAM is tabulated for."""
    return sorted({row["cell"] for row in _sram_rows()})


def operations() -> list[str]:
    """Return the operations that have an energy."""
    tree, _ = _file("logic")
    return sorted([*tree["operations"], *tree["composed"]])


def logic_factor(from_nm: float, to_nm: float, voltage: float | None = None) -> float:
    """Return the energy of logic at one process over that at another, by Stillmaker and Baas (optimistic below 45 nm).

    Parameters
    ----------
    from_nm, to_nm : float
        Feature sizes [nm]. Between tabulated ones interpolated geometrically; below 7 nm by the square root of size.
    voltage : float, optional
        Supply of both [V]; the tables' nominal one if not given.
    """
    return _logic_energy(to_nm, voltage) / _logic_energy(from_nm, voltage)


def _logic_energy(nm: float, voltage: float | None) -> float:
    tree, _ = _file("scaling")
    supply = voltage if voltage is not None else parse(tree["nominal_voltage"], "voltage [V]")
    points = {process_nm(name): a * supply**2 + b * supply + c for name, (a, b, c) in tree["logic"].items()}
    smallest = min(points)
    if nm < smallest:
        return points[smallest] * math.sqrt(nm / smallest)
    return _between(points, nm)


def _between(points: dict[float, float], at: float) -> float:
    """Interpolate log to log, going on with the outermost slope outside the points."""
    known = sorted(points)
    if len(known) == 1:
        return points[known[0]]
    right = next((i for i, x in enumerate(known) if x >= at), len(known) - 1)
    left = max(0, right - 1)
    x0, x1 = known[left], known[left + 1]
    weight = math.log(at / x0) / math.log(x1 / x0)
    return points[x0] ** (1 - weight) * points[x1] ** weight


def operation_energy(action: str, process: str, voltage: float | None = None) -> EnergyFigure:
    """Return the energy of one arithmetic operation.

    Parameters
    ----------
    action : str
        One of ``operations()``: "mac_int8", "add_float32", ...
    process : str
        "7 nm", "28nm", ...
    voltage : float, optional
        Supply [V]; scales by the logic fit of the process.

    Raises
    ------
    AccelsimError
        Unknown operation or process.
    """
    nm = process_nm(process)
    tree, _ = _file("logic")
    if action not in operations():
        raise not_one_of("energy", action, operations())
    parts = [_simple_operation(part, nm) for part in tree["composed"].get(action, [action])]
    supply = _logic_energy(nm, voltage) / _logic_energy(nm, None)
    total = [sum(getattr(part, name) for part in parts) * supply for name in ("value", "low", "high")]
    sources = " + ".join(dict.fromkeys(part.source for part in parts))
    arithmetic = ["estimated"] if voltage is not None else ["derived"] if len(parts) > 1 else []
    grade = worst([*(part.grade for part in parts), *arithmetic])
    return EnergyFigure(total[0], sources, grade, total[1], total[2])


def _simple_operation(action: str, nm: float) -> EnergyFigure:
    tree, provenance = _file("logic")
    rows = tree["operations"][action]
    published = {process_nm(name): (parse(value, "energy [J]"), provenance[f"operations.{action}.{name}"]) for name, value in rows.items()}
    if nm in published:
        value, where = published[nm]
        return EnergyFigure(value, where.source, where.grade, value, value)
    points = {size: value for size, (value, _) in published.items()}
    older = min((size for size in points if size > nm), default=max(points))
    scaled = points[older] * logic_factor(older, nm)
    inside = min(points) < nm < max(points)
    value = _between(points, nm) if inside else points[_nearest(points, nm)] * logic_factor(_nearest(points, nm), nm)
    names = "; ".join(where.source for _, where in published.values())
    ends = sorted((value, scaled, points[older] if nm < older else value))
    grade = worst(["derived", *(where.grade for _, where in published.values())]) if inside else "estimated"
    how = "interpolated in feature size between" if inside else "scaled by Stillmaker and Baas, Integration 2017, from"
    return EnergyFigure(value, f"{how} {names}", grade, ends[0], ends[-1])


def _nearest(points: dict[float, float], nm: float) -> float:
    return min(points, key=lambda size: abs(math.log(size / nm)))


def sram_access_energy(size_bytes: float, width_bits: int, process: str, write: bool = False, cell: str = "itrs-lop") -> EnergyFigure:
    """Return the energy of reading or writing one word of an SRAM.

    Parameters
    ----------
    size_bytes : float
        Capacity [B], from 64 up. Outside the table's sizes (8 KiB up) its outermost slope goes on, graded estimated.
    width_bits : int
        Width of the port [bit].
    process : str
        "22 nm", ... Tabulated at 45, 32 and 22 nm; else scaled from the nearest by what SRAM of that size has shown.
    cell : str
        One of ``sram_cells()``; taken where the process has it.

    Raises
    ------
    AccelsimError
        Unknown process or cell, an array too small to be SRAM, a width below 1.
    """
    nm = process_nm(process)
    if cell not in sram_cells():
        raise not_one_of("sram cell", cell, sram_cells())
    if size_bytes < SMALLEST_SRAM or width_bits < 1:
        raise AccelsimError("sram", f"{size_bytes:g} B at {width_bits} bit is no SRAM", f"at least {SMALLEST_SRAM} B and 1 bit; smaller arrays are registers")
    tabulated = {row["nm"] for row in _sram_rows() if row["cell"] == cell}
    base = min(tabulated, key=lambda node: abs(math.log(node / nm)))
    value = _sram_table(size_bytes, width_bits, base, cell, "write_nJ" if write else "read_nJ")
    sizes = [row["size_KiB"] * 1024 for row in _sram_rows()]
    inside = min(sizes) <= size_bytes <= max(sizes)
    source = f"CACTI 7, {base} nm {cell}" + ("" if inside else ", beyond the table's sizes")
    if nm == base:
        spread = 1.0 if inside else 2.0
        return EnergyFigure(value, source, "derived" if inside else "estimated", value / spread, value * spread)
    scaled = value / _sram_gain(size_bytes, base, nm)
    ends = sorted((scaled, value / _sram_gain(math.inf, base, nm), value))
    how = f"{source}, scaled to {nm:g} nm by the gain of SRAM of its size from 45 to 7 nm (Horowitz, Jouppi)"
    return EnergyFigure(scaled, how, "estimated", ends[0], ends[-1])


def _sram_gain(size_bytes: float, from_nm: float, to_nm: float) -> float:
    """Return by how much an access gets cheaper: what arrays of that size gained from 45 to 7 nm, in proportion to ln(size)."""
    tree, _ = _file("scaling")
    points = {parse(name, "bytes [B]"): gain for name, gain in tree["sram_45_to_7"].items()}
    gain = _between(points, min(max(size_bytes, min(points)), max(points)))
    return gain ** (math.log(from_nm / to_nm) / math.log(45 / 7))


def _sram_table(size_bytes: float, width_bits: float, nm: int, cell: str, column: str) -> float:
    """Interpolate the table in size and width; return [J]."""
    by_width: dict[float, dict[float, float]] = {}
    for row in _sram_rows():
        if row["nm"] == nm and row["cell"] == cell:
            by_width.setdefault(row["width_bits"], {})[row["size_KiB"] * 1024] = row[column] * 1e-9
    return _between({width: _between(sizes, size_bytes) for width, sizes in by_width.items()}, width_bits)


def sram_leakage(size_bytes: float, process: str, cell: str = "itrs-lop") -> EnergyFigure:
    """Return the leakage power [W] of an SRAM at 330 K; as ``sram_access_energy``, but never scaled between processes.

    Raises
    ------
    AccelsimError
        As ``sram_access_energy``, and a process that is not tabulated: no source says how leakage scales.
    """
    nm = process_nm(process)
    if cell not in sram_cells():
        raise not_one_of("sram cell", cell, sram_cells())
    tabulated = sorted({row["nm"] for row in _sram_rows() if row["cell"] == cell})
    if nm not in tabulated:
        raise AccelsimError("sram leakage", f"'{process}' is not tabulated for {cell}", "known: " + ", ".join(f"{node} nm" for node in tabulated))
    rows = [row for row in _sram_rows() if (row["nm"], row["cell"], row["width_bits"]) == (nm, cell, 64)]
    sizes = {row["size_KiB"] * 1024: row["leak_mW_per_bank"] * row["banks"] * 1e-3 for row in rows}
    value = _between(sizes, size_bytes)
    return EnergyFigure(value, f"CACTI 7, {nm:g} nm {cell}, 330 K", "derived", value, value)


def external_memories() -> list[str]:
    """Return the families of external memory that have an energy."""
    tree, _ = _file("dram")
    return list(tree["memories"])


def memory_energy(memory: str) -> EnergyFigure:
    """Return the energy of a byte [J/B] from an external memory by its family ("LPDDR4", "HBM2", ...); raises AccelsimError."""
    tree, provenance = _file("dram")
    if memory not in tree["memories"]:
        raise not_one_of("memory", memory, tree["memories"])
    value, where = parse(tree["memories"][memory], "energy per byte [J/B]"), provenance[f"memories.{memory}"]
    low, high = (parse(text, "energy per byte [J/B]") if text else value for text in (where.low, where.high))
    return EnergyFigure(value, where.source, where.grade, low, high)
