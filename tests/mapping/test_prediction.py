"""What is predicted of a layer before it is simulated."""

import numpy as np
import pytest

from accelsim.importers import load_graph
from accelsim.kernels.service import QUANTUM
from accelsim.mapping.mapper import Way, map_graph
from accelsim.pipeline import load_chip, simulate
from networks import chain, chip


NEAR = ("compiler.weight_coding=plain", "placement.inputs=null", "placement.outputs=null")
STAGED = "units.npu.memories=[sram]"  # what lies in DRAM is not read where it lies


@pytest.mark.parametrize(("name", "model"), [("ethos_u55_128", "mobilenet_v1_0_25"), ("ethos_u65_256", "mobilenet_v1_0_25"), ("systolic_npu", "digits_cnn")])
def test_a_memory_is_predicted_to_be_busy_as_long_as_its_transfers_in_whole_bursts_take(name, model):
    mapping = map_graph(load_graph(model), load_chip(name))
    plan = mapping.plan()
    for choice in mapping.choices:
        mine = (plan.layer == choice.layer.index) & (plan.resource >= 0)
        taken: dict[str, float] = {}
        for server in np.unique(plan.resource[mine]).tolist():
            burst = plan.resources[server].parameters[QUANTUM]
            amounts = plan.amount[mine & (plan.resource == server)]
            place = plan.resources[server].name.removesuffix(".read").removesuffix(".write")
            taken[place] = taken.get(place, 0.0) + mapping.routes.seconds(server, float((-(-amounts // burst) * burst).sum()))
        for place, seconds in taken.items():
            assert choice.bound[place] == pytest.approx(seconds, rel=0.1, abs=2e-7)


def test_the_first_layer_waits_for_its_first_constants_and_fewer_filters_arrive_sooner():
    graph = chain([64, 256], 8)
    first = map_graph(graph, chip("ethos_u65_256", *NEAR, STAGED)).choices[0]
    assert first.groups > 1


def test_without_patience_for_it_the_whole_comes_first():
    graph = chain([64, 256], 8)
    first = map_graph(graph, chip("ethos_u65_256", *NEAR, STAGED), None, Way(patience=0.0)).choices[0]
    assert first.groups == 1


def test_a_long_latency_makes_pieces_fewer_or_the_layer_slower():
    graph = chain([64, 256], 8)
    near, far = (map_graph(graph, chip("ethos_u65_256", f"memories.dram.read_latency={ns} ns")) for ns in (0, 5000))
    assert far.choices[0].seconds > near.choices[0].seconds + 5e-6
    assert simulate(far.plan()).finish.max() > simulate(near.plan()).finish.max()
