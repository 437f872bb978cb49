"""Do ranges combine as docs/ranges.md says?"""

import json
import math

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import accelsim
from accelsim.base.provenance import Provenance, separate
from accelsim.cli import main
from accelsim.pipeline import Options
from accelsim.results.ranges import energy_range, factors
from accelsim.results.term import Term


def term(joules: float, source: str, low: str = "0.5 pJ", high: str = "2 pJ", grade: str = "published", action: str = "read") -> Term:
    return Term("memory", action, 0, 1, joules, Provenance(source, grade, low, high, value="1 pJ"))


def test_a_figure_without_a_range_has_that_of_its_grade():
    assert factors(Provenance("a", "published")) == pytest.approx((1 / 1.1, 1.1))
    assert factors(Provenance("a", "estimated")) == pytest.approx((0.5, 2.0))
    assert factors(Provenance("a", "estimated", low="0.75 pJ", value="1 pJ")) == pytest.approx((0.75, 2.0))


def test_terms_of_one_source_err_together_and_those_of_two_apart():
    together, apart = energy_range([term(3, "a"), term(4, "a")]), energy_range([term(3, "a"), term(4, "b")])
    assert (together.low_j, together.high_j) == pytest.approx((3.5, 14.0))
    assert (apart.low_j, apart.high_j) == pytest.approx((7 - math.hypot(1.5, 2.0), 7 + math.hypot(3, 4)))


def test_the_contribution_that_widens_the_range_most_comes_first_although_it_is_smaller():
    found = energy_range([term(10, "sure", "0.9 pJ", "1.1 pJ", action="write"), term(4, "unsure")])
    assert [c.action for c in found.contributions] == ["read", "write"]
    assert sum(c.share for c in found.contributions) == pytest.approx(1)
    assert sum(c.share_of_width for c in found.contributions) == pytest.approx(1)


def test_the_largest_estimated_contribution_is_named():
    found = energy_range([term(10, "a", action="write"), term(4, "b", grade="estimated"), term(1, "c", grade="estimated", action="move")])
    assert found.most_estimated.action == "read"


TERMS = st.lists(st.builds(term, st.floats(1e-3, 1e3), st.sampled_from("abc"), st.sampled_from(["0.5 pJ", "0.9 pJ"]), st.sampled_from(["1.1 pJ", "3 pJ"])), min_size=1, max_size=12)


@given(TERMS)
def test_a_range_holds_its_energy_and_lies_within_all_figures_at_their_ends(terms):
    found = energy_range(terms)
    ends = [[t.joules * f for t in terms for f in [factors(t.provenance)[side]]] for side in (0, 1)]
    assert sum(ends[0]) <= found.low_j * (1 + 1e-9) and found.low_j <= found.joules <= found.high_j <= sum(ends[1]) * (1 + 1e-9)


@given(TERMS, st.integers(2, 5))
def test_cutting_terms_in_pieces_changes_nothing(terms, pieces):
    cut = [Term(t.component, t.action, t.layer, t.count, t.joules / pieces, t.provenance) for t in terms for _ in range(pieces)]
    assert (energy_range(cut).low_j, energy_range(cut).high_j) == pytest.approx((energy_range(terms).low_j, energy_range(terms).high_j))


def test_a_value_with_a_range_keeps_it_where_its_block_states_the_source():
    _, found = separate({"provenance": {"source": "a book", "grade": "published"}, "x": {"value": "2 pJ", "low": "1 pJ", "high": "4 pJ"}}, "file")
    assert factors(found["x"]) == pytest.approx((0.5, 2.0)) and found["x"].source == "a book"


def test_a_result_says_its_range_and_the_json_holds_it(tmp_path):
    outcome = CliRunner().invoke(main, ["run", "ethos_u55_128", "digits_cnn", "--no-layers", "--json", str(tmp_path / "r.json")])
    assert " estimated: flash read)" in outcome.output
    found = json.loads((tmp_path / "r.json").read_text())
    spread = found["energy_range"]
    assert spread["low_j"] < spread["joules"] < spread["high_j"]
    assert spread["joules"] == pytest.approx(found["energy_j"]["total"])


def test_the_contributions_are_all_the_energy():
    result = accelsim.run("systolic_npu", "digits_cnn", options=Options(execute=False))
    assert sum(c.joules for c in result.energy_range.contributions) == pytest.approx(result.energy_j["total"])
