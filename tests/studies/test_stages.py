"""One network in stages: are latency and pace those of the simulation, and is it said truly?"""

import json

import pytest
from click.testing import CliRunner

from accelsim import stages
from accelsim.base.errors import AccelsimError
from accelsim.cli import main
from accelsim.pipeline import Options, load_chip, run
from accelsim.results.result import Request

XAVIER = "jetson_agx_xavier"


@pytest.fixture(scope="module")
def found():
    return stages(XAVIER, "mobilenet_v2", "gpu:dla0", frames=8)


def test_in_one_stage_it_takes_what_a_run_takes():
    only = stages(XAVIER, "mobilenet_v2", "gpu", frames=8)
    plain = run(XAVIER, "mobilenet_v2", options=Options(execute=False))
    assert only.latency_s == plain.latency_s and only.stages[0].hands_over == 0
    assert only.throughput_per_s == only.stages[0].alone_per_s == only.whole[0].throughput_per_s
    many = run(XAVIER, "mobilenet_v2", Request(frames=12), Options(execute=False))
    assert only.throughput_per_s == pytest.approx(many.throughput_per_s, rel=1e-2)
    static = load_chip(XAVIER).static_power / only.throughput_per_s
    assert only.energy_j == pytest.approx(plain.energy_j["total"] - plain.energy_j["static"] + static, rel=1e-9)


def test_the_pace_is_at_most_that_of_the_slowest_stage_and_the_first_latency_that_of_all(found):
    assert found.throughput_per_s <= min(one.alone_per_s for one in found.stages) * 1.01  # sixteen or so inferences do not begin and end in one state
    assert found.latency_s == pytest.approx(sum(one.latency_s for one in found.stages), rel=1e-3)
    assert found.latency_s <= found.latency_p50_s <= found.latency_p99_s


@pytest.mark.parametrize("model", ["digits_cnn", "mobilenet_v2"])
def test_two_units_of_a_kind_are_at_most_twice_as_fast_as_one(model):
    two = stages(XAVIER, model, "dla0:dla1", frames=8)
    assert two.throughput_per_s <= sum(one.throughput_per_s for one in two.whole) * 1.01
    if model == "mobilenet_v2":  # the host's two calls take longer than all of the small network
        assert two.throughput_per_s > 1.2 * two.whole[0].throughput_per_s


def test_a_stated_cut_is_the_one_that_is_taken_and_the_chosen_one_stated_again_is_the_same(found):
    again = stages(XAVIER, "mobilenet_v2", "gpu:dla0", [found.stages[1].begins_with], frames=8)
    assert again.predicted_per_s is None
    assert (again.throughput_per_s, again.latency_s, again.stages) == (found.throughput_per_s, found.latency_s, found.stages)


def test_without_units_it_is_predicted_no_slower_than_with_any(found):
    assert stages(XAVIER, "mobilenet_v2", frames=2).predicted_per_s >= found.predicted_per_s


def test_units_that_cannot_take_the_whole_network_are_said_to():
    divided = stages("jetson_agx_xavier", "digits_cnn", "gpu:dla0", frames=2)
    assert all(one.throughput_per_s is not None for one in divided.whole)
    hostless = load_chip("jetson_agx_xavier", ["host=null"])  # no DLA does a softmax
    assert [one.latency_s is None for one in stages(hostless, "digits_cnn", "dla0:gpu", frames=2).whole] == [True, False]


def test_zeros_that_are_executed_count():
    executed, assumed = (stages("exynos_2100", "digits_cnn", "npu", frames=2, execute=execute).energy_j for execute in (True, False))
    assert executed < assumed


def test_a_batch_counts_its_inputs():
    four = stages(XAVIER, "digits_cnn", "gpu:dla0", batch=4, frames=4)
    assert four.throughput_per_s > stages(XAVIER, "digits_cnn", "gpu:dla0", frames=4).throughput_per_s


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((XAVIER, "digits_cnn", "gpu:"), "is not UNIT"),
        ((XAVIER, "digits_cnn", "gpu:dla2"), "'dla2' is not one of gpu, dla0, dla1, cpu"),
        ((XAVIER, "digits_cnn", "", ["conv2d_2"]), "--cut: says where"),
        (("loihi", "digits_cnn"), "as a graph of layers"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(words, told):
    with pytest.raises(AccelsimError, match=told) as caught:
        stages(*words)
    assert "\n" not in str(caught.value)


def test_the_command_prints_and_writes(tmp_path):
    path = tmp_path / "s.json"
    done = CliRunner().invoke(main, ["stages", XAVIER, "digits_cnn", "--pipeline", "gpu:dla0", "--frames", "2", "--json", str(path)])
    assert done.exit_code == 0, done.output
    assert "in the steady state" in done.output and "undivided" in done.output
    told = json.loads(path.read_text())
    assert [one["units"] for one in told["stages"]] == [["gpu"], ["dla0"]] and told["stages"][0]["hands_over"] > 0 == told["stages"][1]["hands_over"]
