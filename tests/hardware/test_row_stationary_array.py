"""The row-stationary array beside the passes of the Eyeriss paper and beside the head."""

from dataclasses import replace

import pytest

from accelsim.graph.work import Contraction, Window
from accelsim.hardware.units.row_stationary_array import Pass, RowStationaryArray


def eyeriss(**rest) -> RowStationaryArray:
    pads = {"inputs": 12, "filters": 224, "sums": 24}
    return RowStationaryArray(**{"kind": "row_stationary_array", "clock": None, "memories": ("glb",), "rows": 12, "cols": 14, "scratchpads": pads, "filter_words_per_cycle": 4.0} | rest)


ALEXNET = {
    "conv1": (Contraction(out_h=55, out_w=55, filters=96, channels=3, filter_h=11, filter_w=11, stride_h=4, stride_w=4, in_h=227, in_w=227), 154),
    "conv2": (Contraction(group=2, out_h=27, out_w=27, filters=128, channels=48, filter_h=5, filter_w=5, in_h=31, in_w=31), 135),
    "conv3": (Contraction(out_h=13, out_w=13, filters=384, channels=256, filter_h=3, filter_w=3, in_h=15, in_w=15), 156),
    "conv4": (Contraction(group=2, out_h=13, out_w=13, filters=192, channels=192, filter_h=3, filter_w=3, in_h=15, in_w=15), 156),
    "conv5": (Contraction(group=2, out_h=13, out_w=13, filters=128, channels=192, filter_h=3, filter_w=3, in_h=15, in_w=15), 156),
}


@pytest.mark.parametrize("layer", ALEXNET)
def test_alexnet_keeps_as_many_pes_busy_as_the_paper_says(layer):
    work, busy = ALEXNET[layer]
    assert eyeriss().cost(work).note.startswith(f"{busy} of 168 PEs")


PASSES = {"conv1": (7, 1, 2, 16, 1), "conv2": (27, 1, 1, 16, 2), "conv3": (13, 2, 2, 16, 3), "conv4": (13, 2, 2, 16, 3), "conv5": (13, 2, 2, 16, 3)}
SAVING = {"pass_buffer": "100 kB", "filter_step": 4, "far_over_near": 33.3}


@pytest.mark.parametrize("layer", ALEXNET)
def test_passes_of_least_energy_are_those_that_the_papers_buffer_traffic_implies(layer):
    work, busy = ALEXNET[layer]
    e, r, t, p, q = PASSES[layer]
    padding = 0 if layer == "conv1" else work.filter_h // 2  # comes from the array, not from DRAM
    stored = replace(work, batch=4, in_h=work.in_h - 2 * padding, in_w=work.in_w - 2 * padding, pad_top=padding, pad_left=padding)
    note = eyeriss(**SAVING).cost(stored).note
    assert note == f"{busy} of 168 PEs, e {e} r {r} t {t} p {p} q {q}"


def test_inputs_are_fetched_again_for_filters_whose_sums_do_not_fit():
    unit = eyeriss(pass_buffer="100 kB")
    work = replace(ALEXNET["conv3"][0], batch=4)
    # 50,000 words: 6 channels x 4 images x 15 x 15 of inputs leave room for the sums of 64 = 2 x 32 filters, 4 images x 13 x 13 each.
    assert unit.fetches(work, Pass(13, 2, 2, 16, 3)) == (6, 1)
    assert eyeriss().fetches(work, Pass(13, 2, 2, 16, 3)) == (1, 1)


def test_each_strip_reads_all_rows_under_it_and_sums_go_there_and_back():
    work = Contraction(out_h=4, out_w=4, filters=2, channels=3, filter_h=3, filter_w=3, in_h=4, in_w=4, pad_top=1, pad_left=1)
    # Two strips of 2 rows need 4 rows of 6 padded columns each, of 3 channels, for each of 2 filters; sums of 3 channel passes: 5 times.
    assert eyeriss().near_words(work, Pass(2, 1, 1, 1, 1)) == (2 * 4 * 6 * 3 * 2, 2 * 16 * 5)


def test_one_pass_of_one_row_takes_its_taps_times_its_columns():
    unit = eyeriss(rows=3, cols=4, load_overlapped=True)
    work = Contraction(out_h=4, out_w=10, filters=1, channels=1, filter_h=3, filter_w=3, in_h=6, in_w=12)
    assert unit.cost(work).cycles == 3 * 10


def test_filters_that_do_not_load_meanwhile_add_their_words():
    unit = eyeriss(rows=3, cols=4, filter_words_per_cycle=1.0)
    work = Contraction(out_h=4, out_w=10, filters=1, channels=1, filter_h=3, filter_w=3, in_h=6, in_w=12)
    assert unit.cost(work).cycles == 3 * 10 + 9


def test_one_output_row_too_many_costs_a_second_strip():
    unit = eyeriss(rows=3, cols=4, load_overlapped=True)
    work = Contraction(out_h=5, out_w=10, filters=1, channels=1, filter_h=3, filter_w=3, in_h=7, in_w=12)
    assert unit.cost(work).cycles == 2 * 3 * 10


def test_a_filter_of_more_rows_than_the_array_is_cut_into_runs():
    unit = eyeriss(rows=3, cols=4, load_overlapped=True)
    work = Contraction(out_h=1, out_w=1, filters=1, channels=1, filter_h=5, filter_w=1, in_h=5, in_w=1)
    assert unit.cost(work).cycles == 2


def test_no_mapping_beats_one_mac_a_cycle_and_pe():
    for work, _ in ALEXNET.values():
        assert eyeriss().cost(work).cycles * 168 >= work.macs


def test_pooling_is_refused_by_name():
    assert "Window" in eyeriss().refuses(Window(operation="max", out_h=2, out_w=2, channels=1))
