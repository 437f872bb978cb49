"""Energies and areas by name, with range, grade and source."""

from collections.abc import Iterable

from rich.table import Table

from accelsim.base.quantities import show
from accelsim.hardware.area import AreaEstimate
from accelsim.hardware.chip import Chip
from accelsim.hardware.energy_question import Answer


def answer_lines(answer: Answer) -> Iterable[str]:
    """Yield figure and range, grade, source."""
    figure = answer.figure
    spread = f" ({show(figure.low, answer.unit, 3)} to {show(figure.high, answer.unit, 3)})" if figure.high > figure.low else ""
    yield f"{answer.what}: {show(figure.value, answer.unit)}{spread}"
    yield f"grade: {figure.grade}"
    yield f"source: {figure.source}"


def area_table(chip: Chip, estimate: AreaEstimate) -> Table:
    """Return the summands of an area, its range, and what the chip file states."""
    table = Table(title=f"area of {chip.file.title}", title_justify="left", header_style="bold")
    table.add_column("part")
    table.add_column("mm2", justify="right")
    for name, value in estimate.parts:
        table.add_row(name, f"{value:.3g}")
    table.add_row("total", f"{estimate.value:.3g} ({estimate.low:.2g} to {estimate.high:.2g})", style="bold")
    if chip.area is not None:
        table.add_row("stated in the chip file", f"{chip.area:.3g} ({chip.provenance_of('area').grade})")
    table.caption = f"{estimate.grade}: {estimate.source}"
    table.caption_justify = "left"
    return table
