"""Is a comparison the single runs, in one table, whatever the number of processes?"""

import json

import pandas
import pytest
from click.testing import CliRunner
from clockless import write_array_and_layer

import accelsim
from accelsim.base.errors import AccelsimError
from accelsim.cli import main
from accelsim.pipeline import Options, load_chip, load_graph, run
from accelsim.results.summary import COLUMNS, summary
from accelsim.studies._pareto import front
from accelsim.studies.compare import compare

CHIPS = ("ethos_u55_128", "systolic_npu", "ethos_u55_32")
SMALL = "extends: ethos_u55_128\ntitle: with little SRAM\nfidelity: speculative\nmemories: {sram: {capacity: 100 KiB}}\n"
MODELS = ("digits_cnn", "squeezenet1_1")


@pytest.fixture(scope="module")
def comparison():
    return compare(CHIPS, MODELS, workers=2)


def test_the_figures_are_those_of_single_runs(comparison):
    for row in comparison.rows:
        assert row == summary(run(row["chip"], row["model"], options=Options(execute=False)))


def test_rows_stand_in_the_order_that_was_asked_for(comparison):
    assert [(row["model"], row["chip"]) for row in comparison.rows] == [(model, chip) for model in MODELS for chip in CHIPS]
    assert list(comparison.table.columns) == list(COLUMNS)


def test_a_network_that_a_chip_cannot_take_is_a_row_that_says_why(tmp_path):
    (tmp_path / "small.yaml").write_text(SMALL)
    fits, row = compare([str(tmp_path / "small.yaml")], ["digits_cnn", "squeezenet1_1"], workers=1).rows
    assert fits["failure"] == "" and (row["chip"], row["model"]) == ("small", "squeezenet1_1")
    assert "do not fit" in row["failure"] and "\n" not in row["failure"] and row["latency_s"] is None


def test_one_process_says_what_two_say(comparison):
    seen = []
    alone = compare([load_chip(chip) for chip in CHIPS], [load_graph(model) for model in MODELS], workers=1, on_progress=lambda *now: seen.append(now))
    assert alone.rows == comparison.rows
    assert [done for _, done, _ in seen] == [1, 2, 3, 4, 5, 6] and seen[0][2] == 6


def test_described_chips_and_loaded_networks_reach_other_processes():
    rows = compare([load_chip("ethos_u55_128", ["units.npu.clock=250MHz"])], [load_graph("digits_cnn"), load_graph("mnist_cnn")], workers=2).rows
    assert [row["failure"] for row in rows] == ["", ""]
    assert rows[0]["latency_s"] > run("ethos_u55_128", "digits_cnn", options=Options(execute=False)).latency_s


def test_ratios_are_against_the_baseline_on_the_same_network(comparison):
    ratios = comparison.ratios.set_index(["chip", "model"])
    assert ratios.loc[("ethos_u55_128", "squeezenet1_1"), "latency_s"] == 1
    rows = {(row["chip"], row["model"]): row for row in comparison.rows}
    asked = rows["systolic_npu", "squeezenet1_1"]["energy_j"] / rows["ethos_u55_128", "squeezenet1_1"]["energy_j"]
    assert ratios.loc[("systolic_npu", "squeezenet1_1"), "energy_j"] == pytest.approx(asked)


def test_the_front_holds_what_nobody_beats_and_its_equals():
    rows = [{"model": "m", "latency_s": a, "energy_j": b} for a, b in ((1, 4), (2, 2), (2, 2), (3, 3), (4, 1), (None, 0))]
    assert [(row["latency_s"], row["energy_j"]) for row in front(rows)] == [(1, 4), (2, 2), (2, 2), (4, 1)]


def test_more_throughput_is_better():
    rows = [{"model": "m", "throughput_per_s": a, "energy_j": b} for a, b in ((1, 1), (2, 2), (2, 1))]
    assert front(rows, ("throughput_per_s", "energy_j")) == [rows[2]]


def test_a_chip_without_clock_has_cycles_and_no_seconds(tmp_path):
    chip, model = write_array_and_layer(tmp_path)
    row = compare([chip], [model], workers=1).rows[0]
    assert row["failure"] == "" and row["latency_s"] is None and row["cycles"] >= 6 * 8 * (8 + 64 + 7 + 3)


def test_accuracy_stands_in_the_table_where_data_is_given():
    row = compare(["ethos_u55_128"], ["digits_cnn"], data="digits", workers=1).rows[0]
    assert row["accuracy"] == pytest.approx(439 / 450)


@pytest.mark.parametrize(
    "arguments, words",
    [
        ((["ethos_u55_12"], ["digits_cnn"]), "did you mean 'ethos_u55_128'?"),
        (([], ["digits_cnn"]), "at least one chip"),
        ((["ethos_u55_128", "ethos_u55_128"], ["digits_cnn"]), "given twice"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused_in_one_line(arguments, words):
    with pytest.raises(AccelsimError, match=words):
        compare(*arguments, workers=1)


def test_a_baseline_must_be_compared():
    with pytest.raises(AccelsimError, match="baseline: 'cortex_m7' is not one of"):
        compare(["ethos_u55_128"], ["digits_cnn"], baseline="cortex_m7", workers=1)


def test_a_front_of_a_word_is_refused(comparison):
    with pytest.raises(AccelsimError, match="'fidelity' is not one of"):
        comparison.pareto(["fidelity"])


def test_the_command_shows_writes_and_explains(tmp_path):
    (tmp_path / "small.yaml").write_text(SMALL)
    arguments = ["compare", "ethos_u55_128", str(tmp_path / "small.yaml"), "--model", "squeezenet1_1", "--workers", "1", "--csv", str(tmp_path / "c.csv"), "--json", str(tmp_path / "c.json")]
    outcome = CliRunner().invoke(main, arguments)
    assert outcome.exit_code == 0, outcome.output
    assert "squeezenet1_1 on small:" in outcome.output
    assert list(pandas.read_csv(tmp_path / "c.csv").columns) == list(COLUMNS)
    assert [row["chip"] for row in json.loads((tmp_path / "c.json").read_text())] == ["ethos_u55_128", "small"]


def test_a_comparison_is_a_table_in_a_notebook_and_public(comparison):
    assert accelsim.compare is compare
    assert comparison._repr_html_().startswith("<table")
