"""Many runs, one question: compare, diff, sweep."""

from collections.abc import Sequence

import click

from accelsim.base.errors import AccelsimError
from accelsim.commands._console import console

WORKERS = click.option("--workers", type=click.IntRange(1), help="Processes; by default one a core.")
PARETO = click.option("--pareto", is_flag=False, flag_value="latency_s,energy_j", help="Only what nobody beats in all of these columns [latency_s,energy_j].")
CSV = click.option("--csv", "csv_path", type=click.Path(), help="Write the rows as CSV.")
JSON = click.option("--json", "json_path", type=click.Path(), help="Write the rows as JSON.")
PARQUET = click.option("--parquet", "parquet_path", type=click.Path(), help="Write the rows as Parquet.")


@click.command()
@click.argument("chips", nargs=-1, required=True, metavar="CHIP...")
@click.option("--model", "models", multiple=True, required=True, help="A network; may be given several times.")
@click.option("--execute", is_flag=True, help="Run the arithmetic too: savings from zeros count.")
@click.option("--data", help="A data set: the accuracy of every pair.")
@click.option("--baseline", help="The chip for ratios; by default the first.")
@PARETO
@WORKERS
@CSV
@JSON
@PARQUET
def compare(chips, models, execute, data, baseline, pareto, workers, csv_path, json_path, parquet_path) -> None:
    """Run every MODEL on every CHIP and show one table."""
    from accelsim.reports.blocks import Blocks
    from accelsim.reports.comparison import failure_lines, rows_table
    from accelsim.reports.progress import progress
    from accelsim.studies.compare import compare as compared

    with progress() as on_progress:
        found = compared(chips, models, execute=execute, data=data, baseline=baseline, workers=workers, on_progress=on_progress)
    _refuse_nothing("compare", found.rows)
    for path in filter(None, (csv_path, json_path, parquet_path)):
        found.write(path)
    terminal = console()
    if pareto:
        terminal.print(Blocks(rows_table(found.pareto_rows(pareto.split(",")), ("model", "chip"), f"nobody beats these in {pareto}"), 2))
    else:
        terminal.print(Blocks(rows_table(found.rows, ("model", "chip"), f"times and energies against {found.baseline}", found.ratio_rows()), 2))
    for line in failure_lines(found.rows):
        click.echo(line)


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--layers", default=20, show_default=True, help="Layers to show, those that explain most first.")
@CSV
@JSON
@PARQUET
def diff(first, second, layers, csv_path, json_path, parquet_path) -> None:
    """Explain layer by layer where two results differ; A and B are saved results or CHIP:MODEL."""
    from accelsim.reports.blocks import Blocks
    from accelsim.reports.comparison import difference_table, plain_table
    from accelsim.studies.diff import diff as difference

    found = difference(first, second)
    for path in filter(None, (csv_path, json_path, parquet_path)):
        found.write(path)
    terminal = console()
    terminal.print(plain_table(found.totals, f"A: {found.first}   B: {found.second}"))
    terminal.print(Blocks(difference_table(found.rows[:layers])))
    for line in found.words():
        click.echo(line)


@click.command()
@click.argument("chips", nargs=-1, required=True, metavar="CHIP...")
@click.option("--model", "models", multiple=True, required=True, help="A network; may be given several times.")
@click.option("--vary", "axes", multiple=True, metavar="PATH=VALUE,VALUE", help="Values of a figure of the chip, such as units.npu.rows=8,16,32; several make a grid.")
@click.option("--points", type=click.Path(), help="A CSV file of points instead: the header names the paths.")
@click.option("--store", type=click.Path(), help="Keep the points in this file as they come; start again to go on where a kill stopped it.")
@click.option("--where", help="Only points for which this holds, such as 'latency_s < 0.01 and energy_j < 1e-3'.")
@PARETO
@click.option("--most", default=40, show_default=True, help="Points to show.")
@WORKERS
@CSV
@JSON
@PARQUET
def sweep(chips, models, axes, points, store, where, pareto, most, workers, csv_path, json_path, parquet_path) -> None:
    """Run variants of CHIPs: a grid or a list of overrides, without arithmetic."""
    from accelsim.reports.blocks import Blocks
    from accelsim.reports.comparison import OF_POINTS, failure_lines, plain_table, rows_table
    from accelsim.reports.progress import progress
    from accelsim.studies.sweep import Sweep, parameters_of, points_of
    from accelsim.studies.sweep import sweep as swept

    given = points_of(axes, points)

    def narrowed(found: Sweep) -> Sweep:
        found = found.where(where) if where else found
        return found.pareto(pareto.split(",")) if pareto else found

    narrowed(Sweep((), parameters_of(given)))  # a wrong word is told before the work
    with progress() as on_progress:
        whole = swept(chips, models, given, store=store, workers=workers, on_progress=on_progress)
    _refuse_nothing("sweep", whole.rows)
    kept = narrowed(whole)
    for path in filter(None, (csv_path, json_path, parquet_path)):
        kept.write(path)
    terminal = console()
    title = f"{len(kept.rows)} of {len(whole.rows)} points" + (f", the first {most}" if len(kept.rows) > most else "")
    terminal.print(Blocks(rows_table(kept.rows[:most], ("model", "chip", *kept.parameters), title, figures=OF_POINTS), 2 + len(kept.parameters)))
    if effects := whole.sensitivity_rows():
        terminal.print(plain_table(effects, "what matters most (share of the variation that a parameter alone explains)"))
    for line in list(failure_lines(kept.rows))[:most]:
        click.echo(line)


def _refuse_nothing(what: str, rows: Sequence[dict]) -> None:
    """Refuse rows of which none has figures: then something is wrong with what was asked, not with a pair or point."""
    reasons = list(dict.fromkeys(row["failure"] for row in rows))
    if reasons and all(reasons):
        more = f"; and {len(reasons) - 1} more reasons" if len(reasons) > 1 else ""
        raise AccelsimError(what, f"none of {len(rows)} has figures: {reasons[0]}{more}")


COMMANDS = (compare, diff, sweep)
