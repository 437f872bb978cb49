"""ZigZag's hardware files (YAML): an operational array and its memories, ``zigzag:FILE``.

Read as ZigZag's own inputs use the keys: ``operational_array`` with one or two dimensions, ``memories`` with ``size`` [bit],
``r_cost`` and ``w_cost`` [pJ per access of the port's full width], ``ports`` with ``bandwidth_max`` [bit/cycle], ``served_dimensions``.
A memory that serves less than all dimensions stands inside the array; those that serve
all become one scratchpad of their sizes added up, with the widest port; the last one, which must hold all three operands, is
the DRAM. A file has no clock: results are in cycles unless ``--set units.array.clock=...`` gives one. ``unit_energy`` of
the array, memories' ``area`` and ``latency`` have no place here and are not used; three or more dimensions,
``auto_cost_extraction`` and several cores are refused.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from accelsim.base.errors import AccelsimError, UnsupportedError, guess
from accelsim.base.yaml_files import read_yaml
from accelsim.hardware.chip import Chip
from accelsim.importers.chips._array import ArrayDescription, Level, array_chip

OPERANDS = {"I1", "I2", "O"}
KNOWN = {"name", "memories", "operational_array"}
OF_ARRAY = {"unit_energy", "unit_area", "dimensions", "sizes"}
OF_MEMORY = {"size", "r_cost", "w_cost", "area", "latency", "operands", "ports", "served_dimensions", "min_r_granularity", "min_w_granularity", "mem_type", "auto_cost_extraction", "double_buffering_support"}  # fmt: skip
OF_PORT = {"name", "type", "bandwidth_min", "bandwidth_max", "allocation"}
PORT_TYPES = ("read", "write", "read_write")


def load(path: Path, place: str, overrides: Iterable[str] = ()) -> Chip:
    """Return the chip of a hardware file.

    Raises
    ------
    AccelsimError
        Not such a file, an unknown, missing or wrong key.
    UnsupportedError
        More than two dimensions, or another feature that changes figures and is not modelled.
    """
    tree = read_yaml(path)
    _only(tree, KNOWN, str(path))
    dimensions, sizes = _array(tree, f"{path}: operational_array")
    memories = _section(tree, "memories", str(path))
    levels = [_Memory(str(name), values, f"{path}: memories.{name}", dimensions) for name, values in memories.items()]
    if not levels or levels[-1].operands != OPERANDS or not levels[-1].shared:
        raise UnsupportedError(f"{path}: memories", "its last memory does not hold I1, I2 and O for all dimensions", "the last one is taken as DRAM")
    shared = [level for level in levels[:-1] if level.shared]
    if not shared:
        raise UnsupportedError(f"{path}: memories", "none but the last serves all dimensions", "an on-chip memory for the whole array is needed")
    widest = max(shared, key=lambda level: level.width)
    sram = Level(sum(level.bits for level in shared), widest.width, "read_write", widest.picojoules("r_cost"), widest.picojoules("w_cost"))
    dram = Level(None, levels[-1].width, "shared", levels[-1].picojoules("r_cost"), levels[-1].picojoules("w_cost"))
    inside = ", ".join(level.name for level in levels if not level.shared) or "none"
    words = f"On-chip memories {', '.join(level.name for level in shared)} are one scratchpad here; inside the array: {inside}."
    return array_chip(ArrayDescription(path.stem, f"ZigZag hardware '{tree.get('name', path.stem)}'", words, f"ZigZag hardware {path.name}", *sizes, None, sram, dram), place, overrides)


def _array(tree: Mapping, place: str) -> tuple[list[str], tuple[int, int]]:
    array = _section(tree, "operational_array", place.rpartition(":")[0])
    _only(array, OF_ARRAY, place)
    dimensions, sizes = array.get("dimensions"), array.get("sizes")
    if not isinstance(dimensions, list) or not isinstance(sizes, list) or len(dimensions) != len(sizes) or not dimensions:
        raise AccelsimError(place, "needs as many sizes as dimensions", "dimensions: [D1, D2], sizes: [32, 32]")
    if len(dimensions) > 2:
        raise UnsupportedError(f"{place}.dimensions", f"{len(dimensions)} dimensions are not modelled", "an array of one or two")
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= 1 << 20:
            raise AccelsimError(f"{place}.sizes", f"'{size}' is not a whole number above 0")
    return dimensions, (sizes[0], sizes[1] if len(sizes) > 1 else 1)


class _Memory:
    """One entry of ``memories``."""

    def __init__(self, name: str, values: object, place: str, dimensions: list[str]):
        if not isinstance(values, Mapping):
            raise AccelsimError(place, "is not a description of a memory")
        _only(values, OF_MEMORY, place)
        if values.get("auto_cost_extraction"):
            raise UnsupportedError(f"{place}.auto_cost_extraction", "costs from CACTI are not computed", "state r_cost and w_cost")
        self.name, self.place, self.values = name, place, values
        self.bits = self._number("size", values.get("size"))
        self.operands = set(values.get("operands") or ())
        if not self.operands or not self.operands <= OPERANDS:
            raise AccelsimError(f"{place}.operands", f"{sorted(map(str, self.operands))} are not of I1, I2, O")
        self.shared = set(values.get("served_dimensions") or ()) >= set(dimensions)
        self.width = max(self._port(port, f"{place}.ports.{i}") for i, port in enumerate(values.get("ports") or [None]))

    def picojoules(self, key: str) -> float | None:
        """Return the energy of a byte [pJ/B]; None where none is stated."""
        cost = self.values.get(key)
        return None if cost is None else self._number(key, cost, least=0.0) / (self.width / 8)

    def _port(self, port: object, place: str) -> float:
        if not isinstance(port, Mapping):
            raise AccelsimError(place, "is not a port", "name, type, bandwidth_max, allocation")
        _only(port, OF_PORT, place)
        if port.get("type") not in PORT_TYPES:
            raise AccelsimError(f"{place}.type", f"'{port.get('type')}' is not one of {', '.join(PORT_TYPES)}")
        return self._number(f"{place.removeprefix(self.place + '.')}.bandwidth_max", port.get("bandwidth_max"))

    def _number(self, key: str, value: object, least: float = 1.0) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < 1e18:
            raise AccelsimError(f"{self.place}.{key}", f"'{value}' is not a number of at least {least:g}")
        return float(value)


def _section(tree: Mapping, key: str, place: str) -> Mapping:
    found = tree.get(key)
    if not isinstance(found, Mapping):
        raise AccelsimError(f"{place}: {key}", "is missing or no section", "a ZigZag hardware file has operational_array and memories")
    return found


def _only(values: Mapping, known: set[str], place: str) -> None:
    for key in values:
        if key not in known:
            raise UnsupportedError(f"{place}: {key}" if "." not in place else f"{place}.{key}", "is not a key that is read", guess(key, known))
