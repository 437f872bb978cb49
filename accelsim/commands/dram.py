"""External memory by itself: traces of requests on a DRAM part."""

import click


@click.command()
@click.argument("trace", type=click.Path())
@click.option("--part", default="ddr4_3200_x64", show_default=True, help="A DRAM part by name or file.")
@click.option("--controller", default="interleaved", show_default=True, help="A controller profile by name or file, such as dramsim3 or ramulator.")
@click.option("--form", type=click.Choice(["dramsim3", "ramulator1", "ramulator2"]), help="Of TRACE; by default told from its first line.")
@click.option("--write", "target", type=click.Path(), help="Write the requests to this file instead of serving them.")
@click.option("--as", "written", type=click.Choice(["dramsim3", "ramulator1", "ramulator2"]), default="dramsim3", show_default=True, help="Form of the file written.")
def dram(trace, part, controller, form, target, written) -> None:
    """Serve TRACE, a trace of DRAMsim3 or Ramulator, on a DRAM part: clocks, latency, commands, energy; or write it in another form."""
    from accelsim.exporters._dram_traces import write_dram_trace
    from accelsim.importers._dram_traces import read_dram_trace
    from accelsim.studies.dram_trace import serve_trace

    requests = read_dram_trace(trace, form or "")
    if target:
        write_dram_trace(target, requests, written)
        click.echo(f"{len(requests)} requests written to {target} as {written}")
        return
    for line in serve_trace(part, controller, requests).words():
        click.echo(line)


COMMANDS = (dram,)
