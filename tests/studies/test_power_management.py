"""Do clocks, supplies, rest and heat change time and energy as the chip file says?"""

import numpy as np
import pytest
from click.testing import CliRunner

from accelsim import run
from accelsim.base.errors import AccelsimError
from accelsim.cli import main
from accelsim.pipeline import Options, load_chip
from accelsim.reports.battery import battery_figure
from accelsim.studies.battery import duty_cycle, lives
from accelsim.studies.heat import heat_up

CHIP, MODEL = "systolic_npu_dvfs", "digits_cnn"


def of(*overrides: str):
    return run(load_chip(CHIP, overrides), MODEL, options=Options(execute=False))


def test_a_slower_point_takes_longer_and_its_energy_goes_with_the_square_of_the_supply():
    nominal, low = of(), of("power.domains.core.point=low")
    assert low.latency_s > nominal.latency_s
    assert low.energy_by_component["npu"] == pytest.approx(nominal.energy_by_component["npu"] * (0.6 / 0.8) ** 2)
    assert low.energy_by_component["dram"] == pytest.approx(nominal.energy_by_component["dram"])  # outside the domain


def test_a_point_scales_clocks_and_bandwidths_of_its_domain_only():
    low, nominal = load_chip(CHIP, ["power.domains.core.point=low"]), load_chip(CHIP)
    assert low.units["npu"].clock == pytest.approx(0.4 * nominal.units["npu"].clock)
    assert low.links["dma"].bandwidth == pytest.approx(0.4 * nominal.links["dma"].bandwidth)
    assert low.memories["dram"].bandwidth == nominal.memories["dram"].bandwidth


@pytest.mark.parametrize(("override", "message"), [
    ("power.domains.core.point=hyper", "point 'hyper' is not one of low, middle, turbo"),
    ("power.domains.core.members=[gpu]", "'gpu' is not one of"),
])  # fmt: skip
def test_a_domain_that_names_what_is_not_there_is_refused(override, message):
    with pytest.raises(AccelsimError, match=message):
        load_chip(CHIP, [override])


def test_leakage_doubles_with_the_stated_step_of_temperature():
    power = load_chip(CHIP, ["power.leaking_share=1.0"]).file.power
    assert power.leakage_factor(25.0) == 1.0
    assert power.leakage_factor(50.0) == pytest.approx(2.0)


def test_average_power_is_what_one_period_costs_over_its_length():
    result = of()
    cycle = duty_cycle(result, 10.0, "retention")
    rest = 0.1 - result.latency_s
    assert cycle.average_power == pytest.approx((result.energy_j["total"] + 2e-6 + 0.4e-3 * rest) / 0.1)
    assert cycle.low_power < cycle.average_power < cycle.high_power
    assert cycle.hours(3600.0) == pytest.approx(1 / cycle.average_power)


def test_the_state_that_costs_least_depends_on_how_often_it_is_left():
    result = of()
    chosen = [duty_cycle(result, rate).rests[0].state for rate in (0.1, 5.0, 1e4)]
    assert chosen[0] == "power_off" and chosen[1] == "retention" and chosen[2] in ("idle", "clock_gated")


def test_a_rate_that_the_chip_does_not_reach_and_a_state_too_slow_to_wake_are_refused():
    result = of()
    with pytest.raises(AccelsimError, match="is not between 0 and"):
        duty_cycle(result, 2 / result.latency_s)
    with pytest.raises(AccelsimError, match="takes longer to wake"):
        duty_cycle(result, 1000.0, "power_off")


COOL = ["power.thermal.throttle_at=1000 degC", "power.thermal.resume_at=999 degC"]


def test_a_die_settles_at_ambient_plus_power_times_resistance():
    warmed = heat_up(load_chip(CHIP, [*COOL, "power.leaking_share=0.0"]), MODEL, 300.0)
    assert warmed.temperatures[-1] == pytest.approx(40 + 60 * warmed.watts[-1], rel=1e-3)
    assert np.allclose(warmed.watts, of().average_power_w, rtol=1e-6)


def test_leakage_warms_what_leaks():
    still, leaking = (heat_up(load_chip(CHIP, [*COOL, f"power.leaking_share={share}", "static_power=50 mW"]), MODEL, 200.0) for share in (0.0, 1.0))
    assert leaking.temperatures[-1] > still.temperatures[-1]


def test_throttling_holds_the_limit_and_costs_throughput():
    free, held = (heat_up(load_chip(CHIP, [f"power.thermal.throttle_at={limit} degC", f"power.thermal.resume_at={limit - 0.5} degC"]), MODEL, 150.0) for limit in (900, 43))
    assert free.throttled_share == 0 and held.throttled_share > 0
    assert held.temperatures.max() < 43.2 < free.temperatures.max()
    assert held.inferences / held.times[-1] < free.inferences / free.times[-1]


def test_power_integrates_to_the_energy_of_the_inferences():
    warmed = heat_up(load_chip(CHIP, [*COOL, "power.leaking_share=0.0"]), MODEL, 1.0)
    assert warmed.joules == pytest.approx(warmed.inferences * of().energy_j["total"], rel=1e-6)


def test_the_commands_say_it_in_lines_and_draw_it(tmp_path):
    lines = CliRunner().invoke(main, ["battery", CHIP, MODEL, "--rate", "1", "--battery", "1Wh"])
    assert lines.exit_code == 0 and "battery of 1 Wh" in lines.output
    drawn = CliRunner().invoke(main, ["heat", CHIP, MODEL, "--seconds", "5", "--figure", str(tmp_path / "heat.png")])
    assert drawn.exit_code == 0 and "temperature" in drawn.output and (tmp_path / "heat.png").stat().st_size > 5000


def test_a_chip_without_a_thermal_model_is_refused():
    with pytest.raises(AccelsimError, match="states no power.thermal"):
        heat_up(load_chip("ethos_u55_128"), MODEL, 1.0)


def test_a_battery_lives_longer_at_fewer_inferences_and_as_long_as_the_duty_cycle_says():
    result = run("systolic_npu_dvfs", "digits_cnn", options=Options(execute=False))
    rates, hours = lives(result, 3600.0)
    assert set(hours) == {rest.state for rest in duty_cycle(result, 1.0).rests}
    for life in hours.values():
        awake = life[~np.isnan(life)]
        assert (np.diff(awake) < 0).all()
    rate = float(rates[40])
    best = duty_cycle(result, rate)
    assert hours[best.rests[0].state][40] == pytest.approx(best.hours(3600.0))


def test_the_life_of_a_battery_is_drawn_with_a_line_for_each_state():
    rates, hours = lives(run("systolic_npu_dvfs", "digits_cnn", options=Options(execute=False)), 3600.0)
    axes = battery_figure(rates, hours).axes[0]
    assert [line.get_label() for line in axes.get_lines()] == list(hours)
    assert axes.get_ylabel() == "battery life [h]"
