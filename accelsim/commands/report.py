"""A run as a page to read."""

import shlex

import click

from accelsim.base.errors import AccelsimError
from accelsim.base.garbage import collected_later
from accelsim.commands._options import PIXELS

ENDING = ".accelsim"  # of saved results


@click.command()
@click.argument("given", nargs=-1, required=True, metavar="CHIP MODEL | RESULT...")
@click.option("--out", default="report.html", show_default=True, type=click.Path(), help="The page; .html (self-contained) or .md.")
@click.option("--figures", type=click.Path(), help="Also write every figure into this folder.")
@click.option("--figure-format", type=click.Choice(["png", "svg", "pdf"]), default="pdf", show_default=True)
@click.option("--data", help="A data set by name or file: report the accuracy on it.")
@click.option("--pixels", type=click.Choice(PIXELS), help="What a uint8 pixel of the data means to the network.")
@click.option("--precision", type=click.Choice(["int8", "float32"]), default="int8", show_default=True, help="Of a recipe.")
@click.option("--batch", default=1, show_default=True, help="Inputs per inference.")
@click.option("--frames", default=1, show_default=True, help="Inferences to simulate.")
@click.option("--rate", type=float, help="Inferences requested per second; without it, back to back.")
@click.option("--state", type=click.Choice(["warm", "cold"]), default="warm", show_default=True, help="Whether the frames begin with an empty chip.")
@click.option("--no-execute", is_flag=True, help="Skip the arithmetic.")
@click.option("--mapping", "pins", type=click.Path(), help="Keep to the decisions of a saved mapping.")
@click.option("--seed", default=0, show_default=True, help="Of random inputs and recipe weights.")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a figure of the chip.")
@collected_later()  # what is loaded and drawn is kept until the page is written
def report(given, out, figures, figure_format, data, pixels, precision, batch, frames, rate, state, no_execute, pins, seed, overrides) -> None:
    """Write a report: of MODEL on CHIP, or of one or several saved results (.accelsim)."""
    from accelsim.reports.report import check_form, write_reports

    if len(given) == 2 and not given[0].endswith(ENDING):
        check_form(out)
        results = [_run(*given, overrides, precision, (batch, frames, rate, state), (not no_execute, data, pixels, pins, seed))]
    else:
        check_form(out, len(given))
        results = [_saved(path) for path in given]
    write_reports(results, out, command_line(click.get_current_context()))
    for number, result in enumerate(results, start=1):
        if figures:
            _write_figures(result, figures if len(results) == 1 else f"{figures}/{number}", figure_format)
        click.echo(f"{out}: {result.model} on {result.chip_title}")


def _saved(path: str):
    """Return a saved result, for which the options of a run mean nothing."""
    from pathlib import Path

    from accelsim.results.result_file import load_result

    if not path.endswith(ENDING) and not Path(path).is_file():
        raise AccelsimError(f"report {path}", "is no saved result", f"a CHIP and a MODEL, or files that end in {ENDING}")
    context = click.get_current_context()
    of_reports = {"given", "out", "figures", "figure_format"}
    given = [name for name in context.params if name not in of_reports and context.get_parameter_source(name) != click.core.ParameterSource.DEFAULT]
    if given:
        raise AccelsimError(f"report {path}", f"a saved result has been run: --{given[0].replace('_', '-')} has no place", "name a CHIP and a MODEL to run")
    return load_result(path)


def _run(chip: str, model: str, overrides, precision: str, request: tuple, run: tuple):
    from pathlib import Path

    from accelsim import pipeline
    from accelsim.importers import load_graph
    from accelsim.reports.progress import progress
    from accelsim.results.result import Request

    execute, data, pixels, pins, seed = run
    described = pipeline.load_chip(chip, overrides)
    if pipeline.learns(described, model) or pipeline.spikes(described, model):
        hint = f"'accelsim run {chip} {model} --save r.accelsim' with its options, then 'accelsim report r.accelsim'"
        raise AccelsimError(f"report {chip} {model}", f"'{described.name}' runs no graph of layers here", hint)
    with progress() as on_progress:
        options = pipeline.Options(execute=execute, data=data, pixels=pixels, pins=Path(pins) if pins else None, seed=seed, on_progress=on_progress)
        return pipeline.run(described, load_graph(model, precision, seed), Request(*request), options)


def _write_figures(result, folder: str, form: str) -> None:
    from pathlib import Path

    from accelsim.reports import figures

    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in figures.__all__:
        try:
            getattr(figures, name)(result).save(Path(folder) / f"{name}.{form}")
        except AccelsimError as error:
            click.echo(f"{name} is not drawn: {error.message}", err=True)


def command_line(context: click.Context) -> str:
    """Return the command as a shell takes it, arguments and given options alone."""
    words = ["accelsim", context.info_name]
    for parameter in context.command.params:
        value = context.params[parameter.name]
        if isinstance(parameter, click.Argument):
            words += list(value) if isinstance(value, tuple) else [value] if value is not None else []
        elif context.get_parameter_source(parameter.name) != click.core.ParameterSource.DEFAULT:
            values = value if parameter.multiple else [value]
            words += [parameter.opts[0]] if parameter.is_flag else [word for one in values for word in (parameter.opts[0], str(one))]
    return shlex.join(words)


COMMANDS = (report,)
