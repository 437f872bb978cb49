"""SCALE-Sim topologies: the file's layers, whatever its commas."""

from pathlib import Path

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.functional.interpreter import execute
from accelsim.importers.scalesim import load
from accelsim.operators import macs_of, work_of

GOLDEN = Path(__file__).resolve().parents[2].parent / "shared" / "golden" / "scalesim"
HEADER = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"


def topology(tmp_path, text: str, newline: str = "\n"):
    path = tmp_path / "net.csv"
    path.write_bytes(text.replace("\n", newline).encode())
    return path


def work(path, layer: int = 0):
    graph = load(path)
    return work_of(graph.nodes[layer], graph)[0]


def test_a_convolution_row_is_a_convolution(tmp_path):
    conv = work(topology(tmp_path, HEADER + "c1, 7, 9, 3, 3, 16, 32, 1,\n"))
    assert (conv.out_h, conv.out_w, conv.filter_h, conv.channels, conv.filters, conv.macs) == (5, 7, 3, 16, 32, 5 * 7 * 9 * 16 * 32)


def test_a_product_row_has_m_rows_n_filters_and_k_channels(tmp_path):
    product = work(topology(tmp_path, "Layer,M,N,K,\nL0,196,192,384,\n"))
    assert (product.out_h, product.filters, product.channels) == (196, 192, 384)


def test_a_window_over_the_edge_counts_as_in_scale_sim(tmp_path):
    # ceil((224 - 11 + 4) / 4) = 55 where valid padding gives 54.
    conv = work(topology(tmp_path, HEADER + "Conv1, 224, 224, 11, 11, 3, 96, 4,\n"))
    assert (conv.out_h, conv.out_w, conv.pad_top) == (55, 55, 0)


def test_dp_in_a_name_gives_every_channel_its_own_filters(tmp_path):
    conv = work(topology(tmp_path, HEADER + "Conv2_DP, 10, 10, 3, 3, 32, 2, 1,\n"))
    assert (conv.group, conv.channels, conv.filters, conv.macs) == (32, 1, 2, 8 * 8 * 9 * 32 * 2)


def test_a_stride_may_differ_in_height_and_width(tmp_path):
    conv = work(topology(tmp_path, HEADER.replace("Strides", "Stride H, Stride W") + "a, 9, 9, 3, 3, 1, 1, 2, 3,\n"))
    assert (conv.out_h, conv.out_w) == (4, 3)


@pytest.mark.parametrize(
    "text, newline",
    [
        (HEADER + "a,8,8,3,3,4,8,1,\nb,8,8,1,1,4,8,1,\n", "\n"),
        (HEADER.rstrip(",\n") + "\na,8,8,3,3,4,8,1\nb,8,8,1,1,4,8,1", "\n"),
        (HEADER.upper() + "a,8,8,3,3,4,8,1,\n\n   \n ,,,\nb , 8 , 8 , 1,1,4,8,1,,,\n\n", "\r\n"),
        ("\ufeff" + HEADER.lower() + "a,8,8,3,3,4,8,1,1:1,\nb,8,8,1,1,4,8,1,2:2,\n", "\r\n"),
    ],
)
def test_commas_blank_lines_spaces_case_and_line_ends_do_not_matter(tmp_path, text, newline):
    graph = load(topology(tmp_path, text, newline))
    assert [node.name for node in graph.nodes] == ["a", "b"]
    assert macs_of(graph) == 36 * 36 * 8 + 64 * 4 * 8


def test_layers_of_one_name_are_told_apart(tmp_path):
    assert [n.name for n in load(topology(tmp_path, "Layer,M,N,K\nx,1,2,3\nx,1,2,3\n")).nodes] == ["x", "x#2"]


def test_layers_are_independent_and_run(tmp_path):
    graph = load(topology(tmp_path, HEADER + "a,8,8,3,3,4,8,2,\nb_DP,8,8,3,3,4,1,1,\n"))
    generator = np.random.default_rng(0)
    outputs, _, _ = execute(graph, {name: generator.integers(-127, 128, graph.tensors[name].shape).astype(np.int8) for name in graph.inputs})
    assert len(graph.inputs) == len(outputs) == 2
    assert all(20 < value.std() < 50 and np.mean(np.abs(value.astype(int)) >= 127) < 0.02 for value in outputs.values())


def test_weights_are_random_repeatable_and_the_notes_say_so(tmp_path):
    path = topology(tmp_path, "Layer,M,N,K\nx,4,64,64\n")
    first, again, other = load(path), load(path), load(path, seed=1)
    values = [graph.tensors["x/filter"].values for graph in (first, again, other)]
    assert np.array_equal(values[0], values[1]) and not np.array_equal(values[0], values[2])
    assert "random" in first.notes[0]


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "is empty"),
        ("\n\n,,\n", "is empty"),
        (HEADER, "has a header and no layer"),
        ("a,8,8,3,3,4,8,1,\n", "row 1: 'a, 8, 8, 3, 3, 4, 8, 1' is no SCALE-Sim header"),
        ("name,value\nx,1\n", "row 1: 'name, value' is no SCALE-Sim header"),
        (HEADER + "a,8,8,3,3,4,8,1,\nb,8,8,3,three,4,8,1,\n", "row 3 ('b'), column 5 (filter width): 'three' is not a whole number"),
        (HEADER + "a,8,8,3,3,0,8,1,\n", "row 2 ('a'), column 6 (channels): '0' is not a whole number"),
        (HEADER + "a,8,8,3,3,4,8,-1,\n", "column 8 (stride): '-1' is not a whole number"),
        (HEADER + "a,8,8,3,3,4,8,1.5,\n", "column 8 (stride): '1.5' is not a whole number"),
        (HEADER + "a,8,8,3,3,,8,1,\n", "column 6 (channels): '' is not a whole number"),
        (HEADER + "a,8,8,3,3,4,99999999999,1,\n", "column 7 (filters): '99999999999' is not a whole number from 1 to"),
        (HEADER + "a,8,8,3,3,4,8,\n", "row 2 ('a'): has 6 numbers, not 7"),
        (HEADER + "a,8,8,3,3,4,8,1,1,1,1\n", "row 2 ('a'): has 10 numbers, not 7"),
        (HEADER + ",8,8,3,3,4,8,1\n", "row 2, column 1 (layer name): is empty"),
        (HEADER + "a,8,8,9,3,4,8,1,\n", "filter height 9 exceeds ifmap height 8"),
        (HEADER + "a,8,8,3,3,4,8,1,x:y,\n", "column 9 (sparsity): 'x:y' is not a ratio N:M"),
        (HEADER + "a,99999,99999,3,3,64,8,1,\n", "row 2 ('a'): 639987200064 elements of input are more than"),
        ("Layer,M,N,K\nx,1,99999,99999\n", "row 2 ('x'): 9999800001 elements of weights are more than"),
        ("Layer,M,N,K\nx,1,2\n", "has 2 numbers, not 3 (M, N, K)"),
        ("Layer,M,N,K\nx,1,2,K\n", "column 4 (K): 'K' is not a whole number"),
    ],
)
def test_a_broken_topology_gives_one_line_with_row_and_column(tmp_path, text, words):
    with pytest.raises(AccelsimError) as caught:
        load(topology(tmp_path, text))
    assert words in str(caught.value) and str(caught.value).startswith("net.csv: ") and "\n" not in str(caught.value)


def test_sparsity_is_refused_by_name(tmp_path):
    with pytest.raises(UnsupportedError, match="column 9 .sparsity.: sparsity 2:4 is not modelled"):
        load(topology(tmp_path, HEADER + "a,8,8,3,3,4,8,1,2:4,\n"))


def test_a_file_of_bytes_is_no_topology(tmp_path):
    path = tmp_path / "net.csv"
    path.write_bytes(bytes(range(128, 256)))
    with pytest.raises(AccelsimError, match="cannot be read as text"):
        load(path)


@pytest.mark.parametrize("run", sorted(p.name for p in GOLDEN.iterdir()) if GOLDEN.is_dir() else [])
def test_every_topology_of_the_golden_runs_loads_with_a_layer_a_row(run):
    path = GOLDEN / run / "topology.csv"
    rows = [line for line in path.read_text().splitlines()[1:] if line.strip()]
    assert len(load(path).nodes) == len(rows)


def cycles(contraction, rows: int, columns: int, dataflow: str) -> int:
    """Return SCALE-Sim's compute cycles of a layer (ISPASS 2020, with the fold counts of its code), less one as it prints them."""
    m, n = contraction.out_h * contraction.out_w, contraction.filters
    k = contraction.filter_h * contraction.filter_w * contraction.channels
    down, across, through = {"os": (m, n, k), "ws": (k, n, m), "is": (k, m, n)}[dataflow]
    fold = through + rows + columns - 2 + (0 if dataflow == "os" else rows)
    return -(-down // rows) * -(-across // columns) * fold - 1


@pytest.mark.parametrize("run", sorted(p.name for p in GOLDEN.glob("*__calc")) if GOLDEN.is_dir() else [])
def test_extents_explain_the_cycles_of_every_golden_run(run):
    array, dataflow = run.split("__")[1:3]
    graph = load(GOLDEN / run / "topology.csv")
    printed = [int(float(line.split(",")[2])) for line in (GOLDEN / run / "COMPUTE_REPORT.csv").read_text().splitlines()[1:]]
    rows, columns = map(int, array.split("x"))
    assert [cycles(work_of(node, graph)[0], rows, columns, dataflow) for node in graph.nodes] == printed


def test_golden_runs_are_at_hand():
    if not GOLDEN.is_dir():
        pytest.skip("../shared/golden/scalesim is not there: SCALE-Sim's own topologies were not read")
    assert len(list(GOLDEN.iterdir())) >= 10
