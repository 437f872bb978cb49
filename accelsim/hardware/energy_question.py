"""One question: what does this action cost at that process? Asked by name, whatever table the answer stands in."""

from dataclasses import dataclass

from accelsim.base.errors import AccelsimError, guess
from accelsim.hardware.energy_tables import EnergyFigure, external_memories, memory_energy, operation_energy, operations, sram_access_energy, sram_leakage

SRAM_ACTIONS = ("sram_read", "sram_write", "sram_leakage")


@dataclass(frozen=True, slots=True)
class Answer:
    """A figure with its unit: "J" of an action, "J/B" of a byte, "W" of leakage; ``what`` says what was priced."""

    what: str
    unit: str
    figure: EnergyFigure


def energy_actions() -> dict[str, tuple[str, ...]]:
    """Return every action that has an energy, by kind."""
    return {"operation": tuple(operations()), "sram": SRAM_ACTIONS, "external memory": tuple(external_memories())}


def energy_of(action: str, process: str | None = None, size_bytes: float | None = None, width_bits: int = 64, voltage: float | None = None) -> Answer:
    """Return what an action costs.

    Parameters
    ----------
    action : str
        One of ``energy_actions()``: "mac_int8", "sram_read", "LPDDR4", ...
    process : str, optional
        "7 nm", ...; operations and SRAM need one, an external memory has none.
    size_bytes : float, optional
        Capacity of an SRAM [B].
    width_bits : int
        Of the SRAM's port [bit].
    voltage : float, optional
        Supply of an operation [V].

    Raises
    ------
    AccelsimError
        No such action, or a process or size that it needs and has not.
    """
    kinds = energy_actions()
    if action in kinds["external memory"]:
        return Answer(f"a byte of {action}", "J/B", memory_energy(action))
    if action not in (*kinds["operation"], *SRAM_ACTIONS):
        every = [name for names in kinds.values() for name in names]
        raise AccelsimError(f"energy {action}", f"no action is called '{action}'", guess(action, every) or "'accelsim energy' lists them")
    if process is None:
        raise AccelsimError(f"energy {action}", "needs a process", "such as --process 7nm")
    if action in kinds["operation"]:
        return Answer(f"{action} at {process}", "J", operation_energy(action, process, voltage))
    if size_bytes is None:
        raise AccelsimError(f"energy {action}", "needs the size of the SRAM", "such as --bytes 64KiB")
    what = f"{action}: {size_bytes / 1024:g} KiB, {width_bits} bit, {process}"
    if action == "sram_leakage":
        return Answer(what, "W", sram_leakage(size_bytes, process))
    return Answer(what, "J", sram_access_energy(size_bytes, width_bits, process, action == "sram_write"))
