"""Quantities, clocks, provenance and rooms."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accelsim.base.clocks import clock_of
from accelsim.base.errors import AccelsimError, guess, not_one_of
from accelsim.base.provenance import separate, worst
from accelsim.base.quantities import DIMENSIONS, parse, show
from accelsim.base.rooms import member, members
from accelsim.base.yaml_files import parse_yaml
from accelsim.kernels import service


@pytest.mark.parametrize(
    "text, dimension, value",
    [
        ("700 MHz", "frequency [Hz]", 700e6), ("1.6GHz", "frequency [Hz]", 1.6e9), ("32768 Hz", "frequency [Hz]", 32768.0),
        ("64 KiB", "bytes [B]", 65536.0), ("64 kB", "bytes [B]", 64000.0), ("8 bit", "bytes [B]", 1.0), ("2 Mibit", "bytes [B]", 2**21 / 8),
        ("25.6 GB/s", "bandwidth [B/s]", 25.6e9), ("3200 Mbit/s", "bandwidth [B/s]", 400e6),
        ("0.23 pJ", "energy [J]", 0.23e-12), ("8 pJ/bit", "energy per byte [J/B]", 64e-12), ("30 ns", "time [s]", 30e-9), ("2 min", "time [s]", 120.0),
        ("5 mW", "power [W]", 5e-3), ("1e3 Hz", "frequency [Hz]", 1000.0), (" 1_000 MHz ", "frequency [Hz]", 1e9), ("-40 degC", "temperature [degC]", -40.0), ("3 µs", "time [s]", 3e-6),
    ],
)  # fmt: skip
def test_a_quantity_is_read_in_the_unit_of_its_dimension(text, dimension, value):
    assert parse(text, dimension) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("text", ["", "GHz", "1", "1 XHz", "1 GB", "one GHz", "1 2 GHz", "1e GHz", "1 KiHzz", None, 5, 1e9, ["1 GHz"], "1e999 Hz", "nan Hz", "inf Hz", "0x10 Hz", "1,5 GHz"])
def test_what_is_no_quantity_is_refused_with_an_example(text):
    with pytest.raises(AccelsimError, match="here: ") as caught:
        parse(text, "frequency [Hz]", "here")
    assert "\n" not in str(caught.value)


@given(st.floats(1e-11, 9e13), st.sampled_from(["Hz", "B", "J", "s"]))
def test_what_is_shown_reads_back_to_the_shown_digits(value, unit):
    dimension = next(name for name, symbols in DIMENSIONS.items() if unit in symbols)
    assert parse(show(value, unit, 6), dimension) == pytest.approx(value, rel=1e-5)


@given(st.floats(1e-3, 1e12))
def test_every_frequency_has_a_clock_within_a_billionth_that_int64_can_count(hz):
    clock = clock_of(hz)
    assert clock.hz == pytest.approx(hz, rel=1e-9)
    assert clock.p * clock.q < 2**63


@given(st.sampled_from([933e6, 1e9, 32768.0, 333_333_333.0, 1.6e9]), st.integers(0, 10**15))
def test_edges_are_the_exact_multiples_of_the_period_rounded_down(hz, n):
    clock = clock_of(hz)
    assert clock.edge(n) == Fraction(clock.p, clock.q) * n // 1
    if clock.edge(n) < 2**62:
        assert service.edge(clock.p, clock.q, n) == clock.edge(n)
        first = clock.edge_at_or_after(clock.edge(n))
        assert clock.edge(first) == clock.edge(n) and service.edge_at_or_after(clock.p, clock.q, clock.edge(n)) == first


@pytest.mark.parametrize("hz", [0.0, -1.0, 1e-4, 2e12, float("inf"), float("nan")])
def test_what_is_no_clock_is_refused(hz):
    with pytest.raises(AccelsimError, match="is not a clock frequency"):
        clock_of(hz, "units.npu.clock")


def test_a_nearer_source_goes_before_the_block_and_the_block_before_none():
    tree = {
        "sources": {"paper": "A. Author, 2020"},
        "a": {"provenance": {"source": "paper", "grade": "published"}, "plain": 1, "own": {"value": 2, "source": "mine", "grade": "derived"}, "inner": {"deep": [3, 4]}},
        "b": 5,
        "c": {"value": 6, "low": "5", "high": "7", "source": "guess"},
    }
    plain, where = separate(tree, "file")
    assert plain == {"a": {"plain": 1, "own": 2, "inner": {"deep": [3, 4]}}, "b": 5, "c": 6}
    assert (where["a.plain"].source, where["a.plain"].grade) == ("A. Author, 2020", "published")
    assert (where["a.own"].source, where["a.own"].grade) == ("mine", "derived")
    assert where["a.inner.deep.1"].source == "A. Author, 2020"
    assert (where["b"].source, where["b"].grade) == ("not stated", "estimated")
    assert (where["c"].grade, where["c"].low, where["c"].high) == ("estimated", "5", "7")


def test_the_worst_grade_is_the_least_sure():
    assert worst(["published", "estimated", "derived"]) == "estimated"
    assert worst(["published", "derived"]) == "derived"
    assert worst([]) == "published"


def test_a_room_is_a_menu_of_its_files_and_a_wrong_name_gets_a_guess():
    assert "conv2d" in members("accelsim.operators") and not any(name.startswith("_") for name in members("accelsim.operators"))
    assert member("accelsim.hardware.units", "systolic_array").DESCRIPTION.__name__ == "SystolicArray"
    with pytest.raises(AccelsimError, match="did you mean 'systolic_array'"):
        member("accelsim.hardware.units", "systolic_aray")


def test_an_error_is_one_line_whatever_stands_in_it():
    assert str(AccelsimError("a\nb", "c\n d", "e")) == "a b: c d (e)"
    assert str(not_one_of("place", "x\ny", ["z"])) == "place: 'x y' is not one of z"
    assert guess("weight_stationry", ["weight_stationary", "other"]) == "did you mean 'weight_stationary'?"
    assert guess("qqq", ["abc"]) == ""


@given(st.text(max_size=60))
def test_any_text_is_a_mapping_or_one_line(text):
    try:
        assert isinstance(parse_yaml(text, "file"), dict)
    except AccelsimError as error:
        assert "\n" not in str(error) and str(error).startswith("file")
