"""Does the chip file's RBF unit say what the device and its cycle table say?"""

from dataclasses import asdict

import pytest

from accelsim.base.errors import AccelsimError
from accelsim.functional.neuromem_state import Switches
from accelsim.graph.work import Elementwise, Match
from accelsim.hardware.chip_files import load_chip_file
from accelsim.hardware.neuromem import AccessCycles, cycles_of, restore_runs, transfer_cycles
from accelsim.hardware.units.neuromem import AccessTimes, LearningRules


def unit(chip="nm500", *overrides):
    return load_chip_file(chip, overrides).units["rbf"]


def test_the_units_parameters_are_those_of_the_cycle_table_and_of_the_devices_switches():
    assert AccessTimes().model_dump() == asdict(AccessCycles())
    assert LearningRules().model_dump() == asdict(Switches())


@pytest.mark.parametrize(("chip", "neurons", "components", "hz"), [("nm500", 576, 256, 35e6), ("cm1k", 1024, 256, 27e6), ("quarkse", 128, 128, 32e6)])
def test_the_shipped_chips_have_the_published_sizes(chip, neurons, components, hz):  # NM title and p. 27; CM p. 39; CuriePME
    found = unit(chip)
    assert (found.capacity, found.components, found.exact_clock().hz) == (neurons, components, hz)


@pytest.mark.parametrize(("chip", "hz"), [("nm500", 18e6), ("cm1k", 16e6)])
def test_a_chain_of_four_has_four_times_the_neurons_and_the_chained_clock(chip, hz):  # NM p. 27, CM p. 39
    chain = unit(chip, "units.rbf.chips=4")
    assert (chain.capacity, chain.exact_clock().hz) == (4 * unit(chip).capacity, hz)


@pytest.mark.parametrize("chip", ["nm500", "cm1k", "quarkse"])
def test_every_open_question_stands_in_the_chip_files_with_its_likeliest_answer(chip):
    assert unit(chip).rules.model_dump() == asdict(Switches())
    assert not unit(chip, "units.rbf.rules.full_chain_shrinks=false").rules.full_chain_shrinks


def test_a_restore_costs_4_and_260_cycles_a_neuron_in_every_chip_of_the_chain():  # NM p. 27
    work = Match(runs=restore_runs(10, 256), neurons=576)
    assert unit().cost(work).cycles == transfer_cycles(10) == 2604
    assert dict(unit("nm500", "units.rbf.chips=3").cost(work).actions) == {"active_cycle": 3 * 2604, "pull_up_cycle": 2604}


def test_a_changed_table_changes_the_cost():
    work = Match(runs=(("DIST:none", "read", 2),), neurons=1)
    assert (unit().cost(work).cycles, unit("nm500", "units.rbf.cycles.distance_of_none=full_race").cost(work).cycles) == (2, 36)
    assert unit().cost(work).cycles == cycles_of(work.runs)


def test_it_does_nothing_but_match():
    assert "no Elementwise" in unit().refuses(Elementwise(operation="add", elements=1))
    assert unit().refuses(Match(runs=(), neurons=1)) == ""


def test_a_cycle_of_a_cm1k_costs_the_published_18_nanojoules():  # CM p. 39: 500 mW at 27 MHz, of which 25 mW idle
    assert unit("cm1k").active_cycle_energy == pytest.approx(475e-3 / 27e6)


def test_the_pull_ups_of_a_slower_chain_draw_longer():
    single, chain = unit(), unit("nm500", "units.rbf.chips=2")
    assert single.pull_up_cycle_energy == pytest.approx(8 * 4.03e-3 / 35e6)
    assert chain.pull_up_cycle_energy / single.pull_up_cycle_energy == pytest.approx(35 / 18)


@pytest.mark.parametrize(
    ("chip", "override", "says"),
    [
        ("nm500", "units.rbf.components=257", "units.rbf.components"),
        ("nm500", "units.rbf.chips=0", "units.rbf.chips"),
        ("nm500", "units.rbf.active_power=1mW", "active_power is below idle_power"),
        ("nm500", "units.rbf.cycles.distance_of_none=fast", "'fast' is not one of one_cycle, full_race"),
        ("nm500", "units.rbf.rules.full_chain_shrink=false", "did you mean 'full_chain_shrinks'?"),
        ("quarkse", "units.rbf.chips=2", "they do not chain"),
        ("nm500", "links.spi.burst_registers=[COMPP]", "did you mean 'COMP'?"),
    ],
)
def test_an_impossible_chip_is_refused_in_one_line(chip, override, says):
    with pytest.raises(AccelsimError) as caught:
        load_chip_file(chip, [override])
    assert says in str(caught.value)
