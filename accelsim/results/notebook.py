"""A Result as tables of a notebook."""

import html

from accelsim.base.quantities import show
from accelsim.results.result import Result
from accelsim.results.summary import COLUMNS, summary

UNITS = {"[s]": "s", "[J]": "J", "[W]": "W", "[B]": "B"}
MOST_LAYERS = 60
LAYER_COLUMNS = ("name", "operator", "unit", "cycles", "utilization", "energy_j", "read_bytes", "write_bytes", "bound_by")


def result_html(result: Result) -> str:
    """Return totals, each with what it is, and the layers."""
    row = summary(result)
    totals = "".join(f"<tr><th style='text-align:left'>{name}</th><td>{_shown(name, value)}</td><td>{html.escape(COLUMNS[name])}</td></tr>" for name, value in row.items() if value not in (None, ""))
    layers = result.layers[list(LAYER_COLUMNS)]
    more = f"<p>{len(layers) - MOST_LAYERS} layers more in <code>result.layers</code></p>" if len(layers) > MOST_LAYERS else ""
    shown = layers.head(MOST_LAYERS).to_html(index=False, border=0, na_rep="", float_format=lambda value: f"{value:.4g}")
    return f"<table>{totals}</table>{shown}{more}"


def _shown(name: str, value: object) -> str:
    for mark, unit in UNITS.items():
        if COLUMNS[name].endswith(mark):
            return show(float(value), unit)
    return html.escape(f"{value:,}" if isinstance(value, int) else f"{value:.4g}" if isinstance(value, float) else str(value))
