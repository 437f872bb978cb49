"""Vela's system configurations (vela.ini): one System_Config with one Memory_Mode on a shipped Ethos-U.

``vela:FILE:SYSTEM_CONFIG:MEMORY_MODE:CHIP``, such as ``vela:my.ini:My_System:Shared_Sram:ethos_u55_256``; a name may be empty
where the file has only one such section, and the chip is ``ethos_u55_128`` without one. What is read: core_clock,
axi0_port and axi1_port, and of the memories behind them clock_scale, burst_length, read_latency and write_latency; const_mem_area,
arena_mem_area, cache_mem_area and arena_cache_size. A port moves 8 bytes per core cycle on an Ethos-U55 and 16 on an Ethos-U65,
times the memory's clock_scale; latencies are core cycles. Array, energies and host are the shipped chip's.
"""

from collections.abc import Iterable
from pathlib import Path

from accelsim.base.errors import AccelsimError, UnsupportedError, not_one_of
from accelsim.base.provenance import Provenance
from accelsim.hardware.chip import Chip
from accelsim.hardware.chip_files import chip_names, extended_chip, load_chip_file
from accelsim.importers.chips._vela_file import MEMORIES, MODE, SYSTEM, VelaFile

PORT_BYTES = {"ethos_u55": 8, "ethos_u65": 16}
KINDS = {"Sram": "scratchpad", "Dram": "dram_channel", "OnChipFlash": "flash", "OffChipFlash": "flash"}
NAMES = {"Sram": "sram", "Dram": "dram", "OnChipFlash": "flash", "OffChipFlash": "flash"}
PORTS = {"Axi0": "axi0_port", "Axi1": "axi1_port"}
DEFAULT_CHIP = "ethos_u55_128"
DRAM_ENERGY = "64 pJ/B"  # LPDDR4, as the shipped Ethos-U65 states it


def load(path: Path, place: str, overrides: Iterable[str] = ()) -> Chip:
    """Return the chip of a configuration.

    Parameters
    ----------
    path : Path
        The file and, after colons, the names.

    Raises
    ------
    AccelsimError
        Not such a file, an unknown name or key, a missing or wrong value.
    UnsupportedError
        A memory mode whose arena lies in flash.
    """
    name, system, mode, chip = (str(path).split(":") + ["", "", ""])[:4]
    chip = chip or DEFAULT_CHIP
    family = next((f for f in PORT_BYTES if chip.startswith(f)), None)
    if family is None or chip not in chip_names():
        raise not_one_of(place, chip, [c for c in chip_names() if c.startswith(tuple(PORT_BYTES))])
    file = VelaFile(Path(name), name)
    sections = file.chosen(SYSTEM, system), file.chosen(MODE, mode)
    config = _Configuration(file, *sections, PORT_BYTES[family])
    source = Provenance(f"{Path(name).name}: {', '.join(sections)}", "published")
    tree = config.tree()
    tree["memories"] |= dict.fromkeys(set(load_chip_file(chip).memories) - set(tree["memories"]))
    tree |= {"name": f"{chip}_{sections[0].partition('.')[2]}", "title": f"{chip} in '{sections[0].partition('.')[2]}' with '{sections[1].partition('.')[2]}'"}
    known = {f"memories.{memory}.{key}": source for memory, values in tree["memories"].items() if values for key in values if key != "capacity"}
    return extended_chip(chip, tree, known | {"units.npu.clock": source, "placement": source}, place, overrides)


class _Configuration:
    """The values of a system and a mode."""

    def __init__(self, file: VelaFile, system: str, mode: str, port_bytes: int):
        self.file, self.system, self.mode, self.port_bytes = file, system, mode, port_bytes
        self.keys, self.areas = file.keys(system), file.keys(mode)
        self.clock = self._number("core_clock")

    def tree(self) -> dict:
        """Return what the configuration states, as a chip file would."""
        constants, arena = self._behind("const_mem_area"), self._behind("arena_mem_area")
        cache = self._behind("cache_mem_area") if "cache_mem_area" in self.areas else arena
        if "Flash" in arena or "Flash" in cache:
            raise UnsupportedError(f"{self.file.place}: [{self.mode}]", "an arena or cache in flash is not modelled", "Sram or Dram")
        used = dict.fromkeys((cache, arena, constants))
        memories = {NAMES[name]: self._memory(name) for name in used}
        if len(memories) < len(used):
            raise UnsupportedError(f"{self.file.place}: [{self.system}]", "two flash memories in one system are not modelled", "one of OnChipFlash, OffChipFlash")
        if "arena_cache_size" in self.areas and "sram" in memories:
            memories["sram"]["capacity"] = f"{self._size()} B"
        within = list(memories)
        here = [NAMES[name] for name in dict.fromkeys((cache, arena))]
        order = [NAMES[cache], *(name for name in within if name != NAMES[cache])]
        return {
            "units": {"npu": {"clock": f"{self.clock} Hz", "memories": order}, "cpu": {"memories": list(reversed(order))}},
            "memories": memories,
            "links": {"dma": {"sources": order, "targets": here, "bandwidth": f"{self.clock * self.port_bytes} B/s"}},
            "placement": {"constants": [NAMES[constants]], "activations": here},
        }

    def _behind(self, area: str) -> str:
        """Return the memory behind the port that a mode gives to an area."""
        port = self._text(self.areas, area, self.mode)
        if port not in PORTS:
            raise not_one_of(f"{self.file.place}: [{self.mode}] {area}", port, PORTS)
        memory = self._text(self.keys, PORTS[port], self.system)
        if memory not in MEMORIES:
            raise not_one_of(f"{self.file.place}: [{self.system}] {PORTS[port]}", memory, MEMORIES)
        return memory

    def _memory(self, name: str) -> dict:
        latencies = {f"{way}_latency": f"{self._number(f'{name}_{way}_latency', 0.0) / self.clock * 1e9} ns" for way in ("read", "write")}
        bandwidth = self.clock * self._number(f"{name}_clock_scale", 1.0) * self.port_bytes
        described = {"kind": KINDS[name], "bandwidth": f"{bandwidth} B/s", "burst": int(self._number(f"{name}_burst_length", 1.0)), **latencies}
        if name == "Dram":
            described |= {"capacity": "1 GiB", "read_energy": DRAM_ENERGY, "write_energy": DRAM_ENERGY}
        return described

    def _size(self) -> int:
        found = self.areas["arena_cache_size"]
        if not (found.isascii() and found.isdigit() and 0 < int(found[:16]) < 1 << 40):
            raise AccelsimError(f"{self.file.place}: [{self.mode}] arena_cache_size", f"'{found}' is not a number of bytes above 0")
        return int(found)

    def _text(self, keys: dict[str, str], key: str, section: str) -> str:
        if key not in keys:
            raise AccelsimError(f"{self.file.place}: [{section}] {key}", "is missing", "a Vela configuration must state it")
        return keys[key].strip()

    def _number(self, key: str, default: float | None = None) -> float:
        if default is not None and key not in self.keys:
            return default
        found = self._text(self.keys, key, self.system)
        try:
            number = float(found)
        except ValueError:
            number = -1.0
        if not 0 <= number < 1e15 or (number == 0 and not key.endswith("latency")):
            raise AccelsimError(f"{self.file.place}: [{self.system}] {key}", f"'{found}' is not a number above 0")
        return number
