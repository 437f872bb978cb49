"""Where a caller puts inputs and takes outputs, and what reading them as they lie there costs."""

import pytest

from accelsim.base.errors import AccelsimError
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.pipeline import load_chip
from networks import chain, chip


def first_input(mapping):
    return next(stream for stream in mapping.choices[0].streams if stream.role == "input" and stream.tensor == mapping.graph.inputs[0])


def test_inputs_and_outputs_lie_where_the_caller_has_them_and_all_else_near_the_array():
    mapping = map_graph(chain([8, 16, 16]), chip("ethos_u65_256"))
    assert mapping.homes.memory == {"x0": "dram", "x1": "sram", "x2": "dram", "w1": "dram", "w2": "dram"}


def test_a_chip_that_does_not_say_so_keeps_them_near_the_array():
    mapping = map_graph(chain([8, 16, 16]), chip("ethos_u65_256", "placement.inputs=null", "placement.outputs=null"))
    assert mapping.homes.memory["x0"] == mapping.homes.memory["x2"] == "sram"


def test_an_unknown_memory_for_inputs_is_refused_by_name():
    with pytest.raises(AccelsimError, match=r"placement.inputs: 'drum' is not one of.*did you mean 'dram'"):
        load_chip("ethos_u65_256", ["placement.inputs=drum"])


def test_a_three_channel_input_takes_a_whole_burst_for_every_eight_bytes_that_are_asked_for():
    stream = first_input(map_graph(load_graph("mobilenet_v2"), chip("ethos_u65_256")))
    assert stream.amounts == (stream.payload * 128 // 8,)


def test_an_input_of_many_channels_is_read_in_runs_of_a_step():
    stream = first_input(map_graph(chain([64, 16]), chip("ethos_u65_256", "compiler.weight_coding=plain")))
    assert stream.amounts in ((stream.payload * 128 // 32,), (stream.payload * 128 // 16,))


def test_where_bursts_are_short_nothing_is_wasted():
    stream = first_input(map_graph(load_graph("mobilenet_v2"), chip("ethos_u65_256", "memories.dram.burst=8")))
    assert not stream.amounts_at
