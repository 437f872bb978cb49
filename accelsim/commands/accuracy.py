"""How often a network is right."""

import click

from accelsim.commands._options import PIXELS


@click.command()
@click.argument("model")
@click.argument("dataset")
@click.option("--chip", help="Compute in this chip's arithmetic instead of the model's own runtime's.")
@click.option("--pixels", type=click.Choice(PIXELS), help="What a uint8 pixel of the data means to the network.")
@click.option("--limit", type=int, help="Only the first items.")
@click.option("--precision", type=click.Choice(["int8", "float32"]), default="int8", show_default=True, help="Of a recipe.")
@click.option("--prune", metavar="N:M|SHARE", help="Zero the weights of least magnitude first: 2:4, or a share such as 0.8.")
def accuracy(model, dataset, chip, pixels, limit, precision, prune) -> None:
    """Run MODEL's arithmetic on the test part of DATASET (a name or a file): accuracy with its 95 % interval."""
    from accelsim.functional.pruning import pruned
    from accelsim.importers import load_graph
    from accelsim.importers.datasets import load_dataset
    from accelsim.pipeline import chip_numerics, load_chip
    from accelsim.reports.progress import progress
    from accelsim.studies.accuracy import study_accuracy

    graph, data = load_graph(model, precision), load_dataset(dataset)
    graph = pruned(graph, prune) if prune else graph
    numerics = chip_numerics(load_chip(chip), graph) if chip else None
    with progress() as on_progress:
        found = study_accuracy(graph, data, numerics, pixels, limit, on_progress)
    click.echo(f"{found.network} on {found.data}: {found.top1:.2%} right ({found.correct} of {found.items}), {found.low:.2%} to {found.high:.2%} with {found.confidence:.0%} confidence")
    click.echo(f"{found.split}")


COMMANDS = (accuracy,)
