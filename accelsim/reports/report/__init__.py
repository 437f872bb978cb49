"""Results as one page: self-contained HTML, or, of one, Markdown with its pictures beside it."""

import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.files import write_whole
from accelsim.base.garbage import collected_later
from accelsim.reports.figures._axes import size
from accelsim.reports.report import _facts, _pictures, _sources, _tables
from accelsim.results.result import Result
from accelsim.results.summary import summary

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
    write_reports([result], path, command)


def write_reports(results: Sequence[Result], path: str | Path, command: str = "") -> None:
    """Write one page of several results: beside each other in a table, then each with all that its own report shows.

    Raises
    ------
    AccelsimError
        As ``write_report``; several results in Markdown.
    """
    path = Path(path)
    check_form(path, len(results))
    if path.suffix.lower() == ".html":
        write_whole(path, html_reports(results, command))
        return
    pictures = _pictures.pictures(results[0])
    folder = path.with_name(f"{path.stem}_figures")
    for picture in pictures.shown:
        folder.mkdir(exist_ok=True)
        picture.figure.save(folder / f"{picture.name}.svg")
    write_whole(path, _render("report.md", results[0], command, pictures=pictures, folder=folder.name))


def check_form(path: str | Path, results: int = 1) -> None:
    """Refuse a path whose suffix is no form of a report, or whose folder is not there: before the run, not after it."""
    if Path(path).suffix.lower() not in FORMS:
        raise not_one_of(str(path), Path(path).suffix, FORMS)
    if results > 1 and Path(path).suffix.lower() != ".html":
        raise AccelsimError(str(path), "takes one result", "a page of several is .html")
    if not Path(path).parent.is_dir():
        raise AccelsimError(str(path), "cannot be written: no such folder", f"make '{Path(path).parent}' first")


def html_report(result: Result, command: str = "") -> str:
    """Return the HTML page of one result; it asks for nothing from outside."""
    return html_reports([result], command)


@collected_later()
def html_reports(results: Sequence[Result], command: str = "") -> str:
    """Return the HTML page of one or several results; it asks for nothing from outside."""
    bodies = [_body(result, command) for result in results]
    several = len(results) > 1
    if several:
        bodies = [_prefixed(body, f"result-{number}-") for number, body in enumerate(bodies, start=1)]
    return _environment("html").get_template("report.html").render(
        title=f"{len(results)} results" if several else _name(results[0]), version=results[0].accelsim_version, bodies=bodies, table=_beside(results) if several else (),
        css=(TEMPLATES / "report.css").read_text(encoding="utf-8"), themes=_pictures.theme_rules(),
    )  # fmt: skip


def _name(result: Result) -> str:
    return f"{result.model} on {result.chip_title}"


def _body(result: Result, command: str) -> str:
    pictures = _pictures.pictures(result)
    inline = {picture.name: _pictures.inline_svg(picture) for picture in pictures.shown}
    return _render("result.html", result, command, pictures=pictures, inline=inline)


def _beside(results: Sequence[Result]) -> list[dict]:
    """Return a row per result, with ratios to the first where it is of the same network."""
    rows = [summary(result) for result in results]

    def ratio(row: dict, key: str) -> str:
        comparable = row["model"] == rows[0]["model"] and row[key] is not None and rows[0][key]
        return f"{row[key] / rows[0][key]:.3g}" if comparable else "–"

    return [
        row | {"name": _name(result), "anchor": f"result-{number}-summary", "time_ratio": ratio(row, "latency_s"), "energy_ratio": ratio(row, "energy_j")}
        for number, (result, row) in enumerate(zip(results, rows, strict=True), start=1)
    ]


def _prefixed(html: str, prefix: str) -> str:
    """Return a part of a page with ids of its own, and its links to them."""
    html = re.sub(r'(\s(?:id|href)="#?)(?!data:)', rf"\1{prefix}", html)
    html = re.sub(r'(aria-labelledby=")([^"]*)', lambda found: found[1] + " ".join(prefix + name for name in found[2].split()), html)
    return html.replace("url(#", f"url(#{prefix}")


def _environment(kind: str) -> Environment:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=kind == "html", undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"q": _tables.quantity, "n": lambda count: "–" if count is None else f"{count:,}", "size": size, "pct": lambda share: f"{share:.1%}", "cell": _tables.cell, "many": _tables.many}
    return environment


def _render(template: str, result: Result, command: str, **more: object) -> str:
    return _environment(template.rpartition(".")[2]).get_template(template).render(
        result=result, facts=_facts.headline(result), sentences=_facts.sentences(result), layers=_tables.layers(result), ledger=_sources.ledger(result),
        figures_of_chip=_sources.chip_figures(result), memories=_tables.memories(result), fallbacks=_tables.fallbacks(result), command=command or _facts.python_call(result),
        versions=_facts.versions(result), **more,
    )  # fmt: skip
