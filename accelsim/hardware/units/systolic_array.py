"""A grid of MACs through which operands step one PE per cycle."""

from typing import Literal

from accelsim.base.schema import Count, CountOrZero, Fraction, field
from accelsim.graph.tensor import BITS
from accelsim.graph.work import Contraction, Work
from accelsim.hardware.cost import Cost
from accelsim.hardware.sparsity import SparseWeights
from accelsim.hardware.traversal import stationary
from accelsim.hardware.unit import Unit

# Which dimension of the product M x K x N lies on the rows, which on the columns, which streams: a row per dataflow.
DATAFLOWS = {
    "output_stationary": ("m", "n", "k"),
    "weight_stationary": ("k", "n", "m"),
    "input_stationary": ("k", "m", "n"),
}


class SystolicArray(Unit):
    """A grid of MACs through which operands step one PE per cycle.

    A product M x K x N is cut into folds of at most ``rows`` x ``cols``, those over one column of it after one another.
    A fold takes

    - output stationary: K cycles of reduction + (rows - 1) + (cols - 1) of skew, and with ``drain: shift`` another
      ``rows`` cycles to shift the sums out (``column_bus`` takes each out when it is complete);
    - weight or input stationary: ``rows`` cycles to load the operand that stays, then the streamed dimension
      + (rows - 1) + (cols - 1), after which its last sum has left at the bottom.

    ``pipeline_depth`` registers between multiplier and adder add themselves to each fold's end. With
    ``preload_overlapped`` a PE has two registers for the operand that stays: the next one steps down right behind the wave that
    swaps to this one, and folds follow one another every max(streamed, next rows) cycles; only the first load and the
    last fold's skew show. A fold of fewer rows, whose sums leave sooner, waits the difference so that they leave behind
    those of the fold before.

    ``edge_fold: clipped`` uses the rows and columns that an edge fold really has (sums leave at its last row); ``full``
    always the array's. ``kernels/systolic_steps.py`` steps the registers and agrees with these counts.

    References
    ----------
    A. Samajdar et al., "A systematic methodology for characterizing scalability of DNN accelerators using SCALE-Sim",
    ISPASS 2020. SCALE-Sim v3 prints the number of the last cycle, one less than the count here.
    """

    kind: Literal["systolic_array"]
    rows: Count = field("rows of the array", unit="PE")
    cols: Count = field("columns of the array", unit="PE")
    dataflow: Literal["output_stationary", "weight_stationary", "input_stationary"] = field("operand that stays in the PEs")
    edge_fold: Literal["full", "clipped"] = field("span of folds at the edge of the product", default="clipped")
    drain: Literal["column_bus", "shift"] = field("how output-stationary sums leave", default="column_bus")
    toggle_share: Fraction = field("share of a product's energy that goes with operand bits that change (random data: half of them)", default=0.0)
    sparse_weights: SparseWeights | None = field("weights of zero that take no cycles; null: they do", default=None)
    preload_overlapped: bool = field("the next stationary operand loads while this fold streams, so that folds follow without a gap", default=False)
    pipeline_depth: CountOrZero = field("registers between a PE's multiplier and its adder", unit="cycle", default=0)
    operand_types: tuple[str, ...] = field("element types that the PEs multiply", default=("int8", "uint8"))

    @property
    def peak_macs_per_cycle(self) -> float:
        """One multiply-accumulate per PE."""
        return float(self.rows * self.cols)

    def refuses(self, work: Work) -> str:
        """Return why not: only products, only of the array's types."""
        if not isinstance(work, Contraction):
            return f"a systolic array does no {type(work).__name__}"
        if work.input_type not in self.operand_types:
            return f"the array multiplies {', '.join(self.operand_types)}, not {work.input_type}"
        return ""

    def split_granules(self, work: Work) -> tuple[int, int]:
        """Return whole folds: columns for filters where they lie on the columns."""
        return 1, self.cols if self.dataflow != "input_stationary" else 1

    def cost(self, work: Contraction) -> Cost:
        """Return the folds' cycles and the operand traffic of a product."""
        sizes = gemm_of(work)
        on_rows, on_cols, streamed = [sizes[d] for d in DATAFLOWS[self.dataflow]]
        products = work.group * (work.batch if not work.weight_is_constant and work.group == 1 else 1)
        cycles = products * self.product_cycles(on_rows, on_cols, streamed)
        row_folds, col_folds = -(-on_rows // self.rows), -(-on_cols // self.cols)
        m, k, n = sizes["m"], sizes["k"], sizes["n"]
        # Each operand is read once per fold of the dimension that it lacks.
        inputs, weights, sums = {"output_stationary": (col_folds, row_folds, 1), "weight_stationary": (col_folds, 1, row_folds), "input_stationary": (1, col_folds, row_folds)}[self.dataflow]
        issued, outputs = work.macs, work.outputs
        partial = (sums - 1) * m * n * products
        return Cost(
            cycles=cycles,
            activation_bytes=products * m * k * inputs * BITS[work.input_type] // 8,
            weight_bytes=products * k * n * weights * BITS[work.weight_type] // 8,
            output_bytes=outputs * BITS[work.output_type] // 8,
            traversal=stationary(*DATAFLOWS[self.dataflow], self.rows, self.cols),
            actions=((f"mac_{work.input_type}", issued), ("accumulator_access", 2 * partial + outputs)),
            issued_macs=issued,
            note=f"{row_folds} x {col_folds} folds" + (f" x {products}" if products > 1 else ""),
        )

    def product_cycles(self, on_rows: int, on_cols: int, streamed: int) -> int:
        """Return the cycles of all folds of one product."""
        down, across = self._spans(on_rows, self.rows), self._spans(on_cols, self.cols)
        if self.preload_overlapped and self.dataflow != "output_stationary":
            return self._overlapped_cycles(down, across, streamed)
        return sum(n_rows * n_cols * self.fold_cycles(rows, cols, streamed) for rows, n_rows in down for cols, n_cols in across)

    def fold_cycles(self, rows: int, cols: int, streamed: int) -> int:
        """Return the cycles of one fold that spans ``rows`` x ``cols`` PEs and shares none with another."""
        wave = streamed + rows - 1 + cols - 1 + self.pipeline_depth
        if self.dataflow == "output_stationary":
            return wave + (rows if self.drain == "shift" else 0)
        return rows + wave

    def _overlapped_cycles(self, down: list[tuple[int, int]], across: list[tuple[int, int]], streamed: int) -> int:
        """Return first load + the intervals between the folds' streams + the last wave."""
        (first, whole), last = down[0], down[-1][0]
        steady = max(streamed, first)  # from one whole fold to the next, and from the last fold of a column to the next column's first
        a_column = (whole - 1) * steady + (max(streamed + first - last, last) if len(down) > 1 else 0)
        to_next = steady + a_column
        skew = across[-1][0] - 1
        if len(across) > 1:  # the wider folds before the last may leave later than it
            skew = max(skew, across[0][0] - 1 - to_next)
        columns = across[0][1] + len(across) - 1
        return first + a_column + (columns - 1) * to_next + streamed + last - 1 + skew + self.pipeline_depth

    def _spans(self, size: int, span: int) -> list[tuple[int, int]]:
        """Return (rows or columns used, number of folds) of the whole folds and of the one at the edge."""
        if self.edge_fold == "full":
            return [(span, -(-size // span))]
        whole, rest = divmod(size, span)
        edge = [(rest, 1)] if rest else []
        return [(span, whole), *edge] if whole else edge


def gemm_of(work: Contraction) -> dict[str, int]:
    """Return M, K, N of one group of a contraction."""
    shared = work.batch if work.weight_is_constant or work.group > 1 else 1
    return {"m": shared * work.out_h * work.out_w, "k": work.channels * work.filter_h * work.filter_w, "n": work.filters}


DESCRIPTION = SystolicArray
