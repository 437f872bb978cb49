"""Several networks on one chip: what do they do to each other, and is it said truly?"""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from accelsim import Task, together
from accelsim.base.errors import AccelsimError
from accelsim.cli import main
from accelsim.engine import compiled, event
from accelsim.importers import load_graph
from accelsim.mapping.together import map_together, used_by
from accelsim.pipeline import Options, load_chip, run
from accelsim.studies.together import task_of

THREE = ("mobilenet_v2@gpu", "mobilenet_v2@dla0", "squeezenet1_1@dla1")


@pytest.fixture(scope="module")
def found():
    return together("jetson_agx_xavier", THREE, frames=3)


def test_one_network_together_with_nobody_is_the_network_alone():
    only = together("jetson_agx_xavier", ["mobilenet_v2@dla0"], frames=3)
    network = only.networks[0]
    assert network.alone == network.together and network.slow_down == 1.0
    assert only.seconds == only.in_sequence_s and only.energy_j == pytest.approx(only.in_sequence_j)


@pytest.mark.parametrize(("chip", "model"), [("ethos_u65_256", "mobilenet_v2"), ("jetson_agx_xavier", "mobilenet_v2")])
def test_alone_it_takes_what_a_run_takes(chip, model):
    assert together(chip, [model], frames=1).networks[0].latency_s == run(chip, model, options=Options(execute=False)).latency_s


def test_units_of_their_own_and_one_dram_slow_each_other_but_save_time(found):
    chip = found.mapping.chip.file.name
    alone = [together(chip, [task], frames=one.frames).seconds for task, one in zip(THREE, found.networks, strict=True)]
    assert found.in_sequence_s == pytest.approx(sum(alone))
    assert max(alone) <= found.seconds <= sum(alone)
    assert all(one.slow_down > 1.0 for one in found.networks)


def test_at_once_costs_the_same_work_and_less_static_energy(found):
    moving = sum(one.frames * one.dynamic_energy_j for one in found.networks)
    saved = found.in_sequence_j - found.energy_j
    assert saved == pytest.approx(load_chip("jetson_agx_xavier").static_power * (found.in_sequence_s - found.seconds))
    assert found.energy_j > moving


def test_what_each_server_does_for_each_network_adds_up(found):
    assert all(server["busy"] == pytest.approx(sum(server["by"])) and server["busy"] <= 1 + 1e-9 for server in found.servers)
    busy = {server["name"]: server["by"] for server in found.servers}
    assert busy["dla0"][0] == busy["dla0"][2] == busy["gpu"][1] == 0 and all(share > 0 for share in busy["dram"])


def test_every_byte_of_each_plan_is_moved_in_the_joint_plan(found):
    plan = found.trace.plan
    dram = next(i for i, r in enumerate(plan.resources) if r.name == "dram")
    for k, (mapping, one) in enumerate(zip(found.mapping.mappings, found.networks, strict=True)):
        own = mapping.plan(one.frames)
        there = next(i for i, r in enumerate(own.resources) if r.name == "dram")
        assert plan.amount[(plan.resource == dram) & (plan.requester == k)].sum() == own.amount[own.resource == there].sum()


def test_tensors_lie_side_by_side_and_fit(found):
    neighbours = found.mapping
    used = [used_by(mapping) for mapping in neighbours.mappings]
    for name, memory in neighbours.chip.memories.items():
        for k in range(len(used) - 1):
            assert neighbours.bases[k][name] + used[k][name] <= neighbours.bases[k + 1][name]
        assert memory.capacity is None or neighbours.bases[-1][name] + used[-1][name] <= memory.capacity


def test_who_finds_no_room_behind_the_first_gets_an_equal_share():
    chip = load_chip("ethos_u55_256", ["memories.sram.capacity=300 KiB"])
    neighbours = map_together([load_graph("mobilenet_v1_0_25")] * 2, chip, [(), ()])
    assert neighbours.shared_evenly
    assert all(used_by(mapping)["sram"] <= 150 * 1024 for mapping in neighbours.mappings)


@pytest.mark.parametrize("fair", [True, False])
def test_both_engines_make_the_same_trace_of_several_networks(fair):
    chip, graph = load_chip("exynos_2100"), load_graph("mobilenet_v2")
    plan, _ = map_together([graph, graph], chip, [(), ()]).plan((2, 3), (0, 10**9), fair)
    ours, reference = compiled.simulate(plan), event.simulate(plan)
    assert np.array_equal(ours.start, reference.start) and np.array_equal(ours.finish, reference.finish)


def test_in_order_the_first_is_slowed_less_than_in_turns():
    tasks = ["mobilenet_v2@gpu", "mobilenet_v2@gpu"]
    fair, order = (together("jetson_agx_xavier", tasks, frames=4, arbitration=way) for way in ("fair", "order"))
    assert order.networks[0].slow_down < fair.networks[0].slow_down <= order.networks[1].slow_down
    assert fair.networks[0].slow_down == pytest.approx(fair.networks[1].slow_down, rel=0.1)


def test_requests_that_leave_room_keep_their_rate():
    camera = together("jetson_agx_xavier", [Task("mobilenet_v2", ("gpu",), rate=100.0), Task("squeezenet1_1", ("dla0",))], frames=4).networks[0]
    assert camera.together.throughput_per_s == pytest.approx(100, rel=0.05) and camera.slow_down < 2


def test_two_networks_on_a_dram_part_lie_at_their_own_addresses_and_pay_for_their_commands():
    part = "memories.dram={kind: dram, part: lpddr4_3200_x16, capacity: 1 GiB}"
    chip = load_chip("ethos_u65_256", [part])
    found = together(chip, ["mobilenet_v1_0_25", "digits_cnn"], frames=2)
    plan = found.trace.plan
    dram = next(i for i, r in enumerate(plan.resources) if r.name == "dram")
    first, second = (plan.address[(plan.resource == dram) & (plan.requester == k)] for k in (0, 1))
    assert first.max() < second.min()
    assert 0 < found.energy_j < found.in_sequence_j


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("@gpu", "MODEL\\[@UNIT"),
        ("resnet50@gpu+", "MODEL\\[@UNIT"),
        ("resnet50,batsch=2", "did you mean 'batch'"),
        ("resnet50,batch=two", "batch 'two' is not a number"),
    ],
)
def test_a_task_in_another_form_is_one_line(text, told):
    with pytest.raises(AccelsimError, match=told) as caught:
        task_of(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("chip", "tasks", "told"),
    [
        ("jetson_agx_xavier", ["digits_cnn@dla2"], "'dla2' is not one of gpu, dla0, dla1, cpu"),
        ("jetson_agx_xavier", ["digits_cnn,rate=0"], "--rate: 0.0 is not above 0"),
        ("jetson_agx_xavier", [], "names no task"),
        ("loihi", ["digits_cnn"], "only such networks run together"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(chip, tasks, told):
    with pytest.raises(AccelsimError, match=told):
        together(chip, tasks)


def test_the_command_prints_writes_and_draws(tmp_path):
    json_path, figure = tmp_path / "t.json", tmp_path / "t.svg"
    words = ["together", "jetson_agx_xavier", "--task", "digits_cnn@gpu", "--task", "digits_cnn@dla0,rate=1000", "--frames", "2", "--json", str(json_path), "--figure", str(figure)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert "slow-down" in done.output and "one network after the other" in done.output
    told = json.loads(json_path.read_text())
    assert [one["model"] for one in told["networks"]] == ["digits_cnn"] * 2 and told["networks"][1]["rate"] == 1000
    assert figure.read_text().count("digits_cnn") == 2
