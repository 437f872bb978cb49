"""Which colour a unit, memory or mover has: the same in every figure of a chip."""

from accelsim.reports.figures._style import SERIES
from accelsim.results.result import Result


def colour_of(result: Result, name: str) -> str:
    """Return the tone of a component; a channel (``sram.read``) has its memory's, what is no component is grey."""
    chip = result.mapping.chip
    places = [*(n for n in chip.units if n != chip.host), *chip.memories, *chip.links, *([chip.host] if chip.host else [])]
    owner = name if name in places else name.rpartition(".")[0]
    return SERIES[places.index(owner) % len(SERIES)] if owner in places else "grey"
