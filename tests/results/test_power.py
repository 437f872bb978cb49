"""Does power over time hold every joule, and does each component draw while it works?"""

import numpy as np
import pytest

from accelsim.pipeline import Options, load_chip, run
from accelsim.results.power import power_over_time, spread
from accelsim.results.result import Request

NO_ARITHMETIC = Options(execute=False)


@pytest.mark.parametrize("request_", [Request(), Request(frames=3), Request(frames=2, rate=2000.0), Request(frames=2, state="cold")], ids=str)
@pytest.mark.parametrize("chip", ["ethos_u55_128", "systolic_npu"])
def test_power_integrates_to_the_energy(chip, request_):
    result = run(chip, "digits_cnn", request_, NO_ARITHMETIC)
    power = power_over_time(result)
    seconds = np.diff(power.edges)
    dynamic = sum((watts * seconds).sum() for name, watts in power.watts.items() if name != "static")
    assert dynamic == pytest.approx(result.energy_j["dynamic"] * request_.frames, rel=1e-9)
    assert power.watts["static"] == pytest.approx(result.energy_j["static"] / result.latency_s)


def test_the_joules_of_each_component_are_its_own():
    result = run("ethos_u55_128", "digits_cnn", options=NO_ARITHMETIC)
    power = power_over_time(result)
    found = {name: (watts * np.diff(power.edges)).sum() for name, watts in power.watts.items()}
    assert found == pytest.approx({name: joules for name, joules in result.energy_by_component.items() if joules})


def test_the_commands_and_the_refresh_of_a_dram_part_are_in_it():
    chip = load_chip("systolic_npu", ["memories.dram={kind: dram, part: lpddr4_3200_x16, capacity: 1 GiB}"])
    result = run(chip, "squeezenet1_1", options=NO_ARITHMETIC)
    power = power_over_time(result)
    dram = power.watts["dram"]
    assert (dram * np.diff(power.edges)).sum() == pytest.approx(result.energy_by_component["dram"])
    assert dram.min() > 0  # standby and refresh never end


def test_the_peak_is_at_least_the_mean_and_one_window_is_the_mean():
    result = run("ethos_u55_128", "digits_cnn", options=NO_ARITHMETIC)
    assert power_over_time(result).peak > result.average_power_w
    assert power_over_time(result, windows=1).peak == pytest.approx(result.average_power_w)


def test_amounts_that_overlap_add_up_where_they_overlap():
    found = spread(np.array([0, 5]), np.array([10, 10]), np.array([10.0, 5.0]), np.array([0.0, 5.0, 10.0]))
    assert found == pytest.approx([5.0, 10.0])


def test_a_chip_without_energy_has_no_power(tmp_path):
    path = tmp_path / "plain.yaml"
    path.write_text("extends: ethos_u55_128\ntitle: without table\nfidelity: speculative\nenergy: null\n")
    assert power_over_time(run(str(path), "digits_cnn", options=NO_ARITHMETIC)) is None
