"""Several networks on one chip as tables in the terminal."""

from collections.abc import Iterable

from rich.table import Table

from accelsim.base.quantities import show
from accelsim.results.together import Together

LEAST_BUSY = 0.005


def networks_table(found: Together) -> Table:
    """Return a line per network: its time and pace alone and beside the others."""
    table = Table(title=f"{len(found.networks)} networks on {found.chip_title}", title_justify="left", header_style="bold")
    for name, justify in (("network", "left"), ("units", "left"), ("batch", "right"), ("one alone", "right"), ("p50 alone", "right"), ("p50 together", "right"), ("alone [1/s]", "right"), ("together [1/s]", "right"), ("slow-down", "right"), ("energy", "right")):
        table.add_column(name, justify=justify, no_wrap=True)
    for one in found.networks:
        units = "+".join(one.units) or "all"
        paces = (f"{one.alone.throughput_per_s:.4g}", f"{one.together.throughput_per_s:.4g}")
        energy = show(one.dynamic_energy_j, "J", 3) if one.dynamic_energy_j is not None else "-"
        table.add_row(one.model, units, str(one.batch), show(one.latency_s, "s"), show(one.alone.latency_p50_s, "s"), show(one.together.latency_p50_s, "s"), *paces, f"{one.slow_down:.3f}", energy)
    return table


def servers_table(found: Together) -> Table:
    """Return a line per server that works: its share of the time in which all networks run, and for whom."""
    table = Table(header_style="bold")
    table.add_column("server")
    table.add_column("busy", justify="right")
    for k, one in enumerate(found.networks, start=1):
        table.add_column(f"for {k}: {one.model}", justify="right")
    for server in found.servers:
        if server["busy"] >= LEAST_BUSY:
            table.add_row(server["name"], f"{server['busy']:.1%}", *(f"{share:.1%}" for share in server["by"]))
    return table


def closing_lines(found: Together) -> Iterable[str]:
    """Yield what the run as a whole took and cost."""
    inferences = ", ".join(f"{one.frames} of {one.model}" for one in found.networks)
    yield f"{inferences}: {show(found.seconds, 's')} at once, {show(found.in_sequence_s, 's')} one network after the other ({found.in_sequence_s / found.seconds:.3f} times)"
    yield f"together {found.throughput_per_s:.4g} inputs/s while all run ({show(found.window_s, 's')}); turns at shared servers: {found.arbitration}"
    if found.energy_j is not None:
        yield f"energy {show(found.energy_j, 'J')} at once, {show(found.in_sequence_j, 'J')} one after the other; {show(found.average_power_w, 'W')} on average; {found.estimated_share:.0%} estimated"
    else:
        yield f"no energy: {found.why_no_energy}"
    yield from found.notes
