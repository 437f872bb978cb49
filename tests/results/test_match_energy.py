"""Do the joules of an RBF chip add up to power times time?"""

import numpy as np
import pytest

from accelsim.hardware.chip_files import load_chip_file
from accelsim.hardware.neuromem import ACCESS_CODE
from accelsim.mapping.matching import map_accesses
from accelsim.results.match_energy import match_terms, without_link

COMPONENTS = np.array([[ACCESS_CODE["COMP", "write"]]])


def terms(*overrides, name="nm500", cycles=350, link_bytes=1000, seconds=1e-3):
    mapping = map_accesses(load_chip_file(name, overrides), "learn", COMPONENTS, np.array([[256]]), 0)
    return mapping, match_terms(mapping, cycles, link_bytes, seconds)


def joules(found, component):
    return sum(term.joules for term in found if term.component == component)


def test_a_busy_chip_takes_its_active_power_and_an_idle_one_its_idle_power():
    _, busy = terms(cycles=35_000, seconds=1e-3)  # a whole millisecond at 35 MHz
    assert joules(busy, "rbf") + sum(t.joules for t in busy if t.action == "units.rbf.idle") == pytest.approx(281e-3 * 1e-3)
    _, idle = terms(cycles=0)
    assert joules(idle, "rbf") == joules(idle, "pull_ups") == 0
    assert sum(t.joules for t in idle if t.action == "units.rbf.idle") == pytest.approx(3.3e-3 * 1e-3)


def test_pull_ups_draw_while_lines_are_low():  # 3.3 V on 2.7 kOhm, 8 lines, 10 us
    _, found = terms()
    assert joules(found, "pull_ups") == pytest.approx(8 * 3.3**2 / 2700 * 350 / 35e6, rel=2e-3)


def test_the_link_takes_its_bytes_and_its_standby():
    mapping, found = terms()
    assert joules(found, "spi") == pytest.approx(1000 * 2.6e-9)
    left = without_link(mapping, found)
    assert sum(t.joules for t in found) - sum(t.joules for t in left) == pytest.approx(1000 * 2.6e-9 + 3e-3 * 1e-3)


def test_every_chip_of_a_chain_works_and_idles_but_the_bus_is_one():
    (_, one), (_, four) = terms("units.rbf.chained_clock=35MHz"), terms("units.rbf.chained_clock=35MHz", "units.rbf.chips=4")
    assert joules(four, "rbf") == pytest.approx(4 * joules(one, "rbf"))
    assert joules(four, "pull_ups") == pytest.approx(joules(one, "pull_ups"))


def test_unpublished_figures_are_graded_estimated_and_published_ones_are_not():
    _, found = terms()
    grades = {(t.component, t.action): t.provenance.grade for t in found}
    assert grades["rbf", "active_cycle"] == grades["pull_ups", "cycle"] == grades["spi", "byte"] == "estimated"
    assert grades["static", "units.rbf.idle"] == "published"
    _, of_cm1k = terms(name="cm1k")
    assert {t.provenance.grade for t in of_cm1k if t.joules} == {"published"}
