"""Where every figure of a report comes from: table, source and grade."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from accelsim.base.provenance import Provenance
from accelsim.base.quantities import show
from accelsim.mapping.spiking_steps import SpikingMapping
from accelsim.reports.energy_parts import CLOCK, part_of
from accelsim.results.result import Result
from accelsim.results.spiking import energy_path
from accelsim.results.term import Term

NOT_FIGURES = {"name", "title", "description", "fidelity", "host", "energy", "kind"}
STRUCTURE = re.compile(r"\.\d+$|^units\.[^.]+\.memories$|\.(sources|targets|unit_order)$|^placement\.")  # names and single items of lists
CALLED = {"active_cycle": ("active_power",), "cycle": ("pull_up_power", "low_lines")}  # figures of an RBF chip that its actions' energies follow from


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of energy: how often, how much each, and what that rests on.

    ``unit`` is "s" where the count is a time and each a power [W], else empty, and each an energy [J].
    """

    anchor: str
    component: str
    part: str
    action: str
    count: float
    unit: str
    each: float
    joules: float
    share: float
    low_j: float
    high_j: float
    table: str
    figure: str
    provenance: Provenance


def anchor(component: str, action: str) -> str:
    """Return the id of the entry of a component's action."""
    return "energy-" + re.sub(r"[^A-Za-z0-9]+", "-", f"{component}-{action}")


def ledger(result: Result) -> list[Entry]:
    """Return every kind of energy of one inference, the largest first."""
    counts: dict[tuple[str, str], float] = {}
    first: dict[tuple[str, str], Term] = {}
    for term in result.terms:
        if term.joules:
            key = (term.component, term.action)
            counts[key] = counts.get(key, 0.0) + term.count
            first.setdefault(key, term)
    entries = []
    for one in result.energy_range.contributions if result.energy_range else ():
        key = (one.component, one.action)
        table, figure = table_of(result, first[key])
        each = one.joules / counts[key] if counts[key] else 0.0
        unit = "s" if one.component == "static" and not one.action.endswith(CLOCK) else ""
        entries.append(Entry(anchor(*key), one.component, part_of(*key), one.action, counts[key], unit, each, one.joules, one.share, one.low_j, one.high_j, table, figure, first[key].provenance))
    return sorted(entries, key=lambda entry: -entry.joules)


def table_of(result: Result, term: Term) -> tuple[str, str]:
    """Return the file and the path in it of the energy of one action."""
    chip = result.mapping.chip
    own, table = Path(chip.path).name, f"hwconfigs/energy/{chip.energy}.yaml"
    if term.component == "static":
        if term.action.endswith(CLOCK):
            return own, f"{term.action}_energy"
        if (path := f"{term.action}_power") in chip.provenance:  # what an idle RBF chip draws
            return own, path
        return own, "static_power" if term.action == "chip" else f"{term.action}.static_power"
    if isinstance(result.mapping, SpikingMapping):
        return own, energy_path(result.mapping.unit, term.action)
    if stated := _stated(chip.provenance, term):
        return own, stated
    if chip.energy is None:
        return own, "energies of its actions"
    if term.component not in chip.links and term.component not in chip.memories:
        return table, f"actions.{term.action}"
    section = "links" if term.component in chip.links else "memories"
    thing = getattr(chip, section)[term.component]
    if (part := getattr(thing, "part", None)) is not None:
        return f"hwconfigs/dram/{part}.yaml", term.action
    field = "energy" if section == "links" else f"{term.action}_energy"
    if getattr(thing, field, None) is not None:
        return own, f"{section}.{term.component}.{field}"
    return table, f"accesses.{thing.kind}.{term.action}"


def _stated(provenance: Mapping[str, Provenance], term: Term) -> str:
    """Return the path of a chip file's own figure for an action: called after it, or the only energy of its value and source."""
    alike = [path for path, found in provenance.items() if found == term.provenance]
    names = (term.action, f"{term.action}_energy", *CALLED.get(term.action, ()))
    called = [path for path in alike if path.rpartition(".")[2] in names]
    energies = [path for path in alike if "energy" in path and term.provenance.value]
    return called[0] if called else energies[0] if len(energies) == 1 else ""


def chip_figures(result: Result) -> list[dict]:
    """Return every figure of the chip file: path, value, grade, source."""
    if result.mapping is None:
        return []
    chip = result.mapping.chip
    found = []
    for path, provenance in sorted(chip.provenance.items()):
        if path.rpartition(".")[2] in NOT_FIGURES or STRUCTURE.search(path):
            continue
        text = _value(chip.file, path)
        if text is not None:
            found.append({"path": path, "value": text, "provenance": provenance, "anchor": "figure-" + path.replace(".", "-")})
    return found


def _value(node: object, path: str) -> str | None:
    """Return a figure as text with its unit; None for a section."""
    unit = ""
    for step in path.split("."):
        fields = getattr(type(node), "model_fields", {})
        unit = (fields[step].json_schema_extra or {}).get("unit", "") if step in fields else unit
        if isinstance(node, dict):
            node = node.get(step)
        elif isinstance(node, tuple | list):
            node = node[int(step)] if step.isdigit() and int(step) < len(node) else None
        else:
            node = getattr(node, step, None)
    if isinstance(node, float) and unit in ("Hz", "B", "s", "J", "W", "B/s", "J/B", "V", "A", "m"):
        return show(node, unit)
    if node is None or hasattr(type(node), "model_fields") or isinstance(node, dict):
        return None
    text = ", ".join(map(str, node)) if isinstance(node, tuple | list) else {True: "yes", False: "no"}[node] if isinstance(node, bool) else f"{node:.6g}" if isinstance(node, float) else str(node)
    return f"{text} {unit}".strip()
