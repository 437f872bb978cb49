"""From where a layer's operands come, for units whose cycles depend on it."""

from accelsim.hardware.chip import Chip
from accelsim.hardware.unit import Surroundings, Unit
from accelsim.mapping.homes import Homes
from accelsim.mapping.layers import Layer


def cares(unit: Unit) -> bool:
    """Return whether a unit works at another pace where its operands come from elsewhere."""
    return unit.within(Surroundings(True, 1.0, 1.0, 1)) is not unit


def paces(chip: Chip) -> tuple:
    """Return what surroundings take from the memories: all that a unit that cares depends on beside its own description."""
    return tuple((name, memory.read_latency, memory.bandwidth, memory.burst) for name, memory in chip.memories.items())


def surroundings(layer: Layer, stage_constants: bool, chip: Chip, homes: Homes) -> Surroundings:
    """Return the surroundings of a layer's first input and constants."""
    unit = chip.units[layer.unit]
    if not layer.inputs:
        return Surroundings(stage_constants)
    name = layer.inputs[0].name
    home = homes.memory[name]
    memory = chip.memories[home]
    burst = memory.burst if name in homes.callers and home in unit.memories else 0
    if home == unit.memories[0] or home not in unit.memories or memory.bandwidth is None or unit.clock is None:
        return Surroundings(stage_constants, burst=burst)
    return Surroundings(stage_constants, memory.read_latency * unit.clock, memory.bandwidth / unit.clock, burst)
