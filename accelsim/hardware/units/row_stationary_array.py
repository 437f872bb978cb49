"""A grid of PEs in which rows of the filter stay, rows of the input move diagonally and sums move up a column."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from accelsim.base.schema import Capacity, Count, Described, Fraction, Positive, field
from accelsim.graph.work import Contraction, Work
from accelsim.hardware.cost import Cost
from accelsim.hardware.unit import Unit


class Scratchpads(Described):
    """Words that one PE holds of each operand."""

    inputs: Count = field("of the input")
    filters: Count = field("of the filters")
    sums: Count = field("of the sums")


@dataclass(frozen=True, slots=True)
class Pass:
    """One processing pass: what is on the array at once (letters as in the paper).

    Attributes
    ----------
    e : int
        Output rows of a PE set.
    r, t : int
        PE sets that work on different channels, and on different filters.
    p, q : int
        Filters and channels interleaved in a PE.
    """

    e: int
    r: int
    t: int
    p: int
    q: int


class RowStationaryArray(Unit):
    """A grid of PEs in which rows of the filter stay, rows of the input move diagonally and sums move up a column.

    A PE convolves one row of a filter with one row of input. R rows of filter times e output rows make a PE set; a set wider than the
    array is folded into several strips of R rows, a narrow one is replicated side by side and above for other channels (r) and filters (t). A
    PE interleaves p filters and q channels, as many as its scratchpads hold. A pass computes p x q x S x F multiply-accumulates in each PE, one a
    cycle; the next pass's filters load over a bus of ``filter_words_per_cycle`` words before it begins (``load_overlapped: false``) or meanwhile.
    Inputs come with their padding, and each strip of output rows with all rows under it. ``pass_buffer`` holds the sums of m filters of n images in a strip
    beside the inputs of a pass: inputs are fetched again for the next m filters, filters for the next n images and the next strip; of all m and n
    that fit, those are taken that fetch fewest bytes.
    Passes: ceil(E/e) x ceil(M/(p t)) x ceil(C/(q r)) x images x groups. Of all fitting passes the fastest is taken, or, of those
    that keep most PEs busy, that whose operands cost least energy (``far_over_near``). A filter of more rows than the array is cut into runs of rows.

    References
    ----------
    Y.-H. Chen et al., "Eyeriss: An Energy-Efficient Reconfigurable Accelerator for Deep Convolutional Neural Networks", JSSC 52(1), 2017, sections III and IV.
    """

    kind: Literal["row_stationary_array"]
    rows: Count = field("rows of the array", unit="PE")
    cols: Count = field("columns of the array", unit="PE")
    scratchpads: Scratchpads = field("of a PE", unit="word")
    filter_words_per_cycle: Positive = field("filter words that reach the array per cycle", unit="1/cycle")
    pass_buffer: Capacity | None = field("part of the working memory that holds the sums and inputs of passes; null: nothing is fetched twice for lack of it", unit="B", default=None)
    filter_step: Count = field("filters that reach a PE side by side: p is a multiple, where passes are chosen for least energy", default=1)
    far_over_near: Positive | None = field("passes are chosen for most busy PEs and then least energy: of a word from beyond the working memory over one of it; null: for least time", default=None)
    load_overlapped: bool = field("the next pass's filters load while this one computes", default=False)
    stored_bits: Count = field("bits in which every operand is stored and moved", unit="bit", default=16)
    gate_zeros: Fraction = field("share of a product's energy saved when the input element is zero", default=0.0)
    operand_types: tuple[str, ...] = field("element types that the PEs multiply", default=("int8", "uint8", "int16"))

    @property
    def peak_macs_per_cycle(self) -> float:
        """One multiply-accumulate per PE."""
        return float(self.rows * self.cols)

    def refuses(self, work: Work) -> str:
        """Return why not: only products, only of the array's types, constant weights."""
        if not isinstance(work, Contraction):
            return f"a row-stationary array does no {type(work).__name__}"
        if work.input_type not in self.operand_types:
            return f"the array multiplies {', '.join(self.operand_types)}, not {work.input_type}"
        return "" if work.weight_is_constant else "the array takes constant weights only"

    def split_granules(self, work: Work) -> tuple[int, int]:
        """Return the filters of the fastest pass; rows cost their strips anyway."""
        if not isinstance(work, Contraction):
            return 1, 1
        one = self.best_pass(work, min(work.filter_h, self.rows))
        return 1, one.p * one.t

    def cost(self, work: Contraction) -> Cost:
        """Return the passes' cycles and the words that cross the port to the global buffer."""
        runs = [min(self.rows, work.filter_h - y) for y in range(0, work.filter_h, self.rows)]
        chosen = [(rows, self.best_pass(work, rows)) for rows in runs]
        images = work.batch * work.group
        cycles = sum(self.pass_count(work, one) * self.pass_cycles(work, rows, one) for rows, one in chosen) * images
        rows, one = chosen[0]
        strips = -(-work.out_h // one.e)
        words = self.stored_bits // 8
        inputs, sums = self.near_words(work, one, len(runs))
        of_inputs, of_filters = self.fetches(work, one)
        return Cost(
            cycles=cycles,
            activation_bytes=(inputs + sums // 2) * words,
            weight_bytes=work.group * work.filters * work.channels * work.filter_h * work.filter_w * strips * work.batch * words,
            output_bytes=(sums - sums // 2) * words,
            # Every multiply-accumulate reads an input, a filter word and a sum in its PE, and writes the sum.
            actions=((f"mac_{work.input_type}", work.macs), ("accumulator_access", 4 * work.macs)),
            issued_macs=work.macs,
            input_fetches=of_inputs,
            constant_fetches=of_filters,
            note=f"{self.active_pes(rows, one)} of {self.rows * self.cols} PEs, e {one.e} r {one.r} t {one.t} p {one.p} q {one.q}",
        )

    def input_rows(self, work: Contraction, one: Pass) -> int:
        """Return the rows of input under a strip of output rows."""
        return (one.e - 1) * work.stride_h + work.filter_h

    def input_columns(self, work: Contraction) -> int:
        """Return the columns of input under a row of output."""
        return (work.out_w - 1) * work.stride_w + work.filter_w

    def near_words(self, work: Contraction, one: Pass, runs: int = 1) -> tuple[int, int]:
        """Return the words of inputs, and of sums there and back, that pass between array and working memory."""
        filter_tiles, channel_tiles = -(-work.filters // (one.p * one.t)), -(-work.channels // (one.q * one.r))
        under = -(-work.out_h // one.e) * self.input_rows(work, one) * self.input_columns(work)
        return work.channels * under * filter_tiles * work.batch * work.group, work.outputs * (2 * channel_tiles * runs - 1)

    def fetches(self, work: Contraction, one: Pass) -> tuple[float, int]:
        """Return how often inputs (rows under two strips twice) and filters are fetched from beyond the working memory."""
        if self.pass_buffer is None:
            return 1, 1
        words = self.pass_buffer // (self.stored_bits // 8)
        inputs, filters = work.batch * work.channels * work.in_h * work.in_w, work.filters * work.channels * work.filter_h * work.filter_w
        strips, tile = -(-work.out_h // one.e), one.p * one.t
        overlap = strips * self.input_rows(work, one) / ((work.out_h - 1) * work.stride_h + work.filter_h)
        ways = []
        for images in range(1, work.batch + 1):
            beside = one.q * one.r * images * self.input_rows(work, one) * self.input_columns(work)
            tiles = max(1, (words - beside) // (images * one.e * work.out_w * tile))
            ways.append((overlap * -(-work.filters // min(work.filters, tiles * tile)), -(-work.batch // images) * strips))
        return min(ways, key=lambda way: way[0] * inputs + way[1] * filters)

    def best_pass(self, work: Contraction, filter_rows: int) -> Pass:
        """Return the fastest of all passes that fit array and scratchpads; of equals the one that reads fewest sums again."""
        if self.far_over_near is not None:
            return min(self._passes(work, filter_rows), key=lambda one: (self._energy(work, one), self.pass_count(work, one) * self.pass_cycles(work, filter_rows, one)))
        found = [best for e in self._strips(work.out_h, filter_rows) if (best := self._best_of_strip(work, filter_rows, e)) is not None]
        return min(found, key=lambda one: (self.pass_count(work, one) * self.pass_cycles(work, filter_rows, one), -one.q * one.r, -one.e))

    def _energy(self, work: Contraction, one: Pass) -> float:
        """Return the energy of moving a group's operands, in words of the working memory."""
        of_inputs, of_filters = self.fetches(work, one)
        far = of_inputs * work.batch * work.channels * work.in_h * work.in_w + of_filters * work.filters * work.channels * work.filter_h * work.filter_w
        return (self.far_over_near or 0.0) * far + sum(self.near_words(work, one)) / work.group

    def _passes(self, work: Contraction, filter_rows: int) -> Iterator[Pass]:
        """Yield the passes that fit array and scratchpads and keep most PEs busy; a set that fits the array, folded, is not cut."""
        width = min(work.filter_w, self.scratchpads.inputs, self.scratchpads.filters)
        heights = self._strips(work.out_h, filter_rows)
        layouts = [layout for e in (heights[-1:] if heights[-1] == work.out_h else heights) for layout in self._layouts(work, filter_rows, e)]
        busiest = max(e * r * t for e, r, t in layouts)
        for e, r, t in layouts:
            if e * r * t == busiest:
                for q in range(1, min(work.channels, self.scratchpads.inputs // width) + 1):
                    most = min(work.filters, self.scratchpads.filters // (q * width), self.scratchpads.sums)
                    for p in range(min(self.filter_step, most), most + 1, self.filter_step):
                        yield Pass(e, r, t, p, q)

    def _layouts(self, work: Contraction, filter_rows: int, e: int) -> Iterator[tuple[int, int, int]]:
        """Yield how PE sets of a height may stand on the array: (e, sets of different channels, sets of different filters)."""
        across = -(-e // self.cols)
        sets = (self.cols // e if across == 1 else 1) * (self.rows // (filter_rows * across))
        for r in range(1, min(sets, work.channels) + 1):
            for t in range(1, min(sets // r, work.filters) + 1):
                yield e, r, t

    def _strips(self, out_h: int, filter_rows: int) -> list[int]:
        """Return the heights of PE sets worth trying: the smallest for each number of strips of the output."""
        most = min(out_h, self.cols * (self.rows // filter_rows))
        return sorted({-(-out_h // count) for count in range(-(-out_h // most), out_h + 1)})

    def _best_of_strip(self, work: Contraction, filter_rows: int, e: int) -> Pass | None:
        strips = -(-e // self.cols)
        sets = (self.cols // e if strips == 1 else 1) * (self.rows // (filter_rows * strips))
        width = min(work.filter_w, self.scratchpads.inputs, self.scratchpads.filters)
        r = np.arange(1, min(sets, work.channels) + 1)[:, None]
        q = np.arange(1, min(work.channels, self.scratchpads.inputs // width) + 1)[None, :]
        t = np.minimum(sets // r, work.filters)
        most = np.minimum(np.minimum(work.filters, self.scratchpads.filters // (q * width)), self.scratchpads.sums) * np.ones_like(r)
        if not most.any():
            return None
        # An even share of the filters, so that the last pass is not nearly empty.
        p = -(-work.filters // (-(-work.filters // np.maximum(most * t, 1)) * t))
        passes = -(-work.filters // (p * t)) * -(-work.channels // (q * r))
        compute = p * q * work.filter_w * work.out_w
        load = np.ceil(filter_rows * work.filter_w * p * q * r * t / self.filter_words_per_cycle)
        cycles = passes * (np.maximum(compute, load) if self.load_overlapped else compute + load)
        # The most channels in a pass among the fastest; where nothing fits, never.
        order = np.where(most > 0, cycles + 0.5 * (1 - q * r / (q * r).max()), np.inf)
        row, column = np.unravel_index(int(order.argmin()), order.shape)
        return Pass(e, int(r[row, 0]), int(t[row, 0]), int(p[row, column]), int(q[0, column]))

    def active_pes(self, filter_rows: int, one: Pass) -> int:
        """Return the PEs that a pass keeps busy."""
        return filter_rows * one.e * one.r * one.t

    def pass_count(self, work: Contraction, one: Pass) -> int:
        """Return the passes of one image and group."""
        return -(-work.out_h // one.e) * -(-work.filters // (one.p * one.t)) * -(-work.channels // (one.q * one.r))

    def pass_cycles(self, work: Contraction, filter_rows: int, one: Pass) -> int:
        """Return the cycles of one pass."""
        compute = one.p * one.q * work.filter_w * work.out_w
        load = -int(-filter_rows * work.filter_w * one.p * one.q * one.r * one.t / self.filter_words_per_cycle // 1)
        return max(compute, load) if self.load_overlapped else compute + load


DESCRIPTION = RowStationaryArray
