"""A core with an int8 kernel library beside instructions counted by hand."""

import pytest

from accelsim.graph.work import Contraction
from accelsim.hardware.units.packed_core import PackedCore
from accelsim.hardware.units.vector_unit import VectorUnit

KERNELS = {
    "product": {"filters": 2, "positions": 2}, "vector": {"filters": 2}, "step_channels": 4, "multiplies": 2, "widening": 2, "gathered_words": 2, "loop": 3.0,
    "gather": 1.75, "gather_run": 12.0, "depthwise": 3.5, "rescale": 14.0,
}  # fmt: skip


def core(**rest) -> PackedCore:
    plain = {"kind": "packed_core", "clock": 120e6, "memories": ("sram",), "vector_bits": 32, "rates": {"mac": 1.0}, "mac_widening": 2, "kernels": KERNELS}
    return PackedCore(**(plain | rest))


def test_a_step_of_a_one_by_one_product_is_four_loads_eight_widenings_eight_products_and_its_loop():
    work = Contraction(out_h=1, out_w=2, filters=2, channels=4, in_h=1, in_w=2)
    assert core().cost(work).cycles == 4 + 8 + 8 + 3 + 4 * 14


def test_a_filter_above_one_by_one_multiplies_from_gathered_patches():
    work = Contraction(out_h=1, out_w=2, filters=2, channels=4, filter_h=3, filter_w=3, in_h=3, in_w=4)
    step = (2 + 4) + 4 + 8 + 3
    assert core().cost(work).cycles == 9 * step + 2 * (36 * 1.75 + 9 * 12) + 4 * 14


def test_a_vector_by_a_matrix_loads_every_weight_for_itself():
    work = Contraction(filters=2, channels=8)
    assert core().cost(work).cycles == 2 * (3 + 6 + 4 + 3) + 2 * 14


def test_a_depthwise_product_takes_its_instructions_and_its_patch():
    work = Contraction(group=4, out_h=1, out_w=1, filter_h=3, filter_w=3, in_h=3, in_w=3)
    assert core().cost(work).cycles == 36 * 3.5 + 9 * (4 * 1.75 + 12) + 4 * 14


def test_words_that_a_row_does_not_fill_are_issued_whole():
    three, four = (Contraction(out_h=2, filters=2, channels=c, in_h=2) for c in (3, 4))
    assert core().cost(three).cycles == core().cost(four).cycles


def test_two_instructions_a_cycle_halve_the_cycles():
    work = Contraction(out_h=4, out_w=4, filters=8, channels=8, in_h=4, in_w=4)
    assert core(instructions_per_cycle=2.0).cost(work).cycles * 2 == core().cost(work).cycles


def test_weights_that_the_cache_holds_wait_for_each_line_once():
    work = Contraction(out_h=4, out_w=4, filters=8, channels=8, in_h=4, in_w=4)
    bare = core().cost(work).cycles
    assert core(line_stall=5, cache_bytes=64).cost(work).cycles == bare + 5 * 4
    assert core(line_stall=5, cache_bytes=63).cost(work).cycles == bare + 5 * 4 * 8  # eight blocks of two positions


def test_floats_are_those_of_a_vector_unit():
    work = Contraction(out_h=4, filters=8, channels=8, in_h=4, input_type="float32", weight_type="float32", output_type="float32")
    plain = VectorUnit(kind="vector_unit", clock=120e6, memories=("sram",), vector_bits=32, rates={"mac": 1.0}, mac_widening=2)
    assert core().cost(work).cycles == plain.cost(work).cycles


@pytest.mark.parametrize("filters", range(1, 9))
def test_another_filter_is_never_faster(filters):
    fewer, more = (Contraction(out_h=3, out_w=3, filters=n, channels=16, in_h=3, in_w=3) for n in (filters, filters + 1))
    assert core().cost(fewer).cycles <= core().cost(more).cycles
