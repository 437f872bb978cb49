"""What of a layer stays in the working memory under each candidate, and which candidates fit."""

from dataclasses import dataclass, fields

import numpy as np

ORDERS = ("whole", "filters_outer", "rows_outer", "weights_streamed", "cascade")
WHOLE, FILTERS_OUTER, ROWS_OUTER, WEIGHTS_STREAMED, CASCADE = range(len(ORDERS))
SUM_BYTES = 4


@dataclass(frozen=True, eq=False, slots=True)
class Needs:
    """What many candidates move through the working memory; each attribute is an ndarray, shape (candidates,).

    Attributes
    ----------
    order : int64
        Index into ``ORDERS``.
    groups : int64
    staged, inputs, outputs : int64
        Bytes of constants, inputs and outputs that pass through it [B].
    sums : int64
        Elements that the layer makes.
    room : float64
        What is free [B].
    """

    order: np.ndarray
    groups: np.ndarray
    staged: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    sums: np.ndarray
    room: np.ndarray


@dataclass(frozen=True, eq=False, slots=True)
class Residency:
    """What candidates take of the working memory, and what stays there; each attribute is an ndarray, shape (candidates,).

    Attributes
    ----------
    taken : float64
        Bytes of all buffers [B].
    fits : bool
    rows_stay, filters_stay : bool
        A group is some rows, or some filters.
    constants_kept, inputs_kept : bool
        The whole of the operand that would stream by again with every group is kept after the first.
    """

    taken: np.ndarray
    fits: np.ndarray
    rows_stay: np.ndarray
    filters_stay: np.ndarray
    constants_kept: np.ndarray
    inputs_kept: np.ndarray

    def of(self, numbers: np.ndarray) -> "Residency":
        """Return that of some candidates."""
        return Residency(*(getattr(self, each.name)[numbers] for each in fields(self)))


def residency(needs: Needs, depth: int, chunk: float) -> Residency:
    """Return what stays of each candidate's operands, with ``depth`` buffers of pieces of ``chunk`` bytes."""
    order, groups = needs.order, needs.groups
    rows_stay = (order == ROWS_OUTER) | (order == CASCADE)
    filters_stay = (order == FILTERS_OUTER) | (order == WEIGHTS_STREAMED)
    sums = np.where(order == WEIGHTS_STREAMED, SUM_BYTES * -(-needs.sums // groups), 0)
    constants = _buffer(needs.staged, groups, depth, chunk, order == FILTERS_OUTER)
    inputs = _buffer(needs.inputs, groups, depth, chunk, rows_stay)
    taken = constants + inputs + np.minimum(needs.outputs, depth * chunk) + sums
    fits = taken <= needs.room
    spare = needs.room - taken
    constants_kept = rows_stay & (needs.staged - constants <= spare)
    inputs_kept = filters_stay & (needs.inputs - inputs <= spare)
    beside = constants_kept & (order == CASCADE)  # kept beside those of the other layers
    return Residency(taken + np.where(beside, needs.staged - constants, 0.0), fits, rows_stay, filters_stay, constants_kept, inputs_kept)


def _buffer(size: np.ndarray, groups: np.ndarray, depth: int, chunk: float, stays: np.ndarray) -> np.ndarray:
    """Return the working memory that an operand takes: a group of it where it stays for the group, else the pieces under way [B]."""
    of_groups = np.minimum(size, -(-size // groups) * np.where(groups > 1, depth, 1))
    return np.where(stays, of_groups, np.minimum(size, depth * chunk))


def looked_at(fits: np.ndarray, order: np.ndarray, layer: np.ndarray, every: np.ndarray) -> np.ndarray:
    """Return which candidates are worked out, shape (candidates,), bool: of some layers all that fit, of the others the first.

    Weights are not streamed where anything else fits that comes before.

    Parameters
    ----------
    fits : ndarray, shape (candidates,), bool
    order : ndarray, shape (candidates,), int64
        Index into ``ORDERS``.
    layer : ndarray, shape (candidates,), int64
        Rising from 0, without gaps.
    every : ndarray, shape (layers,), bool
    """
    count = np.cumsum(fits) - fits
    found = count - count[np.searchsorted(layer, np.arange(every.size))][layer]  # of the same layer, before each candidate
    return fits & ((found == 0) | (every[layer] & (order != WEIGHTS_STREAMED)))
