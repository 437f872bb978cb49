"""Several cores on one layer beside the head."""

import pytest

from accelsim.base.errors import AccelsimError
from accelsim.base.schema import describe
from accelsim.graph.work import Contraction, Elementwise, Move, Window
from accelsim.hardware.units.multicore import Multicore
from accelsim.hardware.units.systolic_array import SystolicArray

CORE = {"kind": "systolic_array", "rows": 4, "cols": 4, "dataflow": "weight_stationary"}
VECTOR = {"kind": "vector_unit", "vector_bits": 32, "rates": {"mac": 1.0, "add": 1.0, "compare": 1.0}, "overhead": 1.0}


def cores(count: int, core: dict = CORE, **rest) -> Multicore:
    return describe(Multicore, {"kind": "multicore", "clock": "1 GHz", "memories": ["sram"], "cores": count, "core": core} | rest, "chip")


def one_core() -> SystolicArray:
    return SystolicArray(clock=None, memories=("sram",), **CORE)


PRODUCT = Contraction(out_h=10, in_h=10, channels=4, filters=8)


def test_one_core_of_one_costs_what_it_costs_alone():
    alone, dealt = one_core().cost(PRODUCT), cores(1).cost(PRODUCT)
    assert (dealt.cycles, dealt.activation_bytes, dealt.weight_bytes, dealt.output_bytes, dealt.actions) == (
        alone.cycles, alone.activation_bytes, alone.weight_bytes, alone.output_bytes, alone.actions,
    )  # fmt: skip


def test_filters_dealt_out_take_the_time_of_a_core_with_its_share():
    assert cores(2, partition="filters").cost(PRODUCT).cycles == one_core().cost(Contraction(out_h=10, in_h=10, channels=4, filters=4)).cycles


def test_rows_dealt_out_duplicate_the_weights_unless_they_are_multicast():
    alone = one_core().cost(PRODUCT).weight_bytes
    assert cores(2, partition="rows", multicast="none").cost(PRODUCT).weight_bytes == 2 * alone
    assert cores(2, partition="rows", multicast="weights").cost(PRODUCT).weight_bytes == alone


def test_filters_dealt_out_duplicate_the_input_unless_it_is_multicast():
    twice, once = (cores(2, partition="filters", multicast=kind).cost(PRODUCT).activation_bytes for kind in ("none", "inputs"))
    assert twice == 2 * once


def test_rows_of_a_filtered_image_are_read_with_their_halo():
    work = Contraction(out_h=8, out_w=8, in_h=10, in_w=10, filter_h=3, filter_w=3)
    vector = VECTOR | {"cached": True}
    assert cores(2, vector, partition="rows").cost(work).activation_bytes == 2 * 6 * 10


def test_macs_are_conserved_however_they_are_dealt_out():
    for way in ("filters", "rows", "best"):
        cost = cores(3, partition=way).cost(PRODUCT)
        assert cost.issued_macs == PRODUCT.macs == dict(cost.actions)["mac_int8"]


def test_fewer_parts_than_cores_leave_cores_idle():
    assert cores(4, partition="filters").cost(PRODUCT).note.startswith("2 of 4 cores by filters")


def test_the_faster_way_is_taken():
    best = cores(2).cost(PRODUCT).cycles
    assert best == min(cores(2, partition=way).cost(PRODUCT).cycles for way in ("filters", "rows"))


def test_element_wise_work_and_windows_take_the_share_of_one_core():
    add, window = Elementwise(operation="relu", elements=400), Window(operation="max", out_h=4, out_w=5, channels=4, filter_h=2, filter_w=2, in_h=8, in_w=10)
    one, four = cores(1, VECTOR), cores(4, VECTOR)
    assert (one.cost(add).cycles, four.cost(add).cycles) == (200, 50)
    assert one.cost(window).cycles == 4 * four.cost(window).cycles


def test_the_peak_is_that_of_all_cores():
    assert cores(3).peak_macs_per_cycle == 48


@pytest.mark.parametrize(("core", "why"), [(CORE | {"clock": "1 GHz"}, "stated for all cores together"), ({"kind": "multicore"}, "is not one of"), (CORE | {"rows": 0}, "rows")])
def test_a_core_that_cannot_be_is_refused_with_its_reason(core, why):
    with pytest.raises(AccelsimError, match=why):
        cores(2, core)


def test_a_layers_start_is_paid_by_every_layer_but_a_view():
    plain, started = cores(2, VECTOR), cores(2, VECTOR, layer_cycles=500)
    assert started.cost(PRODUCT).cycles == plain.cost(PRODUCT).cycles + 500
    assert started.cost(Move(pattern="view", elements=64)).cycles == 0


def test_depthwise_layers_as_dense_products_do_a_block_of_products_for_each_one():
    depthwise = Contraction(group=64, out_h=8, out_w=8, in_h=10, in_w=10, filter_h=3, filter_w=3)
    dense = Contraction(group=2, channels=32, filters=32, out_h=8, out_w=8, in_h=10, in_w=10, filter_h=3, filter_w=3)
    found = cores(2, VECTOR | {"vector_bits": 128}, dense_depthwise=32, partition="rows").cost(depthwise)
    assert found.cycles == cores(2, VECTOR | {"vector_bits": 128}, partition="rows").cost(dense).cycles
    assert found.weight_bytes == 64 * 9 and found.output_bytes == depthwise.outputs
