"""The command line: one command, one function. Heavy rooms are imported inside, so that help is instant."""

import sys

import click

from accelsim import __version__
from accelsim.base.errors import AccelsimError
from accelsim.base.rooms import member, members
from accelsim.commands import neuromorphic
from accelsim.commands._options import PIXELS

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
@click.argument("workload")
@click.option("--input", "input_path", default="random", help="A .npy, .npz or picture as input; 'random' for seeded codes.")
@click.option("--data", help="A data set by name or file: report the accuracy on it.")
@click.option("--pixels", type=click.Choice(PIXELS), help="What a uint8 pixel of the input means to the network.")
@click.option("--resize", is_flag=True, help="Scale an input picture to the network's size.")
@click.option("--precision", type=click.Choice(["int8", "float32"]), default="int8", show_default=True, help="Of a recipe.")
@click.option("--prune", metavar="N:M|SHARE", help="Zero the weights of least magnitude first: 2:4 keeps 2 of 4 input channels side by side, 0.8 zeroes that share.")
@click.option("--batch", default=1, show_default=True, help="Inputs per inference.")
@click.option("--frames", type=int, help="Inferences (recognitions) to simulate; 1 by default, on an RBF chip the test part.")
@click.option("--rate", type=float, help="Inferences requested per second; without it, back to back.")
@click.option("--state", type=click.Choice(["warm", "cold"]), default="warm", show_default=True, help="Whether the frames begin with an empty chip.")
@click.option("--engine", type=click.Choice(["compiled", "event"]), default="compiled", show_default=True)
@click.option("--no-execute", is_flag=True, help="Skip the arithmetic: time, bytes and joules only.")
@click.option("--zeros", type=click.FloatRange(0, 1), help="With --no-execute: the share of zeros that is assumed in what the network computes.")
@click.option("--mapping", "pins", type=click.Path(), help="Keep to the decisions of a saved mapping.")
@click.option("--mode", type=click.Choice(["rbf", "knn"]), default="rbf", show_default=True, help="RBF chip: which neurons answer.")
@click.option("--norm", type=click.Choice(["l1", "lsup"]), default="l1", show_default=True, help="RBF chip: of the distance.")
@click.option("--k", default=1, show_default=True, help="RBF chip: answers read per vector.")
@click.option("--minif", default=2, show_default=True, help="RBF chip: minimum influence field.")
@click.option("--maxif", default=0x4000, show_default=True, help="RBF chip: maximum influence field.")
@click.option("--passes", default=1, show_default=True, help="RBF chip: times that the training part is shown.")
@click.option("--knowledge", type=click.Path(), help="RBF chip: write what it learned as a knowledge file in the vendor's layout.")
@click.option("--figure", type=click.Path(), help="RBF chip: draw the decision space of vectors of two components (.png, .svg, .pdf).")
@neuromorphic.spiking_options
@click.option("--seed", default=0, show_default=True, help="Of random inputs, recipe weights, and the order of what an RBF chip is taught.")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a figure of the chip, such as units.npu.clock=1GHz.")
@click.option("--json", "json_path", type=click.Path(), help="Write the result as JSON.")
@click.option("--csv", "csv_path", type=click.Path(), help="Write the layer table as CSV.")
@click.option("--trace", "trace_path", type=click.Path(), help="Write a trace for the Perfetto viewer.")
@click.option("--save", "save_path", type=click.Path(), help="Write the whole result as a file for diff, export and accelsim.load_result.")
@click.option("--no-layers", is_flag=True, help="Print totals only.")
def run(chip, workload, input_path, data, pixels, resize, precision, prune, batch, frames, rate, state, engine, no_execute, zeros, pins, mode, norm, k, minif, maxif, passes, knowledge, figure, steps, percentile, reset, cores, spike_figures, seed, overrides, json_path, csv_path, trace_path, save_path, no_layers):  # fmt: skip
    """Run WORKLOAD on CHIP: a network, turned into spikes on a spiking chip; or, on an RBF chip, a data set that it learns and recognises."""
    from accelsim import pipeline
    from accelsim.exporters import csv, json, perfetto

    described = pipeline.load_chip(chip, overrides)
    if not pipeline.spikes(described, workload):
        _refuse_given(neuromorphic.OF_SPIKING_CHIPS, f"is of spiking chips, and '{described.name}' runs no spikes here")
    if pipeline.learns(described, workload):
        _refuse_given(OF_NETWORKS, f"is of networks; '{described.name}' learns vectors")
        result, show = _learned(described, workload, (passes, k, mode, norm, minif, maxif, seed), (frames, rate, state), engine, knowledge, figure)
    elif pipeline.spikes(described, workload):
        _refuse_given(OF_RBF_CHIPS | neuromorphic.OF_GRAPHS, f"is not of spiking chips; '{described.name}' runs spikes")
        shown = (steps, data, pixels, None if input_path == "random" else input_path, percentile, reset, seed, cores)
        result, show = neuromorphic.spiked(described, workload, shown, (frames, rate), engine, spike_figures)
    else:
        _refuse_given(OF_RBF_CHIPS, f"is of RBF chips; '{described.name}' runs a network")
        request = (batch, 1 if frames is None else frames, rate, state)
        result, show = _inferred(described, workload, (precision, prune), seed, (input_path, data, pixels, resize), request, engine, (not no_execute, zeros), pins)
    for path, exporter in ((json_path, json), (csv_path, csv), (trace_path, perfetto)):
        if path:
            exporter.write(result, path)
    if save_path:
        result.save(save_path)
    show(result, _console(), not no_layers)


OF_NETWORKS = {
    "input_path": "--input", "data": "--data", "pixels": "--pixels", "resize": "--resize", "precision": "--precision", "prune": "--prune", "batch": "--batch",
    "no_execute": "--no-execute", "zeros": "--zeros", "pins": "--mapping",
}  # fmt: skip
OF_RBF_CHIPS = {name: f"--{name}" for name in ("mode", "norm", "k", "minif", "maxif", "passes", "knowledge", "figure")}


def _refuse_given(options: dict[str, str], why: str) -> None:
    """Refuse options that the user gave and that this workload has no use for."""
    context = click.get_current_context()
    for name, option in options.items():
        if context.get_parameter_source(name) != click.core.ParameterSource.DEFAULT:
            raise AccelsimError(option, why)


def _inferred(chip, model: str, form: tuple, seed: int, items: tuple, request: tuple, engine: str, arithmetic: tuple, pins: str | None):
    """Return the result of a network, and what prints it."""
    from pathlib import Path

    from accelsim import pipeline
    from accelsim.functional.pruning import pruned
    from accelsim.importers import load_graph
    from accelsim.reports.progress import progress
    from accelsim.reports.terminal import print_result
    from accelsim.results.result import Request

    input_path, data, pixels, resize = items
    execute, zeros = arithmetic
    if execute and zeros is not None:
        raise AccelsimError("--zeros", "is an assumption about data that is not computed", "add --no-execute, or leave it out")
    precision, prune = form
    graph = load_graph(model, precision, seed)
    graph = pruned(graph, prune) if prune else graph
    with progress() as on_progress:
        inputs = _inputs(graph, input_path, pixels, resize, request[0])
        options = pipeline.Options(engine, execute, inputs, data, pixels, Path(pins) if pins else None, seed, on_progress, None if zeros is None else {"": zeros})
        return pipeline.run(chip, graph, Request(*request), options), print_result


def _learned(chip, data: str, training: tuple, recognitions: tuple, engine: str, knowledge: str | None, figure: str | None):
    """Return the result of a data set on an RBF chip, and what prints it; write what it knows."""
    from accelsim.functional.neuromem_knowledge import save_knowledge
    from accelsim.reports.rbf import print_rbf
    from accelsim.studies.rbf import Training
    from accelsim.studies.rbf_figure import write_decision_space
    from accelsim.studies.rbf_run import Recognitions, measure, teach

    taught = Training(*training)
    seen = teach(chip, data, taught)
    result = measure(chip, seen, taught, Recognitions(*recognitions), engine)
    if knowledge:
        save_knowledge(seen.state, knowledge)
    if figure:
        write_decision_space(chip, seen, figure)
    return result, print_rbf


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
    from accelsim.importers.decoders import decoder_names, describe_decoder
    from accelsim.importers.recipes import describe, recipe_names
    from accelsim.reports.listings import model_table

    seeded = {name: describe(name).variant for name in recipe_names()} | {f"{name}@CACHED": describe_decoder(name).variant for name in decoder_names()}
    _console().print(model_table(trained_names(), seeded))


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
    from accelsim.mapping.pins import load_pins, save_pins
    from accelsim.reports.mapping import layer_lines, mapping_table

    mapping = pipeline.best_mapping(load_graph(model, precision), pipeline.load_chip(chip, overrides), load_pins(Path(pins)) if pins else None)
    if save:
        save_pins(mapping, save)
    if layer:
        for line in layer_lines(mapping, layer):
            click.echo(line)
    else:
        _console().print(mapping_table(mapping))


for subject in members("accelsim.commands"):
    for command in member("accelsim.commands", subject).COMMANDS:
        main.add_command(command)


if __name__ == "__main__":
    sys.exit(main())
