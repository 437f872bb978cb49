"""The dot-product array where the code that runs it leaves cycles idle."""

import pytest

from accelsim.base.errors import AccelsimError
from accelsim.graph.work import Contraction, Reduce
from accelsim.hardware.units.dot_product_array import DotProductArray
from accelsim.pipeline import load_chip

RATES = {"sums": 1e6, "add": 1.0, "multiply": 1.0, "max_window": 1.0, "lookup": 1.0}
LEAST = {"blocks": "fewest_fetches"}
WORK = Contraction(out_h=4, out_w=4, filters=8, channels=16, in_h=4, in_w=4)


def array(**rest) -> DotProductArray:
    plain = {"kind": "dot_product_array", "clock": 1e9, "memories": ("sram",), "unit_block": {"h": 1, "w": 1, "c": 4}, "dot_channels": 8, "block_limit": {"h": 4, "w": 4, "c": 8}}
    return DotProductArray(**(plain | {"buffer": {"banks": 8, "bank_bytes": 4096}, "output": RATES} | rest))


def test_code_that_issues_every_other_cycle_takes_twice_as_long():
    assert array().cost(WORK).cycles == pytest.approx(16 * 8 * 16 / 32, abs=1)
    assert array(kernel_efficiency=0.5).cost(WORK).cycles == pytest.approx(2 * array().cost(WORK).cycles, abs=1)


@pytest.mark.parametrize("share", ["0.0", "1.5"])
def test_a_share_beyond_none_or_all_is_refused(share):
    with pytest.raises(AccelsimError, match="units.core2.kernel_efficiency"):
        load_chip("syntiant_ndp120", [f"units.core2.kernel_efficiency={share}"])


def test_a_block_at_the_edge_counts_as_the_unit_blocks_of_it_that_lie_inside_where_a_chip_skips_the_rest():
    tall = Contraction(out_h=5, out_w=4, filters=8, channels=16, in_h=5, in_w=4)
    block, tail = 4 * 4 * 2 * 2, 4 * 4 * 2 * 2 / 4  # the last one leaves no faster than its chain over the four under way
    assert array(**LEAST).cost(tall).cycles == pytest.approx(2 * block + tail, abs=1)
    assert array(**LEAST, skips_outside=True).cost(tall).cycles == pytest.approx(5 / 4 * block + tail, abs=1)


def test_the_block_of_fewest_fetches_reads_no_more_and_is_no_faster_than_the_fastest():
    slow_output = {"output": RATES | {"sums": 1.0}}
    wide = Contraction(out_h=4, out_w=4, filters=64, channels=16, in_h=4, in_w=4)
    least, fastest = (array(block_limit={"h": 4, "w": 4, "c": 64}, block_channel_step=8, blocks=blocks, **slow_output).cost(wide) for blocks in ("fewest_fetches", "fastest"))
    assert least.activation_bytes < fastest.activation_bytes
    assert least.cycles > fastest.cycles


def test_a_filter_above_the_limit_reads_its_input_once_a_pass():
    high, low = (Contraction(out_h=1, out_w=1, filters=8, channels=16, filter_h=h, filter_w=8, in_h=h, in_w=8) for h in (16, 8))
    assert array(**LEAST).cost(high).activation_bytes == 2 * array(**LEAST).cost(low).activation_bytes
    # The second pass of a window that moves reads rows that the first has read.
    moving = Contraction(out_h=4, out_w=1, filters=8, channels=16, filter_h=16, filter_w=8, in_h=19, in_w=8)
    assert array(**LEAST).cost(moving).activation_bytes == 2 * (4 + 8 - 1) * 8 * 16


def test_groups_that_follow_each_other_take_as_long_as_the_whole_layer():
    unit = array(**LEAST, groups_follow=True, output=RATES | {"sums": 1.0})
    half, whole = (unit.cost(Contraction(out_h=4, out_w=4, filters=filters, channels=16, in_h=4, in_w=4)) for filters in (8, 16))
    assert half.tail_cycles > 0
    assert 2 * half.cycles - half.tail_cycles == whole.cycles
    assert array().cost(WORK).tail_cycles == 0


def test_the_ways_of_the_first_and_the_last_block_are_told_apart_from_the_cycles():
    near, far = (array(**LEAST, fetch_latency=latency, port_bytes_per_cycle=8.0).cost(WORK) for latency in (0, 100))
    assert far.cycles == near.cycles
    assert far.edge_cycles == near.edge_cycles + 200
    assert near.edge_cycles == (4 * 4 * 8 + 4 * 4 * 8) / 8  # a block takes in eight channels at a time


def test_softmax_is_done_where_its_passes_are_stated_and_a_maximum_of_something_else_is_not():
    pieces = (Reduce(operation="max", elements=1000, results=1, step_of="softmax"), Reduce(operation="sum", elements=1000, results=1, element_type="float32", step_of="softmax"))
    unit = array(softmax={"reciprocal": 20})
    assert all(array().refuses(piece) for piece in pieces[:1]) and not any(unit.refuses(piece) for piece in pieces)
    assert unit.refuses(Reduce(operation="max", elements=1000, results=1))
    assert unit.cost(pieces[0]).cycles == 1000
    assert unit.cost(pieces[1]).cycles == 1000 + 20


def test_cores_that_share_out_channels_leave_lanes_idle_where_there_are_few():
    few, many = (Contraction(out_h=4, out_w=4, filters=filters, channels=16, in_h=4, in_w=4) for filters in (4, 8))
    dealt = array(**LEAST, cores=2, deals_channels=True, skips_outside=True)
    assert dealt.cost(few).cycles == dealt.cost(many).cycles
    assert array(**LEAST, cores=2).cost(few).cycles < dealt.cost(few).cycles
