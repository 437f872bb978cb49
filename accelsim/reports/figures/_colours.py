"""Which colour a unit, memory or mover has: the same in every figure of a chip."""

from accelsim.reports.figures._style import SERIES
from accelsim.results.result import Result


def colour_of(result: Result, name: str) -> str:
    """Return the tone of a component; a channel (``sram.read``) and a clock (``cpu clock``) have their owner's, static power is grey.

    What costs energy but is no part of the chip file (a mesh, pull-ups) comes after all that is.
    """
    chip = result.mapping.chip
    places = [*(n for n in chip.units if n != chip.host), *chip.memories, *chip.links, *([chip.host] if chip.host else [])]
    places += [n for n in result.energy_by_component or () if n not in places and n != "static"]
    owner = name if name in places else name.rpartition(".")[0] or name.removesuffix(" clock")
    return SERIES[places.index(owner) % len(SERIES)] if owner in places else "grey"
