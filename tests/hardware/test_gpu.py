"""The GPU's tiles, waves and launches beside the head."""

import pytest

from accelsim.graph.work import Contraction, Elementwise, Match, Move
from accelsim.hardware.units.gpu import Gpu


def gpu(**rest) -> Gpu:
    """Return two SMs of 64 MAC per cycle, one 64 x 64 tile, nothing but the arithmetic."""
    own = {
        "kind": "gpu", "clock": "1 GHz", "memories": ("dram",), "sms": 2, "cores_per_sm": 64, "core_rates": {"float32": 64.0, "int8": 64.0}, "tiles": [{"m": 64, "n": 64}],
        "k_step": 8, "split_k": 1, "warps_per_block": 4, "blocks_per_sm": 1, "warps_to_fill": 4, "l2": "1 MiB", "l2_bytes_per_cycle": 1e6, "launch_time": "0 s",
    }  # fmt: skip
    return Gpu.model_validate(own | rest)


def product(m: int, k: int, n: int, kind: str = "int8") -> Contraction:
    return Contraction(out_h=m, in_h=m, channels=k, filters=n, input_type=kind, weight_type=kind, output_type=kind)


def test_two_tiles_on_two_sms_take_one_wave():
    assert gpu().cost(product(128, 8, 64)).cycles == 64 * 64 * 8 // 64


def test_a_third_tile_costs_a_second_wave():
    assert gpu().cost(product(192, 8, 64)).cycles == 2 * gpu().cost(product(128, 8, 64)).cycles


def test_one_row_too_many_costs_a_tile():
    assert gpu().cost(product(129, 8, 64)).cycles == gpu().cost(product(192, 8, 64)).cycles


def test_a_reduction_is_padded_to_its_step():
    assert gpu().cost(product(64, 9, 64)).cycles == gpu().cost(product(64, 16, 64)).cycles


def test_one_block_where_two_would_fill_an_sm_runs_at_half_its_rate():
    assert gpu(warps_to_fill=8, blocks_per_sm=2).cost(product(64, 8, 64)).cycles == 2 * gpu().cost(product(64, 8, 64)).cycles


def test_a_launch_is_paid_once_per_kernel():
    plain, launched = gpu().cost(product(64, 8, 64)).cycles, gpu(launch_time="5 us").cost(product(64, 8, 64)).cycles
    assert launched - plain == 5000


def test_a_single_tile_of_long_reduction_is_cut_over_the_sms():
    whole, cut = gpu().cost(product(64, 4096, 64)).cycles, gpu(split_k=2).cost(product(64, 4096, 64)).cycles
    assert whole / 2 <= cut < whole * 0.51


def test_a_slow_cache_bounds_the_kernel():
    slow = gpu(l2_bytes_per_cycle=1.0).cost(product(64, 8, 64)).cycles
    assert slow == 8 * (64 + 64)


def test_tensor_cores_take_products_but_not_depthwise_ones():
    unit = gpu(tensor_rates={"int8": 1024.0})
    assert unit.cost(product(64, 1024, 64)).cycles == gpu().cost(product(64, 1024, 64)).cycles / 16
    depthwise = Contraction(group=64, out_h=8, out_w=8, in_h=10, in_w=10, filter_h=3, filter_w=3)
    assert unit.cost(depthwise).cycles == gpu().cost(depthwise).cycles == 64 * 64 * 9 // 128


def test_half_the_kernel_efficiency_is_twice_the_time():
    assert gpu(kernel_efficiency=0.5).cost(product(64, 8, 64)).cycles == 2 * gpu().cost(product(64, 8, 64)).cycles


def test_a_type_that_is_computed_in_another_moves_that_ones_bytes():
    unit = gpu(core_rates={"float16": 128.0}, computes_as={"float32": "float16"})
    cost = unit.cost(product(64, 8, 64, "float32"))
    assert (cost.cycles, cost.activation_bytes, cost.output_bytes) == (64 * 64 * 8 // 128, 64 * 8 * 2, 64 * 64 * 2)


def test_operands_beyond_the_cache_are_fetched_for_every_row_of_tiles():
    fits, too_small = gpu().cost(product(128, 64, 128)), gpu(l2="4 KiB").cost(product(128, 64, 128))
    assert too_small.activation_bytes == 2 * fits.activation_bytes


def test_a_view_costs_nothing_and_an_addition_its_elements():
    assert gpu(launch_time="5 us").cost(Move(pattern="view", elements=100)).cycles == 0
    assert gpu(instructions_per_element=2.0).cost(Elementwise(operation="add", elements=1280, operands=2)).cycles == 20


@pytest.mark.parametrize(("work", "why"), [(product(1, 1, 1, "int16"), "float32, int8, not int16"), (Match(runs=(), neurons=1), "Match")])
def test_what_no_core_does_is_refused_by_name(work, why):
    assert why in gpu().refuses(work)
