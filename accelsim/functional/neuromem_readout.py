"""One broadcast and its readout on the chain's own state, neuron by neuron as the bus race does it."""

import numpy as np

from accelsim.functional.neuromem_state import STATUS_BITS, Global, NeuroMemState, Switches
from accelsim.kernels.neuromem import CATEGORY_MASK, DEGENERATED, IDENTIFIED, NOTHING, UNCERTAIN, UNKNOWN


def ready_neuron(state: NeuroMemState) -> int:
    """Return the index of the ready-to-learn neuron, or -1 in a full chain."""
    uncommitted = np.flatnonzero(~state.committed)
    return int(uncommitted[0]) if len(uncommitted) else -1


def active_neurons(state: NeuroMemState) -> np.ndarray:
    """Return which committed neurons react to the global context, bool."""
    context = int(state.registers[Global.GCR])
    return state.committed & ((context & 0x7F == 0) | (state.contexts == context))


def uses_lsup(state: NeuroMemState, switches: Switches) -> np.ndarray:
    """Return which neurons use the Lsup norm, bool."""
    context = int(state.registers[Global.GCR])
    own = switches.context_zero_uses_own_norm or context & 0x7F
    return (state.contexts & 0x80) != 0 if own else np.full(len(state.contexts), bool(context & 0x80))


def agreement_mask(switches: Switches) -> int:
    """Return the bits of the category that firing neurons must share for "identified"."""
    return NOTHING if switches.degenerated_bit_in_identification else CATEGORY_MASK


def settle(state: NeuroMemState, switches: Switches) -> int:
    """End a broadcast: let neurons fire by the distances that stand, latch the fields and return the status."""
    active = active_neurons(state)
    state.fired[:] = active & (state.is_knn | (state.distance < state.influence))
    state.race[:] = state.fired
    registers = state.registers
    registers[Global.LATCHED_MINIF], registers[Global.LATCHED_MAXIF] = registers[Global.MINIF], registers[Global.MAXIF]
    registers[[Global.INDEXCOMP, Global.CHOSEN, Global.PENDING]] = 0, -1, 1
    agreed = np.unique(state.categories[state.fired] & agreement_mask(switches))
    status = (UNKNOWN, IDENTIFIED, UNCERTAIN)[min(len(agreed), 2)]
    registers[Global.NSR] = (registers[Global.NSR] & ~STATUS_BITS) | status
    return status


def read_distance(state: NeuroMemState) -> int:
    """Return the smallest distance in the race, or 0xFFFF.

    Neurons that a Read DIST chose and no Read CAT took leave the race first (NM500 manual p. 9).
    """
    if state.registers[Global.CHOSEN] >= 0:
        state.race &= state.distance != state.registers[Global.CHOSEN]
    if not state.race.any():
        state.registers[[Global.CHOSEN, Global.NID]] = -1, NOTHING
        return NOTHING
    closest = int(state.distance[state.race].min())
    state.registers[Global.CHOSEN] = closest
    _identify(state, state.race & (state.distance == closest))
    return closest


def read_category(state: NeuroMemState, switches: Switches) -> int:
    """Return the smallest category at the chosen distance, whose neurons then leave the race; 0xFFFF if there is none.

    Without a Read DIST before, all neurons in the race compete (the manual allows this for an identified vector).
    """
    chosen = state.registers[Global.CHOSEN]
    rivals = state.race & (state.distance == chosen) if chosen >= 0 else state.race.copy()
    state.registers[Global.CHOSEN] = -1
    if not rivals.any():
        state.registers[Global.NID] = NOTHING
        return NOTHING
    shown = state.categories if switches.degenerated_bit_in_race else state.categories & CATEGORY_MASK
    category = int(shown[rivals].min())
    answering = rivals & (shown == category)
    _identify(state, answering)
    state.race &= ~answering
    flags = 0 if switches.degenerated_bit_in_race else int(np.bitwise_and.reduce(state.categories[answering])) & DEGENERATED
    return category | flags


def _identify(state: NeuroMemState, answering: np.ndarray) -> None:
    state.registers[Global.NID] = np.bitwise_and.reduce(np.flatnonzero(answering) + 1)
