"""Pages of the site that are made from the program itself: commands, kinds, shipped chips and networks, energy tables."""

import inspect

import click
from mkdocs.structure.files import File, Files


def on_files(files: Files, config) -> Files:
    """Add the made pages (a hook of MkDocs)."""
    for name, text in (("commands", commands()), ("chip_files", kinds()), ("shipped", shipped()), ("energy", energy_tables()), ("python", python())):
        files.append(File.generated(config, f"reference/{name}.md", content=text))
    return files


def cell(text: object) -> str:
    """Return a text that may stand in a cell of a table."""
    return str(text).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def rows(head: tuple[str, ...], body) -> list[str]:
    """Return a Markdown table."""
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(cell(c) for c in row) + " |" for row in body), ""]


def commands() -> str:
    """Return every command with its arguments and options."""
    from accelsim.cli import main

    page = ["# Commands", "", "`accelsim COMMAND --help` says the same. A user's mistake is one line on standard error and exit status 2.", ""]
    for name, command in sorted(main.commands.items()):
        context = click.Context(command, info_name=f"accelsim {name}")
        page += [f"## {name}", "", command.get_short_help_str(300), "", f"    {command.get_usage(context).removeprefix('Usage: ')}", ""]
        options = [o.get_help_record(context) for o in command.params if isinstance(o, click.Option) and not o.hidden]
        page += rows(("option", "meaning"), [(f"`{record[0]}`", record[1]) for record in options if record])
    return "\n".join(page)


def kinds() -> str:
    """Return every kind of thing that a chip file describes: what it costs and from where, and its parameters."""
    from accelsim.hardware.manual import kinds as all_kinds, model_of, parameters_of

    page = ["# Chip files", "", "Quantities are text with a unit (`512 KiB`, `1.6 GHz`, `64 pJ/B`). A value may carry `source` and `grade`. `accelsim check FILE` tells whether a file is right.", ""]
    for name, (section, _) in all_kinds().items():
        page += [f"## {name}" + (f" ({section})" if section else ""), "", *_prose(inspect.cleandoc(model_of(name).__doc__ or "")), ""]
        page += rows(("parameter", "unit", "default", "meaning"), [(f"`{p.name}`", p.unit, p.default, p.meaning) for p in parameters_of(name)[1]])
    return "\n".join(page)


def _prose(docstring: str) -> list[str]:
    """Return a docstring as Markdown: its underlined headings in bold, its double backquotes single."""
    lines = docstring.replace("``", "`").splitlines()
    return [f"**{line}**\n" if i + 1 < len(lines) and set(lines[i + 1]) == {"-"} else "" if line and set(line) == {"-"} else line for i, line in enumerate(lines)]


def shipped() -> str:
    """Return the chips and networks that are known by name."""
    from accelsim.hardware.chip_files import chip_names, load_chip_file
    from accelsim.importers import trained_names
    from accelsim.importers.decoders import decoder_names, describe_decoder
    from accelsim.importers.recipes import describe, recipe_names
    from accelsim.reports.listings import peak_of

    chips = [load_chip_file(name) for name in chip_names()]
    page = ["# Shipped chips and networks", "", "## Chips", "", *rows(("name", "title", "peak", "fidelity", "what is known of it"), [(f"`{c.name}`", c.file.title, peak_of(c), c.file.fidelity, c.file.description) for c in chips])]
    networks = [(f"`{name}`", "trained", "by a script in `workloads/`") for name in trained_names()] + [(f"`{name}`", "seeded", describe(name).variant) for name in recipe_names()]
    networks += [(f"`{name}@CACHED`", "seeded", describe_decoder(name).variant) for name in decoder_names()]
    return "\n".join([*page, "## Networks", "", *rows(("name", "weights", "what"), networks)])


def energy_tables() -> str:
    """Return every figure of every energy table with source and grade."""
    from accelsim.base.paths import data_folder
    from accelsim.base.quantities import show
    from accelsim.results.energy_table import load_energy_table

    page = ["# Energy tables", "", "Each result says which of these figures it rests on; a chip file may state its own.", ""]
    for path in sorted((data_folder("hwconfigs") / "energy").glob("*.yaml")):
        table = load_energy_table(path.stem, str(path))
        page += [f"## {path.stem}", "", f"{table.file.title} ({table.file.process})", ""]
        figures = [(f"actions.{name}", show(value, "J"), *_told(table, f"actions.{name}")) for name, value in table.file.actions.items()]
        figures += [(f"accesses.{kind}.{way}", show(getattr(access, way), "J/B"), *_told(table, f"accesses.{kind}.{way}")) for kind, access in table.file.accesses.items() for way in ("read", "write")]
        page += rows(("figure", "value", "grade", "source"), figures)
    return "\n".join(page)


def _told(table, path: str) -> tuple[str, str]:
    provenance = table.provenance.get(path)
    return (provenance.grade, provenance.source) if provenance else ("estimated", "not stated")


PYTHON = {
    "Running": ("accelsim.pipeline.run", "accelsim.pipeline.load_chip", "accelsim.importers.load_graph", "accelsim.pipeline.Options", "accelsim.results.result.Request"),
    "Results": ("accelsim.results.result.Result", "accelsim.results.layer_table.LayerResult", "accelsim.results.term.Term", "accelsim.results.power.power_over_time", "accelsim.results.busy.stalls", "accelsim.engine.trace.Trace"),
    "Many runs": ("accelsim.studies.compare.compare", "accelsim.studies.diff.diff", "accelsim.studies.sweep.sweep"),
    "Reports and figures": ("accelsim.reports.report.write_report", *(f"accelsim.reports.figures.{n}.{n}" for n in ("roofline", "layers", "bounds", "timeline", "memory", "power", "bandwidth", "energy"))),
    "Building blocks": ("accelsim.graph.work", "accelsim.graph.graph.Graph", "accelsim.graph.tensor.Tensor", "accelsim.hardware.unit.Unit", "accelsim.hardware.cost.Cost", "accelsim.mapping.plan.Plan"),
}  # fmt: skip


def python() -> str:
    """Return the page of the Python interface, which mkdocstrings fills from the docstrings."""
    page = ["# Python", "", "`import accelsim` is light; rooms are imported on first use.", ""]
    for title, names in PYTHON.items():
        page += [f"## {title}", "", *(f"::: {name}\n" for name in names)]
    return "\n".join(page)
