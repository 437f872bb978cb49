"""A decoder's tokens, one after another, on a chip."""

import click

from accelsim.commands._console import console
from accelsim.commands.studies import CSV, JSON, PARQUET


@click.command()
@click.argument("chip")
@click.argument("decoder")
@click.option("--tokens", default=8, show_default=True, help="Steps that are costed.")
@click.option("--cached", default=0, show_default=True, help="Tokens in the cache before them: a prompt, computed and not costed.")
@click.option("--precision", type=click.Choice(["int8", "float32"]), default="int8", show_default=True, help="Of the weights.")
@click.option("--no-execute", is_flag=True, help="Only time, bytes and joules.")
@click.option("--engine", type=click.Choice(["compiled", "event"]), default="compiled", show_default=True, help="What simulates.")
@click.option("--seed", default=0, show_default=True, help="Of the weights and of the prompt.")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a figure of the chip.")
@CSV
@JSON
@PARQUET
def decode(chip, decoder, tokens, cached, precision, no_execute, engine, seed, overrides, csv_path, json_path, parquet_path) -> None:
    """Let DECODER (such as stories15m) make tokens on CHIP: what each costs while the cache of keys and values grows."""
    from accelsim.pipeline import load_chip
    from accelsim.reports.blocks import Blocks
    from accelsim.reports.comparison import plain_table
    from accelsim.reports.progress import progress
    from accelsim.studies.decode import decode as decoded

    with progress() as on_progress:
        found = decoded(load_chip(chip, overrides), decoder, tokens, cached, precision, seed, not no_execute, engine, on_progress)
    for path in filter(None, (csv_path, json_path, parquet_path)):
        found.write(path)
    console().print(Blocks(plain_table(found.rows, f"{found.decoder} on {found.chip}, {precision} weights")))
    for line in found.words():
        click.echo(line)


COMMANDS = (decode,)
