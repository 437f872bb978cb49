"""Every network on every chip: what runs, what does not and why, and going on after a kill."""

import json

import pytest

from accelsim.base.errors import AccelsimError
from accelsim.pipeline import load_chip
from accelsim.reports.matrix import chip_lines, heat_map
from accelsim.studies.matrix import default_models, matrix, precision_for

CHIPS, MODELS = ("ethos_u55_128", "nnp_t", "nm500"), ("digits_cnn", "squeezenet1_1")


@pytest.fixture(scope="module")
def found():
    return matrix(CHIPS, MODELS, workers=1)


def test_every_pair_has_a_row_in_the_order_of_the_networks(found):
    assert [(row["chip"], row["model"]) for row in found.rows] == [(chip, model) for model in MODELS for chip in CHIPS]


def test_a_network_that_a_chip_cannot_take_says_why(found):
    rbf = [row for row in found.rows if row["chip"] == "nm500"]
    assert all("no unit of 'nm500' does" in row["failure"] and row["latency_s"] is None for row in rbf)


def test_a_chip_of_float_units_is_given_the_network_in_float():
    assert [precision_for(load_chip(name)) for name in ("nnp_t", "ethos_u55_128", "stm32l4r5")] == ["float32", "int8", "int8"]


def test_rows_of_the_store_are_not_computed_again(tmp_path, found):
    store = tmp_path / "rows.jsonl"
    first = matrix(CHIPS, MODELS, store=store, workers=1)
    again = matrix(CHIPS, MODELS, store=store, workers=1)
    assert (first.resumed, again.resumed) == (0, 6)
    assert first.rows == again.rows == found.rows


def test_a_line_that_a_kill_cut_short_is_computed_again(tmp_path):
    store = tmp_path / "rows.jsonl"
    whole = matrix(CHIPS[:1], MODELS, store=store, workers=1)
    store.write_text(store.read_text()[:-20])
    again = matrix(CHIPS[:1], MODELS, store=store, workers=1)
    assert (again.resumed, again.rows) == (1, whole.rows)


def test_a_chip_that_changed_is_computed_again(tmp_path):
    chip, store = tmp_path / "own.yaml", tmp_path / "rows.jsonl"
    chip.write_text("extends: ethos_u55_128\n")
    slow = matrix((str(chip),), ("digits_cnn",), store=store, workers=1)
    chip.write_text("extends: ethos_u55_128\nunits:\n  npu:\n    clock: 1 GHz\n")
    fast = matrix((str(chip),), ("digits_cnn",), store=store, workers=1)
    assert fast.resumed == 0 and fast.rows[0]["latency_s"] < slow.rows[0]["latency_s"]


def test_a_file_that_is_no_store_is_refused(tmp_path):
    store = tmp_path / "notes.txt"
    store.write_text("something\nelse\n")
    with pytest.raises(AccelsimError, match="line 1.*no row of a matrix"):
        matrix(CHIPS[:1], MODELS[:1], store=store, workers=1)


def test_the_survey_has_at_least_fifteen_networks():
    assert len(default_models()) >= 15


def test_the_table_and_the_heat_map_show_every_chip(found, tmp_path):
    found.write(tmp_path / "rows.json")
    assert len(json.loads((tmp_path / "rows.json").read_text())) == 6
    assert chip_lines(found.rows).row_count == len(CHIPS)
    plot = heat_map(found.rows, "energy_j").axes[0]
    assert [label.get_text() for label in plot.get_yticklabels()] == list(CHIPS)


def test_a_figure_that_nothing_has_is_refused(found):
    with pytest.raises(AccelsimError, match="no chip and network"):
        heat_map([row for row in found.rows if row["failure"]])
