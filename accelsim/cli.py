"""The command line: one command, one function. Heavy rooms are imported inside, so that help is instant."""

import sys

import click

from accelsim import __version__
from accelsim.base.errors import AccelsimError

EXIT_USER_ERROR = 2


class Program(click.Group):
    """The command group; a user's own mistake is one line on standard error and exit status 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except AccelsimError as error:
            click.echo(str(error), err=True)
            ctx.exit(EXIT_USER_ERROR)
        except BrokenPipeError:
            ctx.exit(0)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__)
def main() -> None:
    """Run a network's real arithmetic on a described on-device AI chip: outputs, time, bytes, joules, accuracy."""


@main.command()
@click.argument("chip")
@click.argument("model")
@click.option("--input", "input_path", default="random", help="A .npy, .npz or picture as input; 'random' for seeded codes.")
@click.option("--data", help="A data set by name or file: report the accuracy on it.")
@click.option("--pixels", type=click.Choice(["codes", "unit", "signed", "raw"]), help="What a uint8 pixel of the input means to the network.")
@click.option("--resize", is_flag=True, help="Scale an input picture to the network's size.")
@click.option("--precision", type=click.Choice(["int8", "float32"]), default="int8", show_default=True, help="Of a recipe.")
@click.option("--batch", default=1, show_default=True, help="Inputs per inference.")
@click.option("--frames", default=1, show_default=True, help="Inferences to simulate.")
@click.option("--rate", type=float, help="Inferences requested per second; without it, back to back.")
@click.option("--state", type=click.Choice(["warm", "cold"]), default="warm", show_default=True, help="Whether the frames begin with an empty chip.")
@click.option("--engine", type=click.Choice(["compiled", "event"]), default="compiled", show_default=True)
@click.option("--no-execute", is_flag=True, help="Skip the arithmetic: time, bytes and joules only.")
@click.option("--mapping", "pins", type=click.Path(), help="Keep to the decisions of a saved mapping.")
@click.option("--seed", default=0, show_default=True, help="Of random inputs and recipe weights.")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a figure of the chip, such as units.npu.clock=1GHz.")
@click.option("--json", "json_path", type=click.Path(), help="Write the result as JSON.")
@click.option("--csv", "csv_path", type=click.Path(), help="Write the layer table as CSV.")
@click.option("--trace", "trace_path", type=click.Path(), help="Write a trace for the Perfetto viewer.")
@click.option("--no-layers", is_flag=True, help="Print totals only.")
def run(chip, model, input_path, data, pixels, resize, precision, batch, frames, rate, state, engine, no_execute, pins, seed, overrides, json_path, csv_path, trace_path, no_layers):  # fmt: skip
    """Run MODEL on CHIP."""
    from pathlib import Path

    from accelsim import pipeline
    from accelsim.exporters import csv, json, perfetto
    from accelsim.importers import load_graph
    from accelsim.reports.progress import progress
    from accelsim.reports.terminal import print_result
    from accelsim.results.result import Request

    described = pipeline.load_chip(chip, overrides)
    graph = load_graph(model, precision, seed)
    with progress() as on_progress:
        options = pipeline.Options(engine, not no_execute, _inputs(graph, input_path, pixels, resize, batch), data, pixels, Path(pins) if pins else None, seed, on_progress)
        result = pipeline.run(described, graph, Request(batch, frames, rate, state), options)
    for path, exporter in ((json_path, json), (csv_path, csv), (trace_path, perfetto)):
        if path:
            exporter.write(result, path)
    print_result(result, _console(), layers=not no_layers)


def _inputs(graph, path: str, pixels, resize: bool, batch: int):
    """Return the user's input in the graph's form, repeated over the batch; None for random."""
    if path == "random":
        return None
    from accelsim.functional.evaluate import repeated
    from accelsim.importers.datasets import fit_input, load_input

    if len(graph.inputs) != 1:
        raise AccelsimError("--input", f"{graph.name} has {len(graph.inputs)} inputs; one file feeds one")
    tensor = graph.tensors[graph.inputs[0]]
    return {tensor.name: repeated(fit_input(load_input(path), tensor, pixels, resize, path), tensor, batch)}


def _console():
    from rich.console import Console

    console = Console()
    # A pipe or file has no width of its own: do not squeeze tables into 80 columns there.
    return console if console.is_terminal else Console(width=170)


@main.command()
def chips() -> None:
    """List the shipped chips."""
    from accelsim.hardware.chip_files import chip_names, load_chip_file
    from accelsim.reports.listings import chip_table

    _console().print(chip_table([load_chip_file(name) for name in chip_names()]))


@main.command()
def models() -> None:
    """List the networks that are known by name."""
    from accelsim.importers import trained_names
    from accelsim.importers.recipes import describe, recipe_names
    from accelsim.reports.listings import model_table

    _console().print(model_table(trained_names(), {name: describe(name) for name in recipe_names()}))


@main.command()
def data() -> None:
    """List the data sets that are known by name."""
    from accelsim.importers.datasets import dataset_names

    for name in dataset_names():
        click.echo(name)


@main.command()
@click.argument("chip")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a figure of the chip.")
def check(chip: str, overrides: tuple[str, ...]) -> None:
    """Check a CHIP file and say where its figures come from."""
    from accelsim.pipeline import load_chip
    from accelsim.reports.listings import check_lines

    for line in check_lines(load_chip(chip, overrides)):
        click.echo(line)


@main.command()
@click.argument("kind", required=False)
def explain(kind: str | None) -> None:
    """Explain every parameter of a KIND of unit, memory, link or of a chip file; without KIND, list the kinds."""
    from accelsim.hardware.manual import kinds, parameters_of
    from accelsim.reports.listings import kind_table, parameter_table

    if kind is None:
        _console().print(kind_table(kinds()))
        return
    _console().print(parameter_table(kind, *parameters_of(kind)))


@main.command()
@click.option("--out", type=click.Path(), help="Write to a file instead of standard output.")
def schema(out: str | None) -> None:
    """Print the JSON Schema of chip files, for editors."""
    import json

    from accelsim.base.files import write_whole
    from accelsim.hardware.manual import chip_schema

    text = json.dumps(chip_schema(), indent=1)
    write_whole(out, text + "\n") if out else click.echo(text)


@main.command(name="map")
@click.argument("chip")
@click.argument("model")
@click.argument("layer", required=False)
@click.option("--save", type=click.Path(), help="Write the decisions as a file to edit and to pass to 'run --mapping'.")
@click.option("--mapping", "pins", type=click.Path(), help="Keep to the decisions of a saved mapping.")
@click.option("--precision", type=click.Choice(["int8", "float32"]), default="int8", show_default=True, help="Of a recipe.")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a figure of the chip.")
def map_command(chip, model, layer, save, pins, precision, overrides) -> None:
    """Show how MODEL is mapped on CHIP and why; with LAYER, that layer's alternatives."""
    from pathlib import Path

    from accelsim import pipeline
    from accelsim.importers import load_graph
    from accelsim.mapping.mapper import map_graph
    from accelsim.mapping.pins import load_pins, save_pins
    from accelsim.reports.mapping import layer_lines, mapping_table

    mapping = map_graph(load_graph(model, precision), pipeline.load_chip(chip, overrides), load_pins(Path(pins)) if pins else None)
    if save:
        save_pins(mapping, save)
    if layer:
        for line in layer_lines(mapping, layer):
            click.echo(line)
    else:
        _console().print(mapping_table(mapping))


if __name__ == "__main__":
    sys.exit(main())
