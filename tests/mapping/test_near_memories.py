"""A tensor lies only where all who make and read it reach: a DLA's own SRAM holds what the DLA hands to itself."""

import numpy as np
import pytest

from accelsim.engine import compiled, event
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.mapping.together import as_seen_with
from networks import chain, chip

XAVIER = "jetson_agx_xavier"


def on(*units: str, graph=None, overrides: tuple[str, ...] = ()):
    return map_graph(graph or chain([8, 8, 8, 8]), as_seen_with(chip(XAVIER, *overrides), units))


@pytest.mark.parametrize("dla", ["dla0", "dla1"])
def test_between_layers_of_one_dla_a_tensor_lies_in_its_sram(dla):
    homes = on(dla).homes
    assert {name: homes.memory[name] for name in ("x0", "x1", "x2", "x3")} == {"x0": "dram", "x1": f"sram{dla[-1]}", "x2": f"sram{dla[-1]}", "x3": "dram"}


def test_a_gpu_is_near_to_no_dlas_sram():
    assert set(on("gpu").homes.peak) == {"dram"}


def test_what_another_unit_reads_lies_where_it_reaches():
    graph = load_graph("digits_cnn")
    mapping = on("dla0", graph=graph)
    users = {}
    for layer in mapping.layers:
        for tensor in (*layer.inputs, *layer.outputs):
            users.setdefault(tensor.name, set()).add(layer.unit)
    shared = [name for name, units in users.items() if units == {"dla0", "cpu"}]
    assert shared and all(mapping.homes.memory[name] == "dram" for name in shared)
    assert "sram0" in {mapping.homes.memory[name] for name, units in users.items() if units == {"dla0"}}


def test_what_does_not_fit_lies_in_dram():
    homes = on("dla0", overrides=("memories.sram0.capacity=512 B",)).homes
    assert homes.memory["x1"] == "sram0" and homes.memory["x2"] == "dram"  # both live at once, and each takes 512 B


def test_what_lies_in_the_sram_does_not_pass_through_dram():
    small, none = (on("dla0", overrides=(f"memories.sram0.capacity={size}",)).plan() for size in ("1 MiB", "16 B"))
    moved = [plan.amount[plan.resource == next(i for i, r in enumerate(plan.resources) if r.name == "dram")].sum() for plan in (small, none)]
    assert moved[1] - moved[0] == 2 * 2 * 8 * 8 * 8  # two tensors, written and read


def test_both_engines_agree_on_two_memories_of_a_dla():
    plan = on("dla0", graph=load_graph("digits_cnn")).plan(2)
    ours, reference = compiled.simulate(plan), event.simulate(plan)
    assert np.array_equal(ours.start, reference.start) and np.array_equal(ours.finish, reference.finish)
