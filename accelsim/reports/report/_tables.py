"""The tables of a report, as plain rows."""

from accelsim.reports.figures._axes import si
from accelsim.reports.figures._spans import has_layers, own_times, rows_of
from accelsim.reports.report._sources import anchor
from accelsim.results.result import Result


TAKES_TURNS = 0.01  # of its span that other layers have a layer's unit


def quantity(value: float | None, unit: str, digits: int = 4) -> str:
    """Return a value with its unit; a dash for none."""
    return "–" if value is None else "0" if value == 0 else si(value, unit, digits)


def many(count: float, unit: str = "") -> str:
    """Return a count without powers of ten, or a time where its unit is "s"."""
    return quantity(count, unit) if unit else f"{count:,.0f}" if count >= 1000 else f"{count:,.4g}"


def cell(text: str) -> str:
    """Return a text that may stand in a cell of a Markdown table."""
    return str(text).replace("|", "\\|").replace("\n", " ")


def layers(result: Result) -> list[dict]:
    """Return a row per layer with the terms of its energy."""
    indices = [choice.layer.index for choice in result.mapping.choices] if has_layers(result) else []
    index = {layer: i for i, layer in enumerate(indices)}
    terms: list[dict[tuple[str, str], list[float]]] = [{} for _ in result.layer_rows]
    for term in result.terms:
        if term.layer in index and term.joules:
            entry = terms[index[term.layer]].setdefault((term.component, term.action), [0.0, 0.0])
            entry[0] += term.count
            entry[1] += term.joules
    own = _own_times(result)
    total = sum(own) or 1.0
    choices = result.mapping.choices if indices else [None] * len(result.layer_rows)
    return [
        {
            "number": i, "row": row, "seconds": own[i], "share": own[i] / total,
            "utilization": row.utilization * row.seconds / own[i] if row.utilization and own[i] else None,
            "span": (row.start_s, row.end_s) if own[i] < (1 - TAKES_TURNS) * row.seconds else None,
            "terms": [{"component": c, "action": a, "count": n, "joules": j, "anchor": anchor(c, a)} for (c, a), (n, j) in sorted(terms[i].items(), key=lambda item: -item[1][1])],
            "busy": sorted(choice.bound.items(), key=lambda pair: -pair[1]) if choice else [],
        }
        for i, (row, choice) in enumerate(zip(result.layer_rows, choices, strict=True))
    ]  # fmt: skip


def _own_times(result: Result) -> list[float]:
    """Return how long each layer of the warm inference has its unit [s]; where layers take turns, by the turns of the trace."""
    if not has_layers(result) or result.trace is None:
        return [row.seconds for row in result.layer_rows]
    traced = [own / row.seconds if row.seconds else 1.0 for own, row in zip(own_times(result), rows_of(result), strict=True)]
    return [share * row.seconds for share, row in zip(traced, result.layer_rows, strict=True)]


def memories(result: Result) -> list[dict]:
    """Return a row per memory."""
    described = result.mapping.chip.memories if result.mapping is not None else {}
    return [{"name": name, "capacity": getattr(described.get(name), "capacity", None), **memory} for name, memory in result.memories.items()]


def fallbacks(result: Result) -> dict[str, tuple[str, list[str]]]:
    """Return why operators fell back, and on which layers: {operator: (why, names)}."""
    found: dict[str, tuple[str, list[str]]] = {}
    for row in result.layer_rows:
        if row.fallback:
            found.setdefault(row.operator, (row.fallback, []))[1].append(row.name)
    return found
