"""A grid of MACs through which operands step one PE per cycle."""

from typing import Literal

from accelsim.base.schema import Count, CountOrZero, field
from accelsim.graph.tensor import BITS
from accelsim.graph.work import Contraction, Work
from accelsim.hardware.cost import Cost
from accelsim.hardware.unit import Unit

# Which dimension of the product M x K x N lies on the rows, which on the columns, which streams: a row per dataflow.
DATAFLOWS = {
    "output_stationary": ("m", "n", "k"),
    "weight_stationary": ("k", "n", "m"),
    "input_stationary": ("k", "m", "n"),
}


class SystolicArray(Unit):
    """A grid of MACs through which operands step one PE per cycle.

    A product M x K x N is cut into folds of at most ``rows`` x ``cols``; one fold takes

    - output stationary: K cycles of reduction + (rows - 1) + (cols - 1) of skew, and with ``drain: shift`` another
      ``rows`` cycles to shift the sums out (``column_bus`` takes them out beside the computation);
    - weight or input stationary: ``rows`` cycles to load the stationary operand (0 after the first fold when
      ``preload_overlapped``), then the streamed dimension + (rows - 1) + (cols - 1).

    ``edge_fold: clipped`` uses the rows and columns that an edge fold really has; ``full`` always the array's.

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
    preload_overlapped: bool = field("the next stationary operand loads while this fold streams", default=False)
    pipeline_depth: CountOrZero = field("extra cycles from a PE's inputs to its sum", unit="cycle", default=0)
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
        on_rows, on_cols, streamed = (sizes[d] for d in DATAFLOWS[self.dataflow])
        products = work.group * (work.batch if not work.weight_is_constant and work.group == 1 else 1)
        cycles = products * self.product_cycles(on_rows, on_cols, streamed)
        row_folds, col_folds = -(-on_rows // self.rows), -(-on_cols // self.cols)
        m, k, n = sizes["m"], sizes["k"], sizes["n"]
        # Each operand is read once per fold of the dimension that it lacks.
        reads = {
            "output_stationary": (m * k * col_folds, k * n * row_folds, 1),
            "weight_stationary": (m * k * col_folds, k * n, row_folds),
            "input_stationary": (m * k, k * n * col_folds, row_folds),
        }[self.dataflow]
        bits = BITS[work.input_type]
        issued = work.macs
        partial = (reads[2] - 1) * m * n * products
        return Cost(
            cycles=cycles,
            activation_bytes=products * reads[0] * bits // 8,
            weight_bytes=products * reads[1] * BITS[work.weight_type] // 8,
            output_bytes=work.outputs * BITS[work.output_type] // 8,
            actions=((f"mac_{work.input_type}", issued), ("accumulator_access", 2 * partial + work.outputs)),
            issued_macs=issued,
            note=f"{row_folds} x {col_folds} folds" + (f" x {products}" if products > 1 else ""),
        )

    def product_cycles(self, on_rows: int, on_cols: int, streamed: int) -> int:
        """Return the cycles of all folds of one product."""
        total, folds = 0, 0
        for rows, row_count in _folds(on_rows, self.rows):
            for cols, col_count in _folds(on_cols, self.cols):
                span = (rows, cols) if self.edge_fold == "clipped" else (self.rows, self.cols)
                total += row_count * col_count * self.fold_cycles(*span, streamed)
                folds += row_count * col_count
        if self.dataflow != "output_stationary" and self.preload_overlapped:
            first = min(on_rows, self.rows) if self.edge_fold == "clipped" else self.rows
            total += first  # the first operand has nothing to hide behind
        return total

    def fold_cycles(self, rows: int, cols: int, streamed: int) -> int:
        """Return the cycles of one fold that spans ``rows`` x ``cols`` PEs."""
        wave = streamed + rows - 1 + cols - 1 + self.pipeline_depth
        if self.dataflow == "output_stationary":
            return wave + (rows if self.drain == "shift" else 0)
        # An overlapped preload still needs its own rows cycles on the columns' wires.
        return max(wave, rows) if self.preload_overlapped else rows + wave


def gemm_of(work: Contraction) -> dict[str, int]:
    """Return M, K, N of one group of a contraction."""
    shared = work.batch if work.weight_is_constant or work.group > 1 else 1
    return {"m": shared * work.out_h * work.out_w, "k": work.channels * work.filter_h * work.filter_w, "n": work.filters}


def _folds(size: int, span: int) -> list[tuple[int, int]]:
    """Return (span used, number of folds) of the whole folds and of the edge."""
    whole, rest = divmod(size, span)
    return [(s, n) for s, n in ((span, whole), (rest, 1)) if s and n]


DESCRIPTION = SystolicArray
