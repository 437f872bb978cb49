"""Do energies come with their source, and scale as their sources say?"""

import pytest

from accelsim.base.errors import AccelsimError
from accelsim.hardware.energy_tables import logic_factor, memory_energy, operation_energy, operations, sram_access_energy, sram_leakage

KIB = 1024


def test_a_published_figure_is_returned_as_it_stands():
    figure = operation_energy("multiply_float32", "45 nm")
    assert figure.value == pytest.approx(3.7e-12)
    assert (figure.grade, figure.low, figure.high) == ("published", figure.value, figure.value)
    assert "ISSCC 2014" in figure.source


def test_a_multiply_accumulate_is_its_multiply_and_its_add():
    figure = operation_energy("mac_int8", "45nm")
    assert figure.value == pytest.approx(0.3e-12)
    assert figure.grade == "derived"


@pytest.mark.parametrize("action", operations())
def test_between_two_processes_an_operation_costs_between_theirs_and_its_range_holds_it(action):
    costs = [operation_energy(action, process) for process in ("45 nm", "28 nm", "16 nm", "7 nm")]
    assert all(one.value >= two.value for one, two in zip(costs, costs[1:], strict=False))
    assert all(figure.low <= figure.value <= figure.high for figure in costs)


def test_logic_scaling_is_the_optimistic_end_of_the_range():
    figure = operation_energy("multiply_float16", "16 nm")
    assert figure.low == pytest.approx(1.1e-12 * logic_factor(45, 16))
    assert figure.high == pytest.approx(1.1e-12)


@pytest.mark.parametrize(("nm", "factor"), [(65, 1.25), (32, 0.641), (16, 0.187), (7, 0.102)])
def test_logic_factors_are_those_of_stillmaker_and_baas(nm, factor):
    assert logic_factor(45, nm) == pytest.approx(factor, abs=0.006)


def test_a_lower_supply_costs_less():
    assert operation_energy("add_int32", "7 nm", voltage=0.7).value < operation_energy("add_int32", "7 nm").value


@pytest.mark.parametrize(("kib", "process", "read", "write"), [(8, "45 nm", 3.2, 3.2), (128, "32 nm", 6.7, 5.2), (1024, "22 nm", 12.5, 10.4)])
def test_a_tabulated_sram_costs_what_cacti_says(kib, process, read, write):
    assert sram_access_energy(kib * KIB, 64, process).value == pytest.approx(read * 1e-12, rel=0.04)
    assert sram_access_energy(kib * KIB, 64, process, write=True).value == pytest.approx(write * 1e-12, rel=0.04)


def test_a_larger_and_a_wider_sram_cost_more():
    assert sram_access_energy(200 * KIB, 64, "22 nm").value > sram_access_energy(100 * KIB, 64, "22 nm").value
    assert sram_access_energy(100 * KIB, 200, "22 nm").value > sram_access_energy(100 * KIB, 100, "22 nm").value


def test_a_small_sram_gains_little_from_a_finer_process_and_a_large_one_more():
    small, large = (sram_access_energy(kib * KIB, 64, "7 nm").value / sram_access_energy(kib * KIB, 64, "22 nm").value for kib in (8, 1024))
    assert small > 0.8
    assert small > large
    assert small > 2 * logic_factor(22, 7)


def test_an_sram_beyond_the_table_is_an_estimate_with_a_range():
    figure = sram_access_energy(512, 64, "22 nm")
    assert figure.grade == "estimated"
    assert figure.low < figure.value < figure.high


def test_leakage_is_not_scaled_to_a_process_that_no_source_has():
    assert sram_leakage(1024 * KIB, "22 nm").value > 0
    with pytest.raises(AccelsimError, match="is not tabulated"):
        sram_leakage(1024 * KIB, "7 nm")


def test_lpddr4_costs_eight_picojoules_a_bit():
    assert memory_energy("LPDDR4").value == pytest.approx(64e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: operation_energy("mac_int9", "7 nm"), "did you mean 'mac_int8'?"),
        (lambda: operation_energy("mac_int8", "7 um"), "'7 um' is not a process between 3 nm and 130 nm"),
        (lambda: sram_access_energy(8, 8, "7 nm"), "smaller arrays are registers"),
        (lambda: sram_access_energy(8192, 8, "7 nm", cell="itrs-lo"), "did you mean 'itrs-lop'?"),
        (lambda: memory_energy("LPDDR9"), "'LPDDR9' is not one of"),
    ],
)
def test_what_no_table_knows_is_refused_by_name(call, message):
    with pytest.raises(AccelsimError) as error:
        call()
    assert message in str(error.value)
