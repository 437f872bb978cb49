"""A chip: units, memories and links of one description file, with the source and grade of every figure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from pydantic import SerializeAsAny

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.provenance import NOT_STATED, Provenance
from accelsim.base.rooms import member, members
from accelsim.base.schema import Area, Capacity, Count, CountOrZero, Described, Fraction, Power, describe, field, shown
from accelsim.graph.numerics import Rounding
from accelsim.hardware.compression import Compression
from accelsim.hardware.hierarchy import check_caches, check_networks
from accelsim.hardware.memory import Link, Memory
from accelsim.hardware.operating_points import at_points
from accelsim.hardware.power_management import PowerManagement
from accelsim.hardware.rice_code import RiceCode
from accelsim.hardware.unit import Unit, description_of

SECTIONS = {"units": Unit, "memories": Memory, "links": Link}
KEPT_DESCRIPTIONS = 1 << 10
_known: dict[tuple[type, str], Described] = {}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Placement(Described):
    """Which memories hold what, in order of preference: the first in which it fits."""

    constants: tuple[str, ...] = field("home of weights and other constants")
    activations: tuple[str, ...] = field("home of activations")
    inputs: str | None = field("memory in which the caller puts the network's inputs; null: as activations", default=None)
    outputs: str | None = field("memory from which the caller takes the network's outputs; null: as activations", default=None)
    loaded_from: str | None = field("memory from which constants come when the chip starts cold", default=None)


class Compiler(Described):
    """What the chip's tool chain is known to do; declared, so that a report can say it."""

    double_buffering: bool = field("load the next piece while the unit computes", default=True)
    constants_ahead: bool = field("without double buffering: constants of the next piece still load while the unit computes", default=False)
    reads_under_way: Count = field("pieces of an operand read where it lies that are on their way or wait at the unit, if more than its buffers; 3: latency does not stop the stream", default=1)
    transfer_chunk: Capacity = field("largest piece in which a tensor is moved", unit="B", default=4096.0)
    weight_buffer: Capacity | None = field("working memory set aside for streamed constants; null: half of what activations leave", unit="B", default=None)
    uncut_products: bool = field("operands stream through the working memory; the unit's own passes say what is fetched again", default=False)
    candidates: Count = field("ways to map a network that are looked at, those that may pay simulated; the fastest is kept", default=3)
    vectors_direct: bool = field("weights that meet one vector only (fully-connected layers) are read where they lie: staging would not pay", default=False)
    cascading: bool = field("layers between which a tensor has no room near their unit are done depth first, in stripes of rows", default=False)
    reads_first: bool = field("a memory serves the next pieces' operands before results that wait to be written", default=False)
    most_pieces: Count = field("pieces of a layer at most; more overlap its transfers and work more finely", default=64)
    weight_coding: Literal["plain", "entropy"] = field("form in which 8-bit weights lie in their home; the array decodes them as they arrive", default="plain")
    rice: RiceCode | None = field("the code that is used for them; null: one that comes close to their entropy", default=None)
    coding_overhead: Fraction = field("bytes that the weights' code spends beyond their entropy, as a share of it", default=0.0)
    scale_bytes: CountOrZero = field("stored per output channel for bias and scale; 0: as in the model", unit="B", default=0)
    removes_idle_channels: bool = field("leaves out channels that hold one known value whatever the input, as zero filters make them", default=False)
    fuses_sums: bool = field("a sum of two tensors is done by the product that makes the later one (residual connections), scale and shift by constants by what comes before", default=False)
    joins_in_place: bool = field("tensors that are only joined are written side by side by their producers: a concatenation moves nothing", default=False)
    tiles_across_layers: bool = field("maps that do not fit are computed tile by tile through several layers: activations never leave their first home", default=False)
    fused_kernels: tuple[str, ...] = field("runs of a network's nodes, FIRST..LAST, for which there is one kernel; a unit that knows no such kernels does them one by one", default=())
    unit_order: tuple[str, ...] = field("units in the order in which a layer is offered to them; empty: as in the file", default=())


class Start(Described):
    """What the host does before the first layer, in cycles of the host unit."""

    cold_cycles: CountOrZero = field("driver start, model load", unit="cycle", default=0)
    warm_cycles: CountOrZero = field("per inference: set up and invoke", unit="cycle", default=0)


class ChipNumerics(Described):
    """Arithmetic that the chip uses in place of the model's own runtime."""

    requantization: Rounding | None = field("of convolutions; null: as the model's runtime", default=None)
    fully_connected_requantization: Rounding | None = field("of fully-connected layers", default=None)
    float_accumulator: Literal["float32", "float16", "bfloat16"] | None = field("width of float sums", default=None)
    float_operand: Literal["float32", "float16", "bfloat16"] | None = field("width of float operands", default=None)


class ChipFile(Described):
    """The keys of a chip file."""

    name: str = field("short name; the file's own")
    title: str = field("what a person calls it")
    fidelity: Literal["measured", "modelled", "speculative"] = field(
        "measured: checked against silicon or the vendor's model; modelled: public parameters; speculative: mostly assumption"
    )
    description: str = field("what is known of it and what is not", default="")
    process: str = field("such as '16 nm'", default="")
    units: dict[str, SerializeAsAny[Unit]] = field("compute units by name, the preferred first")
    memories: dict[str, SerializeAsAny[Memory]] = field("memories by name")
    links: dict[str, SerializeAsAny[Link]] = field("movers between memories by name", default={})
    host: str | None = field("the unit that runs what no other unit does, and the driver; null: such operators are refused", default=None)
    placement: Placement = field("homes of tensors")
    compiler: Compiler = field("behaviour of the tool chain", default=Compiler())
    compression: tuple[Compression, ...] = field("forms in which tensors lie and travel", default=())
    start: Start = field("host work before the first layer", default=Start())
    numerics: ChipNumerics = field("arithmetic, where it is not the model's own", default=ChipNumerics())
    energy: str | None = field("energy table in hwconfigs/energy; null: energy is not reported", default=None)
    static_power: Power = field("of all that no unit or memory states", unit="W", default=0.0)
    power: PowerManagement | None = field("domains, operating points, states of rest, heat; null: always on at the nominal point", default=None)
    area: Area | None = field("die or block area", unit="mm2", default=None)


@dataclass(frozen=True, eq=False)
class Chip:
    """A checked description and where its figures come from.

    Attributes
    ----------
    file : ChipFile
    provenance : mapping of dotted path to Provenance
    path : str
        Of the file, for messages.
    """

    file: ChipFile
    provenance: Mapping[str, Provenance]
    path: str

    def __post_init__(self) -> None:
        self.__dict__.update(self.file)  # read far more often than made

    def __getattr__(self, name: str):
        if name.startswith("__"):  # a copy from another process asks for these before it has a file
            raise AttributeError(name)
        return getattr(self.file, name)

    @cached_property
    def descriptions(self) -> dict[str, tuple[type, str]]:
        """All that each unit's functions depend on, as a key."""
        return {name: description_of(unit) for name, unit in self.units.items()}

    @property
    def caveats(self) -> tuple[str, ...]:
        """What every report of this chip must say."""
        if self.file.fidelity != "speculative":
            return ()
        return (f"'{self.file.name}' is speculative: built from what is known of its class, mostly assumption; nothing here is a statement about the product",)

    def provenance_of(self, path: str) -> Provenance:
        """Return the provenance of a figure, that of the nearest enclosing entry, or "not stated"."""
        while path:
            if path in self.provenance:
                return self.provenance[path]
            path = path.rpartition(".")[0]
        return NOT_STATED


def make_chip(tree: Mapping, provenance: Mapping[str, Provenance], place: str) -> Chip:
    """Return the chip that a plain tree describes.

    Raises
    ------
    AccelsimError
        An unknown key or kind, a missing or wrong value, a name that refers to nothing.
    """
    tree = dict(tree)
    for section in SECTIONS:
        if section in tree:
            tree[section] = _section(tree[section], section, place)
    file = describe(ChipFile, tree, place)
    _check_references(file, place)
    check_caches(file, place)
    check_networks(file, place)
    file = at_points(file)
    _check_servers(file, place)
    return Chip(file, MappingProxyType(dict(provenance)), place)


def _section(entries: object, section: str, place: str) -> dict[str, Described]:
    room = f"accelsim.hardware.{section}"
    if not isinstance(entries, Mapping):
        raise AccelsimError(f"{place}: {section}", "is not a mapping of names to descriptions")
    made = {}
    for name, values in entries.items():
        here = f"{place}: {section}.{name}"
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise AccelsimError(f"{place}: {section}", f"name {shown(name)} is not a word of letters, digits, _ and -, a letter first")
        if not isinstance(values, Mapping):
            raise AccelsimError(here, f"{shown(values)} is not a description (a mapping with 'kind')")
        if "kind" not in values:
            raise AccelsimError(f"{here}.kind", "is missing", f"one of {', '.join(members(room))}")
        if values["kind"] not in members(room):
            raise not_one_of(f"{here}.kind", values["kind"], members(room))
        made[name] = _described(member(room, values["kind"]).DESCRIPTION, dict(values), place, f"{section}.{name}")
    return made


def _described(model: type[Described], values: dict, place: str, path: str) -> Described:
    """Return the checked description; the same object for the same values: variants of a chip change a few."""
    key = (model, repr(values))
    if key not in _known:
        if len(_known) >= KEPT_DESCRIPTIONS:
            _known.clear()
        _known[key] = describe(model, values, place, path)
    return _known[key]


def _check_servers(file: ChipFile, place: str) -> None:
    """Refuse names that two things share, and figures of which no server can be made."""
    seen: dict[str, str] = {}
    for section in SECTIONS:
        for name, thing in getattr(file, section).items():
            here = f"{place}: {section}.{name}"
            if name in seen:
                raise AccelsimError(here, f"'{name}' is also the name of one of the {seen[name]}", "names tell units, memories and links apart")
            seen[name] = section
            try:
                thing.resource(name) if section == "units" else thing.resources(name)
            except AccelsimError as error:
                figure = "clock" if section == "units" else "bandwidth"
                raise AccelsimError(f"{here}.{figure}", error.message, error.hint) from error


def _check_references(file: ChipFile, place: str) -> None:
    def known(path: str, name: str, allowed) -> None:
        if name not in allowed:
            raise not_one_of(f"{place}: {path}", name, list(allowed))

    for name, unit in file.units.items():
        for i, memory in enumerate(unit.memories):
            known(f"units.{name}.memories.{i}", memory, file.memories)
        if not unit.memories:
            raise AccelsimError(f"{place}: units.{name}.memories", "names no memory")
    for name, link in file.links.items():
        for end in ("sources", "targets"):
            if link.moves and not getattr(link, end):
                raise AccelsimError(f"{place}: links.{name}.{end}", "names no memory")
            for i, memory in enumerate(getattr(link, end)):
                known(f"links.{name}.{end}.{i}", memory, file.memories)
    for role in ("constants", "activations"):
        homes = getattr(file.placement, role)
        if not homes:
            raise AccelsimError(f"{place}: placement.{role}", "names no memory")
        for i, memory in enumerate(homes):
            known(f"placement.{role}.{i}", memory, file.memories)
    for name, domain in file.power.domains.items() if file.power is not None else ():
        for i, member_of_it in enumerate(domain.members):
            known(f"power.domains.{name}.members.{i}", member_of_it, {**file.units, **file.memories, **file.links})
    for i, one in enumerate(file.compression):
        for j, place_of_it in enumerate(one.at):
            known(f"compression.{i}.at.{j}", place_of_it, {**file.memories, **file.links})
    for role in ("inputs", "outputs", "loaded_from"):
        if (named := getattr(file.placement, role)) is not None:
            known(f"placement.{role}", named, file.memories)
    if file.host is not None:
        known("host", file.host, file.units)
    for i, unit in enumerate(file.compiler.unit_order):
        known(f"compiler.unit_order.{i}", unit, file.units)
    if not file.units:
        raise AccelsimError(f"{place}: units", "names no unit")
