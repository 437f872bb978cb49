"""The Result of a spiking network in the terminal."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from accelsim.base.quantities import show
from accelsim.reports.terminal import print_facts
from accelsim.results.learning import LearnedOnCores
from accelsim.results.result import Result

BUSIEST = 5
MOST_POPULATIONS = 40


def print_spiking(result: Result, console: Console, populations: bool = True) -> None:
    """Print the populations' table, totals, the busiest cores, accuracy against steps, and grades."""
    print_facts(console, population_table(result) if populations else None, totals(result), closing_lines(result))


def population_table(result: Result) -> Table:
    """Return one line per population: means of one inference."""
    table = Table(title=f"{result.model} on {result.chip_title}", title_justify="left", header_style="bold")
    for name in ("population", "neurons", "cores", "spikes", "synaptic events in", "updates"):
        table.add_column(name, justify="left" if name == "population" else "right")
    for row in result.spiking["populations"][:MOST_POPULATIONS]:
        counts = (f"{row[key]:,.0f}" for key in ("spikes", "synaptic_events", "neuron_updates"))
        table.add_row(row["name"], f"{row['neurons']:,}", str(row["cores"]), *counts)
    return table


def totals(result: Result) -> Iterable[tuple[str, str]]:
    """Yield (fact, value) pairs."""
    s, request = result.spiking, result.request
    many = f", mean of {s['inferences']} inferences" if s["inferences"] > 1 else ""
    yield (
        "network",
        f"{s['neurons']:,} neurons, {s['synapses']:,} synapses on {s['cores_used']} of {s['cores']} cores in {s['tiles_used']} tiles, "
        f"{s['arithmetic']} arithmetic",
    )
    yield (
        "activity",
        f"{s['spikes']:,.0f} spikes, {s['synaptic_events']:,.0f} synaptic events, {s['neuron_updates']:,.0f} updates, "
        f"{s['messages']:,.0f} messages, {s['hops']:,.0f} hops in {s['steps']} steps{many}",
    )
    step = s["step"]
    yield (
        "step",
        (
            f"{show(step['mean_s'], 's')} ({show(step['least_s'], 's')} to {show(step['greatest_s'], 's')}): "
            f"slowest core's neurons {show(step['slowest_core_neurons_s'], 's')}, "
            f"its messages {show(step['slowest_core_messages_s'], 's')}, at once; then the barrier {show(step['barrier_s'], 's')}"
        ),
    )
    spread = f"; p50 {show(result.latency_p50_s, 's')}, p99 {show(result.latency_p99_s, 's')}" if request.frames > 1 else ""
    yield "latency", f"{show(result.latency_s, 's')} an inference{spread}; {result.throughput_per_s:.4g} inferences/s"
    joules = result.energy_j
    yield (
        "energy",
        f"{show(joules['total'], 'J')} an inference (dynamic {show(joules['dynamic'], 'J')}, static {show(joules['static'], 'J')}), "
        f"{show(result.average_power_w, 'W')} on average",
    )
    parts = sorted((s["joules_by_action"] | {"static": joules["static"]}).items(), key=lambda pair: -pair[1])
    yield "", ", ".join(f"{name.replace('_', ' ')} {show(value, 'J', 3)}" for name, value in parts)
    memory = max((m["peak_used_bytes"] for m in result.memories.values()), default=0)
    yield "synapses", f"{show(memory, 'B')} of synapse memory in use, {show(max(m['read_bytes'] for m in result.memories.values()), 'B')} read an inference"
    busiest = sorted(s["core_load"], key=lambda core: -max(core["neurons_s"], core["messages_s"]))[:BUSIEST]
    yield "busiest", ", ".join(f"core {c['core']} ({c['neurons']} neurons) {show(max(c['neurons_s'], c['messages_s']), 's', 3)}" for c in busiest)


def closing_lines(result: Result) -> Iterable[str]:
    """Yield accuracy against steps, estimated figures, grades and notes."""
    s, accuracy, grade = result.spiking, result.accuracy, result.grade
    if accuracy is not None:
        items = f"{accuracy['items']} items of {accuracy['data']} ({accuracy['split']})"
        yield f"accuracy: {accuracy['top1']:.2%} of {items}, by {s['readout']} after {s['steps']} steps"
        shown = [n for n in sorted({1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, s["steps"]}) if n <= s["steps"]]
        yield "  against steps: " + ", ".join(f"{n}: {s['accuracy_by_step'][n - 1]:.1%}" for n in shown)
    for term in result.terms:
        if term.provenance.grade == "estimated":
            name = term.action if term.component == "static" else term.action.replace("_", " ")
            yield f"  estimated: {name}, {show(term.joules, 'J', 3)}: {term.provenance.source}"
    share = f"{grade['estimated_share']:.0%} of the energy rests on estimated figures"
    yield f"grades: latency {grade['latency']}, energy {grade['energy']}, {share}; chip file: {result.fidelity}"
    for note in result.notes:
        yield f"note: {note}"


def learning_lines(learned: LearnedOnCores) -> Iterable[str]:
    """Yield what a projection learned, how long that took and what it cost."""
    yield f"{learned.projection} of {learned.network} on {learned.chip}: {learned.items} items of {learned.steps} steps"
    yield f"weights: {learned.changed:,} of {learned.synapses:,} changed, by {learned.mean_change:.3g} of a mantissa on average"
    learning = show(learned.learning_j, "J")
    yield f"synaptic updates: {learned.updates:,}, {learning}; {show(learned.learning_s, 's')} of {show(learned.seconds, 's')} are spent on them"
    yield f"energy: {show(learned.total_j, 'J')} (spiking {show(learned.spiking_j, 'J')}, learning {learning}, static {show(learned.static_j, 'J')})"
    yield f"grade of an update's time and energy: {learned.grade}"
    yield "note: not bit-exact: the chip decays traces and rounds weights at random with a generator that is not public; both round down here"
