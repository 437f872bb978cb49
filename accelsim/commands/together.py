"""Several networks on one chip at once, and one network in stages on several units."""

import json

import click

from accelsim.commands._console import console


@click.command()
@click.argument("chip")
@click.option("--task", "tasks", multiple=True, required=True, metavar="MODEL[@UNIT+...][,batch=N][,rate=R]", help="A network, the units that it may use (the preferred first; the host always), its batch and its requests per second; several times.")
@click.option("--frames", default=8, show_default=True, help="Inferences of the network that takes longest; the others get as many as fill that time.")
@click.option("--arbitration", type=click.Choice(["fair", "order"]), default="fair", show_default=True, help="Who is next at a shared unit, memory or mover: the one for which least was done, or the first named.")
@click.option("--execute", is_flag=True, help="Run the arithmetic too: savings from zeros count.")
@click.option("--engine", type=click.Choice(["compiled", "event"]), default="compiled", show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of random inputs and recipe weights.")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a figure of the chip.")
@click.option("--json", "json_path", type=click.Path(), help="Write what was found as JSON.")
@click.option("--trace", "trace_path", type=click.Path(), help="Write a trace for ui.perfetto.dev: a process for each network.")
@click.option("--figure", type=click.Path(), help="Draw who uses what over time (.png, .svg, .pdf).")
def together(chip, tasks, frames, arbitration, execute, engine, seed, overrides, json_path, trace_path, figure) -> None:
    """Run several networks on CHIP at once: each one's time and pace alone and beside the others, who waits where, and the energy."""
    from accelsim.pipeline import load_chip
    from accelsim.reports.blocks import Blocks
    from accelsim.reports.together import closing_lines, networks_table, servers_table
    from accelsim.studies.together import together as run_together

    found = run_together(load_chip(chip, overrides), tasks, frames, arbitration, execute, engine, seed)
    names = [f"{one.model} on {'+'.join(one.units) or 'all units'}" for one in found.networks]
    _write(found, found.mapping, names, json_path, trace_path)
    if figure:
        from accelsim.reports.together_timeline import together_timeline

        together_timeline(found).save(figure)
    terminal = console()
    terminal.print(Blocks(networks_table(found), 2))
    terminal.print(servers_table(found))
    for line in closing_lines(found):
        click.echo(line)


@click.command()
@click.argument("chip")
@click.argument("model")
@click.option("--pipeline", "units", default="", metavar="UNIT[+UNIT...]:UNIT...", help="The units of each stage (the preferred first; the host always). By default the order of units that is predicted to be the fastest.")
@click.option("--cut", multiple=True, metavar="NODE", help="The node with which the next stage begins, once for each stage after the first. By default where the slowest stage is predicted to end soonest.")
@click.option("--batch", default=1, show_default=True, help="Inputs per inference.")
@click.option("--frames", default=16, show_default=True, help="Inferences over which the steady state is measured.")
@click.option("--execute", is_flag=True, help="Run the arithmetic too: savings from zeros count.")
@click.option("--engine", type=click.Choice(["compiled", "event"]), default="compiled", show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of random inputs and recipe weights.")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a figure of the chip.")
@click.option("--json", "json_path", type=click.Path(), help="Write what was found as JSON.")
@click.option("--trace", "trace_path", type=click.Path(), help="Write a trace for ui.perfetto.dev: a process for each stage.")
def stages(chip, model, units, cut, batch, frames, execute, engine, seed, overrides, json_path, trace_path) -> None:
    """Run MODEL in stages on several units of CHIP, inference after inference: its latency, its pace, and where it is cut."""
    from accelsim.pipeline import load_chip
    from accelsim.reports.stages import closing_lines, stages_table
    from accelsim.studies.stages import stages as run_in_stages

    found = run_in_stages(load_chip(chip, overrides), model, units, cut, batch, frames, execute, engine, seed)
    names = [f"stage {k} of {found.model} on {'+'.join(stage.units)}" for k, stage in enumerate(found.stages, start=1)]
    _write(found, found.mapping.neighbours, names, json_path, trace_path)
    console().print(stages_table(found))
    for line in closing_lines(found):
        click.echo(line)


def _write(found, neighbours, names, json_path, trace_path) -> None:
    """Write what was asked for: the figures as JSON, the joint run as a trace with a process for each of the names."""
    if json_path:
        from accelsim.base.files import write_whole

        write_whole(json_path, json.dumps(found.to_dict(), indent=1, allow_nan=False) + "\n")
    if trace_path:
        from accelsim.exporters.perfetto import write_several

        write_several(found.trace, neighbours.mappings, names, found.chip, trace_path)


COMMANDS = (together, stages)
