"""What cannot be mapped is refused by name; what the user decided is kept."""

import pytest
import yaml

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.mapping.pins import load_pins, pins_of, save_pins
from accelsim.mapping.candidates import Pin
from networks import chain, chip


def refusal(graph, described, kind=AccelsimError, pins=None) -> str:
    with pytest.raises(kind) as caught:
        map_graph(graph, described, pins)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_an_operator_that_only_the_host_does_runs_there_and_the_layer_says_why():
    mapped = map_graph(load_graph("mobilenet_v2"), chip())
    on_host = [layer for layer in mapped.layers if layer.unit == "cpu"]
    assert on_host and all("npu: a systolic array does no" in layer.why for layer in on_host if not layer.is_view)


def test_without_a_host_the_refusal_names_operator_node_and_chip():
    message = refusal(load_graph("mobilenet_v2"), chip("systolic_npu", "host=null", "units.cpu=null", "start.cold_cycles=0", "start.warm_cycles=0"), UnsupportedError)
    assert "mobilenet_v2: node '" in message and "no unit of 'systolic_npu' does " in message and "no host to fall back to" in message


def test_constants_above_every_capacity_are_refused_and_the_largest_is_named():
    message = refusal(chain([8, 64, 8, 8]), chip("systolic_npu", "memories.dram.capacity=8 KiB"))
    assert "constants do not fit (dram 8.192 kB)" in message and "'w1' with 4608 bytes" in message and "need 9792 bytes in all" in message


def test_activations_above_every_capacity_are_refused_and_the_largest_is_named():
    message = refusal(chain([1, 64, 64], size=64), chip("systolic_npu", "memories.dram.capacity=100 KiB", "memories.scratchpad.capacity=80 KiB"))
    assert "activations do not fit" in message and "with 262144 bytes" in message and "'x1'" in message


def test_a_working_memory_that_holds_not_even_a_piece_is_refused_with_the_layers_name():
    message = refusal(chain([64, 64]), chip("systolic_npu", "memories.scratchpad.capacity=16 B"))
    assert "layer 'layer1' on systolic_npu" in message and "scratchpad" in message


def test_memories_without_a_link_between_them_are_refused_with_both_names():
    message = refusal(chain([8, 8]), chip("systolic_npu", "links.dma.sources=[scratchpad]"))
    assert "no link leads from 'dram' to 'scratchpad'" in message


@pytest.mark.parametrize("pin", [Pin("filters_outer", 16), Pin("rows_outer", 2), Pin("filters_outer", 64)])
def test_a_pinned_layer_is_done_as_pinned(pin):
    choice = map_graph(chain([16, 64, 16], size=16), chip(), {"layer1": pin}).choices[0]
    size = 64 if pin.order == "filters_outer" else 16
    assert (choice.order, choice.groups) == (pin.order, -(-size // pin.tile))


def test_a_saved_mapping_comes_back_as_the_same_mapping(tmp_path):
    graph, described = load_graph("mobilenet_v2"), chip()
    mapped = map_graph(graph, described)
    save_pins(mapped, tmp_path / "map.yaml")
    again = map_graph(graph, described, load_pins(tmp_path / "map.yaml"))
    assert pins_of(again) == pins_of(mapped)
    assert [c.cost.cycles for c in again.choices] == [c.cost.cycles for c in mapped.choices]


def test_an_edited_mapping_is_kept_to(tmp_path):
    graph = chain([16, 64, 16], size=16)
    path = tmp_path / "map.yaml"
    save_pins(map_graph(graph, chip()), path)
    content = yaml.safe_load(path.read_text())
    content["layers"]["layer1"] = {"order": "rows_outer", "tile": 4}
    path.write_text(yaml.safe_dump(content))
    assert map_graph(graph, chip(), load_pins(path)).choices[0].groups == 4


@pytest.mark.parametrize(
    "text, says",
    [
        ("layers: 3", "layers: is missing"),
        ("layers: {a: {order: sideways}}", "layers.a.order: 'sideways' is not one of whole, filters_outer, rows_outer"),
        ("layers: {a: {order: whole, tile: 0}}", "layers.a.tile: '0' is not at least 1"),
        ("layers: {a: {ordre: whole}}", "layers.a.ordre: is not a known key (and 1 more) (did you mean 'order'?)"),
        ("layers: {a: 3}", "layers.a: '3' is not a mapping"),
    ],
)
def test_a_broken_mapping_file_gives_one_line(tmp_path, text, says):
    path = tmp_path / "map.yaml"
    path.write_text(text)
    with pytest.raises(AccelsimError) as caught:
        load_pins(path)
    assert says in str(caught.value) and str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_pin_for_a_layer_that_is_not_there_is_refused():
    assert "layer9" in refusal(chain([16, 16]), chip(), pins={"layer9": Pin("whole", 1)})


def test_more_working_memory_never_makes_the_predicted_layer_slower():
    graph = chain([32, 96, 96, 32], size=24)
    seconds = [sum(c.seconds for c in map_graph(graph, chip("systolic_npu", f"memories.scratchpad.capacity={kib} KiB", "placement.activations=[dram]")).choices) for kib in (32, 64, 128, 512)]
    assert seconds == sorted(seconds, reverse=True)
