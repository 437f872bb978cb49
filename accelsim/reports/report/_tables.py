"""The tables of a report, as plain rows."""

from accelsim.reports.figures._axes import si
from accelsim.reports.figures._spans import has_layers
from accelsim.reports.report._sources import anchor
from accelsim.results.result import Result


def quantity(value: float | None, unit: str, digits: int = 4) -> str:
    """Return a value with its unit; a dash for none."""
    return "–" if value is None else "0" if value == 0 else si(value, unit, digits)


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
    total = sum(row.seconds for row in result.layer_rows) or 1.0
    choices = result.mapping.choices if indices else [None] * len(result.layer_rows)
    return [
        {
            "number": i, "row": row, "share": row.seconds / total,
            "terms": [{"component": c, "action": a, "count": n, "joules": j, "anchor": anchor(c, a)} for (c, a), (n, j) in sorted(terms[i].items(), key=lambda item: -item[1][1])],
            "busy": sorted(choice.bound.items(), key=lambda pair: -pair[1]) if choice else [],
        }
        for i, (row, choice) in enumerate(zip(result.layer_rows, choices, strict=True))
    ]  # fmt: skip


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
