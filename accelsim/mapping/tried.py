"""Many forms of a network's layers at once, as numbers: groups, pieces and bytes of every stream, free of speeds."""

from dataclasses import dataclass
from itertools import chain, compress

import numpy as np

from accelsim.hardware.chip import Compiler
from accelsim.kernels.form_choice import AHEAD, NOT_GROUPED, WAITED_FOR
from accelsim.mapping.candidates import Candidate, Runs
from accelsim.mapping.operands import BURST, CONSTANTS, FETCHED, FIGURES, INPUTS, LEAST, LESS, PORT, SIZE, WHOLE, Lane, Operands
from accelsim.mapping.residency import FILTERS_OUTER, Residency

FEWEST_PIECE_CYCLES = 64


@dataclass(frozen=True, eq=False, slots=True)
class Worked:
    """What the work of a layer costs under a candidate.

    Attributes
    ----------
    runs : list of (Cost, int)
        Costs of its groups, and how many alike follow one another.
    figures : tuple of int
        Bytes at the unit's ports (none, constants, inputs, outputs), cycles, and bytes of a run.
    fetches : tuple of float
        How often inputs and constants are fetched by the unit's own passes, behind a 1.
    """

    runs: Runs
    figures: tuple[int, ...]
    fetches: tuple[float, ...]


CYCLES, RUN = 4, 5


def worked(operands: Operands, runs: Runs) -> Worked:
    """Return costs of groups with the figures that streams follow from."""
    first = runs[0][0]
    cycles = weights = activations = results = 0
    for cost, times in runs:
        cycles += times * cost.cycles
        weights += times * cost.weight_bytes
        activations += times * cost.activation_bytes
        results += times * cost.output_bytes
    figures = (0, weights * operands.stored // operands.plain, activations, results, cycles, first.run_bytes)
    return Worked(runs, figures, (1.0, first.input_fetches, first.constant_fetches))


@dataclass(frozen=True, eq=False, slots=True)
class Tried:
    """Forms of all layers of a network.

    Attributes
    ----------
    operands, candidates, works : list
        ``Operands``, ``Candidate`` and ``Worked`` of each form.
    first_form : ndarray, shape (layers + 1,), int64
    forms : ndarray, shape (4, forms), int64
        As ``kernels.form_choice`` reads them: the unit's column, cycles, groups, pieces.
    stays : Residency
        Of the forms.
    first_stream : ndarray, shape (forms + 1,), int64
    lanes : list of Lane
        Of each stream.
    streams : ndarray, shape (4, streams), int64
        As ``kernels.form_choice`` reads them: bytes at each hop, fillings, transfers of each, grouped or not.
    payload : ndarray, shape (streams,), int64
        Bytes of all groups, where short runs take no more than their own [B].
    first_only : ndarray, shape (streams,), bool
        Kept after the first group.
    hops : ndarray, shape (streams, 2 * servers), int64
    made, names : list
        What was made of each form, and its name; None and empty before.
    """

    operands: list[Operands]
    candidates: list[Candidate]
    works: list[Worked]
    first_form: np.ndarray
    forms: np.ndarray
    stays: Residency
    first_stream: np.ndarray
    lanes: list[Lane]
    streams: np.ndarray
    payload: np.ndarray
    first_only: np.ndarray
    hops: np.ndarray
    made: list
    names: list[str]


def try_forms(
    operands: list[Operands], candidates: list[Candidate], works: list[Worked], first_form: np.ndarray, own: np.ndarray, order: np.ndarray, groups: np.ndarray, stays: Residency,
    compiler: Compiler,
) -> Tried:  # fmt: skip
    """Return forms worked out, of the layers one after another.

    Parameters
    ----------
    operands, candidates, works : list
        One of each form.
    first_form : ndarray, shape (layers + 1,), int64
    own, order, groups : ndarray, shape (forms,), int64
        Column of the unit's own server, index into ``ORDERS``, and groups.
    stays : Residency
        Of the forms.
    """
    lanes_of = [each.lanes(candidate.stage_constants) for each, candidate in zip(operands, candidates, strict=True)]
    form = np.repeat(np.arange(len(lanes_of)), [len(each.lanes) for each in lanes_of])
    table = np.concatenate([each.table for each in lanes_of])
    figures = np.array([work.figures for work in works], np.int64)
    of_constants, of_inputs = table[:, FETCHED] == CONSTANTS, table[:, FETCHED] == INPUTS
    payload = _payload(table, form, figures, np.array([work.fetches for work in works]), groups, of_constants, of_inputs, stays)
    there = (payload > 0) | (table[:, LESS] == 0)  # sums that do not come back are no stream
    table, form, payload, of_constants, of_inputs = table[there], form[there], payload[there], of_constants[there], of_inputs[there]
    run, burst = figures[form, RUN], table[:, BURST]
    moved = np.where((run > 0) & (run < burst), -(-payload * burst // np.maximum(1, run)), payload)  # runs shorter than a burst take a whole one
    grouped = of_constants & (order == FILTERS_OUTER)[form] | of_inputs & stays.rows_stay[form]
    first_only = of_constants & stays.constants_kept[form] | of_inputs & stays.inputs_kept[form]
    chunk, most = compiler.transfer_chunk, compiler.most_pieces
    whole = np.rint(np.bincount(form, payload, len(works)) / chunk)
    pieces = np.maximum(1, np.minimum(most, np.minimum(whole, figures[:, CYCLES] // FEWEST_PIECE_CYCLES)) // groups).astype(np.int64)
    fillings = np.where(grouped, groups[form], pieces[form] * np.where(first_only, 1, groups[form]))
    transfers = np.where(grouped, np.clip(np.rint(payload / groups[form] / chunk), 1, most), 1).astype(np.int64)
    ahead = np.where(grouped, np.where(of_constants, AHEAD, WAITED_FOR), NOT_GROUPED)
    return Tried(
        operands, candidates, works, first_form, np.array([own, figures[:, CYCLES], groups, pieces]), stays, np.concatenate([[0], np.cumsum(np.bincount(form, minlength=len(works)))]),
        list(compress(chain.from_iterable(each.lanes for each in lanes_of), there.tolist())), np.array([moved, fillings, transfers, ahead]), payload, first_only,
        np.ascontiguousarray(table[:, FIGURES:]), [None] * len(works), [""] * len(works),
    )  # fmt: skip


def _payload(
    table: np.ndarray, form: np.ndarray, figures: np.ndarray, fetches: np.ndarray, groups: np.ndarray, of_constants: np.ndarray, of_inputs: np.ndarray, stays: Residency
) -> np.ndarray:  # fmt: skip
    """Return the bytes of each stream over all groups, shape (streams,), int64."""
    port, size, whole = figures[form, table[:, PORT]], table[:, SIZE], table[:, WHOLE]
    share = port // whole * size + port % whole * size // whole  # port * size // whole, where the product would leave int64
    passed = np.maximum(table[:, LEAST], share) - table[:, LESS]
    again = of_constants & (stays.rows_stay & ~stays.constants_kept)[form] | of_inputs & (stays.filters_stay & ~stays.inputs_kept)[form]
    fetched = np.ceil(size * np.where(again, groups[form], 1) * fetches[form, table[:, FETCHED]]).astype(np.int64)
    return np.where(of_constants | of_inputs, fetched, passed)
