"""Save-and-restore mode: the registers of the neuron that the chain points to.

The pointer passes through committed neurons only, as the daisy chain does, so it stops at the one that waits to learn.
"""

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.functional.neuromem_state import Global, NeuroMemState
from accelsim.kernels.neuromem import CATEGORY_MASK, NOTHING


class SaveRestorePort:
    """Reads and writes of one neuron after another; Read or Write CAT moves on to the next."""

    def __init__(self, state: NeuroMemState):
        self.state = state
        self._columns = {
            "NCR": state.contexts, "DIST": state.distance, "AIF": state.influence, "MINIF": state.minimum_influence, "CAT": state.categories,
        }  # fmt: skip

    @property
    def pointed(self) -> int:
        """Index of the neuron pointed to; the number of neurons once it has passed them all."""
        return int(self.state.registers[Global.POINTED])

    def read(self, name: str) -> int:
        """Return a register of the pointed neuron; 0xFFFF where no neuron drives the bus."""
        neuron = self.pointed
        if name == "NCOUNT":
            return neuron
        if neuron == len(self.state.categories):
            return NOTHING
        if name == "NID":
            return neuron + 1 & 0xFFFF
        if name == "COMP":
            return int(self.state.memory[neuron, self._next_index()])
        if name == "CAT":
            return self._read_category(neuron)
        high = (neuron + 1 >> 16) << 8 if name == "NCR" else 0
        return int(self._columns[name][neuron]) | high

    def write(self, name: str, value: int) -> None:
        """Write a register of the pointed neuron, reset the chain, or give all neurons one category."""
        if name == "RESETCHAIN":
            self.state.registers[[Global.POINTED, Global.INDEXCOMP]] = 0
        elif name == "TESTCAT":
            self.state.categories[:] = value
        else:
            self._write_neuron(name, value)

    def _write_neuron(self, name: str, value: int) -> None:
        neuron = self.pointed
        if neuron == len(self.state.categories):
            raise AccelsimError(f"register {name}", f"the chain has no neuron after its {neuron}")
        if name == "COMP":
            self.state.memory[neuron, self._next_index()] = value
        elif name == "NCR":
            self.state.contexts[neuron] = value & 0xFF
        else:
            self._columns[name][neuron] = value
        if name == "CAT" and value & CATEGORY_MASK:
            self._move_on(neuron)

    def _read_category(self, neuron: int) -> int:
        if not self.state.categories[neuron] & CATEGORY_MASK:
            return NOTHING
        self._move_on(neuron)
        return int(self.state.categories[neuron])

    def _move_on(self, neuron: int) -> None:
        self.state.registers[[Global.POINTED, Global.INDEXCOMP]] = neuron + 1, 0

    def _next_index(self) -> int:
        index = int(self.state.registers[Global.INDEXCOMP])
        self.state.registers[Global.INDEXCOMP] = np.int32((index + 1) % self.state.memory.shape[1])
        return index
