"""Distances, learning and readout of radial basis function neurons with 8-bit components."""

from typing import NamedTuple

import numpy as np
from numba import njit

UNKNOWN, UNCERTAIN, IDENTIFIED = 0, 4, 8
CATEGORY_MASK = 0x7FFF
DEGENERATED = 0x8000
NOTHING = 0xFFFF
NO_KEY = 0xFFFFFFFF
FULL_LENGTH = 256
LIMIT_OF_ALL = 1 << 16


class Rules(NamedTuple):
    """What one run of learning is subject to: the global registers and the open questions' answers."""

    context: int
    minimum_influence: int
    maximum_influence: int
    all_fire: bool
    norm_is_global: bool
    nearest_ignores_same_category: bool
    degenerates_at_commit: bool
    full_chain_shrinks: bool
    shrinks_only_inward: bool
    agreement_mask: int


@njit(cache=True, nogil=True, inline="always")
def l1_distance(stored, neuron, vectors, row):
    """Return the sum of absolute component differences of one neuron and one vector, int32."""
    total = np.int32(0)
    # Kept in int32 throughout, LLVM turns the loop into sums of absolute differences (psadbw); a trip count known
    # when it compiles saves another third at full length.
    if vectors.shape[1] == FULL_LENGTH:
        for k in range(FULL_LENGTH):
            total = np.int32(total + np.int32(abs(np.int32(np.int32(stored[neuron, k]) - np.int32(vectors[row, k])))))
        return total
    for k in range(vectors.shape[1]):
        total = np.int32(total + np.int32(abs(np.int32(np.int32(stored[neuron, k]) - np.int32(vectors[row, k])))))
    return total


@njit(cache=True, nogil=True, inline="always")
def lsup_distance(stored, neuron, vectors, row):
    """Return the largest absolute component difference of one neuron and one vector, int32."""
    largest = np.uint8(0)
    if vectors.shape[1] == FULL_LENGTH:
        for k in range(FULL_LENGTH):
            a, b = stored[neuron, k], vectors[row, k]
            largest = max(largest, np.uint8(max(a, b) - min(a, b)))
        return np.int32(largest)
    for k in range(vectors.shape[1]):
        a, b = stored[neuron, k], vectors[row, k]
        largest = max(largest, np.uint8(max(a, b) - min(a, b)))
    return np.int32(largest)


@njit(cache=True, nogil=True)
def distances(stored, vectors, l1_neurons, result):
    """Write the distance of every vector to every neuron.

    Parameters
    ----------
    stored : ndarray, shape (neurons, >= components), uint8
    vectors : ndarray, shape (vectors, components), uint8
    l1_neurons : int
        The first so many neurons use the L1 norm, the others Lsup.
    result : ndarray, shape (vectors, neurons), uint16
        Written. At most 255 * 256 = 65280, so it never saturates.
    """
    for row in range(vectors.shape[0]):
        # Two neurons before a store: the vector, which the store might alias, stays in registers for both.
        for neuron in range(0, l1_neurons - 1, 2):
            first, second = l1_distance(stored, neuron, vectors, row), l1_distance(stored, neuron + 1, vectors, row)
            result[row, neuron], result[row, neuron + 1] = first, second
        if l1_neurons % 2:
            result[row, l1_neurons - 1] = l1_distance(stored, l1_neurons - 1, vectors, row)
        for neuron in range(l1_neurons, stored.shape[0]):
            result[row, neuron] = lsup_distance(stored, neuron, vectors, row)


@njit(cache=True, nogil=True)
def respond(result, limits, categories, agreeing, identifiers, statuses, firing, response_distance, response_category, response_identifier):
    """Read the firing neurons out, closest first; equal distances by category; neurons that share both answer as one.

    Parameters
    ----------
    result : ndarray, shape (vectors, neurons), uint16
        Distances.
    limits : ndarray, shape (neurons,), int32
        A neuron fires at a distance strictly below.
    categories : ndarray, shape (neurons,), uint16
        As they compete on the bus.
    agreeing : ndarray, shape (neurons,), uint16
        What all firing neurons must share for "identified".
    identifiers : ndarray, shape (neurons,), int32
    statuses : ndarray, shape (vectors,), uint8
        Written: 0 unknown, 4 uncertain, 8 identified.
    firing : ndarray, shape (vectors,), int32
        Written: number of firing neurons.
    response_distance, response_category : ndarray, shape (vectors, k), uint16
        Written; 0xFFFF past the last.
    response_identifier : ndarray, shape (vectors, k), int32
        Written: bitwise AND of the identifiers that answer together; 0xFFFF past the last.
    """
    neurons = result.shape[1]
    keys = np.empty(neurons, np.uint32)
    nothing = np.uint32(NO_KEY)
    for row in range(result.shape[0]):
        count = np.int32(0)
        lowest, highest, best = nothing, np.uint32(0), nothing
        for n in range(neurons):
            fires = np.int32(result[row, n]) < limits[n]
            key = np.uint32(np.uint32(np.uint32(result[row, n]) << np.uint32(16)) | np.uint32(categories[n])) if fires else nothing
            keys[n] = key
            best = min(best, key)
            lowest = min(lowest, np.uint32(agreeing[n]) if fires else nothing)
            highest = max(highest, np.uint32(agreeing[n]) if fires else np.uint32(0))
            count = np.int32(count + np.int32(fires))
        firing[row] = count
        statuses[row] = UNKNOWN if count == 0 else (IDENTIFIED if lowest == highest else UNCERTAIN)
        for k in range(response_distance.shape[1]):
            response_distance[row, k] = best >> np.uint32(16)
            response_category[row, k] = best & np.uint32(NOTHING)
            response_identifier[row, k] = NOTHING
            if best != nothing:
                response_identifier[row, k], best = _withdraw(keys, best, identifiers)


@njit(cache=True, nogil=True)
def _withdraw(keys, best, identifiers):
    together, following, nothing = np.int32(-1), np.uint32(NO_KEY), np.uint32(NO_KEY)
    for n in range(keys.shape[0]):
        if keys[n] == best:
            together = np.int32(together & identifiers[n])
            keys[n] = nothing
        following = min(following, keys[n])
    return together, following


@njit(cache=True, nogil=True)
def is_active(neuron_context, global_context):
    """Return whether a neuron takes part: all eight bits (norm and context) agree, or the global context is 0."""
    return (global_context & 0x7F) == 0 or neuron_context == global_context


@njit(cache=True, nogil=True)
def learn(vectors, wanted, memory, contexts, categories, influence, minimum_influence, distance, race, rules, statuses, same, committed, shrunk):
    """Learn vectors one after another, as broadcast and Write CAT do.

    Parameters
    ----------
    vectors : ndarray, shape (vectors, components), uint8
    wanted : ndarray, shape (vectors,), uint16
        Category of each vector; 0 is a counter-example.
    memory : ndarray, shape (neurons, >= components), uint8
    contexts : ndarray, shape (neurons,), uint8
        Context and norm of each neuron.
    categories, influence, minimum_influence, distance : ndarray, shape (neurons,), uint16
        Category (bit 15: degenerated), active influence field, its minimum, last distance.
    race : ndarray, shape (neurons,), bool
        Neurons that fired on the last vector.
    rules : Rules
    statuses : ndarray, shape (vectors,), uint8
        Written: status after the broadcast.
    same : ndarray, shape (vectors,), bool
        Written: a firing neuron already has the wanted category.
    committed : ndarray, shape (vectors,), int32
        Written: index of the neuron that the vector committed, or -1.
    shrunk : ndarray, shape (vectors,), int32
        Written: number of neurons whose field shrank.

    All arrays of neurons are changed in place.
    """
    length = vectors.shape[1]
    free = next_free(categories, 0)
    for row in range(vectors.shape[0]):
        statuses[row], same[row], nearest = _broadcast(vectors, row, wanted[row], memory, contexts, categories, influence, distance, race, rules)
        committed[row], shrunk[row] = -1, 0
        if free >= 0 or rules.full_chain_shrinks:
            shrunk[row] = shrink(wanted[row], categories, influence, minimum_influence, distance, race, rules)
        if free < 0:
            continue
        for k in range(length):
            memory[free, k] = vectors[row, k]
        distance[free] = 0
        if wanted[row] != 0 and not same[row]:
            commit(free, wanted[row], nearest, contexts, categories, influence, minimum_influence, rules)
            committed[row] = free
            free = next_free(categories, free + 1)


@njit(cache=True, nogil=True)
def next_free(categories, start):
    """Return the first neuron without a category at or after ``start``, or -1."""
    for n in range(start, categories.shape[0]):
        if (categories[n] & CATEGORY_MASK) == 0:
            return n
    return -1


@njit(cache=True, nogil=True)
def _broadcast(vectors, row, wanted, memory, contexts, categories, influence, distance, race, rules):
    count, lowest, highest, same, nearest = 0, NOTHING, 0, False, LIMIT_OF_ALL
    for n in range(memory.shape[0]):
        category = np.int64(categories[n])
        race[n] = False
        if (category & CATEGORY_MASK) == 0 or not is_active(contexts[n], rules.context):
            continue
        norm = rules.context if rules.norm_is_global else np.int64(contexts[n])
        away = np.int64(lsup_distance(memory, n, vectors, row) if norm & 0x80 else l1_distance(memory, n, vectors, row))
        distance[n] = away
        is_same = (category & CATEGORY_MASK) == wanted
        if not (is_same and rules.nearest_ignores_same_category):
            nearest = min(nearest, away)
        if rules.all_fire or away < influence[n]:
            race[n] = True
            count += 1
            same = same or is_same
            lowest = min(lowest, category & rules.agreement_mask)
            highest = max(highest, category & rules.agreement_mask)
    return UNKNOWN if count == 0 else (IDENTIFIED if lowest == highest else UNCERTAIN), same, nearest


@njit(cache=True, nogil=True)
def shrink(wanted, categories, influence, minimum_influence, distance, race, rules):
    """Shrink every firing neuron of another category to its own distance; return how many."""
    count = 0
    for n in range(categories.shape[0]):
        if race[n] and (categories[n] & CATEGORY_MASK) != wanted and (distance[n] < influence[n] or not rules.shrinks_only_inward):
            count += 1
            influence[n] = distance[n]
            if influence[n] <= minimum_influence[n]:
                influence[n] = minimum_influence[n]
                categories[n] |= np.uint16(DEGENERATED)
    return count


@njit(cache=True, nogil=True)
def commit(free, wanted, nearest, contexts, categories, influence, minimum_influence, rules):
    """Commit the ready-to-learn neuron with the field that its closest active neuron leaves it."""
    field = min(rules.maximum_influence, nearest)
    flag = 0
    if field <= rules.minimum_influence:
        field, flag = rules.minimum_influence, DEGENERATED if rules.degenerates_at_commit else 0
    contexts[free] = rules.context
    influence[free] = field
    minimum_influence[free] = rules.minimum_influence
    categories[free] = wanted | flag
