"""How a network is mapped, and why, in the terminal."""

from collections.abc import Iterable

from rich.table import Table

from accelsim.base.errors import not_one_of
from accelsim.base.quantities import show
from accelsim.mapping.mapper import NetworkMapping


def mapping_table(mapping: NetworkMapping) -> Table:
    """Return one line per layer: the decision and what bounds it."""
    table = Table(title=f"{mapping.graph.name} on {mapping.chip.file.title}", title_justify="left", header_style="bold")
    for name in ("layer", "unit", "order", "groups x pieces", "how", "predicted", "bound by", "alternatives"):
        table.add_column(name, overflow="fold")
    for choice in mapping.choices:
        bound = max(choice.bound, key=choice.bound.get)
        others = str(len(choice.considered) - 1) if len(choice.considered) > 1 else "-"
        table.add_row(choice.layer.name, choice.layer.unit, choice.order, f"{choice.groups} x {choice.pieces}", choice.cost.note, show(choice.seconds, "s", 3), bound, others)
    return table


def layer_lines(mapping: NetworkMapping, name: str) -> Iterable[str]:
    """Yield everything about one layer's decision.

    Raises
    ------
    AccelsimError
        No such layer.
    """
    found = {choice.layer.name: choice for choice in mapping.choices}
    if name not in found:
        raise not_one_of(f"layers of {mapping.graph.name}", name, found)
    choice = found[name]
    yield f"{name} ({choice.layer.operator}) on {choice.layer.unit}: {choice.cost.note}"
    if choice.layer.why:
        yield f"fell back: {choice.layer.why}"
    yield f"{choice.order}: {choice.groups} groups of {choice.pieces} pieces, {choice.cost.cycles:,} cycles, {choice.layer.macs:,} MACs"
    for tensor in (*choice.layer.inputs, *choice.layer.constants, *choice.layer.outputs):
        home = mapping.homes
        where = f" at {home.offset[tensor.name]}" if tensor.name in home.offset else ""
        yield f"  {tensor.name} {list(tensor.shape)} {tensor.dtype}: {tensor.bytes:,} B in {home.memory[tensor.name]}{where}"
    for stream in choice.streams:
        yield f"  {stream.role}: {stream.payload:,} B through {' > '.join(hop.place + ('.write' if hop.write else '') for hop in stream.hops)}"
    yield "busy: " + ", ".join(f"{place} {show(seconds, 's', 3)}" for place, seconds in sorted(choice.bound.items(), key=lambda pair: -pair[1]))
    for word, (candidate, seconds) in zip(["chosen", *["instead of"] * len(choice.considered)], choice.considered, strict=False):
        yield f"{word}: {candidate}, predicted {show(seconds, 's', 4)}"
