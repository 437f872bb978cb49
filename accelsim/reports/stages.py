"""One network in stages as tables in the terminal."""

from collections.abc import Iterable

from rich.table import Table

from accelsim.base.quantities import show
from accelsim.reports.together import LEAST_BUSY
from accelsim.results.stages import Staged


def stages_table(found: Staged) -> Table:
    """Return a line per stage: where it begins, its time and pace without the others, and how busy it is."""
    table = Table(title=f"{found.model} in {len(found.stages)} stage{'s' * (len(found.stages) > 1)} on {found.chip_title}", title_justify="left", header_style="bold")
    for name, justify in (("stage", "right"), ("units", "left"), ("begins with", "left"), ("nodes", "right"), ("hands over", "right"), ("one alone", "right"), ("alone [1/s]", "right"), ("busy", "right")):
        table.add_column(name, justify=justify, no_wrap=True)
    for number, one in enumerate(found.stages, start=1):
        table.add_row(str(number), "+".join(one.units) or "all", one.begins_with, str(one.nodes), show(one.hands_over, "B"), show(one.latency_s, "s"), f"{one.alone_per_s:.4g}", f"{one.busy:.1%}")
    return table


def closing_lines(found: Staged) -> Iterable[str]:
    """Yield what the network as a whole takes and costs, in stages and undivided."""
    yield f"in stages   {found.throughput_per_s:.4g} inputs/s in the steady state; first inference {show(found.latency_s, 's')}, in the steady state {show(found.latency_p50_s, 's')} (p99 {show(found.latency_p99_s, 's')})"
    if found.predicted_per_s is not None:
        yield f"            the cut was chosen by prediction: {found.predicted_per_s:.4g} inputs/s by the slowest stage or the busiest shared server"
    for one in found.whole:
        units = "+".join(one.units) or "all"
        yield f"undivided   on {units} {one.throughput_per_s:.4g} inputs/s, {show(one.latency_s, 's')}" if one.latency_s is not None else f"undivided   not on {units}"
    shared = [f"{server['name']} {server['busy']:.0%}" for server in found.servers if sum(share >= LEAST_BUSY for share in server["by"]) > 1]
    if shared:
        yield f"shared servers, busy: {', '.join(shared)}; what is handed over lies in {found.memory}"
    yield f"energy {show(found.energy_j, 'J')} an inference in the steady state" if found.energy_j is not None else f"no energy: {found.why_no_energy}"
