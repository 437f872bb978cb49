"""The decision space of what a chip learned of a data set of two components, as a file."""

import io
from pathlib import Path

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.files import write_whole
from accelsim.functional.neuromem_state import Switches
from accelsim.hardware.chip import Chip
from accelsim.mapping.matching import rbf_unit
from accelsim.studies.rbf import Classified

FORMATS = ("png", "svg", "pdf")


def write_decision_space(chip: Chip, seen: Classified, path: str | Path) -> None:
    """Draw neurons, fields and answers into a .png, .svg or .pdf.

    Raises
    ------
    AccelsimError
        The vectors have not two components, or the file cannot be written.
    """
    from accelsim.reports.decision_space import decision_space

    form = Path(path).suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise not_one_of(f"--figure {path}", form, FORMATS)
    if seen.components != 2:
        raise AccelsimError(f"--figure {path}", f"'{seen.dataset}' has vectors of {seen.components} components", "a decision space is drawn over two")
    switches = Switches(**chip.units[rbf_unit(chip)].rules.model_dump())
    title = f"{seen.dataset} on {chip.name}: {seen.committed} neurons"
    figure = decision_space(seen.state, dict(enumerate(seen.classes, 1)), seen.examples, title=title, switches=switches)
    drawn = io.BytesIO()
    figure.savefig(drawn, format=form, dpi=150)
    write_whole(path, drawn.getvalue())
