"""An RBF classifier chip of the NeuroMem family (NM500, CM1K, QuarkSE), bit for bit: learn and recognise batches of vectors.

A batch does exactly what its vectors do one after another, down to the memory of the neuron that waits to learn.
Register by register the same device is in ``neuromem_registers``.

References
----------
NM500 User's Manual v1.6.3 p. 5-11; CM1K Hardware User's Manual p. 20-21; NeuroMem API manual v6.3 p. 8-17;
US5621863 (neuron), US5740326 (search and sort), US5710869 (daisy chain).
"""

from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.functional.neuromem_accesses import Accesses, from_columns
from accelsim.functional.neuromem_readout import active_neurons, agreement_mask, read_category, read_distance, ready_neuron, settle, uses_lsup
from accelsim.functional.neuromem_state import LARGEST_CATEGORY, LIKELIEST, SAVE_RESTORE_BIT, STATUS_BITS, Global, NeuroMemState, Switches
from accelsim.hardware.neuromem import ACCESS_CODE
from accelsim.kernels import neuromem as kernels
from accelsim.kernels.neuromem import CATEGORY_MASK, IDENTIFIED, LIMIT_OF_ALL, NOTHING, UNCERTAIN, UNKNOWN

__all__ = ["IDENTIFIED", "NOTHING", "UNCERTAIN", "UNKNOWN", "Learned", "Recognised", "learn", "recognise"]

BATCH = 1024
"""Vectors whose distances are kept at once: 1.2 MB for one NM500, which stays in the cache."""
FLAG_OF_DEGENERATED = 30
"""Bit of an identifier in which a degenerated flag travels where it takes no part in the race."""


@dataclass(frozen=True, eq=False, slots=True)
class Learned:
    """What learning did, one entry per vector.

    Attributes
    ----------
    status : ndarray, uint8
        Of the broadcast, before learning: 0 unknown, 4 uncertain, 8 identified.
    identifier : ndarray, int32
        Of the neuron that the vector committed, from 1; 0 if none.
    shrunk : ndarray, int32
        Neurons whose influence field shrank.
    accesses : Accesses
    """

    status: np.ndarray
    identifier: np.ndarray
    shrunk: np.ndarray
    accesses: Accesses


@dataclass(frozen=True, eq=False, slots=True)
class Recognised:
    """What recognition answered.

    Attributes
    ----------
    status : ndarray, shape (vectors,), uint8
        0 unknown, 4 uncertain, 8 identified.
    firing : ndarray, shape (vectors,), int32
        Neurons that fired.
    distance, category : ndarray, shape (vectors, k), uint16
        Closest first; 0xFFFF past the last. Bit 15 of the category: degenerated.
    identifier : ndarray, shape (vectors, k), int32
        From 1; bitwise AND where several neurons share distance and category.
    accesses : Accesses
    """

    status: np.ndarray
    firing: np.ndarray
    distance: np.ndarray
    category: np.ndarray
    identifier: np.ndarray
    accesses: Accesses


def learn(state: NeuroMemState, vectors: np.ndarray, categories: np.ndarray, switches: Switches = LIKELIEST) -> Learned:
    """Learn vectors one after another; ``state`` is changed in place.

    Parameters
    ----------
    vectors : ndarray, shape (vectors, components), uint8
    categories : ndarray, shape (vectors,), integer
        0 (counter-example) to 32766.

    Raises
    ------
    AccelsimError
        Shapes, types or categories that the chip does not take, or the chain is in save-and-restore mode.
    """
    vectors, wanted = checked_vectors(state, vectors), checked_categories(categories, len(vectors))
    count, registers = len(vectors), state.registers
    status, same = np.empty(count, np.uint8), np.empty(count, bool)
    committed, shrunk = np.empty(count, np.int32), np.empty(count, np.int32)
    before = np.count_nonzero(state.committed)
    rules = rules_of(state, switches)
    kernels.learn(
        vectors, wanted, state.memory, state.contexts, state.categories, state.influence, state.minimum_influence, state.distance, state.fired, rules,
        status, same, committed, shrunk,
    )  # fmt: skip
    if count:
        state.race[:] = state.fired
        registers[[Global.INDEXCOMP, Global.CHOSEN, Global.PENDING]] = 0, -1, 0
        registers[Global.LATCHED_MINIF], registers[Global.LATCHED_MAXIF] = registers[Global.MINIF], registers[Global.MAXIF]
        registers[Global.NSR] = (registers[Global.NSR] & ~STATUS_BITS) | status[-1]
    known = before + np.cumsum(committed >= 0) - (committed >= 0)
    identified = np.where(same, _code("CAT:identified_same", "write"), _code("CAT:identified_other", "write"))
    writes = np.where(status == IDENTIFIED, identified, _code("CAT", "write"))
    return Learned(status, committed + 1, shrunk, from_columns(count, [*_broadcast_columns(vectors, known), (writes, 1)]))


def recognise(
    state: NeuroMemState, vectors: np.ndarray, k: int = 1, switches: Switches = LIKELIEST, with_identifier: bool = False
) -> Recognised:
    """Broadcast vectors and read out up to ``k`` answers of each, closest first.

    Parameters
    ----------
    vectors : ndarray, shape (vectors, components), uint8
    k : int
        Answers per vector; 0 reads the status only.
    with_identifier : bool
        Whether the host also reads NID after each category (one access more, as the vendor's API does).

    Raises
    ------
    AccelsimError
        Shapes or types that the chip does not take, or the chain is in save-and-restore mode.
    """
    vectors = checked_vectors(state, vectors)
    if k < 0:
        raise AccelsimError("recognise", f"k = {k} is not a number of answers", "0 reads the status only")
    count = len(vectors)
    answer = (
        np.empty(count, np.uint8), np.empty(count, np.int32), np.empty((count, k), np.uint16), np.empty((count, k), np.uint16), np.empty((count, k), np.int32),
    )  # fmt: skip
    _answer_all(state, vectors, answer, switches)
    status, firing, distance, category, identifier = answer
    if count:
        _leave_as_after(state, vectors[-1], k, switches)
    accesses = _readout_accesses(state, vectors, status, distance, with_identifier)
    return Recognised(status, firing, distance, category, identifier, accesses)


def _answer_all(state: NeuroMemState, vectors: np.ndarray, answer: tuple[np.ndarray, ...], switches: Switches) -> None:
    lsup = uses_lsup(state, switches)
    active = active_neurons(state)
    order = np.concatenate([np.flatnonzero(active & ~lsup), np.flatnonzero(active & lsup)])
    stored = np.ascontiguousarray(state.memory[order, : vectors.shape[1]])
    categories = state.categories[order]
    limits = np.full(len(order), LIMIT_OF_ALL, np.int32) if state.is_knn else state.influence[order].astype(np.int32)
    identifiers = (order + 1).astype(np.int32)
    if not switches.degenerated_bit_in_race:
        identifiers |= (categories >> 15).astype(np.int32) << FLAG_OF_DEGENERATED
    shown = categories if switches.degenerated_bit_in_race else categories & np.uint16(CATEGORY_MASK)
    agreeing = categories & np.uint16(agreement_mask(switches))
    result = np.empty((min(BATCH, len(vectors)), len(order)), np.uint16)
    l1_neurons = int(np.count_nonzero(active & ~lsup))
    for start in range(0, len(vectors), BATCH):
        part = slice(start, min(start + BATCH, len(vectors)))
        rows = result[: part.stop - start]
        kernels.distances(stored, vectors[part], l1_neurons, rows)
        kernels.respond(rows, limits, shown, agreeing, identifiers, *(array[part] for array in answer))
    if not switches.degenerated_bit_in_race:
        _restore_flags(answer[3], answer[4])


def _restore_flags(category: np.ndarray, identifier: np.ndarray) -> None:
    category |= ((identifier >> FLAG_OF_DEGENERATED) & 1).astype(np.uint16) << 15
    identifier &= (1 << FLAG_OF_DEGENERATED) - 1


def _leave_as_after(state: NeuroMemState, vector: np.ndarray, k: int, switches: Switches) -> None:
    length, free, active, lsup = len(vector), ready_neuron(state), active_neurons(state), uses_lsup(state, switches)
    away = np.abs(state.memory[active, :length].astype(np.int32) - vector)
    state.distance[active] = np.where(lsup[active], away.max(axis=1, initial=0), away.sum(axis=1))
    if free >= 0:
        state.memory[free, :length], state.distance[free] = vector, 0
    settle(state, switches)
    for _ in range(k):
        if read_distance(state) == NOTHING:
            break
        read_category(state, switches)


def rules_of(state: NeuroMemState, switches: Switches, latched: bool = False) -> kernels.Rules:
    """Return the rules under which the state's global registers and the switches let neurons learn."""
    registers = state.registers
    return kernels.Rules(
        int(registers[Global.GCR]),
        int(registers[Global.LATCHED_MINIF if latched else Global.MINIF]),
        int(registers[Global.LATCHED_MAXIF if latched else Global.MAXIF]),
        state.is_knn,
        not switches.context_zero_uses_own_norm,
        not switches.nearest_counts_same_category,
        switches.degenerates_at_commit,
        switches.full_chain_shrinks,
        switches.knn_shrinks_only_inward,
        agreement_mask(switches),
    )


def checked_vectors(state: NeuroMemState, vectors: np.ndarray) -> np.ndarray:
    """Return vectors as the kernels take them, refusing what the chip cannot hold."""
    vectors = np.asarray(vectors)
    components = state.memory.shape[1]
    if vectors.ndim != 2 or not 1 <= vectors.shape[1] <= components:
        raise AccelsimError("vectors", f"shape {vectors.shape} is not (vectors, components) with 1 to {components} components")
    if vectors.dtype != np.uint8:
        raise AccelsimError("vectors", f"components are {vectors.dtype}, not uint8", "scale them to 0..255")
    if state.registers[Global.NSR] & SAVE_RESTORE_BIT:
        raise AccelsimError("vectors", "the chain is in save-and-restore mode", "write 0 to NSR first")
    return np.ascontiguousarray(vectors)


def checked_categories(categories: np.ndarray, count: int) -> np.ndarray:
    """Return categories as uint16, refusing those that the chip cannot hold."""
    categories = np.asarray(categories)
    if categories.shape != (count,) or not (np.issubdtype(categories.dtype, np.integer) or categories.size == 0):
        raise AccelsimError("categories", f"shape {categories.shape} of {categories.dtype} is not one integer for each of {count} vectors")
    if count and not (0 <= categories.min() and categories.max() <= LARGEST_CATEGORY):
        raise AccelsimError("categories", f"{categories.min()}..{categories.max()} is not within 0..{LARGEST_CATEGORY}")
    return categories.astype(np.uint16)


def _code(register: str, direction: str) -> int:
    return ACCESS_CODE[register, direction]


def _broadcast_columns(vectors: np.ndarray, known: np.ndarray | int) -> list[tuple[np.ndarray | int, np.ndarray | int]]:
    last = np.where(np.asarray(known) > 0, _code("LCOMP", "write"), _code("LCOMP:empty", "write"))
    return [(_code("COMP", "write"), vectors.shape[1] - 1), (last, 1)]


def _readout_accesses(state: NeuroMemState, vectors: np.ndarray, status: np.ndarray, distance: np.ndarray, with_identifier: bool) -> Accesses:
    columns = _broadcast_columns(vectors, int(np.count_nonzero(state.committed)))
    category = np.where(status == IDENTIFIED, _code("CAT:identified", "read"), _code("CAT", "read"))
    asked = np.ones(len(vectors), bool)
    for answers in distance.T:
        answered = answers != NOTHING
        columns.append((np.where(answered, _code("DIST", "read"), _code("DIST:none", "read")), asked))
        columns.append((category, answered))
        if with_identifier:
            columns.append((_code("NID", "read"), answered))
        asked = answered
    if not distance.shape[1]:
        columns.append((_code("NSR", "read"), 1))
    return from_columns(len(vectors), columns)
