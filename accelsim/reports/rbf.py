"""The Result of an RBF chip, and classifiers beside it, in the terminal."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from accelsim.base.quantities import show
from accelsim.reports.energy_parts import energy_parts
from accelsim.reports.terminal import print_facts, range_text
from accelsim.results.classifier import ClassifierRow
from accelsim.results.result import Result

OPERATIONS = {"learning": "learn a vector", "recognition": "recognise a vector", "restore": "restore the knowledge"}


def print_rbf(result: Result, console: Console, operations: bool = True) -> None:
    """Print the operations' table, what the chip knows and answers, totals and grades."""
    print_facts(console, operation_table(result) if operations else None, totals(result), closing_lines(result))


def operation_table(result: Result) -> Table:
    """Return one line per sort of operation: means of one."""
    table = Table(title=f"{result.model} on {result.chip_title}", title_justify="left", header_style="bold")
    for name in ("operation", "how many", "cycles", "chip alone", "link bytes", "latency", "energy", "per second", "without link"):
        table.add_column(name, justify="left" if name == "operation" else "right")
    for key, name in OPERATIONS.items():
        row = result.rbf[key]
        table.add_row(
            name, f"{row['operations']:,}", f"{row['cycles']:,.1f}", show(row["latency_without_link_s"], "s"), f"{row['link_bytes']:,.0f}", show(row["latency_s"], "s"),
            show(row["energy_j"]["total"], "J"), show(row["per_second"], "", 4), show(row["per_second_without_link"], "", 4),
        )  # fmt: skip
    return table


def totals(result: Result) -> Iterable[tuple[str, str]]:
    """Yield (fact, value) pairs."""
    rbf, request = result.rbf, result.request
    degenerated = f", {rbf['neurons_degenerated']} of them degenerated" if rbf["neurons_degenerated"] else ""
    chain = f" in {rbf['chips']} chips" if rbf["chips"] > 1 else ""
    yield "neurons", f"{rbf['neurons_committed']} of {rbf['neurons']}{chain} committed{degenerated}, by {rbf['trained']} vectors of {rbf['components']} components"
    shares = ", ".join(f"{name} {row['share']:.2%}" + (f" ({row['cycles']:.1f} cycles)" if row["cycles"] else "") for name, row in rbf["outcomes"].items())
    yield "answers", shares
    yield "latency", f"{show(result.latency_s, 's')} a recognition, {show(result.first_latency_s, 's')} from an empty chip (knowledge restored first)"
    spread = f"; latency p50 {show(result.latency_p50_s, 's')}, p99 {show(result.latency_p99_s, 's')}" if request.rate else ""
    yield "throughput", f"{result.throughput_per_s:.4g} recognitions/s over {request.frames} ({request.state}){spread}"
    joules = result.energy_j
    yield "energy", f"{show(joules['total'], 'J')}{range_text(result)} a recognition (dynamic {show(joules['dynamic'], 'J')}, static {show(joules['static'], 'J')}), {show(result.average_power_w, 'W')} on average"
    parts = energy_parts(result).items()
    yield "", ", ".join(f"{name} {show(value, 'J', 3)}" for name, value in parts)


def closing_lines(result: Result) -> Iterable[str]:
    """Yield accuracy, estimated figures, grades and notes."""
    rbf, accuracy, grade = result.rbf, result.accuracy, result.grade
    yield f"accuracy: {accuracy['top1']:.2%} of {accuracy['items']} items of {accuracy['data']} ({accuracy['split']}); identified and right {rbf['identified_right']:.2%}"
    yield f"scikit-learn's nearest neighbour (manhattan) on the same components: {rbf['nearest_neighbour_accuracy']:.2%}"
    for term in result.terms:
        if term.provenance.grade == "estimated":
            name = term.action if term.component == "static" else f"{term.component} {term.action}"
            yield f"  estimated: {name}, {show(term.joules, 'J', 3)}: {term.provenance.source}"
    share = f"{grade['estimated_share']:.0%} of the energy rests on estimated figures"
    yield f"grades: latency {grade['latency']}, energy {grade['energy']}, {share}; chip file: {result.fidelity}"
    for note in result.notes:
        yield f"note: {note}"


def contest_table(data: str, rows: Iterable[ClassifierRow]) -> Table:
    """Return classifiers of one data set side by side."""
    table = Table(title=f"{data}: one item classified", title_justify="left", header_style="bold")
    for name in ("method", "chip", "knows", "accuracy", "latency", "energy", "per second", "grades: latency, energy", "estimated"):
        table.add_column(name, justify="right" if name in ("accuracy", "latency", "energy", "per second", "estimated") else "left", overflow="fold")
    for row in rows:
        figures = (show(value, unit) if value is not None else "-" for value, unit in ((row.latency_s, "s"), (row.energy_j, "J"), (row.per_second, "")))
        share = f"{row.estimated_share:.0%} of J" if row.estimated_share is not None else "-"
        table.add_row(row.method, row.chip, row.knows, f"{row.accuracy:.2%}", *figures, f"{row.latency_grade or '-'}, {row.energy_grade or '-'}", share)
    return table
