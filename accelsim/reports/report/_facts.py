"""A result in words: its headline figures, what they mean, and how to repeat it."""

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from accelsim.reports.energy_parts import energy_parts, part_of
from accelsim.reports.figures._spans import has_layers, own_times, rows_of, spent_times
from accelsim.reports.figures._axes import size
from accelsim.reports.report._tables import quantity
from accelsim.results.busy import COMPUTE, WAITING
from accelsim.results.power import power_over_time
from accelsim.results.result import Result

PACKAGES = ("numpy", "numba", "simpy", "matplotlib")


@dataclass(frozen=True, slots=True)
class Fact:
    """A headline figure: what, how much, beside what, and its grade (empty where it is a count)."""

    name: str
    value: str
    beside: str = ""
    grade: str = ""


def headline(result: Result) -> list[Fact]:
    """Return the figures that a reader looks for first."""
    facts = []
    if result.latency_s is not None:
        facts.append(Fact("Latency", quantity(result.latency_s, "s"), _first(result), result.grade["latency"] or ""))
        facts.append(Fact("Throughput", f"{result.throughput_per_s:,.4g}/s" if result.throughput_per_s < 1000 else f"{result.throughput_per_s:,.0f}/s", f"batch {result.request.batch}, {result.request.frames} frame{'s' if result.request.frames > 1 else ''}, {result.request.state}"))
    if result.energy_j is not None:
        spread = result.energy_range
        between = f"between {quantity(spread.low_j, 'J', 2)} and {quantity(spread.high_j, 'J', 2)}" if spread else ""
        facts.append(Fact("Energy", quantity(result.energy_j["total"], "J"), between, result.grade["energy"] or ""))
    if (power := power_over_time(result)) is not None:
        facts.append(Fact("Power", quantity(result.average_power_w, "W", 3), f"mean; peak {quantity(power.peak, 'W', 3)} over {quantity(power.edges[1], 's', 2)}"))
    if result.utilization:
        facts.append(Fact("Utilisation", f"{result.utilization:.1%}", f"of the peak, {result.macs:,} MACs"))
    if result.accuracy is not None:
        facts.append(Fact("Accuracy", f"{result.accuracy['top1']:.2%}", f"of {result.accuracy['items']} items of {result.accuracy['data']} ({result.accuracy['split']})"))
    for name, memory in result.memories.items():
        if memory["peak_used_bytes"]:
            facts.append(Fact(f"{name} in use", size(memory["peak_used_bytes"]), f"read {quantity(memory['read_bytes'], 'B')}, written {quantity(memory['write_bytes'], 'B')}"))
    return facts


def sentences(result: Result) -> list[str]:
    """Return what the figures say, one sentence each."""
    return [*_of_time(result), *_of_energy(result), *_of_coverage(result)]


def _of_time(result: Result) -> Iterator[str]:
    if result.latency_s is None:
        yield f"{result.cycles:,} cycles; no times: {result.why_no_time}."
        return
    first = f", the first one of a cold chip {quantity(result.first_latency_s, 's')}" if result.first_latency_s is not None else ""
    what = "recognition" if result.rbf is not None else "inference"
    yield f"One warm {what} of {result.model} on {result.chip_title} takes {quantity(result.latency_s, 's')}{first}."
    if not has_layers(result) or result.trace is None:
        return
    rows = rows_of(result)
    spent: dict[str, float] = {}
    for one in spent_times(result):
        for name, seconds in one.items():
            spent[name] = spent.get(name, 0.0) + seconds
    whole = sum(spent.values())
    waits = sorted(((name, seconds) for name, seconds in spent.items() if name not in (COMPUTE, WAITING)), key=lambda pair: -pair[1])
    most = f"; what they wait for most is {waits[0][0]} ({waits[0][1] / whole:.0%})" if waits and waits[0][1] > 0.01 * whole else ""
    yield f"The units compute in {spent.get(COMPUTE, 0.0) / whole:.0%} of their layers' time{most}."
    longest = sorted(zip(own_times(result), rows, strict=True), key=lambda pair: -pair[0])
    share = sum(seconds for seconds, _ in longest[:5]) / sum(own_times(result))
    seconds, row = longest[0]
    others = f"; the five longest take {share:.0%} of the time" if len(rows) > 5 else ""
    yield f"The longest of {len(rows)} layers is {row.name} ({quantity(seconds, 's', 3)}, bound by {row.bound_by}){others}."


def _of_energy(result: Result) -> Iterator[str]:
    if result.energy_j is None:
        yield f"Energy is not known: {result.why_no_energy}."
        return
    total = result.energy_j["total"]
    parts = [f"{_share(joules / total)} is {name}" for name, joules in list(energy_parts(result).items())[:3]]
    yield f"Of {quantity(total, 'J')} per {'recognition' if result.rbf is not None else 'inference'}, {', '.join(parts)}."
    share = result.grade["estimated_share"]
    certain = (result.energy_range.most_estimated if result.energy_range else None) if share else None
    what = f"what '{certain.action}' costs at {certain.component}" if certain and certain.component != "static" else _steady(certain.action) if certain else ""
    which = f"; the largest estimate is {what}" if certain else ""
    yield f"{share:.1%} of the energy rests on estimated figures{which}."


def _steady(action: str) -> str:
    """Return what a static action draws for."""
    part = part_of("static", action)
    return f"the {part}, which runs while the chip is on" if part != "static" else "static power" if action == "chip" else f"the static power of {action.partition('.')[2]}"


def _share(share: float) -> str:
    return f"{share:.0%}" if share >= 0.005 else "less than 1%"


def _first(result: Result) -> str:
    return f"first inference {quantity(result.first_latency_s, 's')}" if result.first_latency_s is not None else ""


def _of_coverage(result: Result) -> Iterator[str]:
    if not result.macs:
        return
    did = [f"{unit} {share:.1%} of the MACs in {count} layer{'s' if count != 1 else ''}" for unit, (share, count) in result.coverage.items()]
    yield "Who does what: " + ", ".join(did) + "."
    fallen = [row for row in result.layer_rows if row.fallback]
    if fallen:
        yield f"{len(fallen)} layer{'s fall' if len(fallen) > 1 else ' falls'} back to another unit than the preferred one."


def python_call(result: Result) -> str:
    """Return the Python line that repeats a run of shipped things with default options."""
    return f'accelsim.run("{result.chip}", "{result.model}", accelsim.Request({result.request.batch}, {result.request.frames}, {result.request.rate}, "{result.request.state}"))'


def versions(result: Result) -> dict[str, str]:
    """Return what the run and this report were made with."""
    found = {"accelsim": result.accelsim_version, "engine": result.engine, "Python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
