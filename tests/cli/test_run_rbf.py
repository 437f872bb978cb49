"""A data set on an RBF chip from the command line: its report, its files, and each mistake in one line."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from accelsim.cli import main
from accelsim.functional.neuromem_knowledge import load_knowledge


def invoke(*arguments: str):
    return CliRunner().invoke(main, list(arguments))


def test_a_run_reports_what_was_learned_and_what_rests_on_estimates(tmp_path):
    outcome = invoke("run", "nm500", "iris", "--json", str(tmp_path / "r.json"), "--csv", str(tmp_path / "r.csv"), "--trace", str(tmp_path / "t.json"))
    assert outcome.exit_code == 0, outcome.output
    result = json.loads((tmp_path / "r.json").read_text())
    assert f"accuracy: {result['rbf']['accuracy']:.2%} of 50 items of iris" in outcome.output
    assert f"{result['rbf']['neurons_committed']} of 576 committed" in outcome.output
    assert "estimated: rbf active_cycle" in outcome.output and "grades: latency published, energy estimated" in outcome.output
    (row,) = csv.DictReader((tmp_path / "r.csv").open())
    assert (row["name"], row["bound_by"]) == ("recognise", "spi")
    spans = [event for event in json.loads((tmp_path / "t.json").read_text())["traceEvents"] if event["ph"] == "X"]
    assert len(spans) == 2 * 50


def test_both_engines_write_the_same_json(tmp_path):
    results = []
    for engine in ("compiled", "event"):
        invoke("run", "nm500", "iris", "--engine", engine, "--state", "cold", "--rate", "100", "--json", str(tmp_path / engine))
        results.append(json.loads((tmp_path / engine).read_text()) | {"engine": ""})
    assert results[0] == results[1]


def test_the_seed_and_the_fields_change_what_is_learned(tmp_path):
    committed = []
    for options in ((), ("--seed", "1"), ("--maxif", "60"), ("--norm", "lsup"), ("--minif", "200"), ("--set", "units.rbf.neurons=5")):
        invoke("run", "nm500", "iris", *options, "--json", str(tmp_path / "r.json"))
        result = json.loads((tmp_path / "r.json").read_text())
        committed.append((result["rbf"]["neurons_committed"], result["rbf"]["neurons_degenerated"], result["outputs"][0]["sha256"]))
    assert len(set(committed)) == len(committed)


def test_what_was_learned_is_written_as_a_knowledge_file_and_drawn(tmp_path):
    rows = [f"{i % 10 + 100 * (i % 2)},{i % 7},{i % 2}" for i in range(60)]
    (tmp_path / "plane.csv").write_text("\n".join(["x,y,label", *rows]))
    outcome = invoke("run", "nm500", str(tmp_path / "plane.csv"), "--knowledge", str(tmp_path / "k.knf"), "--figure", str(tmp_path / "space.png"), "--json", str(tmp_path / "r.json"))
    assert outcome.exit_code == 0, outcome.output
    committed = json.loads((tmp_path / "r.json").read_text())["rbf"]["neurons_committed"]
    assert np.count_nonzero(load_knowledge(tmp_path / "k.knf").committed) == committed > 1
    assert (tmp_path / "space.png").read_bytes().startswith(b"\x89PNG")


def test_classifiers_are_compared(tmp_path):
    outcome = invoke("classify", "iris", "--processor", "cortex_m7", "--json", str(tmp_path / "c.json"))
    assert outcome.exit_code == 0, outcome.output
    rows = json.loads((tmp_path / "c.json").read_text())["rows"]
    assert [row["chip"] for row in rows] == ["nm500", "nm500", "cortex_m7"]
    assert "nearest neighbour" in outcome.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "ethos_u55_128", "digits"), "is a data set and 'ethos_u55_128' runs networks"),
        (("run", "nm500", "digits_cnn"), "'nm500' runs no networks"),
        (("run", "nm500", "digitz"), "it learns data sets: basicmotions, digits"),
        (("run", "nm500", "no.csv"), "no such file"),
        (("run", "nm500", "iris", "--batch", "4"), "--batch: is of networks"),
        (("run", "nm500", "iris", "--no-execute"), "--no-execute: is of networks"),
        (("run", "ethos_u55_128", "digits_cnn", "--k", "3"), "--k: is of RBF chips"),
        (("run", "nm500", "iris", "--k", "0"), "--k: 0 is not within"),
        (("run", "nm500", "iris", "--maxif", "70000"), "--maxif"),
        (("run", "nm500", "iris", "--frames", "0"), "--frames"),
        (("run", "nm500", "iris", "--rate", "0"), "--rate"),
        (("run", "nm500", "iris", "--figure", "space.png"), "has vectors of 4 components"),
        (("run", "nm500", "iris", "--figure", "space.txt"), "'txt' is not one of png, svg, pdf"),
        (("run", "nm500", "iris", "--knowledge", "/no/such/folder/k.knf"), "cannot be written"),
        (("run", "nm500", "iris", "--set", "units.rbf.components=3"), "do not fit 3 components"),
        (("run", "quarkse", "iris", "--set", "units.rbf.chips=2"), "they do not chain"),
        (("map", "nm500", "digits_cnn"), "no unit of 'nm500' does conv2d"),
        (("classify", "digitz"), "did you mean 'digits'?"),
        (("classify", "iris", "--rbf", "cortex_m7"), "learns no vectors"),
    ],
)
def test_a_mistake_is_one_line_and_exit_status_two(arguments, told):
    outcome = invoke(*arguments)
    assert outcome.exit_code == 2, outcome.output
    assert told in outcome.output
    assert len(outcome.output.strip().splitlines()) == 1
