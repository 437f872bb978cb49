"""Is a DRAM part what its file says, and what it says arithmetic?"""

import pytest

from accelsim.base.errors import AccelsimError
from accelsim.hardware.dram_energy import dram_energies, dram_energy
from accelsim.hardware.dram_parameters import channel_parameters
from accelsim.hardware.dram_part import DramPart, controller_of, controllers, load_controller, load_part, parts
from accelsim.kernels import dram_layout as d


@pytest.mark.parametrize("name", parts())
def test_every_shipped_part_works_under_every_shipped_controller_and_names_its_sources(name):
    part, provenance = load_part(name)
    for controller in controllers():
        assert channel_parameters(part, load_controller(controller))[d.BANKS] == part.geometry.banks
    stated = {path: figure for path, figure in provenance.items() if path.startswith(("timing.", "rails.", "energy_per_byte"))}
    assert stated
    assert all(figure.source != "not stated" for figure in stated.values())


def test_a_burst_of_lpddr4_moves_32_bytes_in_8_clocks_and_one_of_lpddr5_in_2():
    lpddr4, lpddr5 = load_part("lpddr4_3200_x16")[0].geometry, load_part("lpddr5_6400_x16")[0].geometry
    assert (lpddr4.burst_bytes, lpddr4.burst_clocks) == (32, 8)
    assert (lpddr5.burst_bytes, lpddr5.burst_clocks) == (32, 2)


def test_energies_are_currents_times_voltage_times_time():
    part, _ = load_part("ddr3_1600_x64")
    costs = dram_energies(part)
    # 8 devices at 1.35 V: (157 - 38) mA for 4 clocks of 1.25 ns; (55 - 38) mA for tRAS 28; (55 - 32) mA for tRP 11.
    assert costs.read == pytest.approx(8 * 1.35 * 0.119 * 5e-9)
    assert costs.activate == pytest.approx(8 * 1.35 * 0.017 * 35e-9)
    assert costs.precharge == pytest.approx(8 * 1.35 * 0.023 * 13.75e-9)
    assert costs.active == pytest.approx(8 * 1.35 * 0.038)


def test_a_part_without_currents_costs_its_energy_per_bit():
    part, _ = load_part("lpddr4x_4266_x16")
    assert dram_energy(part, {"read": 10, "write": 5}) == pytest.approx({"read": 10 * 256 * 6.5e-12, "write": 5 * 256 * 6.5e-12})


def test_power_down_and_self_refresh_are_charged_by_time():
    part, _ = load_part("ddr4_3200_x64")
    counts = dict.fromkeys(("activate", "closed", "read", "write", "refresh", "refresh_bank", "active_clocks", "precharged_clocks"), 0)
    counts |= {"active_power_down_clocks": 0, "precharge_power_down_clocks": 1000, "self_refresh_clocks": 2000}
    energy = dram_energy(part, counts)
    assert energy["precharge_power_down"] == pytest.approx(8 * 1.2 * 0.025 * 625e-9)
    assert energy["self_refresh"] == pytest.approx(8 * 1.2 * 0.030 * 1250e-9)
    assert energy["read"] == energy["refresh"] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"structure": "age_orderd"}, "did you mean 'age_ordered'?"),
        ({"mapping": ["column", "bank", "row"]}, "mapping must name each of column, bank_group, bank, row once"),
        ({"mapping": ["colum", "bank_group", "bank", "row"]}, "mapping entry 'colum' is not one of"),
        ({"read_queue": 0}, "read_queue"),
        ({"hit_cap": 4}, "is not a known key"),
    ],
)
def test_a_controller_that_makes_no_sense_is_refused_in_one_line(change, message):
    good = dict(structure="age_ordered", read_queue=8, write_queue=8, drain_high=0.8, drain_low=0.2, mapping=["column", "bank_group", "bank", "row"])
    assert controller_of(good, "mine").read_queue == 8
    with pytest.raises(AccelsimError) as error:
        controller_of(good | change, "mine")
    assert message in str(error.value)


def test_per_bank_refresh_is_refused_where_the_part_has_none():
    part, _ = load_part("ddr4_3200_x64")
    with pytest.raises(AccelsimError, match="states no tREFIpb"):
        channel_parameters(part, load_controller("ramulator").model_copy(update={"refresh": "per_bank"}))


def test_a_part_with_more_banks_than_are_served_is_refused():
    part, _ = load_part("ddr4_3200_x64")
    wide = part.model_copy(update={"geometry": part.geometry.model_copy(update={"banks_per_group": 16})})
    with pytest.raises(AccelsimError, match="has 64 banks, at most 32 are served"):
        channel_parameters(wide, load_controller("ramulator"))


def test_a_part_states_one_energy_model():
    values = load_part("lpddr5_6400_x16")[0].model_dump(exclude={"energy_per_byte"})
    with pytest.raises(ValueError, match="one of them is the energy model"):
        DramPart.model_validate(values)


def test_an_unknown_part_is_guessed():
    with pytest.raises(AccelsimError, match="did you mean 'lpddr5_6400_x16'"):
        load_part("lpddr5_6400")
