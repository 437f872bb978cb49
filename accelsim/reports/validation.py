"""Predictions beside measurements: tables for the terminal and one figure."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from rich.table import Table

from accelsim.base.errors import AccelsimError
from accelsim.base.quantities import show

UNITS = {"latency": "s", "processing_latency": "s", "energy": "J", "throughput": "1/s"}
MARKERS = "os^Dv<>PX*"
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999933", "#882255")


def rows_table(rows: Sequence[dict]) -> Table:
    """Return one line per measurement."""
    table = Table(title="predicted and published", title_justify="left", header_style="bold")
    for name in ("chip", "network", "metric"):
        table.add_column(name, overflow="fold")
    for name in ("predicted", "published", "error"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("split", "grade"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        known = row["predicted"] is not None
        unit = UNITS[row["metric"]]
        network = row["model"].rpartition("/")[2] + (f" {row['input']}" if row["input"] else "") + (f": {row['layers']}" if row["layers"] else "")
        chip = row["chip"] + (f", {row['overrides']}" if row["overrides"] else "")
        table.add_row(
            chip, network, row["metric"], show(row["predicted"], unit, 4) if known else "-", show(row["published"], unit, 4), f"{row['error']:+.1%}" if known else "see below",
            row["split"], row["grade"],
        )  # fmt: skip
    return table


def devices_table(devices: Sequence[dict], split: str) -> Table:
    """Return one line per chip and metric."""
    table = Table(title=f"{split} rows: absolute relative errors", title_justify="left", header_style="bold")
    table.add_column("chip")
    table.add_column("metric")
    for name in ("n", "median", "MAPE", "worst", "leave one out", "rank"):
        table.add_column(name, justify="right", no_wrap=True)
    for entry in devices:
        rank = f"{entry['rank']:.2f}" if entry["rank"] is not None else "-"
        left = f"{entry['leave_one_out']:.1%}" if entry["leave_one_out"] is not None else "-"
        table.add_row(entry["chip"], entry["metric"], str(entry["n"]), f"{entry['median']:.1%}", f"{entry['mape']:.1%}", f"{entry['worst']:+.1%}", left, rank)
    return table


def predicted_and_measured(rows: Sequence[dict]) -> Figure:
    """Return predictions over measurements of time on logarithmic axes; hollow: calibration.

    Raises
    ------
    AccelsimError
        No row has a prediction of a time.
    """
    times = [row for row in rows if row["predicted"] is not None and UNITS[row["metric"]] == "s"]
    if not times:
        raise AccelsimError("figure", "no time was predicted")
    figure = Figure(figsize=(8.6, 6.4), layout="constrained")
    plot = figure.add_subplot(xscale="log", yscale="log", xlabel="published [s]", ylabel="predicted [s]")
    ends = [f(min(row["published"], row["predicted"]) if f is min else max(row["published"], row["predicted"]) for row in times) for f in (min, max)]
    line = [ends[0] / 1.5, ends[1] * 1.5]
    plot.plot(line, line, color="#333333", linewidth=0.8)
    plot.fill_between(line, [v / 1.4 for v in line], [v * 1.4 for v in line], color="#000000", alpha=0.06, linewidth=0, label="within a factor of 1.4")
    for index, chip in enumerate(dict.fromkeys(row["chip"] for row in times)):
        look = {"marker": MARKERS[index % len(MARKERS)], "color": COLOURS[index % len(COLOURS)], "linestyle": "none", "markersize": 6}
        for split, fill in (("validation", "full"), ("calibration", "none")):
            chosen = [row for row in times if row["chip"] == chip and row["split"] == split]
            plot.plot([r["published"] for r in chosen], [r["predicted"] for r in chosen], fillstyle=fill, label=chip if split == "validation" else None, **look)
    plot.set_title("predicted and published times (hollow: calibration rows)", loc="left", fontsize=10)
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)
    return figure
