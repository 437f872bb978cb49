"""Rows of comparisons, sweeps and differences as tables in the terminal."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.table import Table

from accelsim.base.quantities import show

# Columns in the terminal: the key, the heading, and the unit (% for a share, empty for a word).
SHOWN = (
    ("latency_s", "latency", "s"),
    ("throughput_per_s", "inputs/s", "#"),
    ("energy_j", "energy", "J"),
    ("average_power_w", "mean power", "W"),
    ("peak_power_w", "peak", "W"),
    ("utilization", "util", "%"),
    ("traffic_bytes", "traffic", "B"),
    ("off_chip_bytes", "off chip", "B"),
    ("sram_peak_bytes", "SRAM", "B"),
    ("area_mm2", "area mm2", "mm2"),
    ("area_estimate_mm2", "est. mm2", "mm2"),
    ("accuracy", "accuracy", "%"),
)


# What of them stands beside overridden paths.
OF_POINTS = ("latency_s", "energy_j", "peak_power_w", "utilization", "off_chip_bytes", "sram_peak_bytes", "area_estimate_mm2")


def rows_table(rows: Sequence[dict], leading: Sequence[str], title: str = "", ratios: Sequence[dict] = (), figures: Sequence[str] = tuple(key for key, _, _ in SHOWN)) -> Table:
    """Return one line per row: leading columns as they are, then the figures that any row has.

    Parameters
    ----------
    leading : sequence of str
        Such as chip and model, or overridden paths.
    ratios : sequence of dict, optional
        Row by row, latency and energy over a baseline's.
    figures : sequence of str
        Columns to show.
    """
    known = [(key, head, unit) for key, head, unit in SHOWN if key in figures and any(row.get(key) is not None for row in rows)]
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in leading:
        table.add_column(name, overflow="fold")
    for _, head, _ in known:
        table.add_column(head, justify="right", no_wrap=True)
    if ratios:
        table.add_column("time x", justify="right", no_wrap=True)
        table.add_column("energy x", justify="right", no_wrap=True)
    table.add_column("grades (time, energy)", no_wrap=True)
    for index, row in enumerate(rows):
        head = [str(row.get(name, "")) for name in leading]
        if row["failure"]:
            table.add_row(*head, *["-"] * (len(known) + (2 if ratios else 0)), "no figures, see below")
            continue
        times = [_number(ratios[index][key]) for key in ("latency_s", "energy_j")] if ratios else []
        table.add_row(*head, *(_shown(row[key], unit) for key, _, unit in known), *times, f"{row['latency_grade'] or '-'}, {row['energy_grade'] or '-'}")
    return table


def failure_lines(rows: Iterable[dict]) -> Iterable[str]:
    """Yield a line for each reason why rows of a chip and network have no figures."""
    counts = Counter((row["model"], row["chip"], row["failure"]) for row in rows if row["failure"])
    for (model, chip, failure), count in counts.items():
        yield f"  {model} on {chip}: {failure}" + (f" ({count} points)" if count > 1 else "")


def difference_table(rows: Sequence[dict]) -> Table:
    """Return one line per layer: time, bytes and energy of A and B, what bounds them, and its share of all changes in time."""
    table = Table(title="layers, that with the largest difference in time first", title_justify="left", header_style="bold")
    table.add_column("layer", overflow="ellipsis", max_width=34, no_wrap=True)
    for name in ("time A", "time B", "of changes", "cycles A", "cycles B", "read A", "read B", "written A", "written B", "energy A", "energy B"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("bound by", no_wrap=True)
    for row in rows:
        bound = row["bound_by_a"] if row["bound_by_a"] == row["bound_by_b"] else f"{row['bound_by_a'] or '-'} -> {row['bound_by_b'] or '-'}"
        times = [show(row[key], "s", 3) if row[key] is not None else "-" for key in ("seconds_a", "seconds_b")]
        counts = [f"{row[key]:,}" if row[key] is not None else "-" for key in ("cycles_a", "cycles_b")]
        moved = [show(row[key], "B", 3) for key in ("read_bytes_a", "read_bytes_b", "write_bytes_a", "write_bytes_b")]
        joules = [show(row[key], "J", 3) if row[key] is not None else "-" for key in ("energy_j_a", "energy_j_b")]
        table.add_row(row["layer"], *times, f"{row['share_of_changes']:+.1%}", *counts, *moved, *joules, bound)
    return table


def plain_table(rows: Sequence[dict], title: str = "") -> Table:
    """Return rows as they are: words on the left, numbers to four digits on the right."""
    table = Table(title=title, title_justify="left", header_style="bold")
    keys = list(rows[0]) if rows else []
    for key in keys:
        numeric = all(isinstance(row[key], int | float) or row[key] is None for row in rows)
        table.add_column(key, justify="right" if numeric else "left", no_wrap=True, overflow="ellipsis", max_width=60)
    for row in rows:
        table.add_row(*(_number(row[key]) if isinstance(row[key], int | float) or row[key] is None else str(row[key]) for key in keys))
    return table


def _shown(value: object, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "%":
        return f"{value:.1%}"
    if unit == "mm2":
        return f"{value:.3g}"
    return _number(value) if unit == "#" else show(float(value), unit, 3)


def _number(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"
