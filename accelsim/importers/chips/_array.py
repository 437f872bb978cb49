"""What an array, one on-chip memory and a DRAM have in common in the descriptions of analytic tools, as a chip."""

from collections.abc import Iterable
from dataclasses import dataclass

from accelsim.base.provenance import Provenance
from accelsim.hardware.chip import Chip, make_chip
from accelsim.hardware.chip_files import override

ELEMENT_TYPES = ["int8", "uint8", "int16", "float16", "bfloat16", "float32"]  # a word is a word, whatever is in it
STAND_IN_HZ = 1e9  # a unit without clock counts cycles of this one (Unit.exact_clock), so bits a cycle become bits a nanosecond


@dataclass(frozen=True, slots=True)
class Level:
    """One memory: size [bit] and bits per cycle of its channel or channels; None where not stated.

    ``read_pj``, ``write_pj`` are picojoules per byte.
    """

    bits: float | None
    bits_per_cycle: float | None
    channels: str = "read_write"
    read_pj: float | None = None
    write_pj: float | None = None


@dataclass(frozen=True, slots=True)
class ArrayDescription:
    """An array of rows x cols PEs before one on-chip memory and a DRAM.

    Attributes
    ----------
    hz : float or None
        Clock; None where the description has none.
    source : str
        What the figures are cited as.
    """

    name: str
    title: str
    description: str
    source: str
    rows: int
    cols: int
    hz: float | None
    sram: Level
    dram: Level
    area: float | None = None


def array_chip(found: ArrayDescription, place: str, overrides: Iterable[str] = ()) -> Chip:
    """Return the chip; a clock that comes as an override carries the bits per cycle with it.

    The operand that stays in the PEs is not stated by such descriptions (their mappers choose): weight_stationary is assumed.
    """
    overrides = tuple(overrides)
    chip = _chip(found, found.hz or STAND_IN_HZ, place, overrides)
    clock = chip.units["array"].clock if "array" in chip.units else None
    return chip if clock in (None, found.hz) else _chip(found, clock, place, overrides)


def _chip(found: ArrayDescription, hz: float, place: str, overrides: tuple[str, ...]) -> Chip:
    tree = _tree(found, hz)
    provenance = {name: Provenance(found.source, "published") for name in tree}
    provenance["units.array.dataflow"] = Provenance("assumption: the description leaves the mapping open", "estimated")
    for path_and_value in overrides:
        override(tree, provenance, path_and_value)
    return make_chip(tree, provenance, place)


def _tree(found: ArrayDescription, hz: float) -> dict:
    tree = {
        "name": found.name,
        "title": found.title,
        "fidelity": "modelled",
        "description": found.description,
        "units": {
            "array": {
                "kind": "systolic_array",
                "clock": f"{found.hz} Hz" if found.hz else None,
                "memories": ["sram"],
                "rows": found.rows,
                "cols": found.cols,
                "dataflow": "weight_stationary",
                "operand_types": ELEMENT_TYPES,
            }
        },
        "memories": {"sram": _memory("scratchpad", found.sram, hz), "dram": _memory("dram_channel", found.dram, hz)},
        "links": {"interface": {"kind": "dma", "sources": ["dram", "sram"], "targets": ["sram", "dram"]}},
        "placement": {"constants": ["dram"], "activations": ["dram"]},
        "compiler": {"double_buffering": True},
    }
    return tree | ({"area": f"{found.area} mm2"} if found.area else {})


def _memory(kind: str, level: Level, hz: float) -> dict:
    described: dict = {"kind": kind, "channels": level.channels}
    if level.bits is not None:
        described["capacity"] = f"{int(level.bits // 8)} B"
    if level.bits_per_cycle is not None:
        described["bandwidth"] = f"{level.bits_per_cycle / 8 * hz} B/s"
    for key, picojoules in (("read_energy", level.read_pj), ("write_energy", level.write_pj)):
        if picojoules is not None:
            described[key] = f"{picojoules} pJ/B"
    return described
