"""What a chip draws in use: battery life at a duty cycle, heat under load."""

import click

SET = click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a figure of the chip, such as power.domains.core.point=low.")


@click.command()
@click.argument("chip")
@click.argument("model")
@click.option("--rate", type=float, required=True, help="Inferences per second.")
@click.option("--battery", "charge", default="1Wh", show_default=True, help="Its usable energy, such as 1Wh.")
@click.option("--rest", help="State between inferences; by default the one that costs least.")
@click.option("--execute", is_flag=True, help="Run the arithmetic too: savings from zeros count.")
@click.option("--figure", "path", type=click.Path(), help="Draw the battery's life over the rate, a line for each state of rest (.png, .svg, .pdf).")
@SET
def battery(chip, model, rate, charge, rest, execute, path, overrides) -> None:
    """Say how long a battery lasts with MODEL on CHIP at some inferences per second."""
    from accelsim.base.quantities import parse
    from accelsim.pipeline import Options, load_chip, run
    from accelsim.results.result import Request
    from accelsim.studies.battery import duty_cycle, lives

    watt_hours = parse(charge, "charge [Wh]", "--battery")
    result = run(load_chip(chip, overrides), model, Request(), Options(execute=execute))
    for line in duty_cycle(result, rate, rest).words(watt_hours * 3600):
        click.echo(line)
    if path:
        from accelsim.reports.battery import battery_figure

        battery_figure(*lives(result, watt_hours * 3600)).save(path)


@click.command()
@click.argument("chip")
@click.argument("model")
@click.option("--seconds", default=60.0, show_default=True, help="How long the chip runs.")
@click.option("--rate", type=float, help="Inferences per second; without it, back to back.")
@click.option("--ambient", help="Temperature of the surroundings, such as 40degC; by default the chip file's.")
@click.option("--figure", "path", type=click.Path(), help="Draw temperature and power over time (.png, .svg, .pdf).")
@SET
def heat(chip, model, seconds, rate, ambient, path, overrides) -> None:
    """Let CHIP run MODEL until it is warm: temperature, throttling, what is left of the throughput."""
    from accelsim.base.quantities import parse
    from accelsim.pipeline import load_chip
    from accelsim.studies.heat import heat_up

    surroundings = parse(ambient, "temperature [degC]", "--ambient") if ambient else None
    warmed = heat_up(load_chip(chip, overrides), model, seconds, rate, surroundings)
    for line in warmed.words():
        click.echo(line)
    if path:
        from accelsim.reports.heat import heat_figure

        heat_figure(warmed.times, warmed.temperatures, warmed.watts, warmed.throttled).save(path)


COMMANDS = (battery, heat)
