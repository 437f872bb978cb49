"""SCALE-Sim topologies: a CSV with one convolution or one matrix product a row, each an independent layer.

The formats are those of SCALE-Sim v2 and v3 (scalesim-project/scale-sim-v3, ``topologies/``):

convolution
    ``name, ifmap height, ifmap width, filter height, filter width, channels, filters, stride[, N:M],``
matrix product
    ``name, M, N, K[, N:M],``

A topology carries shapes only. Weights are therefore seeded random int8 constants, and the graph's notes say so.
SCALE-Sim counts ceil((H - F + stride) / stride) output rows: where the stride does not divide, the window that hangs
over the edge counts. Here those rows get explicit trailing padding, so that the layer has the same outputs. A name with
"DP" is depthwise: every input channel meets ``filters`` filters of its own.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.graph import Graph, Node, make_graph
from accelsim.graph.tensor import Quantization, Tensor
from accelsim.operators import make_node

CONVOLUTION = ("ifmap height", "ifmap width", "filter height", "filter width", "channels", "filters", "stride")
PRODUCT = ("M", "N", "K")
LARGEST_EXTENT = 2**24
LARGEST_OPERAND = 2**31
NOTE = "a SCALE-Sim topology has no values: weights and inputs are seeded random int8, layers are independent of each other"


@dataclass(frozen=True, slots=True)
class Row:
    """One layer of the file: its name, its positive extents and the line it stands on."""

    name: str
    extents: tuple[int, ...]
    line: int


def load(path: str | Path, place: str = "", seed: int = 0) -> Graph:
    """Return the topology as a graph of independent int8 layers.

    Parameters
    ----------
    path : path
        The CSV; trailing commas, spaces, blank lines, CRLF and letter case do not matter.
    place : str, optional
        Named in errors; by default the file's name.
    seed : int
        Of the random weights.

    Raises
    ------
    AccelsimError
        The file is no topology, or a cell is not a positive whole number; names row and column.
    UnsupportedError
        A row asks for N:M sparsity other than dense.
    """
    path = Path(path)
    place = place or path.name
    header, lines = _table(path, place)
    columns = columns_of(header, place)
    rows = [_row(cells, columns, line, place) for line, cells in lines]
    if not rows:
        raise AccelsimError(place, "has a header and no layer")
    generator = np.random.default_rng(seed)
    tensors, nodes = [], []
    for row in _uniquely_named(rows):
        _require_manageable(row, place)
        layer = _product(row, generator) if columns is PRODUCT else _convolution(row, place, generator)
        tensors += layer[0]
        nodes.append(layer[1])
    inputs, outputs = [n.inputs[0] for n in nodes], [n.outputs[0] for n in nodes]
    return make_graph(path.stem, tensors, nodes, inputs, outputs, source=f"SCALE-Sim topology {path.name}", notes=(NOTE,))


def columns_of(header: list[str], place: str) -> tuple[str, ...]:
    """Return which of the two formats a header announces."""
    words = [re.sub(r"[^a-z]", "", cell.lower()) for cell in header]
    if words[1:4] == ["m", "n", "k"]:
        return PRODUCT
    if len(words) >= 8 and words[1].startswith("ifmap") and words[3].startswith("filter"):
        return CONVOLUTION
    raise AccelsimError(
        place,
        f"row 1: '{', '.join(header)[:80]}' is no SCALE-Sim header",
        "'Layer, M, N, K' or 'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides'",
    )


def _table(path: Path, place: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AccelsimError(place, f"cannot be read as text: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from error
    lines = [(number, _trimmed(cells)) for number, cells in enumerate(csv.reader(text.splitlines()), start=1)]
    lines = [(number, cells) for number, cells in lines if cells]
    if not lines:
        raise AccelsimError(place, "is empty", "a topology begins with a header row")
    return lines[0][1], lines[1:]


def _trimmed(cells: list[str]) -> list[str]:
    cells = [cell.strip() for cell in cells]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _row(cells: list[str], columns: tuple[str, ...], line: int, place: str) -> Row:
    where = f"{place}: row {line}"
    if not cells[0]:
        raise AccelsimError(f"{where}, column 1 (layer name)", "is empty")
    where += f" ('{cells[0]}')"
    numbers = cells[1:]
    if len(numbers) > len(columns) and ":" in numbers[len(columns)]:
        _require_dense(numbers.pop(len(columns)), f"{where}, column {len(columns) + 2} (sparsity)")
    if columns is CONVOLUTION and len(numbers) == len(columns) + 1:
        columns = (*columns[:-1], "stride height", "stride width")
    if len(numbers) != len(columns):
        raise AccelsimError(where, f"has {len(numbers)} numbers, not {len(columns)} ({', '.join(columns)})")
    return Row(cells[0], tuple(_count(n, f"{where}, column {i} ({c})") for i, (n, c) in enumerate(zip(numbers, columns, strict=True), start=2)), line)


def _count(text: str, place: str) -> int:
    if not re.fullmatch(r"\d+", text) or not 1 <= int(text) <= LARGEST_EXTENT:
        raise AccelsimError(place, f"'{text}' is not a whole number from 1 to {LARGEST_EXTENT}")
    return int(text)


def _require_dense(ratio: str, place: str) -> None:
    match = re.fullmatch(r"(\d+)\s*:\s*(\d+)", ratio)
    if match is None:
        raise AccelsimError(place, f"'{ratio}' is not a ratio N:M")
    if match[1] != match[2]:
        raise UnsupportedError(place, f"sparsity {ratio} is not modelled for topologies", "write 1:1 or leave the column out")


def _require_manageable(row: Row, place: str) -> None:
    """Refuse a layer whose operands could not be held: its values are really made and really multiplied."""
    if len(row.extents) == len(PRODUCT):
        m, n, k = row.extents
        operands = {"input": m * k, "weights": n * k, "output": m * n}
    else:
        height, width, filter_h, filter_w, channels, filters, *_ = row.extents
        operands = {"input": height * width * channels, "weights": filter_h * filter_w * channels * filters, "output": height * width * filters}
    for word, elements in operands.items():
        if elements > LARGEST_OPERAND:
            raise AccelsimError(f"{place}: row {row.line} ('{row.name}')", f"{elements} elements of {word} are more than {LARGEST_OPERAND}")


def _uniquely_named(rows: list[Row]) -> list[Row]:
    seen: dict[str, int] = {}
    unique = []
    for row in rows:
        seen[row.name] = seen.get(row.name, 0) + 1
        unique.append(row if seen[row.name] == 1 else Row(f"{row.name}#{seen[row.name]}", row.extents, row.line))
    return unique


def _convolution(row: Row, place: str, generator: np.random.Generator) -> tuple[list[Tensor], Node]:
    height, width, filter_h, filter_w, channels, filters, stride_h, *rest = row.extents
    stride_w = rest[0] if rest else stride_h
    for extent, window, word in ((height, filter_h, "height"), (width, filter_w, "width")):
        if window > extent:
            raise AccelsimError(f"{place}: row {row.line} ('{row.name}')", f"filter {word} {window} exceeds ifmap {word} {extent}", "SCALE-Sim pads nothing")
    (out_h, over_h), (out_w, over_w) = _outputs(height, filter_h, stride_h), _outputs(width, filter_w, stride_w)
    depthwise = "DP" in row.name
    shape = (1, filter_h, filter_w, channels * filters) if depthwise else (filters, filter_h, filter_w, channels)
    tensors = _tensors(row.name, (1, height, width, channels), shape, (1, out_h, out_w, channels * filters if depthwise else filters), generator)
    attributes = {"stride": (stride_h, stride_w), "padding": ((0, over_h), (0, over_w)) if over_h or over_w else "valid"}
    operator = "depthwise_conv2d" if depthwise else "conv2d"
    return tensors, make_node(operator, row.name, [t.name for t in tensors[:2]] + [None], [tensors[2].name], **attributes)


def _outputs(extent: int, window: int, stride: int) -> tuple[int, int]:
    """Return SCALE-Sim's output extent and the trailing padding that it implies."""
    count = -(-(extent - window) // stride) + 1
    return count, (count - 1) * stride + window - extent


def _product(row: Row, generator: np.random.Generator) -> tuple[list[Tensor], Node]:
    m, n, k = row.extents
    tensors = _tensors(row.name, (m, k), (n, k), (m, n), generator)
    return tensors, make_node("fully_connected", row.name, [t.name for t in tensors[:2]] + [None], [tensors[2].name])


def _tensors(name: str, read: tuple[int, ...], weights: tuple[int, ...], written: tuple[int, ...], generator: np.random.Generator) -> list[Tensor]:
    # Products of two int8 uniforms add up to a deviation of 127^2/3 * sqrt(terms); four of them are mapped onto the int8 output.
    terms = weights[1] * weights[2] * (1 if weights[0] == 1 and len(weights) == 4 else weights[3]) if len(weights) == 4 else weights[1]
    scale = 4 * 127**2 / 3 * terms**0.5 / 127
    values = generator.integers(-127, 128, weights, dtype=np.int8)
    return [
        Tensor(f"{name}/ifmap", read, "int8", _quantization(1.0)),
        Tensor(f"{name}/filter", weights, "int8", _quantization(1.0), values),
        Tensor(f"{name}/ofmap", written, "int8", _quantization(scale)),
    ]


def _quantization(scale: float) -> Quantization:
    return Quantization(np.array([scale], np.float32), np.zeros(1, np.int64))
