"""What a chain of RBF classifier chips is and what it remembers."""

import hashlib
from dataclasses import dataclass, fields, replace
from enum import IntEnum

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.kernels.neuromem import CATEGORY_MASK

DEFAULT_CONTEXT, DEFAULT_MINIMUM_INFLUENCE, DEFAULT_MAXIMUM_INFLUENCE = 1, 2, 0x4000
LARGEST_CATEGORY = 32766
STATUS_BITS, SAVE_RESTORE_BIT, KNN_BIT = 0x0C, 0x10, 0x20


@dataclass(frozen=True, slots=True)
class NeuroMemDevice:
    """A chain of chips; the default is one NM500.

    Attributes
    ----------
    neurons : int
        Per chip: 576 in an NM500, 1,024 in a CM1K, 128 in a QuarkSE.
    components : int
        8-bit components of each neuron: 256, in a QuarkSE 128.
    chips : int
        Chips in the daisy chain.
    clock, chained_clock : float
        Clock of a single chip and of several in a chain [Hz] (NM500 User's Manual p. 27).
    """

    neurons: int = 576
    components: int = 256
    chips: int = 1
    clock: float = 35e6
    chained_clock: float = 18e6

    @property
    def capacity(self) -> int:
        """Neurons of the whole chain."""
        return self.neurons * self.chips

    @property
    def hz(self) -> float:
        """Clock at which this chain runs [Hz]."""
        return self.clock if self.chips == 1 else self.chained_clock


@dataclass(frozen=True, slots=True)
class Switches:
    """What the manuals leave open, each with the likeliest answer as its default.

    Attributes
    ----------
    nearest_counts_same_category : bool
        The field of a new neuron is limited by the closest active neuron of any category (US5621863: "all the calculated
        distances"), or only by those of another category.
    degenerates_at_commit : bool
        A new neuron whose field would be MINIF or less is flagged as degenerated at once (as in the ZISC predecessor).
    full_chain_shrinks : bool
        With no neuron left, learning commits nothing but still shrinks (the manual says only that it has "no effect").
    degenerated_bit_in_race : bool
        Bit 15 of the category takes part when categories compete on the bus; otherwise a degenerated and a sound neuron of one
        category and distance answer together, and bit 15 shows only if all of them have it.
    degenerated_bit_in_identification : bool
        Firing neurons that agree on a category but not on being degenerated leave the vector uncertain.
    context_zero_uses_own_norm : bool
        While the global context is 0 and all neurons react, each uses its own norm; otherwise bit 7 of the global context.
    knn_shrinks_only_inward : bool
        In KNN mode, where all active neurons fire, one farther away than its field keeps it; otherwise it takes the distance.
    test_component_fills_all_in_save_restore : bool
        TESTCOMP in save-and-restore mode writes all neurons and advances the index (as the start-up code of the QuarkSE
        library expects); otherwise it behaves as in normal mode.
    """

    nearest_counts_same_category: bool = True
    degenerates_at_commit: bool = True
    full_chain_shrinks: bool = True
    degenerated_bit_in_race: bool = True
    degenerated_bit_in_identification: bool = False
    context_zero_uses_own_norm: bool = True
    knn_shrinks_only_inward: bool = True
    test_component_fills_all_in_save_restore: bool = True


LIKELIEST = Switches()


class Global(IntEnum):
    """Places in ``NeuroMemState.registers``."""

    GCR = 0
    MINIF = 1
    MAXIF = 2
    NSR = 3
    INDEXCOMP = 4
    NID = 5
    POINTED = 6
    """Neuron that save-and-restore mode points to."""
    CHOSEN = 7
    """Distance that the last Read DIST chose, or -1."""
    PENDING = 8
    """1 between a broadcast and the learning that uses it."""
    LATCHED_MINIF = 9
    LATCHED_MAXIF = 10
    """Fields as they stood at the end of the broadcast; later writes do not reach it (CM1K manual p. 20)."""


@dataclass(eq=False, slots=True)
class NeuroMemState:
    """Everything that a chain remembers, as flat arrays.

    Attributes
    ----------
    memory : ndarray, shape (neurons, components), uint8
    contexts : ndarray, shape (neurons,), uint8
        Bits 6..0 context, bit 7 norm (0 L1, 1 Lsup).
    categories : ndarray, shape (neurons,), uint16
        Bits 14..0 category, 0 where not committed; bit 15 degenerated.
    influence, minimum_influence, distance : ndarray, shape (neurons,), uint16
        AIF, MINIF and DIST of each neuron.
    fired : ndarray, shape (neurons,), bool
        Neurons that fired on the last broadcast.
    race : ndarray, shape (neurons,), bool
        Those of them not yet read out.
    registers : ndarray, shape (11,), int32
        By ``Global``.
    """

    memory: np.ndarray
    contexts: np.ndarray
    categories: np.ndarray
    influence: np.ndarray
    minimum_influence: np.ndarray
    distance: np.ndarray
    fired: np.ndarray
    race: np.ndarray
    registers: np.ndarray

    @property
    def committed(self) -> np.ndarray:
        """Which neurons hold a category, bool."""
        return (self.categories & CATEGORY_MASK) != 0

    @property
    def is_knn(self) -> bool:
        """Whether all active neurons fire."""
        return bool(self.registers[Global.NSR] & KNN_BIT)

    def copy(self) -> "NeuroMemState":
        """Return a state that shares nothing with this one."""
        return replace(self, **{field.name: getattr(self, field.name).copy() for field in fields(self)})

    def digest(self) -> str:
        """Return a SHA-256 over all arrays; equal states have equal digests."""
        return hashlib.sha256(b"".join(getattr(self, field.name).tobytes() for field in fields(self))).hexdigest()

    def set_mode(self, mode: str) -> None:
        """Choose ``"rbf"`` or ``"knn"``."""
        if mode not in ("rbf", "knn"):
            raise AccelsimError("mode", f"'{mode}' is not one of rbf, knn")
        self.registers[Global.NSR] = (self.registers[Global.NSR] & ~KNN_BIT) | (KNN_BIT if mode == "knn" else 0)

    def set_context(self, context: int, norm: str = "l1") -> None:
        """Choose the global context (0..127; 0: all neurons react) and the norm (``"l1"`` or ``"lsup"``)."""
        if not 0 <= context <= 127 or norm not in ("l1", "lsup"):
            raise AccelsimError("context", f"context {context} with norm '{norm}' is not a context of 0..127 with norm l1 or lsup")
        self.registers[Global.GCR] = context | (0x80 if norm == "lsup" else 0)

    def set_influence(self, minimum: int = DEFAULT_MINIMUM_INFLUENCE, maximum: int = DEFAULT_MAXIMUM_INFLUENCE) -> None:
        """Set MINIF and MAXIF for what is learned from now on."""
        if not 0 <= minimum <= 0xFFFF or not 0 <= maximum <= 0xFFFF:
            raise AccelsimError("influence field", f"MINIF {minimum} and MAXIF {maximum} are not both of 0..65535")
        self.registers[Global.MINIF], self.registers[Global.MAXIF] = minimum, maximum

    def forget(self) -> None:
        """Clear all categories and put MINIF, MAXIF and the context back to their defaults; memory stays as it is."""
        self.categories[:] = 0
        self.fired[:] = self.race[:] = False
        self.registers[[Global.GCR, Global.MINIF, Global.MAXIF]] = DEFAULT_CONTEXT, DEFAULT_MINIMUM_INFLUENCE, DEFAULT_MAXIMUM_INFLUENCE
        self.registers[[Global.INDEXCOMP, Global.PENDING, Global.CHOSEN]] = 0, 0, -1
        self.registers[Global.NSR] &= ~STATUS_BITS


def new_state(device: NeuroMemDevice = NeuroMemDevice()) -> NeuroMemState:
    """Return a chain as it is after reset."""
    if device.neurons < 1 or device.chips < 1 or not 1 <= device.components <= 256:
        chain = f"{device.chips} chips of {device.neurons} neurons of {device.components} components"
        raise AccelsimError("device", f"{chain} is not a chain", "at least one chip and neuron, 1 to 256 components")
    neurons = device.capacity

    def words(value: int) -> np.ndarray:
        return np.full(neurons, value, np.uint16)

    state = NeuroMemState(
        memory=np.zeros((neurons, device.components), np.uint8),
        contexts=np.full(neurons, DEFAULT_CONTEXT, np.uint8),
        categories=words(0),
        influence=words(DEFAULT_MAXIMUM_INFLUENCE),
        minimum_influence=words(DEFAULT_MINIMUM_INFLUENCE),
        distance=words(0xFFFF),
        fired=np.zeros(neurons, bool),
        race=np.zeros(neurons, bool),
        registers=np.zeros(len(Global), np.int32),
    )
    state.forget()
    return state
