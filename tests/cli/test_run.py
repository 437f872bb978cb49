"""Does the command line do what it says, and does it say in one line what is wrong?"""

import csv
import json

import pytest
from click.testing import CliRunner

from accelsim.cli import main

CHIP, MODEL = "ethos_u55_128", "digits_cnn"


def invoke(*arguments: str):
    return CliRunner().invoke(main, list(arguments))


def test_a_run_reports_the_accuracy_of_the_trained_network(tmp_path):
    outcome = invoke("run", CHIP, MODEL, "--data", "digits", "--json", str(tmp_path / "r.json"))
    assert outcome.exit_code == 0, outcome.output
    result = json.loads((tmp_path / "r.json").read_text())
    assert result["accuracy"]["items"] == 450
    assert result["accuracy"]["top1"] == pytest.approx(439 / 450)
    assert "97.56%" in outcome.output


def test_the_json_has_every_documented_key(tmp_path):
    invoke("run", CHIP, MODEL, "--json", str(tmp_path / "r.json"))
    result = json.loads((tmp_path / "r.json").read_text())
    documented = {
        "schema_version", "accelsim_version", "chip", "model", "engine", "batch", "frames", "state", "latency_s", "first_latency_s", "latency_p50_s", "latency_p99_s",
        "throughput_per_s", "units", "cycles", "energy_j", "energy_by_component", "average_power_w", "macs", "utilization", "accuracy", "memories", "layers", "outputs", "grade",
    }  # fmt: skip
    assert documented <= set(result)
    keys = {"name", "operator", "unit", "start_s", "end_s", "cycles", "stall_cycles", "macs", "utilization", "energy_j", "read_bytes", "write_bytes", "bound_by"}
    assert keys <= set(result["layers"][0])
    assert set(result["grade"]) == {"latency", "energy", "estimated_share"}
    assert set(result["energy_j"]) == {"total", "dynamic", "static"}


def test_the_csv_has_a_row_a_layer(tmp_path):
    invoke("run", CHIP, MODEL, "--csv", str(tmp_path / "r.csv"), "--json", str(tmp_path / "r.json"))
    rows = list(csv.DictReader((tmp_path / "r.csv").open()))
    layers = json.loads((tmp_path / "r.json").read_text())["layers"]
    assert [row["name"] for row in rows] == [layer["name"] for layer in layers]
    assert [int(row["cycles"]) for row in rows] == [layer["cycles"] for layer in layers]


def test_the_trace_has_a_track_for_every_server_and_spans_that_do_not_overlap(tmp_path):
    invoke("run", CHIP, MODEL, "--trace", str(tmp_path / "t.json"))
    events = json.loads((tmp_path / "t.json").read_text())["traceEvents"]
    tracks = {e["tid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "thread_name"}
    assert {"npu", "cpu", "sram.read", "sram.write", "flash", "dma"} <= set(tracks.values())
    for tid in tracks:
        spans = sorted((e["ts"], e["ts"] + e["dur"]) for e in events if e["ph"] == "X" and e["tid"] == tid)
        assert all(later[0] >= earlier[1] - 1e-9 for earlier, later in zip(spans, spans[1:], strict=False))
    assert {"power [mW]", "flash [GB/s]"} <= {e["name"] for e in events if e["ph"] == "C"}


def test_the_same_run_twice_writes_the_same_bytes(tmp_path):
    for name in "ab":
        invoke("run", CHIP, MODEL, "--json", str(tmp_path / name))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_both_engines_report_the_same(tmp_path):
    results = []
    for engine in ("compiled", "event"):
        invoke("run", CHIP, MODEL, "--engine", engine, "--json", str(tmp_path / engine))
        results.append(json.loads((tmp_path / engine).read_text()) | {"engine": ""})
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "ethos_u55_12", MODEL), "did you mean 'ethos_u55_128'?"),
        (("run", CHIP, "mobilnet_v2"), "did you mean 'mobilenet_v2'?"),
        (("run", "./no.yaml", MODEL), "no such chip file"),
        (("run", CHIP, "./no.tflite"), "no such model file"),
        (("run", CHIP, "./no.pb"), ".pb"),
        (("run", CHIP, MODEL, "--set", "units.npu.clok=1GHz"), "did you mean 'clock'?"),
        (("run", CHIP, MODEL, "--set", "units.npu.clock=fast"), "'fast' is not a quantity"),
        (("run", CHIP, MODEL, "--set", "units.npu.clock"), "path=value"),
        (("run", CHIP, MODEL, "--batch", "0"), "--batch"),
        (("run", CHIP, MODEL, "--rate", "-1"), "--rate"),
        (("run", CHIP, MODEL, "--data", "digit"), "digits"),
        (("run", CHIP, MODEL, "--no-execute", "--data", "digits"), "--data"),
        (("run", CHIP, MODEL, "--json", "/no/such/folder/x.json"), "cannot be written"),
        (("run", CHIP, MODEL, "--input", "no.npy"), "no.npy"),
        (("run", CHIP, MODEL, "--mapping", "no.yaml"), "no.yaml"),
        (("run", "cortex_m7", "mobilenet_v2"), "largest tensor"),
        (("map", CHIP, MODEL, "conv2d_9"), "conv2d_"),
        (("explain", "systolic_aray"), "did you mean 'systolic_array'?"),
    ],
)
def test_a_mistake_is_one_line_and_exit_status_two(arguments, told):
    outcome = invoke(*arguments)
    assert outcome.exit_code == 2, outcome.output
    assert told in outcome.output
    assert len(outcome.output.strip().splitlines()) == 1


def test_a_saved_mapping_is_kept_to_and_an_edited_one_changes_the_plan(tmp_path):
    saved = tmp_path / "mapping.yaml"
    assert invoke("map", "ethos_u65_256", "mobilenet_v2", "--save", str(saved)).exit_code == 0
    pinned = invoke("map", "ethos_u65_256", "mobilenet_v2", "stem", "--mapping", str(saved))
    assert pinned.output.count("chosen:") == 1
    text = saved.read_text().replace("  stem:\n    order: cascade\n    tile: 15\n    cascade: stem", "  stem:\n    order: rows_outer\n    tile: 8")
    assert "rows_outer\n    tile: 8" in text
    saved.write_text(text)
    assert "rows_outer in 14 groups" in invoke("map", "ethos_u65_256", "mobilenet_v2", "stem", "--mapping", str(saved)).output


def test_explain_names_every_parameter_of_every_kind():
    for kind in ("chip", "dot_product_array", "systolic_array", "vector_unit", "scratchpad", "dram_channel", "flash", "dma"):
        outcome = invoke("explain", kind)
        assert outcome.exit_code == 0
        assert "required" in outcome.output
