"""A DRAM part and the controller in front of it, as files describe them: geometry, timing, currents, queues, policies."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.paths import data_folder
from accelsim.base.provenance import Provenance
from accelsim.base.schema import Count, CountOrZero, Current, Described, EnergyPerByte, Time, Voltage, describe, field
from accelsim.base.yaml_files import read_yaml_with_provenance


class DramGeometry(Described):
    """How one channel is built: devices side by side on the bus, bank groups, banks, rows, columns."""

    bank_groups: Count = field("bank groups of a device; 1 where the standard has none")
    banks_per_group: Count = field("banks of a group")
    rows: Count = field("rows of a bank")
    columns: Count = field("columns of a row, each as wide as the device")
    device_width: Count = field("data pins of a device", unit="bit")
    devices: Count = field("devices that share the command bus and work as one", default=1)
    burst_length: Count = field("beats of one RD or WR")
    beats_per_clock: Literal[1, 2, 4, 8] = field("beats in a clock of the command bus: 2 for DDR, 8 for LPDDR5 at 4:1", default=2)
    row_and_column_commands: bool = field("a row and a column command may issue in one clock (HBM)", default=False)

    @model_validator(mode="after")
    def _powers_of_two(self) -> "DramGeometry":
        for name in ("bank_groups", "banks_per_group", "rows", "columns", "burst_length"):
            if getattr(self, name) & (getattr(self, name) - 1):
                raise ValueError(f"{name} {getattr(self, name)} is not a power of two")
        if self.burst_length % self.beats_per_clock or self.columns % self.burst_length:
            raise ValueError("burst_length does not fill whole clocks and a whole part of a row")
        return self

    @property
    def banks(self) -> int:
        """Banks of the channel."""
        return self.bank_groups * self.banks_per_group

    @property
    def burst_bytes(self) -> int:
        """Bytes that one RD or WR moves."""
        return self.burst_length * self.device_width * self.devices // 8

    @property
    def burst_clocks(self) -> int:
        """Clocks of the command bus that one burst holds the data bus."""
        return self.burst_length // self.beats_per_clock


class DramTiming(Described):
    """Timing rules in clocks of the command bus, named as JEDEC names them."""

    tCK: Time = field("period of the command clock")
    tCL: Count = field("read latency (CL, RL)", unit="clocks")
    tDQSCK: CountOrZero = field("further clocks from the end of the read latency to the data (LPDDR4)", unit="clocks", default=0)
    tCWL: Count = field("write latency (CWL, WL)", unit="clocks")
    tRCD: Count = field("ACT to RD", unit="clocks")
    tRCDWR: CountOrZero = field("ACT to WR; 0: as tRCD", unit="clocks", default=0)
    tRP: Count = field("PRE of one bank to ACT", unit="clocks")
    tRPab: CountOrZero = field("PRE of all banks to ACT; 0: as tRP", unit="clocks", default=0)
    tRAS: Count = field("ACT to PRE", unit="clocks")
    tRC: CountOrZero = field("ACT to ACT of a bank; 0: tRAS + tRP", unit="clocks", default=0)
    tRTP: Count = field("RD to PRE", unit="clocks")
    tWR: Count = field("last written beat to PRE", unit="clocks")
    tCCD_S: Count = field("column command to column command, another bank group", unit="clocks")
    tCCD_L: Count = field("column command to column command, same bank group", unit="clocks")
    tRRD_S: Count = field("ACT to ACT, another bank group", unit="clocks")
    tRRD_L: Count = field("ACT to ACT, same bank group", unit="clocks")
    tFAW: Count = field("window of four ACT", unit="clocks")
    tWTR_S: Count = field("last written beat to RD, another bank group", unit="clocks")
    tWTR_L: Count = field("last written beat to RD, same bank group", unit="clocks")
    tRTW_gap: CountOrZero = field("free clocks on the data bus between a read and a write", unit="clocks", default=2)
    tWTR_L_burst: CountOrZero = field("burst clocks counted in same-group WR to RD (BL/n_max of LPDDR5); 0: the burst's", unit="clocks", default=0)
    tPPD: CountOrZero = field("PRE to PRE", unit="clocks", default=0)
    tREFI: Count = field("interval of all-bank refreshes", unit="clocks")
    tRFC: Count = field("all-bank REF to ACT", unit="clocks")
    tREFIpb: CountOrZero = field("interval of per-bank refreshes; 0: the part has none", unit="clocks", default=0)
    tRFCpb: CountOrZero = field("per-bank REF to ACT of that bank", unit="clocks", default=0)
    tpbR2pbR: CountOrZero = field("per-bank REF to per-bank REF", unit="clocks", default=0)
    tpbR2act: CountOrZero = field("per-bank REF to ACT of another bank", unit="clocks", default=0)
    tAAD: CountOrZero = field("largest ACT-1 to ACT-2 distance; 0: activation is one command", unit="clocks", default=0)
    tWCKPST: CountOrZero = field("clocks that the data clock runs on after a burst", unit="clocks", default=0)
    data_clock_sync: bool = field("a CAS command must start the data clock before a burst when it is stopped (LPDDR5)", default=False)
    tXP: CountOrZero = field("power-down exit to any command", unit="clocks", default=0)
    tXS: CountOrZero = field("self-refresh exit to any command; 0: no self-refresh is modelled", unit="clocks", default=0)


class DramRail(Described):
    """Supply currents of one device on one rail, as data sheets define them."""

    voltage: Voltage = field("supply voltage", unit="V")
    IDD0: Current = field("one bank activated and precharged every tRC", unit="A")
    IDD2N: Current = field("precharged, standby", unit="A")
    IDD3N: Current = field("a bank open, standby", unit="A")
    IDD4R: Current = field("reading without pause", unit="A")
    IDD4W: Current = field("writing without pause", unit="A")
    IDD5: Current = field("refreshing all banks, during tRFC", unit="A")
    IDD5pb: Current = field("refreshing one bank, during tRFCpb", unit="A", default=0.0)
    IDD2P: Current = field("precharged, power-down", unit="A", default=0.0)
    IDD3P: Current = field("a bank open, power-down", unit="A", default=0.0)
    IDD6: Current = field("self-refresh", unit="A", default=0.0)


class DramPart(Described):
    """A DRAM part on a channel. Energy comes from currents, or else from one figure per bit."""

    name: str = field("what it is called")
    standard: Literal["DDR3", "DDR4", "LPDDR4", "LPDDR4X", "LPDDR5", "HBM2"] = field("JEDEC family")
    geometry: DramGeometry = field("how the channel is built")
    timing: DramTiming = field("timing rules")
    rails: tuple[DramRail, ...] = field("currents by rail; empty where no source states them", default=())
    energy_per_byte: EnergyPerByte | None = field("energy of a byte moved, device and interface, where no currents are known", unit="J/B", default=None)

    @model_validator(mode="after")
    def _one_energy(self) -> "DramPart":
        if bool(self.rails) == (self.energy_per_byte is not None):
            raise ValueError("states both rails and energy_per_byte, or neither; one of them is the energy model")
        return self


class _Controller(Described):
    read_queue: Count = field("reads that wait in the controller", unit="bursts")
    write_queue: Count = field("writes that wait in the controller", unit="bursts")
    mapping: tuple[str, ...] = field("address bits, low to high: column, bank_group, bank, row; 'column:2' takes two bits, a bare word the rest")
    bank_xor_row: bool = field("bank bits are XORed with the low row bits", default=False)
    refresh: Literal["none", "all_bank", "per_bank"] = field("who refreshes what", default="all_bank")
    power_down_after: CountOrZero = field("idle clocks before power-down; 0: never", unit="clocks", default=0)
    self_refresh_after: CountOrZero = field("idle clocks before self-refresh; 0: never", unit="clocks", default=0)

    @model_validator(mode="after")
    def _mapping_fields(self) -> "_Controller":
        for word in self.mapping:
            name, _, bits = word.partition(":")
            if name not in MAPPING_FIELDS or (bits and not bits.isdigit()):
                raise ValueError(f"mapping entry '{word}' is not one of {', '.join(MAPPING_FIELDS)}, with ':bits' where a field is split")
        bare = [word for word in self.mapping if ":" not in word]
        if sorted(bare) != sorted(MAPPING_FIELDS) or self.mapping[-1] != "row":
            raise ValueError("mapping must name each of column, bank_group, bank, row once without bits, row last")
        return self


MAPPING_FIELDS = ("column", "bank_group", "bank", "row")


class BankQueueController(_Controller):
    """Transactions move to a queue for each bank; the queues are served round robin; rows stay open for a few hits."""

    structure: Literal["bank_queues"] = field("kind of controller")
    bank_queue: Count = field("entries of a command queue", unit="bursts")
    one_queue: bool = field("one command queue for all banks instead of one for each", default=False)
    drain_above: CountOrZero = field("writes drain when more than these wait and nothing else does", unit="bursts")
    hit_cap: Count = field("column commands to an open row after which another row may close it")
    flush: bool = field("the last writes of a batch are served too", default=True)


class AgeOrderController(_Controller):
    """The oldest request whose next command is legal goes first; writes are served in phases between two marks."""

    structure: Literal["age_ordered"] = field("kind of controller")
    drain_high: Annotated[float, Field(ge=0, le=1)] = field("fraction of the write queue above which writes are served")
    drain_low: Annotated[float, Field(ge=0, le=1)] = field("fraction below which reads are served again")


DramController = BankQueueController | AgeOrderController


def parts() -> list[str]:
    """Return the names of the parts that come with accelsim."""
    return sorted(path.stem for path in (data_folder("hwconfigs") / "dram").glob("*.yaml"))


def controllers() -> list[str]:
    """Return the names of the controller profiles that come with accelsim."""
    return sorted(path.stem for path in (data_folder("hwconfigs") / "dram" / "controllers").glob("*.yaml"))


def load_part(name_or_path: str | Path) -> tuple[DramPart, dict[str, Provenance]]:
    """Return a DRAM part, and the provenance of its figures by dotted path.

    Parameters
    ----------
    name_or_path : str or Path
        One of ``parts()``, or a YAML file.

    Raises
    ------
    AccelsimError
        No such part, or a file that does not describe one.
    """
    path = _find(name_or_path, data_folder("hwconfigs") / "dram", parts())
    values, provenance = read_yaml_with_provenance(path)
    return describe(DramPart, values, path.name), provenance


def load_controller(name_or_path: str | Path) -> DramController:
    """Return a controller profile: one of ``controllers()``, or a YAML file; raises like ``load_part``."""
    path = _find(name_or_path, data_folder("hwconfigs") / "dram" / "controllers", controllers())
    values, _ = read_yaml_with_provenance(path)
    return controller_of(values, path.name)


def controller_of(values: dict, place: str) -> DramController:
    """Return the controller that a mapping describes; raises AccelsimError."""
    kinds = {"bank_queues": BankQueueController, "age_ordered": AgeOrderController}
    structure = values.get("structure")
    if structure not in kinds:
        raise not_one_of(f"{place}: structure", structure, kinds)
    return describe(kinds[structure], values, place)


def _find(name_or_path: str | Path, folder: Path, known: list[str]) -> Path:
    if str(name_or_path) in known:
        return folder / f"{name_or_path}.yaml"
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml"):
        if path.is_file():
            return path
        raise AccelsimError(str(path), "does not exist")
    raise not_one_of("dram", name_or_path, known)
