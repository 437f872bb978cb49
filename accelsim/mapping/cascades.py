"""Runs of layers that are done depth first, in stripes of rows, so that what passes between them never leaves the unit's working memory.

A stripe is some rows of the run's last output. Each layer makes the rows that this stripe needs beyond those already made, so that no row is made
twice; rows that the next stripe's windows overlap stay in a rolling buffer. A buffer holds the rows from the first that a reader still needs to
the last that has been made.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from accelsim.graph.graph import Graph
from accelsim.graph.tensor import Tensor
from accelsim.graph.work import Contraction, Convert, Elementwise, Lookup, Window, Work
from accelsim.hardware.chip import Chip
from accelsim.hardware.partition import part_of
from accelsim.mapping.layers import Layer

BY_ELEMENTS = (Elementwise, Lookup, Convert)


@dataclass(frozen=True, slots=True)
class Cascade:
    """Layers done depth first.

    Attributes
    ----------
    first, last : int
        Indices of its layers; all between belong to it.
    rows : tuple of tuple of int
        Of each layer, the rows that it makes in each stripe; 0 where it has made all that is needed.
    rolling : tuple of (str, int)
        Tensors in rolling buffers, and the bytes of these.
    """

    first: int
    last: int
    rows: tuple[tuple[int, ...], ...]
    rolling: tuple[tuple[str, int], ...]

    def rows_of(self, index: int) -> tuple[int, ...]:
        """Return the rows of each stripe of a layer."""
        return self.rows[index - self.first]


def rows_part(work: Work, rows: int, of: int) -> Work:
    """Return the part of a piece of work that makes some of its output's rows."""
    if isinstance(work, Contraction):
        return part_of(work, rows=rows)
    if isinstance(work, Window):
        return replace(work, out_h=rows, in_h=min(work.in_h, (rows - 1) * work.stride_h + work.filter_h))
    return replace(work, elements=work.elements * rows // of)


def can_be_cut(layer: Layer) -> bool:
    """Return whether a layer makes rows of an image from rows of images."""
    if layer.is_view or len(layer.works) != 1 or len(layer.outputs) != 1 or not _is_image(layer.outputs[0]):
        return False
    work, output = layer.works[0], layer.outputs[0]
    if isinstance(work, Contraction | Window):
        return work.batch == 1 and work.out_h == output.shape[1] > 1 and len(layer.inputs) == 1 and _is_image(layer.inputs[0]) and layer.inputs[0].shape[1] == work.in_h
    same = all(tensor.shape == output.shape for tensor in layer.inputs)
    return isinstance(work, BY_ELEMENTS) and work.elements == output.elements and output.shape[1] > 1 and same


def _is_image(tensor: Tensor) -> bool:
    return len(tensor.shape) == 4 and tensor.shape[0] == 1


def needed_rows(work: Work, rows: int) -> int:
    """Return how many rows of its input a piece of work needs for its first rows."""
    if isinstance(work, Contraction | Window):
        if rows >= work.out_h:
            return work.in_h
        span = (work.filter_h - 1) * getattr(work, "dilation_h", 1) + 1
        return min(work.in_h, max(1, (rows - 1) * work.stride_h + span - work.pad_top))
    return rows


def first_needed(work: Work, made: int) -> int:
    """Return the first row of its input that a piece of work still needs when it has made some rows."""
    return max(0, made * work.stride_h - work.pad_top) if isinstance(work, Contraction | Window) else made


def in_stripes(layers: tuple[Layer, ...], height: int, graph: Graph) -> Cascade:
    """Return layers as a cascade whose last one makes some rows in each stripe."""
    readers = {t.name: [i for i, layer in enumerate(layers) if t in layer.inputs] for one in layers for t in one.outputs}
    heights = [layer.outputs[0].shape[1] for layer in layers]
    count = -(-heights[-1] // height)
    made = [[0] * (count + 1) for _ in layers]
    for stripe in range(1, count + 1):
        for i in reversed(range(len(layers))):
            inside = [needed_rows(layers[r].works[0], made[r][stripe]) for r in readers[layers[i].outputs[0].name]]
            share = min(heights[i], -(-heights[i] * stripe * height // heights[-1]))
            made[i][stripe] = heights[i] if stripe == count else max(made[i][stripe - 1], *inside) if inside else share
    rows = tuple(tuple(after - before for before, after in zip(line, line[1:], strict=False)) for line in made)
    rolling = []
    own = {node.name for layer in layers for node in layer.nodes}
    read_outside = {*graph.outputs, *(name for node in graph.nodes if node.name not in own for name in node.inputs)}
    for i, layer in enumerate(layers[:-1]):
        tensor = layer.outputs[0]
        if tensor.name not in read_outside and not tensor.is_state:
            held = max(made[i][s] - min(first_needed(layers[r].works[0], made[r][s - 1]) for r in readers[tensor.name]) for s in range(1, count + 1))
            rolling.append((tensor.name, held * (tensor.bytes // heights[i])))
    return Cascade(layers[0].index, layers[-1].index, rows, tuple(rolling))


def stretches(layers: tuple[Layer, ...], spilled: set[str], aliased: set[str], chip: Chip) -> Iterator[tuple[Layer, ...]]:
    """Yield the shortest runs of layers on one unit in which far tensors are made and read for the last time.

    Parameters
    ----------
    spilled : set of str
        Activations that found no room near the unit.
    aliased : set of str
        Tensors that lie on others' bytes, or under them; they cannot roll.
    """
    runs: list[list[int]] = []
    for layer in layers:
        for tensor in layer.outputs:
            if tensor.name in spilled and tensor.name not in aliased:
                last = max((other.index for other in layers if tensor in other.inputs), default=layer.index)
                run = [layer.index, last]
                own = layers[run[0] : run[1] + 1]
                if last > layer.index and all(can_be_cut(one) and one.unit == layer.unit and one.unit != chip.host for one in own):
                    if runs and run[0] <= runs[-1][1]:
                        runs[-1][1] = max(runs[-1][1], run[1])
                    else:
                        runs.append(run)
    for begin, end in runs:
        yield layers[begin : end + 1]
