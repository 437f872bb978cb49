"""A Result as one page: self-contained HTML, or Markdown with its pictures beside it."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.files import write_whole
from accelsim.base.garbage import collected_later
from accelsim.reports.figures._axes import size
from accelsim.reports.report import _facts, _pictures, _sources, _tables
from accelsim.results.result import Result

FORMS = (".html", ".md")
TEMPLATES = Path(__file__).parent / "templates"


def write_report(result: Result, path: str | Path, command: str = "") -> None:
    """Write a report, HTML or Markdown by the path's suffix.

    Parameters
    ----------
    command : str
        The command line that repeats the run; without it, the Python call.

    Raises
    ------
    AccelsimError
        Another suffix, or a folder that cannot be written.
    """
    path = Path(path)
    check_form(path)
    if path.suffix.lower() == ".html":
        write_whole(path, html_report(result, command))
        return
    pictures = _pictures.pictures(result)
    folder = path.with_name(f"{path.stem}_figures")
    for picture in pictures.shown:
        folder.mkdir(exist_ok=True)
        picture.figure.save(folder / f"{picture.name}.svg")
    write_whole(path, _render("report.md", result, command, pictures=pictures, folder=folder.name))


def check_form(path: str | Path) -> None:
    """Refuse a path whose suffix is no form of a report, or whose folder is not there: before the run, not after it."""
    if Path(path).suffix.lower() not in FORMS:
        raise not_one_of(str(path), Path(path).suffix, FORMS)
    if not Path(path).parent.is_dir():
        raise AccelsimError(str(path), "cannot be written: no such folder", f"make '{Path(path).parent}' first")


@collected_later()
def html_report(result: Result, command: str = "") -> str:
    """Return the HTML page; it asks for nothing from outside."""
    pictures = _pictures.pictures(result)
    inline = {picture.name: _pictures.inline_svg(picture) for picture in pictures.shown}
    css = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return _render("report.html", result, command, pictures=pictures, inline=inline, css=css, themes=_pictures.theme_rules())


def _render(template: str, result: Result, command: str, **more: object) -> str:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=template.endswith("html"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"q": _tables.quantity, "n": lambda count: "–" if count is None else f"{count:,}", "size": size, "pct": lambda share: f"{share:.1%}", "cell": _tables.cell, "many": _tables.many}
    return environment.get_template(template).render(
        result=result, facts=_facts.headline(result), sentences=_facts.sentences(result), layers=_tables.layers(result), ledger=_sources.ledger(result),
        figures_of_chip=_sources.chip_figures(result), memories=_tables.memories(result), fallbacks=_tables.fallbacks(result), command=command or _facts.python_call(result),
        versions=_facts.versions(result), **more,
    )  # fmt: skip
