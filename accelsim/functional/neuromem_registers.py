"""The same device through its sixteen addresses: 16-bit registers read and written in normal and save-and-restore mode.

References
----------
NM500 User's Manual v1.6.3 p. 6, 8-11, 20; CM1K Hardware User's Manual p. 12, 20-21, 26-27.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError, guess
from accelsim.functional.neuromem import IDENTIFIED, NOTHING, rules_of
from accelsim.functional.neuromem_accesses import Accesses, from_runs
from accelsim.functional.neuromem_readout import active_neurons, read_category, read_distance, ready_neuron, settle, uses_lsup
from accelsim.functional.neuromem_save import SaveRestorePort
from accelsim.functional.neuromem_state import KNN_BIT, LARGEST_CATEGORY, LIKELIEST, SAVE_RESTORE_BIT, STATUS_BITS, Global, NeuroMemState, Switches
from accelsim.kernels import neuromem as kernels
from accelsim.kernels.neuromem import CATEGORY_MASK


@dataclass(frozen=True, slots=True)
class Register:
    """An address and what may be done with it.

    Attributes
    ----------
    normal, save_restore : str
        Letters out of "r" and "w".
    """

    address: int
    normal: str
    save_restore: str


REGISTER_MAP = {
    "NCR": Register(0x00, "r", "rw"),
    "COMP": Register(0x01, "w", "rw"),
    "LCOMP": Register(0x02, "w", ""),
    "INDEXCOMP": Register(0x03, "w", "w"),
    "DIST": Register(0x03, "r", "r"),
    "CAT": Register(0x04, "rw", "rw"),
    "AIF": Register(0x05, "", "rw"),
    "MINIF": Register(0x06, "rw", "rw"),
    "MAXIF": Register(0x07, "rw", ""),
    "TESTCOMP": Register(0x08, "w", "w"),
    "TESTCAT": Register(0x09, "", "w"),
    "NID": Register(0x0A, "r", "r"),
    "GCR": Register(0x0B, "rw", ""),
    "RESETCHAIN": Register(0x0C, "", "w"),
    "NSR": Register(0x0D, "rw", "w"),
    "POWERSAVE": Register(0x0E, "w", ""),
    "FORGET": Register(0x0F, "w", ""),
    "NCOUNT": Register(0x0F, "r", "r"),
}
"""NM500 User's Manual p. 6."""
MODES = {"normal": "normal", "save_restore": "save-and-restore"}


class RegisterPort:
    """Reads and writes of a chain's registers, with the record of what was accessed.

    Parameters
    ----------
    state : NeuroMemState
        Changed in place.
    """

    def __init__(self, state: NeuroMemState, switches: Switches = LIKELIEST):
        self.state, self.switches = state, switches
        self._saving = SaveRestorePort(state)
        self._log: list[tuple[str, str, int]] = []

    def accesses(self) -> Accesses:
        """Return the run-length record of all accesses so far, as one operation."""
        return from_runs(self._log)

    def read(self, register: str | int) -> int:
        """Return a register's value.

        Parameters
        ----------
        register : str or int
            Name or address.

        Raises
        ------
        AccelsimError
            No such register, or it cannot be read in this mode.
        """
        name = self._checked(register, "r")
        if self._save_restore:
            value, case = self._saving.read(name), ":save_restore" if name in ("DIST", "CAT") else ""
        else:
            value, case = self._read_normal(name)
        self._record(name + case, "read")
        return value

    def write(self, register: str | int, value: int) -> None:
        """Write a register.

        Raises
        ------
        AccelsimError
            No such register, it cannot be written in this mode, or the value does not fit.
        """
        name = self._checked(register, "w")
        limit = 0xFF if name in ("COMP", "LCOMP", "TESTCOMP") else 0xFFFF
        if not 0 <= value <= limit:
            raise AccelsimError(f"register {name}", f"{value} is not within 0..{limit}")
        if name in ("NSR", "INDEXCOMP", "TESTCOMP"):
            case = self._write_any(name, value)
        elif self._save_restore:
            self._saving.write(name, value)
            case = ":save_restore" if name == "CAT" else ""
        else:
            case = self._write_normal(name, value)
        self._record(name + case, "write")

    @property
    def _save_restore(self) -> bool:
        return bool(self.state.registers[Global.NSR] & SAVE_RESTORE_BIT)

    def _checked(self, register: str | int, way: str) -> str:
        mode, other = ("save_restore", "normal") if self._save_restore else ("normal", "save_restore")
        names = [name for name, known in REGISTER_MAP.items() if register in (name, known.address)]
        if not names:
            raise AccelsimError("register", f"'{register}' is not one of {', '.join(REGISTER_MAP)}", guess(register, REGISTER_MAP))
        for name in names:
            if way in getattr(REGISTER_MAP[name], mode):
                return name
        verb = "read" if way == "r" else "written"
        hint = f"it can in {MODES[other]} mode" if any(way in getattr(REGISTER_MAP[name], other) for name in names) else ""
        raise AccelsimError(f"register {names[0]}", f"cannot be {verb} in {MODES[mode]} mode", hint)

    def _record(self, access: str, direction: str) -> None:
        if self._log and self._log[-1][:2] == (access, direction):
            self._log[-1] = (access, direction, self._log[-1][2] + 1)
        else:
            self._log.append((access, direction, 1))

    def _read_normal(self, name: str) -> tuple[int, str]:
        state, registers = self.state, self.state.registers
        if name == "DIST":
            distance = read_distance(state)
            return distance, ":none" if distance == NOTHING else ""
        if name == "CAT":
            return read_category(state, self.switches), ":identified" if registers[Global.NSR] & IDENTIFIED else ""
        if name == "NCOUNT":
            committed = int(np.count_nonzero(state.committed))
            return NOTHING if committed == len(state.categories) else committed, ""
        if name == "NCR":
            return int(registers[Global.NID]) >> 16 & 0xFF, ""
        return int(registers[Global[name]]) & 0xFFFF, ""

    def _write_any(self, name: str, value: int) -> str:
        state, registers = self.state, self.state.registers
        if name == "NSR":
            registers[Global.NSR] = registers[Global.NSR] & STATUS_BITS | value & (SAVE_RESTORE_BIT | KNN_BIT)
        elif name == "INDEXCOMP":
            registers[Global.INDEXCOMP] = value % state.memory.shape[1]
        elif self._save_restore and self.switches.test_component_fills_all_in_save_restore:
            state.memory[:, registers[Global.INDEXCOMP]] = value
            self._advance()
        else:
            state.memory[state.committed, registers[Global.INDEXCOMP]] = value
        return ""

    def _write_normal(self, name: str, value: int) -> str:
        state = self.state
        if name == "COMP":
            self._component(value)
        elif name == "LCOMP":
            self._component(value)
            settle(state, self.switches)
            return "" if state.committed.any() else ":empty"
        elif name == "CAT":
            return self._learn(value)
        elif name == "FORGET":
            state.forget()
        elif name != "POWERSAVE":
            state.registers[Global[name]] = value & 0xFF if name == "GCR" else value
        return ""

    def _component(self, value: int) -> None:
        state, index = self.state, self.state.registers[Global.INDEXCOMP]
        active, free = active_neurons(state), ready_neuron(state)
        sofar = np.zeros(np.count_nonzero(active), np.int32) if index == 0 else state.distance[active].astype(np.int32)
        away = np.abs(state.memory[active, index].astype(np.int32) - value)
        state.distance[active] = np.where(uses_lsup(state, self.switches)[active], np.maximum(sofar, away), sofar + away)
        if free >= 0:
            state.memory[free, index], state.distance[free] = value, 0
        state.registers[Global.NSR] &= ~STATUS_BITS
        self._advance()

    def _advance(self) -> None:
        self.state.registers[Global.INDEXCOMP] = (self.state.registers[Global.INDEXCOMP] + 1) % self.state.memory.shape[1]

    def _learn(self, wanted: int) -> str:
        state, registers, fired = self.state, self.state.registers, self.state.fired
        if wanted > LARGEST_CATEGORY or not registers[Global.PENDING]:
            problem = f"{wanted} is not within 0..{LARGEST_CATEGORY}" if wanted > LARGEST_CATEGORY else "no vector has been broadcast since the last learning"
            raise AccelsimError("register CAT", problem)
        rules, free = rules_of(state, self.switches, latched=True), ready_neuron(state)
        is_wanted = (state.categories & CATEGORY_MASK) == wanted
        same = bool((fired & is_wanted).any())
        asked = active_neurons(state) & ~(is_wanted & rules.nearest_ignores_same_category)
        nearest = int(state.distance[asked].min(initial=NOTHING))
        if free >= 0 or rules.full_chain_shrinks:
            kernels.shrink(wanted, state.categories, state.influence, state.minimum_influence, state.distance, fired, rules)
        if free >= 0 and wanted and not same:
            kernels.commit(free, wanted, nearest, state.contexts, state.categories, state.influence, state.minimum_influence, rules)
        registers[[Global.PENDING, Global.CHOSEN]] = 0, -1
        if not registers[Global.NSR] & IDENTIFIED:
            return ""
        return ":identified_same" if same else ":identified_other"
