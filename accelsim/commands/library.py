"""The chip library as a whole: every network on every chip, and how wrong the predictions are."""

import click

from accelsim.commands._console import console

WORKERS = click.option("--workers", type=click.IntRange(1), help="Processes; by default one a core.")


@click.command()
@click.argument("chips", nargs=-1, metavar="[CHIP...]")
@click.option("--model", "models", multiple=True, help="A network; may be given several times. By default all that are known by name.")
@click.option("--store", type=click.Path(), help="Keep the rows in this file as they come; start again to go on where a kill stopped it.")
@click.option("--table", "tables", type=click.Path(), multiple=True, help="Write the rows (.csv, .json, .parquet).")
@click.option("--figure", type=click.Path(), help="Draw a heat map (.png, .svg, .pdf).")
@click.option("--column", default="latency_s", show_default=True, help="Of the heat map: latency_s, energy_j, average_power_w, throughput_per_s.")
@WORKERS
def matrix(chips, models, store, tables, figure, column, workers) -> None:
    """Run every network on every CHIP (by default all), without arithmetic: one table and a heat map."""
    from accelsim.reports.matrix import chip_lines, heat_map
    from accelsim.reports.progress import progress
    from accelsim.studies.matrix import matrix as every

    with progress() as on_progress:
        found = every(chips, models, store=store, workers=workers, on_progress=on_progress)
    for path in tables:
        found.write(path)
    if figure:
        heat_map(found.rows, column).savefig(figure, dpi=150)
    console().print(chip_lines(found.rows))
    click.echo(f"{len(found.rows)} pairs, {found.resumed} from the store; --table writes all of them with the reason of each that does not run")


COMMANDS = (matrix,)
