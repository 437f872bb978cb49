"""A data set on a described chip: what stands in the result, and does it add up?"""

import json

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.hardware.chip_files import load_chip_file
from accelsim.studies.rbf import Training
from accelsim.studies.rbf_run import Recognitions, run_data_set


@pytest.fixture(scope="module")
def result():
    return run_data_set("nm500", "iris")


def test_what_it_learned_and_answered_is_in_the_result(result):
    rbf = result.rbf
    assert result.accuracy["top1"] == rbf["accuracy"] and result.accuracy["items"] == rbf["tested"] == 50
    assert (rbf["neurons"], rbf["trained"], rbf["components"]) == (576, 100, 4) and 3 <= rbf["neurons_committed"] < 100
    assert sum(row["share"] for row in rbf["outcomes"].values()) == pytest.approx(1)
    assert rbf["outcomes"]["unknown"]["share"] == rbf["unknown"]


def test_each_outcome_takes_the_manuals_cycles(result):  # NM p. 11 for four components: 3 + 3 + 18 + 3 or 19; 3 + 3 + 1 where nothing fires
    assert {name: row["cycles"] for name, row in result.rbf["outcomes"].items()} == {"identified": 27, "uncertain": 43, "unknown": 7}


def test_a_recognition_is_its_bytes_on_the_link_and_its_cycles_on_the_chip(result):  # NS p. 14-17: 4 us a byte
    row = result.rbf["recognition"]
    assert row["latency_s"] == result.latency_s == pytest.approx(row["link_bytes"] * 4e-6 + row["latency_without_link_s"], abs=1 / 35e6)
    assert row["latency_without_link_s"] == pytest.approx(row["cycles"] / 35e6, abs=1 / 35e6)
    assert row["per_second_without_link"] > 100 * row["per_second"] == pytest.approx(100 / row["latency_s"])


def test_a_cold_chip_first_restores_its_knowledge(result):
    restore = result.rbf["restore"]
    assert restore["cycles"] == 4 + 260 * result.rbf["neurons_committed"]
    assert result.first_latency_s == pytest.approx(restore["latency_s"] + result.latency_s, rel=0.02)


def test_energy_is_the_sum_of_its_parts_and_power_integrates_to_it(result):
    assert sum(result.energy_by_component.values()) == pytest.approx(result.energy_j["total"])
    assert result.energy_j["dynamic"] + result.energy_j["static"] == pytest.approx(result.energy_j["total"])
    assert result.average_power_w * result.latency_s == pytest.approx(result.energy_j["total"])
    assert result.energy_by_component["static"] == pytest.approx(result.energy_j["static"])
    assert result.rbf["recognition"]["energy_without_link_j"]["total"] < result.energy_j["total"]


def test_its_json_has_the_keys_of_a_network_and_its_own_block(result):
    network = {"latency_s", "first_latency_s", "latency_p50_s", "throughput_per_s", "units", "energy_j", "accuracy", "memories", "layers", "outputs", "grade", "fidelity"}
    assert network <= set(result.to_dict()) and result.to_dict()["rbf"]["learning"]["operations"] == 100
    json.dumps(result.to_dict(), allow_nan=False)


def test_both_engines_and_two_runs_give_the_same_result(result):
    for again in (run_data_set("nm500", "iris"), run_data_set("nm500", "iris", engine="event")):
        assert again.to_dict() | {"engine": ""} == result.to_dict() | {"engine": ""}


def test_a_chain_of_four_answers_the_same_and_clocks_slower(result):
    chain = run_data_set(load_chip_file("nm500", ["units.rbf.chips=4"]), "iris")
    assert (chain.outputs, chain.rbf["neurons"]) == (result.outputs, 4 * 576)
    assert chain.rbf["recognition"]["latency_without_link_s"] == pytest.approx(35 / 18 * result.rbf["recognition"]["latency_without_link_s"], rel=1e-3)


def test_at_a_slow_rate_nobody_waits_and_at_a_fast_one_the_queue_grows(result):
    slow, fast = (run_data_set("nm500", "iris", recognitions=Recognitions(frames=60, rate=rate)) for rate in (1000, 100_000))
    assert slow.latency_p99_s < 2 * result.latency_s < fast.latency_p99_s
    assert slow.throughput_per_s == pytest.approx(1000, rel=0.02) and slow.request.frames == 60


def test_k_answers_are_read_and_counted(result):
    two = run_data_set("nm500", "iris", Training(k=2, mode="knn"))
    assert two.rbf["recognition"]["cycles"] == pytest.approx(3 + 3 + 2 * 37 - two.rbf["outcomes"]["identified"]["share"] * 32)
    assert two.rbf["unknown"] == 0


def test_the_chips_rules_reach_the_device(tmp_path):
    small = ["units.rbf.neurons=6"]
    kept, still = (run_data_set(load_chip_file("nm500", [*small, f"units.rbf.rules.full_chain_shrinks={value}"]), "iris") for value in ("true", "false"))
    assert kept.outputs != still.outputs and "the chain is full" in " ".join(kept.notes)


def test_a_users_csv_runs(tmp_path):
    rng = np.random.default_rng(0)
    lines = ["a,b,label", *(f"{rng.integers(0, 9) + 50 * (i % 2)},{rng.integers(0, 9)},{'even odd'.split()[i % 2]}" for i in range(60))]
    (tmp_path / "own.csv").write_text("\n".join(lines))
    found = run_data_set("nm500", str(tmp_path / "own.csv"))
    assert (found.rbf["trained"], found.rbf["tested"]) == (40, 20) and found.accuracy["top1"] > 0.8


@pytest.mark.parametrize(
    ("chip", "training", "says"),
    [
        ("ethos_u55_128", Training(), "learns no vectors"),
        ("nm500", Training(k=0), "--k: 0 is not within"),
        ("nm500", Training(passes=0), "--passes"),
        ("nm500", Training(minimum_influence=70_000), "--minif"),
        ("nm500", Training(mode="rfb"), "did you mean 'rbf'?"),
    ],
)
def test_a_wrong_wish_is_refused(chip, training, says):
    with pytest.raises(AccelsimError) as caught:
        run_data_set(chip, "iris", training)
    assert says in str(caught.value)
