"""Timeloop's architecture files (YAML, version 0.4): a DRAM, one buffer and an array of MACs, ``timeloop:FILE``.

Read: ``architecture.nodes`` as a list of ``!Container`` and ``!Component``, from the outside in; ``spatial`` with meshX and meshY of what stands
above the MAC; of memories ``depth`` and ``width`` [bit] (or ``block_size`` words), ``datawidth`` [bit per word], ``read_bandwidth``, ``write_bandwidth`` or ``shared_bandwidth`` [words per
cycle]; ``global_cycle_seconds`` in ``variables`` or an attribute. Exactly one DRAM, one buffer outside the mesh and one MAC;
register files inside the mesh belong to the PEs and their traffic is not counted. What steers Timeloop's mapper
(``constraints``) or Accelergy's plug-ins (``technology``, action tables) is not used: the mapping is accelsim's own and energy
is not reported unless ``--set energy=edge_16nm`` names a table. ``!Parallel`` and other nodes, templates (Jinja),
``sparse_optimizations``, several buffer levels and unknown attributes are refused by name.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from accelsim.base.errors import AccelsimError, UnsupportedError, guess
from accelsim.hardware.chip import Chip
from accelsim.importers.chips._array import ArrayDescription, Level, array_chip
from accelsim.importers.chips._timeloop_file import nodes_of

ATTRIBUTES = {
    "depth", "width", "block_size", "datawidth", "read_bandwidth", "write_bandwidth", "shared_bandwidth", "global_cycle_seconds", "technology", "type",
    "n_banks", "n_rdwr_ports", "n_rd_ports", "n_wr_ports", "latency", "action_latency_cycles", "multiplier_width", "adder_width", "num_pipeline_stages", "meshX", "meshY",
}  # fmt: skip
KEYS = {"!", "name", "class", "subclass", "description", "attributes", "spatial", "constraints", "required_actions", "enabled"}
DUMMY = ("dummy",)
REGISTERS = ("reg", "rf", "latch", "spad")
DEFAULT_DATAWIDTH = 8


def load(path: Path, place: str, overrides: Iterable[str] = ()) -> Chip:
    """Return the chip of an architecture file.

    Raises
    ------
    AccelsimError
        Not such a file, or a missing or wrong value.
    UnsupportedError
        A node, an attribute or a structure that is not read; named with its place.
    """
    nodes, variables = nodes_of(path)
    seconds = variables.get("global_cycle_seconds")
    drams, buffers, registers, macs = [], [], [], []
    mesh = [1, 1]
    for node in nodes:
        read = _Node(node, str(path))
        seconds = read.attributes.get("global_cycle_seconds", seconds)
        mesh = [size * extent for size, extent in zip(mesh, read.mesh(), strict=True)]
        if node["!"] == "Component" and not read.is_a(DUMMY):
            inside = mesh != [1, 1]
            kind = macs if "mac" in read.kind else drams if "dram" in read.kind else registers if inside else buffers
            kind.append(read)
            if kind is registers and not read.is_a(REGISTERS):
                raise UnsupportedError(read.place, f"a memory '{read.kind}' inside the mesh is not modelled", "register files there belong to the PEs")
    for what, found in (("DRAM", drams), ("buffer outside the mesh", buffers), ("MAC", macs)):
        if len(found) != 1:
            raise UnsupportedError(f"{path}: architecture.nodes", f"{len(found)} of '{what}'; one is read", ", ".join(node.name for node in found))
    hz = None if seconds is None else round(1 / macs[0].above_zero("global_cycle_seconds", seconds), 3)
    words = f"Registers of the PEs: {', '.join(node.name for node in registers) or 'none'}. Constraints for Timeloop's mapper are not used."
    dram = Level(None, *drams[0].bandwidth())
    found = ArrayDescription(path.stem, f"Timeloop architecture {path.name}", words, f"Timeloop architecture {path.name}", mesh[1], mesh[0], hz, Level(buffers[0].bits(), *buffers[0].bandwidth()), dram)
    return array_chip(found, place, overrides)


class _Node:
    """One node, its attributes checked."""

    def __init__(self, node: Mapping, file: str):
        self.name = str(node.get("name", "?"))
        self.place = f"{file}: architecture.nodes: {self.name}"
        if node["!"] not in ("Container", "Component"):
            raise UnsupportedError(self.place, f"'!{node['!']}' is not read", "!Container and !Component are")
        for key in node:
            if key not in KEYS:
                raise UnsupportedError(f"{self.place}.{key}", "is not read", guess(key, KEYS))
        self.kind = f"{node.get('class', '')} {node.get('subclass', '')}".lower().strip()
        self.attributes, self._spatial = (self._section(node, key) for key in ("attributes", "spatial"))
        for key in self.attributes:
            if key not in ATTRIBUTES:
                raise UnsupportedError(f"{self.place}.attributes.{key}", "is not read", guess(key, ATTRIBUTES))
        if node.get("enabled", True) is not True:
            raise UnsupportedError(f"{self.place}.enabled", "nodes that are switched off are not read", "take the node away")

    def _section(self, node: Mapping, key: str) -> Mapping:
        found = node.get(key) or {}
        if not isinstance(found, Mapping):
            raise AccelsimError(f"{self.place}.{key}", "is no section")
        return found

    def is_a(self, words: tuple[str, ...]) -> bool:
        """Return whether one of the words is in the node's class."""
        return any(word in self.kind for word in words)

    def mesh(self) -> tuple[int, int]:
        """Return the instances (X, Y) of what the node holds."""
        for key in self._spatial:
            if key not in ("meshX", "meshY"):
                raise UnsupportedError(f"{self.place}.spatial.{key}", "is not read", "meshX and meshY are")
        return tuple(int(self.above_zero(f"spatial.{key}", self._spatial.get(key, 1))) for key in ("meshX", "meshY"))

    def bits(self) -> float:
        """Return the size [bit]."""
        return self._attribute("depth") * self._width()

    def _width(self) -> float:
        if "width" not in self.attributes and "block_size" in self.attributes:
            return self._attribute("block_size") * self._attribute("datawidth", DEFAULT_DATAWIDTH)
        return self._attribute("width")

    def bandwidth(self) -> tuple[float | None, str]:
        """Return bits per cycle, and whether one channel serves both directions."""
        word = self._attribute("datawidth", DEFAULT_DATAWIDTH)
        if "shared_bandwidth" in self.attributes:
            return self._attribute("shared_bandwidth") * word, "shared"
        stated = [self._attribute(f"{way}_bandwidth") for way in ("read", "write") if f"{way}_bandwidth" in self.attributes]
        if not stated:
            return None, "read_write"
        if len(stated) == 1 or stated[0] != stated[1]:
            raise UnsupportedError(f"{self.place}.attributes", "read_bandwidth and write_bandwidth are not equal", "one channel each way of the same width is modelled")
        return stated[0] * word, "read_write"

    def _attribute(self, key: str, default: float | None = None) -> float:
        if key not in self.attributes and default is None:
            raise AccelsimError(f"{self.place}.attributes.{key}", "is missing", "a memory needs depth and width")
        return self.above_zero(f"attributes.{key}", self.attributes.get(key, default))

    def above_zero(self, key: str, value: object) -> float:
        """Return a number; YAML reads 1e-9 as text."""
        try:
            number = float(value) if not isinstance(value, bool) else -1.0
        except (TypeError, ValueError):
            number = -1.0
        if not 0 < number < 1e18:
            raise AccelsimError(f"{self.place}.{key}", f"'{value}' is not a number above 0", "expressions are not evaluated")
        return number
