"""How wrong predictions are: statistics in the head's figures, rows that are refused, and a fit that finds what was hidden."""

import re
from dataclasses import replace

import pytest
import yaml

from accelsim.base.errors import AccelsimError
from accelsim.hardware.chip_files import chip_names, load_chip_file
from accelsim.pipeline import load_chip
from accelsim.reports.validation import devices_table, predicted_and_measured, rows_table
from accelsim.studies.calibrate import calibrate, write_calibrated
from accelsim.studies.measured import COLUMNS, load_measurements, measurement_files
from accelsim.studies.validate import predict, statistics, validate

ROW = {
    "chip": "ethos_u55_128", "overrides": "", "model": "digits_cnn", "input": "", "precision": "int8", "batch": "1", "layers": "", "metric": "latency", "value": "1", "unit": "ms",
    "split": "validation", "grade": "published", "source": "a paper", "conditions": "",
}  # fmt: skip


def measured(tmp_path, *changes: dict) -> str:
    path = tmp_path / "rows.csv"
    rows = [ROW | change for change in changes]
    path.write_text("\n".join([",".join(COLUMNS), *(",".join(row[c] for c in COLUMNS) for row in rows)]) + "\n")
    return str(path)


def of(predicted: float, published: float) -> dict:
    return {"predicted": predicted, "published": published, "error": predicted / published - 1}


def test_errors_are_relative_to_what_was_published():
    found = statistics([of(11, 10), of(10, 20), of(30, 30)])
    assert (found["n"], found["median"], found["worst"]) == (3, pytest.approx(0.1), pytest.approx(-0.5))
    assert found["mape"] == pytest.approx(0.2)


def test_a_wrong_level_alone_is_nothing_when_one_is_left_out():
    found = statistics([of(1, 2), of(2, 4), of(3, 6)])
    assert found["leave_one_out"] == pytest.approx(0)
    assert found["rank"] == pytest.approx(1)


def test_the_wrong_order_is_a_rank_correlation_of_minus_one():
    assert statistics([of(3, 1), of(2, 2), of(1, 3)])["rank"] == pytest.approx(-1)


def test_two_rows_have_neither_rank_nor_leave_one_out():
    found = statistics([of(1, 2), of(2, 2)])
    assert found["rank"] is None and found["leave_one_out"] is None


def test_the_shipped_rows_are_calibration_or_validation_and_none_that_validates_is_recalled():
    rows = load_measurements()
    assert len(measurement_files()) >= 4
    assert {row.split for row in rows} == {"calibration", "validation"}
    assert not [row for row in rows if row.split == "validation" and row.grade == "estimated"]
    for row in rows:
        load_chip(row.chip, row.overrides)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ([{"grade": "estimated"}], "validates with an estimated figure"),
        ([{}, {"split": "calibration"}], "a figure is one or the other"),
        ([{"split": "both"}], "is not one of calibration, validation"),
        ([{"source": ""}], "source: is empty"),
        ([{"unit": "mW"}], "unit"),
        ([{"metric": "speed"}], "is not one of latency"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_line(tmp_path, changes, why):
    with pytest.raises(AccelsimError, match=why) as caught:
        load_measurements([measured(tmp_path, *changes)])
    assert "line" in str(caught.value)


def test_a_prediction_is_what_a_run_says_and_a_missing_model_is_named(tmp_path):
    found = validate(files=[measured(tmp_path, {}, {"model": "gone/net.tflite"})], workers=1)
    assert found.rows[0]["error"] == pytest.approx(found.rows[0]["predicted"] / 1e-3 - 1)
    assert "--models" in found.rows[1]["failure"] and found.rows[1]["error"] is None
    assert [entry["n"] for entry in found.devices()] == [1, 1]


def test_a_layers_time_is_its_cycles_over_the_clock(tmp_path):
    whole, first = (load_measurements([measured(tmp_path, {"metric": "processing_latency", "layers": layers})])[0] for layers in ("", "conv1"))
    with pytest.raises(AccelsimError, match="has no layer 'conv1'.*it has"):
        predict(first, "ethos_u55_128")
    assert predict(whole, "ethos_u55_128", ["units.npu.clock=250 MHz", "units.cpu.clock=250 MHz"]) == pytest.approx(2 * predict(whole, "ethos_u55_128"))


def test_a_fit_finds_the_figure_that_made_the_rows_and_its_file_says_so(tmp_path):
    truth = predict(load_measurements([measured(tmp_path, {})])[0], "ethos_u55_128", ["units.npu.clock=400 MHz"])
    rows = measured(tmp_path, {"split": "calibration", "value": f"{truth * 1e3}"}, {"value": "77"})
    found = calibrate("ethos_u55_128", ["units.npu.clock"], files=[rows])
    assert found.values["units.npu.clock"] == pytest.approx(400e6, rel=0.03)
    assert found.after < 0.02 < found.before
    write_calibrated(found, tmp_path / "own.yaml")
    chip = load_chip(str(tmp_path / "own.yaml"))
    assert chip.file.units["npu"].clock == pytest.approx(400e6, rel=0.03)
    assert "1 figures fitted to 1 calibration rows" in chip.provenance_of("units.npu.clock").source
    assert yaml.safe_load((tmp_path / "own.yaml").read_text())["extends"] == "ethos_u55_128"


def test_a_fit_may_look_at_one_metric_only_and_fit_an_own_file(tmp_path):
    truth = predict(load_measurements([measured(tmp_path, {})])[0], "ethos_u55_128", ["units.npu.clock=400 MHz"])
    rows = measured(tmp_path, {"split": "calibration", "value": f"{truth * 1e3}"}, {"split": "calibration", "metric": "throughput", "value": "1", "unit": "1/s"})
    (tmp_path / "own.yaml").write_text("extends: ethos_u55_128\nunits: {npu: {clock: 800 MHz}}\n")
    found = calibrate(f"ethos_u55_128={tmp_path}/own.yaml", ["units.npu.clock"], files=[rows], metrics=["latency"])
    assert len(found.rows) == 1
    assert found.values["units.npu.clock"] == pytest.approx(400e6, rel=0.03)


def test_the_throughput_of_copies_at_once_is_their_sum(tmp_path):
    path = tmp_path / "rows.csv"
    row = ROW | {"chip": "jetson_agx_xavier", "model": "resnet18", "metric": "throughput", "unit": "1/s", "units": '"gpu,2; dla0,1"'}
    path.write_text("\n".join([",".join((*COLUMNS, "units")), ",".join(row[c] for c in (*COLUMNS, "units"))]) + "\n")
    (read,) = load_measurements([path])
    assert read.shares == ((("gpu",), 2), (("dla0",), 1))
    one, other = (predict(replace(read, shares=(share,)), "jetson_agx_xavier") for share in read.shares)
    assert max(one, other) < predict(read, "jetson_agx_xavier") <= (one + other) * 1.001
    path.write_text(path.read_text().replace("dla0,1", "dla0"))
    with pytest.raises(AccelsimError, match="line 2: units 'dla0' is not UNIT"):
        load_measurements([path])
    with pytest.raises(AccelsimError, match="asks for the latency of several copies"):
        predict(replace(read, metric="latency"), "jetson_agx_xavier")


def test_a_calibrated_file_is_shown_beside_the_chip_and_counted_apart(tmp_path):
    row = {"chip": "jetson_agx_orin", "model": "resnet18"}
    found = validate(files=[measured(tmp_path, row, {"value": "3"})], workers=1)
    assert [(r["chip"], r["calibrated"]) for r in found.rows] == [("jetson_agx_orin", False)] + [("jetson_agx_orin_calibrated", True)] + [("ethos_u55_128", False)]
    assert [(entry["chip"], entry["n"]) for entry in found.devices()] == [
        ("jetson_agx_orin", 1), ("jetson_agx_orin_calibrated", 1), ("ethos_u55_128", 1), ("all", 2), ("all, calibrated", 2),
    ]  # fmt: skip


def test_more_figures_than_rows_are_refused(tmp_path):
    rows = measured(tmp_path, {"split": "calibration"})
    with pytest.raises(AccelsimError, match="1 calibration rows of 'ethos_u55_128' carry at most 1 figures, not 2"):
        calibrate("ethos_u55_128", ["units.npu.clock", "start.warm_cycles"], files=[rows])


def test_tables_and_figure_hold_every_row(tmp_path):
    found = validate(files=[measured(tmp_path, {}, {"value": "2", "split": "calibration"})], workers=1)
    assert rows_table(found.rows).row_count == 2
    assert devices_table(found.devices(), "validation").row_count == 2
    points = [line for line in predicted_and_measured(found.rows).axes[0].get_lines() if line.get_marker() != "None" and len(line.get_xdata())]
    assert sum(len(line.get_xdata()) for line in points) == 2


# Written by `accelsim calibrate`; the others take a sibling's figure or somebody else's fit.
FITTED = [name for name in chip_names() if name.endswith("_calibrated") and name not in ("loihi_calibrated", "jetson_agx_xavier_maxq_calibrated")]


@pytest.mark.parametrize("name", FITTED)
def test_a_calibrated_file_changes_fitted_figures_only_and_names_no_validation_row(name):
    chip, base = load_chip_file(name), load_chip_file(name.removesuffix("_calibrated"))
    fitted = {path for path, origin in chip.provenance.items() if "calibration rows" in origin.source}
    assert fitted and all(chip.provenance[path].grade == "estimated" for path in fitted)
    assert {path for path in chip.provenance if chip.provenance[path] != base.provenance_of(path)} - {"title"} == fitted
    lines = {int(line) for path in fitted for line in re.findall(r"line (\d+)", chip.provenance[path].source)}
    rows = [row for row in load_measurements() if row.chip == base.file.name]
    used = [row for row in rows if int(row.place.rpartition(" ")[2]) in lines]
    assert len(fitted) <= len(used) and {row.split for row in used} == {"calibration"}
