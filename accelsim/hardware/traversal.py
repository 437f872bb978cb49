"""The order in which a dataflow feeds its multipliers, as a nest of loops over a product M x K x N."""

from dataclasses import dataclass

WHOLE = 1 << 40  # a span that no product leaves


@dataclass(frozen=True, slots=True)
class Traversal:
    """A nest of loops as one multiplier sees it, innermost first.

    Attributes
    ----------
    loops : tuple of (str, int, int)
        The dimension that moves on ("m", "k", "n"), by how much, and within which span before the next loop moves.
    """

    loops: tuple[tuple[str, int, int], ...]


def stationary(on_rows: str, on_cols: str, streamed: str, rows: int, cols: int) -> Traversal:
    """Return the order of a grid of PEs: one dimension streams through, folds of the other two follow, rows first."""
    return Traversal(((streamed, 1, WHOLE), (on_rows, rows, WHOLE), (on_cols, cols, WHOLE)))


def held_for_a_run(positions: int, lanes: int, filters: int, beside: int = 1) -> Traversal:
    """Return the order of a dot-product array: weights stay for a run of output positions, then come the next channels and taps, filters, run.

    Parameters
    ----------
    positions : int
        That pass a lane while its weight stays; they are taken from a row of the output, whatever the block's height.
    lanes : int
        Places of the reduction that are multiplied side by side.
    filters, beside : int
        Filters and output positions computed at once.
    """
    return Traversal((("m", beside, positions * beside), ("k", lanes, WHOLE), ("n", filters, WHOLE), ("m", positions * beside, WHOLE)))
