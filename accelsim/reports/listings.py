"""Lists for the terminal: chips, models, kinds and their parameters, the sources of a chip file."""

from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table

from accelsim.base.provenance import GRADES
from accelsim.base.quantities import show
from accelsim.hardware.chip import Chip
from accelsim.hardware.manual import Parameter


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def chip_table(chips: Iterable[Chip]) -> Table:
    """Return the shipped chips with their peak and fidelity."""
    table = _table("chips", "name", "title", "peak", "fidelity")
    for chip in chips:
        table.add_row(chip.name, chip.file.title, peak_of(chip), chip.file.fidelity)
    return table


def peak_of(chip: Chip) -> str:
    """Return the peak rate of the unit that multiplies most: two operations per multiply-accumulate."""
    rates = [2 * unit.peak_macs_per_cycle * (unit.clock or 0) for unit in chip.file.units.values()]
    return show(max(rates), "OPS", 3) if max(rates) else "-"


def model_table(trained: Sequence[str], seeded: Mapping[str, str]) -> Table:
    """Return the known networks: trained ones first, then what those with seeded weights are."""
    table = _table("models", "name", "weights", "what")
    for name in trained:
        table.add_row(name, "trained", "shipped network, trained by a script in workloads/")
    for name, variant in seeded.items():
        table.add_row(name, "seeded", variant)
    return table


def kind_table(kinds: Mapping[str, tuple[str, str]]) -> Table:
    """Return the kinds of things that a chip file describes."""
    table = _table("kinds (accelsim explain KIND)", "kind", "section", "what it is")
    for kind, (section, meaning) in kinds.items():
        table.add_row(kind, section, meaning)
    return table


def parameter_table(kind: str, meaning: str, parameters: Iterable[Parameter]) -> Table:
    """Return every parameter of a kind."""
    table = _table(f"{kind}: {meaning}", "parameter", "unit", "default", "meaning")
    for p in parameters:
        table.add_row(p.name, p.unit, p.default, p.meaning)
    return table


def check_lines(chip: Chip) -> Iterable[str]:
    """Yield what a check found: size of the file, grades, and every figure that is estimated."""
    yield f"{chip.path}: {chip.file.title}: correct ({len(chip.file.units)} units, {len(chip.file.memories)} memories, fidelity {chip.file.fidelity})"
    leaves = {path: p for path, p in chip.provenance.items() if path not in ("name", "title", "description", "fidelity", "host", "energy") and not path.endswith(".kind")}
    counts = {grade: sum(p.grade == grade for p in leaves.values()) for grade in GRADES}
    yield "figures: " + ", ".join(f"{count} {grade}" for grade, count in counts.items())
    unsourced = sorted(path for path, p in leaves.items() if p.source == "not stated")
    if unsourced:
        yield f"without source (graded estimated): {', '.join(unsourced)}"
    for source in sorted({p.source for p in leaves.values()} - {"not stated"}):
        grades = sorted({p.grade for p in leaves.values() if p.source == source}, key=GRADES.index)
        yield f"  {'/'.join(grades)}: {source}"
