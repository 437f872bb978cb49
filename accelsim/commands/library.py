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


MODELS = click.option("--models", type=click.Path(), help="Folder of the model files that rows of measurements name.")
FILES = click.option("--measured", "files", type=click.Path(), multiple=True, help="A file of measurements; by default the shipped ones.")


@click.command()
@click.argument("chips", nargs=-1, metavar="[CHIP...]")
@FILES
@MODELS
@click.option("--table", "tables", type=click.Path(), multiple=True, help="Write the rows (.csv, .json, .parquet).")
@click.option("--figure", type=click.Path(), help="Draw predicted against published times (.png, .svg, .pdf).")
@WORKERS
def validate(chips, files, models, tables, figure, workers) -> None:
    """Predict published measurements (of CHIPs, or all) and say how wrong the predictions are; MEASURED=OWN predicts a chip's rows with an own file."""
    from accelsim.reports.progress import progress
    from accelsim.reports.validation import devices_table, predicted_and_measured, rows_table
    from accelsim.studies.validate import validate as validated

    with progress() as on_progress:
        found = validated(chips, files=files, models=models, workers=workers, on_progress=on_progress)
    for path in tables:
        found.write(path)
    if figure:
        predicted_and_measured(found.rows).savefig(figure, dpi=150)
    terminal = console()
    terminal.print(rows_table(found.rows))
    for split in ("calibration", "validation"):
        if devices := found.devices(split):
            terminal.print(devices_table(devices, split))
    for row in found.rows:
        if row["failure"]:
            click.echo(f"  {row['chip']} {row['model']}: {row['failure']}")


@click.command()
@click.argument("chip")
@click.option("--fit", "paths", multiple=True, required=True, metavar="PATH", help="A figure to fit, such as units.gpu.kernel_efficiency; may be given several times.")
@click.option("--out", required=True, type=click.Path(), help="The chip file to write; it extends CHIP.")
@click.option("--metric", "metrics", multiple=True, help="Only rows of this metric; may be given several times.")
@FILES
@MODELS
def calibrate(chip, paths, out, metrics, files, models) -> None:
    """Fit a few figures of CHIP to its calibration rows and write a chip file that says so; MEASURED=OWN fits an own file's figures to a chip's rows."""
    from accelsim.studies.calibrate import calibrate as fitted, write_calibrated

    found = fitted(chip, paths, files=files, models=models, metrics=metrics)
    write_calibrated(found, out)
    for path, value in found.values.items():
        click.echo(f"{path} = {value:g}")
    click.echo(f"{len(found.rows)} rows carry {len(found.values)} figures; rms of ln(predicted / published) {found.before:.3f} -> {found.after:.3f}")


COMMANDS = (matrix, validate, calibrate)
