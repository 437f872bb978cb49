"""The bit-serial array beside the stages of NE16's public cost model, counted by hand."""

import pytest

from accelsim.graph.work import Contraction, Elementwise
from accelsim.hardware.units.bit_serial_array import BitSerialArray


def ne16(**rest) -> BitSerialArray:
    return BitSerialArray(**{"kind": "bit_serial_array", "clock": 240e6, "memories": ("l1",), "tile": {"h": 3, "w": 3, "c": 32}, "channels": 16} | rest)


def layer(**rest) -> Contraction:
    return Contraction(**{"out_h": 3, "out_w": 3, "filters": 32, "channels": 16, "filter_h": 3, "filter_w": 3, "in_h": 5, "in_w": 5, "has_bias": True} | rest)


SCALE, BIAS, WRITE = 9 + 32, 8 + 4, 4 + 9


def test_a_step_of_three_by_three_loads_twenty_five_pixels_and_streams_every_bit():
    assert ne16().cost(layer()).cycles == (6 + 25) + 6 + (6 + 32 * 8) + 2 + SCALE + BIAS + WRITE


def test_fewer_bits_stream_faster():
    assert ne16(weight_bits=5).cost(layer()).cycles == ne16().cost(layer()).cycles - 32 * 3


def test_a_filter_of_one_by_one_takes_its_bits_at_once():
    work = layer(filter_h=1, filter_w=1, in_h=3, in_w=3)
    assert ne16().cost(work).cycles == (10 + 9) + 6 + (6 + 32) + 2 + SCALE + BIAS + WRITE
    assert ne16(weight_bits=2).cost(work).cycles == ne16().cost(work).cycles


def test_more_input_channels_are_more_steps_before_one_scaling():
    step = 31 + 6 + (6 + 256) + 2
    assert ne16().cost(layer(channels=64)).cycles - ne16().cost(layer()).cycles == 3 * step


def test_a_depthwise_layer_goes_sixteen_channels_at_a_time():
    work = layer(group=16, filters=1, channels=1)
    assert ne16().cost(work).cycles == 31 + (6 + 16) + (6 + 16 * 8) + 2 + (9 + 16) + (8 + 2) + WRITE
    assert ne16().cost(layer(group=32, filters=1, channels=1)).cycles == 2 * ne16().cost(work).cycles


def test_with_stride_two_a_tile_keeps_two_by_two_outputs():
    plain, strided = layer(out_h=6, out_w=6, in_h=8, in_w=8), layer(out_h=6, out_w=6, in_h=13, in_w=13, stride_h=2, stride_w=2)
    assert ne16().cost(strided).cycles * 4 == ne16().cost(plain).cycles * 9


def test_a_product_is_as_many_additions_as_its_weight_has_bits():
    assert dict(ne16(weight_bits=6).cost(layer()).actions)["add_int32"] == 6 * layer().macs


def test_its_peak_is_that_of_a_step_that_only_streams():
    assert ne16().peak_macs_per_cycle == 9 * 9 * 16 / 8


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (layer(filter_h=5, filter_w=5), "3 x 3 and 1 x 1 filters, not 5 x 5"), (layer(dilation_h=2), "dilation 2"), (layer(group=2), "one group"),
        (layer(input_type="int16"), "not int16"), (Elementwise(operation="add", elements=4), "no Elementwise"),
    ],
)  # fmt: skip
def test_it_says_what_it_does_not_do(work, reason):
    assert reason in ne16().refuses(work)
