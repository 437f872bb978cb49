"""Joules and square millimetres by name: what an action costs, what a chip's area may be."""

import click

from accelsim.commands._console import console


@click.command()
@click.argument("action", required=False)
@click.option("--process", help="Such as 7nm.")
@click.option("--bytes", "size", help="Capacity of an SRAM, such as 64KiB.")
@click.option("--width", default=64, show_default=True, help="Of an SRAM's port, in bits.")
@click.option("--voltage", help="Supply of an operation, such as 0.7V.")
def energy(action, process, size, width, voltage) -> None:
    """Say what ACTION costs: figure, range, grade and source. Without ACTION, list the actions."""
    from accelsim.base.quantities import parse
    from accelsim.hardware.energy_question import energy_actions, energy_of
    from accelsim.reports.energy import answer_lines

    if action is None:
        for kind, names in energy_actions().items():
            click.echo(f"{kind}: {', '.join(names)}")
        return
    bytes_, volts = (parse(text, dimension, place) if text else None for text, dimension, place in ((size, "bytes [B]", "--bytes"), (voltage, "voltage [V]", "--voltage")))
    for line in answer_lines(energy_of(action, process, bytes_, width, volts)):
        click.echo(line)


@click.command()
@click.argument("chip")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a figure of the chip.")
def area(chip, overrides) -> None:
    """Estimate the area of CHIP's arrays and scratchpads from published designs."""
    from accelsim.hardware.area import estimate_area
    from accelsim.pipeline import load_chip
    from accelsim.reports.energy import area_table

    described = load_chip(chip, overrides)
    terminal = console()
    terminal.print(area_table(described, estimate_area(described)))


COMMANDS = (energy, area)
