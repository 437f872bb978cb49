"""Neuromorphic chips: what ``accelsim run`` does on spiking cores, and classifiers side by side."""

from collections.abc import Callable

import click

from accelsim.commands._console import console

STEPS = click.option("--steps", type=int, help="Spiking chip: time steps of an inference; 64 by default.")
PERCENTILE = click.option(
    "--percentile", type=float, default=99.9, show_default=True, help="Spiking chip: of a layer's activations; what one spike a step stands for."
)
RESET = click.option(
    "--reset", type=click.Choice(["subtract", "value"]), default="subtract", show_default=True, help="Spiking chip: of a converted neuron at a spike."
)
CORES = click.option("--cores", multiple=True, metavar="POPULATION=N", help="Spiking chip: cores that a population takes; by default the fewest that hold it.")
FIGURES = click.option(
    "--spike-figures", type=click.Path(), help="Spiking chip: draw raster, membranes, load of cores and energy of the first input into a folder."
)

OF_SPIKING_CHIPS = {"steps": "--steps", "percentile": "--percentile", "reset": "--reset", "cores": "--cores", "spike_figures": "--spike-figures"}
# Options of graphs of operators that a spiking network has no use for.
OF_GRAPHS = {
    "resize": "--resize",
    "precision": "--precision",
    "batch": "--batch",
    "no_execute": "--no-execute",
    "zeros": "--zeros",
    "pins": "--mapping",
    "state": "--state",
}


def spiking_options(command: Callable) -> Callable:
    """Add the options of spiking chips to a command."""
    for option in (FIGURES, CORES, RESET, PERCENTILE, STEPS):
        command = option(command)
    return command


def spiked(chip, model: str, shown: tuple, frames: tuple, engine: str, figures: str | None):
    """Return the result of a spiking network, and what prints it.

    Parameters
    ----------
    shown : tuple
        (steps, data, pixels, input or None, percentile, reset, seed, cores).
    frames : tuple
        (count, rate).
    """
    from accelsim.reports.progress import progress
    from accelsim.reports.spiking_terminal import print_spiking
    from accelsim.studies.spiking_run import Frames, run_spiking
    from accelsim.studies.spiking_shown import Presentation

    asked = Presentation(*shown)
    with progress() as on_progress:
        result = run_spiking(chip, model, asked, Frames(*frames), engine, on_progress)
    if figures:
        from accelsim.studies.spiking_figures import write_spiking_figures

        write_spiking_figures(chip, model, asked, result, figures)
    return result, print_spiking


@click.command()
@click.argument("data")
@click.option("--rbf", default="nm500", show_default=True, help="The chip that learns the data set.")
@click.option("--npu", default="ethos_u55_128", show_default=True, help="The chip of the int8 network that was trained on it.")
@click.option(
    "--processor",
    "processors",
    multiple=True,
    default=("cortex_m7", "cortex_a53"),
    show_default=True,
    help="Chips of the nearest neighbour and of the int8 network; may be repeated.",
)
@click.option("--spiking", multiple=True, default=("loihi",), show_default=True, help="Chips of the network converted to spikes; may be repeated.")
@click.option("--steps", type=int, help="Time steps of the spiking network; 64 by default.")
@click.option("--engine", type=click.Choice(["compiled", "event"]), default="compiled", show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of the order in which the chip is taught.")
@click.option("--json", "json_path", type=click.Path(), help="Write the rows as JSON.")
def classify(data, rbf, npu, processors, spiking, steps, engine, seed, json_path) -> None:
    """Compare ways to classify a DATA set: an RBF chip, one trained network on NPU, processors and as spikes, nearest neighbour."""
    from dataclasses import asdict
    from json import dumps

    from accelsim.base.files import write_whole
    from accelsim.reports.rbf import contest_table
    from accelsim.studies.rbf import Training
    from accelsim.studies.rbf_compare import Contestants, compare_classifiers

    contest = compare_classifiers(data, Contestants(rbf, npu, processors, spiking), Training(seed=seed), engine, steps)
    if json_path:
        write_whole(json_path, dumps({"data": data, "rows": [asdict(row) for row in contest.rows], "notes": contest.notes}, indent=1) + "\n")
    console().print(contest_table(data, contest.rows))
    for note in contest.notes:
        click.echo(f"note: {note}")


@click.command()
@click.argument("chip")
@click.argument("model")
@click.argument("projection", required=False)
@click.option("--data", help="A data set: items of its training part are shown; otherwise one seeded random input.")
@click.option("--items", type=click.IntRange(1), default=10, show_default=True, help="Of the data set.")
@click.option("--steps", type=int, help="Time steps of each item; 64 by default.")
@click.option("--seed", default=0, show_default=True, help="Of random input.")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a figure of the chip.")
def stdp(chip, model, projection, data, items, steps, seed, overrides) -> None:
    """Let a PROJECTION of an integer spiking MODEL learn by pairwise STDP on CHIP; without PROJECTION, its last."""
    from accelsim.pipeline import load_chip
    from accelsim.reports.spiking_terminal import learning_lines
    from accelsim.studies.spiking_learning import learn_on_cores
    from accelsim.studies.spiking_shown import Presentation

    for line in learning_lines(learn_on_cores(load_chip(chip, overrides), model, projection, Presentation(steps, data, seed=seed), items)):
        click.echo(line)


COMMANDS = (classify, stdp)
