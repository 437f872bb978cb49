"""The GPU's tiles, waves and launches beside the head."""

import pytest

from accelsim.graph.work import Contraction, Elementwise, Fused, Match, Move, Select
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


def test_a_kernel_shorter_than_its_issue_waits_for_the_host():
    unit = gpu(issue_time="100 us", launch_time="2 us")
    assert unit.cost(product(64, 8, 64)).cycles == 100_000
    assert unit.cost(product(64, 65536, 64)).cycles == 2000 + 64 * 64 * 65536 // 64


def test_no_operand_moves_before_the_launch_is_over():
    assert gpu(launch_time="5 us").cost(product(64, 8, 64)).setup_cycles == 5000


def test_three_channels_fill_a_register_but_not_a_tensor_cores_layout():
    image = Contraction(out_h=64, in_h=64, channels=3, filters=64)
    both = gpu(tensor_rates={"int8": 128.0}, tensor_channels={"int8": 32}, k_step=4)
    assert both.cost(image).cycles == 64 * 64 * 4 // 64  # 32 channels at twice the rate would take four times as long
    full = Contraction(out_h=64, in_h=64, channels=32, filters=64)
    assert both.cost(full).cycles == 64 * 64 * 32 // 128


def test_registers_limit_how_many_tiles_an_sm_holds():
    two, one = (gpu(blocks_per_sm=2, warps_to_fill=8, accumulators=size).cost(product(256, 8, 64)).cycles for size in ("32 KiB", "16 KiB"))
    assert one == 2 * two  # a block alone has half of the warps that hide an SM's latencies


def test_depthwise_layers_on_tiles_compute_a_whole_tile_of_filters_for_each_channel():
    depthwise = Contraction(group=64, out_h=8, out_w=8, in_h=10, in_w=10, filter_h=3, filter_w=3)
    tiled = gpu(grouped="tiled").cost(depthwise)
    assert tiled.cycles == 64 // 2 * (64 * 64 * 40) // 64  # nine taps in registers of four channels, padded to the step of eight


def test_grouped_kernels_may_know_another_type():
    depthwise = Contraction(group=64, out_h=8, out_w=8, in_h=10, in_w=10, filter_h=3, filter_w=3, input_type="float16", weight_type="float16", output_type="float16")
    unit = gpu(core_rates={"float32": 64.0, "float16": 128.0}, grouped="tiled", grouped_computes_as={"float16": "float32"})
    assert dict(unit.cost(depthwise).actions)["mac_float32"] == depthwise.macs


def test_winograd_kernels_speed_up_3x3_layers_of_stride_one_only():
    def layer(**rest):
        return Contraction(out_h=8, out_w=8, in_h=10, in_w=10, channels=64, filters=64, filter_h=3, filter_w=3, **rest)

    plain, winograd = gpu(), gpu(winograd_gain=1.5)
    assert winograd.cost(layer()).cycles * 3 == plain.cost(layer()).cycles * 2
    assert winograd.cost(layer(stride_h=2, stride_w=2)).cycles == plain.cost(layer(stride_h=2, stride_w=2)).cycles


def test_a_vector_times_a_matrix_fills_no_tile():
    assert gpu().cost(product(1, 64, 128)).cycles == 64 * 128 // 128


def test_what_waits_in_the_cache_does_not_pass_through_memory():
    unit = gpu(l2_keeps=0.5)
    small, large = unit.cost(product(64, 64, 64)), unit.cost(product(64 * 256, 64, 64))
    assert (small.activation_bytes, small.output_bytes) == (0, 0)
    assert (large.activation_bytes, large.output_bytes) == (64 * 256 * 64,) * 2
    assert small.weight_bytes == 64 * 64


def test_kernels_on_the_cuda_cores_have_tiles_of_their_own():
    rates = {"core_rates": {"int8": 64.0, "float32": 64.0}, "tensor_rates": {"int8": 64.0}}
    plain, own = gpu(**rates), gpu(**rates, core_tiles=[{"m": 64, "n": 32}])
    assert own.cost(product(64, 64, 64, "float32")).cycles * 2 == plain.cost(product(64, 64, 64, "float32")).cycles  # two tiles on two SMs
    assert own.cost(product(64, 64, 64)).cycles * 2 == plain.cost(product(64, 64, 64)).cycles  # the faster of both kinds of cores is taken
    tensor = gpu(core_rates={"float32": 64.0}, tensor_rates={"int8": 64.0}, core_tiles=[{"m": 64, "n": 32}])
    assert tensor.cost(product(64, 64, 64)).cycles == plain.cost(product(64, 64, 64)).cycles


def test_products_in_one_kernel_are_computed_one_after_the_other_in_one_launch():
    unit = gpu(launch_time="5 us")
    first, second = product(64, 64, 128), product(64, 128, 64)
    one, two, both = unit.cost(first), unit.cost(second), unit.cost(Fused(inner=(first, second, Elementwise(operation="add", elements=100))))
    assert both.cycles == one.cycles + two.cycles - 5000 and both.setup_cycles == 5000
    assert (both.activation_bytes, both.weight_bytes, both.output_bytes) == (one.activation_bytes, one.weight_bytes + two.weight_bytes, two.output_bytes)
    assert dict(both.actions)["mac_int8"] == first.macs + second.macs == both.issued_macs and dict(both.actions)["add_int32"] == 100


@pytest.mark.parametrize(("inner", "why"), [(Contraction(group=8), "grouped products"), (Select(operation="nms", elements=1, results=1), "no fused kernel does Select"), (product(1, 1, 1, "int16"), "not int16")])
def test_a_kernel_of_several_nodes_has_plain_products_and_elementwise_work_only(inner, why):
    assert why in gpu().refuses(Fused(inner=(product(64, 64, 64), inner)))


def test_suppression_is_a_round_for_every_box_that_stays():
    one, two = (gpu(instructions_per_element=1.0).cost(Select(operation="nms", elements=640, results=n)).cycles for n in (1, 2))
    assert (one, two) == (10, 20)


@pytest.mark.parametrize(("work", "why"), [(product(1, 1, 1, "int16"), "float32, int8, not int16"), (Match(runs=(), neurons=1), "Match")])
def test_what_no_core_does_is_refused_by_name(work, why):
    assert why in gpu().refuses(work)
