"""A Result as tables in the terminal."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from accelsim.base.quantities import show
from accelsim.reports.blocks import Blocks
from accelsim.reports.energy_parts import energy_parts, is_steady, part_of
from accelsim.results.own_time import overlapping
from accelsim.results.result import Result

MOST_LAYERS = 400


def print_result(result: Result, console: Console, layers: bool = True) -> None:
    """Print the layer table, totals, coverage, accuracy and grades."""
    print_facts(console, layer_table(result) if layers else None, totals(result), closing_lines(result))


def print_facts(console: Console, details: Table | None, facts: Iterable[tuple[str, str]], lines: Iterable[str]) -> None:
    """Print a table of details where there is one, (fact, value) pairs below each other, then lines."""
    if details is not None:
        console.print(Blocks(details))
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in facts:
        table.add_row(f"[bold]{name}[/bold]", value)
    console.print(table)
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)


def layer_table(result: Result) -> Table:
    """Return one line per layer."""
    table = Table(title=f"{result.model} on {result.chip_title}", title_justify="left", header_style="bold")
    for name, justify in (("layer", "left"), ("operator", "left"), ("unit", "left"), ("cycles", "right"), ("time", "right"), ("util", "right"), ("read", "right"), ("written", "right"), ("energy", "right"), ("bound by", "left")):
        table.add_column(name, justify=justify, no_wrap=True, overflow="ellipsis", max_width=34 if name == "layer" else 22)
    for row in result.layer_rows[:MOST_LAYERS]:
        time = show(row.seconds, "s", 3) if result.latency_s is not None else "-"
        used = f"{row.utilization:.0%}" if row.utilization else "-"
        energy = show(row.energy_j, "J", 3) if row.energy_j is not None else "-"
        unit = f"{row.unit} *" if row.fallback else row.unit
        table.add_row(row.name, row.operator, unit, f"{row.cycles:,}", time, used, show(row.read_bytes, "B", 3), show(row.write_bytes, "B", 3), energy, row.bound_by)
    if result.latency_s is not None and any(len(group) > 1 for group in overlapping(result.layer_rows)):
        table.caption, table.caption_justify = "Layers that are done depth first take turns: their times overlap and add up to more than the latency.", "left"
    return table


def totals(result: Result) -> Iterable[tuple[str, str]]:
    """Yield (fact, value) pairs."""
    if result.latency_s is not None:
        request = result.request
        yield "latency", f"{show(result.latency_s, 's')} warm, {show(result.first_latency_s, 's')} cold (first inference)"
        pace = f"{result.throughput_per_s:,.0f}" if result.throughput_per_s >= 1e4 else f"{result.throughput_per_s:.4g}"
        shown = f"{pace} inputs/s over {request.frames} frame{'s' if request.frames > 1 else ''} of batch {request.batch} ({request.state})"
        spread = f"; latency p50 {show(result.latency_p50_s, 's')}, p99 {show(result.latency_p99_s, 's')}" if request.frames > 1 else ""
        yield "throughput", shown + spread
    else:
        yield "cycles", f"{result.cycles:,} ({result.why_no_time})"
    used = f" of {result.macs:,} MACs, {result.utilization:.1%} of the array's peak" if result.utilization else ""
    yield "cycles", f"{result.cycles:,}{used}" if result.latency_s is not None else used.removeprefix(" of ") or "-"
    if result.energy_j is not None:
        yield "energy", f"{show(result.energy_j['total'], 'J')}{range_text(result)} per inference ({steady_text(result)}), {show(result.average_power_w, 'W')} on average"
        yield "", ", ".join(f"{name} {show(joules, 'J', 3)}" for name, joules in energy_parts(result).items())
    else:
        yield "energy", f"not known: {result.why_no_energy}"
    for name, memory in result.memories.items():
        yield name, f"read {show(memory['read_bytes'], 'B')}, written {show(memory['write_bytes'], 'B')}, at most {show(memory['peak_used_bytes'], 'B')} in use"


def steady_text(result: Result) -> str:
    """Return "dynamic 3 mJ, cpu clock 2 mJ, static 1 mJ"."""
    clocks = {name: joules for name, joules in energy_parts(result).items() if is_steady(name)}
    parts = {"dynamic": result.energy_j["dynamic"]} | (clocks or {"static": result.energy_j["static"]})
    return ", ".join(f"{name} {show(joules, 'J')}" for name, joules in parts.items())


def range_text(result: Result) -> str:
    """Return " (3 mJ to 5.6 mJ; 62% estimated: dram read)"; empty without a range."""
    spread = result.energy_range
    if spread is None:
        return ""
    worst = spread.most_estimated
    share = f"; {result.grade['estimated_share']:.0%} estimated: {part if (part := part_of(worst.component, worst.action)) != worst.component else f'{part} {worst.action}'}" if worst is not None else ""
    return f" ({show(spread.low_j, 'J', 3)} to {show(spread.high_j, 'J', 3)}{share})"


def closing_lines(result: Result) -> Iterable[str]:
    """Yield coverage, accuracy, classes, grades and notes."""
    yield "coverage: " + ", ".join(f"{unit} {share:.1%} of MACs in {count} layers" for unit, (share, count) in result.coverage.items())
    fallbacks = {row.operator: row.fallback for row in result.layer_rows if row.fallback}
    for operator, why in fallbacks.items():
        yield f"  * {operator} falls back: {why}"
    if result.accuracy is not None:
        yield f"accuracy: {result.accuracy['top1']:.2%} of {result.accuracy['items']} items of {result.accuracy['data']} ({result.accuracy['split']})"
    if result.top_classes:
        yield "top classes: " + ", ".join(f"{label} {score:.3f}" for label, score in result.top_classes)
    grade = result.grade
    share = f", {grade['estimated_share']:.0%} of the energy rests on estimated figures" if grade["estimated_share"] is not None else ""
    yield f"grades: latency {grade['latency'] or '-'}, energy {grade['energy'] or '-'}{share}; chip file: {result.fidelity}"
    for note in result.notes:
        yield f"note: {note}"
