"""Do weights of zero save cycles and bytes on a chip that declares it, and on no other?"""

import pytest

from accelsim.functional.pruning import pruned
from accelsim.importers import load_graph
from accelsim.importers.recipes import load_recipe
from accelsim.pipeline import Options, load_chip, run

SPARSE = "units.npu.sparse_weights={scheme: n_of_m, n: 2, m: 4}"
PACKED = "compression=[{scheme: n_of_m, n: 2, m: 4, of: constants, at: [dram, dma]}]"
NO_DATA = Options(execute=False, cold=False)


def _rows(graph, *overrides: str):
    return [row for row in run(load_chip("systolic_npu", overrides), graph, options=NO_DATA).layer_rows if row.macs]


def test_pruned_layers_take_half_the_cycles_and_the_others_all():
    graph = load_graph("digits_cnn")
    dense, sparse = _rows(pruned(graph, "2:4")), _rows(pruned(graph, "2:4"), SPARSE)
    gains = {a.name: a.cycles / b.cycles for a, b in zip(dense, sparse, strict=True)}
    assert all(gain == 1 or gain == pytest.approx(2, rel=0.02) for gain in gains.values())
    assert {1, 2} == {round(gain) for gain in gains.values()}


def test_a_network_whose_weights_are_not_zero_gains_nothing():
    graph = load_graph("digits_cnn")
    assert [row.cycles for row in _rows(graph, SPARSE)] == [row.cycles for row in _rows(graph)]


def test_zeros_anywhere_are_left_out_up_to_the_largest_gain():
    graph = pruned(load_graph("digits_cnn"), "0.9")
    dense = _rows(graph)
    for most in (2.0, 4.0):
        sparse = _rows(graph, f"units.npu.sparse_weights={{scheme: unstructured, most: {most}}}")
        assert max(a.cycles / b.cycles for a, b in zip(dense, sparse, strict=True)) == pytest.approx(most, rel=0.05)


def test_kept_weights_travel_with_their_places():
    graph = pruned(load_graph("digits_cnn"), "2:4")
    small = ("memories.scratchpad.capacity=8 KiB", "compiler.weight_buffer=2 KiB", "compiler.transfer_chunk=512 B")
    plain, packed = (run(load_chip("systolic_npu", (*small, *more)), graph, options=NO_DATA).memories["dram"] for more in ((), (PACKED,)))
    assert packed["read_bytes"] == plain["read_bytes"]
    assert packed["wire_read_bytes"] < plain["wire_read_bytes"]


def test_resnet34_on_a_dla_gains_what_was_measured():
    """384 over 285 images/s at 1280 x 768 on two DLAs (NVIDIA/Deep-Learning-Accelerator-SW README at ea61780); 992 x 992 has as many pixels. Not fitted."""
    graph, chip = load_recipe("resnet34", "int8", input_size=992), load_chip("jetson_agx_orin_dla")
    gain = run(chip, graph, options=NO_DATA).latency_s / run(chip, pruned(graph, "2:4"), options=NO_DATA).latency_s
    assert gain == pytest.approx(384 / 285, rel=0.1)
