"""SCALE-Sim configurations (.cfg): an array, its SRAMs and the interfaces behind them, without clock and energy.

Read as the documentation of SCALE-Sim v2 and v3 describes the keys. What changes no figure here (address offsets, request
queues, the layout's banks while no layout is asked for) is accepted; what would change one and is not modelled is refused.
"""

import configparser
from collections.abc import Iterable
from pathlib import Path

from accelsim.base.errors import AccelsimError, UnsupportedError, guess, not_one_of
from accelsim.base.provenance import Provenance
from accelsim.hardware.chip import Chip, make_chip
from accelsim.hardware.chip_files import override

KNOWN = {
    "general": ("run_name",),
    "architecture_presets": (
        "arrayheight", "arraywidth", "ifmapsramszkb", "filtersramszkb", "ofmapsramszkb", "ifmapoffset", "filteroffset", "ofmapoffset",
        "dataflow", "bandwidth", "memorybanks", "readrequestbuffer", "writerequestbuffer",
    ),
    "layout": (
        "ifmapcustomlayout", "ifmapsrambankbandwidth", "ifmapsrambanknum", "ifmapsrambankport",
        "filtercustomlayout", "filtersrambankbandwidth", "filtersrambanknum", "filtersrambankport",
    ),
    "sparsity": ("sparsitysupport", "sparserep", "optimizedmapping", "blocksize", "randomnumbergeneratorseed"),
    "run_presets": ("interfacebandwidth", "useramulatortrace"),
    "network_presets": ("topologycsvloc", "layoutcsvloc"),
}  # fmt: skip
# Switches that ask for what is not modelled.
NOT_MODELLED = {
    ("layout", "ifmapcustomlayout"): "custom layouts of the input are not modelled",
    ("layout", "filtercustomlayout"): "custom layouts of the filters are not modelled",
    ("sparsity", "sparsitysupport"): "sparsity by declared ratios is not modelled",
    ("run_presets", "useramulatortrace"): "latencies from Ramulator traces are not read",
}
DATAFLOWS = {"os": "output_stationary", "ws": "weight_stationary", "is": "input_stationary"}
ELEMENT_TYPES = ["int8", "uint8", "int16", "float16", "bfloat16", "float32"]  # a word is a word, whatever is in it
LARGEST = 10**6
STAND_IN_HZ = 1e9  # a unit without clock counts cycles of this one (Unit.exact_clock), so words a cycle become words a nanosecond


def load(path: Path, place: str, overrides: Iterable[str] = ()) -> Chip:
    """Return the chip that a SCALE-Sim configuration describes.

    Parameters
    ----------
    path : Path
    place : str
        Of the file, for messages.
    overrides : iterable of str
        ``units.array.rows=64``.

    Returns
    -------
    Chip
        Unit ``array`` without clock; memories ``sram`` (the three SRAMs together), ``dram`` (ifmap and ofmap) and ``filter_dram``.

    Raises
    ------
    AccelsimError
        Not such a file, an unknown, missing or wrong key.
    UnsupportedError
        A feature that is switched on and not modelled.
    """
    config, overrides = _Config(path, place), tuple(overrides)
    chip = _chip(config, STAND_IN_HZ, overrides)
    clock = chip.units["array"].clock if "array" in chip.units else None
    return chip if clock is None else _chip(config, clock, overrides)


def _chip(config: "_Config", hz: float, overrides: tuple[str, ...]) -> Chip:
    tree = _tree(config, hz)
    provenance = {name: Provenance(source=f"SCALE-Sim configuration {config.path.name}", grade="published") for name in tree}
    for path_and_value in overrides:
        override(tree, provenance, path_and_value)
    return make_chip(tree, provenance, config.place)


def _tree(config: "_Config", hz: float) -> dict:
    measured = config.word("run_presets", "interfacebandwidth", ("calc", "user"), "calc") == "user"
    bandwidth = f"{config.bandwidth() * hz} B/s" if measured else None
    kibibytes = sum(config.count("architecture_presets", f"{operand}sramszkb") for operand in ("ifmap", "filter", "ofmap"))
    run_name = config.text("general", "run_name", "") or config.path.stem
    interface = {"kind": "dram_channel", "bandwidth": bandwidth, "channels": "read_write"}
    mode = (
        f"The interfaces of the three operands carry {config.text('architecture_presets', 'bandwidth', '')} words a cycle each (USER)."
        if measured
        else "The array never waits for its memories (CALC), whose size therefore limits nothing."
    )
    return {
        "name": config.path.stem,
        "title": f"SCALE-Sim configuration '{run_name}'",
        "fidelity": "modelled",
        "description": f"{mode} The file states neither clock nor energy. Times are counted in cycles.",
        "units": {
            "array": {
                "kind": "systolic_array",
                "clock": None,
                "memories": ["sram"],
                "rows": config.count("architecture_presets", "arrayheight"),
                "cols": config.count("architecture_presets", "arraywidth"),
                "dataflow": DATAFLOWS[config.word("architecture_presets", "dataflow", tuple(DATAFLOWS))],
                "edge_fold": "full",
                "drain": "column_bus",
                "operand_types": ELEMENT_TYPES,
            }
        },
        "memories": {
            "sram": {"kind": "scratchpad", "capacity": f"{kibibytes} KiB" if measured else None},
            "dram": dict(interface),
            "filter_dram": dict(interface),
        },
        "links": {"interface": {"kind": "dma", "sources": ["dram", "filter_dram", "sram"], "targets": ["sram", "dram"]}},
        "placement": {"constants": ["filter_dram"], "activations": ["dram"]},
        "compiler": {"double_buffering": True},
    }


class _Config:
    """The keys of a file by section, all in lower case."""

    def __init__(self, path: Path, place: str):
        self.path, self.place = path, place
        parser = configparser.ConfigParser(interpolation=None, comment_prefixes=("#", ";"), inline_comment_prefixes=("#", ";"))
        try:
            text = path.read_bytes().decode("utf-8-sig")
            parser.read_string(text)
        except OSError as error:
            raise AccelsimError(place, error.strerror or "cannot be read") from error
        except UnicodeDecodeError as error:
            raise AccelsimError(place, f"is not UTF-8 text (byte {error.start})") from error
        except configparser.Error as error:
            raise _explained(error, text, place) from error
        self.sections: dict[str, dict[str, str]] = {}
        for name in parser.sections():
            known = name.strip().lower()
            if known not in KNOWN:
                raise not_one_of(f"{place}: [{name}]", name, KNOWN)
            self.sections.setdefault(known, {}).update(parser[name])
        self._check_keys()

    def _check_keys(self) -> None:
        for section, values in self.sections.items():
            for key, value in values.items():
                if key not in KNOWN[section]:
                    raise AccelsimError(f"{self.place}: [{section}] {key}", "is not a key of SCALE-Sim that is known", guess(key, KNOWN[section]))
                if (section, key) in NOT_MODELLED and self.word(section, key, ("true", "false")) == "true":
                    raise UnsupportedError(f"{self.place}: [{section}] {key}", f"'{value}': {NOT_MODELLED[section, key]}", "only 'False' is read")

    def text(self, section: str, key: str, default: str | None = None) -> str:
        value = self.sections.get(section, {}).get(key, default)
        if value is None:
            raise AccelsimError(f"{self.place}: [{section}] {key}", "is missing", "a SCALE-Sim configuration must state it")
        return value.strip()

    def word(self, section: str, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        found = self.text(section, key, default)
        if found.lower() not in allowed:
            raise not_one_of(f"{self.place}: [{section}] {key}", found, allowed)
        return found.lower()

    def count(self, section: str, key: str) -> int:
        return self._whole(self.text(section, key), section, key)

    def bandwidth(self) -> int:
        """Return the words per cycle of an interface; several must be equal."""
        each = [self._whole(part.strip(), "architecture_presets", "bandwidth") for part in self.text("architecture_presets", "bandwidth").split(",") if part.strip()]
        if len(set(each)) != 1:
            place = f"{self.place}: [architecture_presets] bandwidth"
            raise UnsupportedError(place, f"'{self.text('architecture_presets', 'bandwidth')}' is not one number of words per cycle", "interfaces of different widths are not read")
        return each[0]

    def _whole(self, found: str, section: str, key: str) -> int:
        if not (found.isascii() and found.isdigit() and 1 <= int(found[:12]) <= LARGEST):
            raise AccelsimError(f"{self.place}: [{section}] {key}", f"'{found}' is not a whole number from 1 to {LARGEST}")
        return int(found)


def _explained(error: configparser.Error, text: str, place: str) -> AccelsimError:
    if isinstance(error, configparser.MissingSectionHeaderError):
        return AccelsimError(f"{place}: line {error.lineno}", f"'{error.line.strip()[:60]}' stands before the first [section]", "a SCALE-Sim configuration begins with [general]")
    if isinstance(error, configparser.DuplicateSectionError):
        return AccelsimError(f"{place}: line {error.lineno}", f"section '{error.section}' stands twice")
    if isinstance(error, configparser.DuplicateOptionError):
        return AccelsimError(f"{place}: line {error.lineno}", f"key '{error.option}' stands twice")
    if isinstance(error, configparser.ParsingError) and error.errors:
        line = error.errors[0][0]
        return AccelsimError(f"{place}: line {line}", f"'{text.splitlines()[line - 1].strip()[:60]}' is not 'key: value'")
    return AccelsimError(place, "is not a configuration of sections and keys")
