"""Does a sweep hold every point, survive a kill, and say what matters?"""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from accelsim.base.errors import AccelsimError
from accelsim.cli import main
from accelsim.pipeline import Options, load_chip, run
from accelsim.results.summary import summary
from accelsim.studies._constraint import condition
from accelsim.studies._grid import axes_of, grid, read_points
from accelsim.studies.sweep import sweep

ROOT = Path(__file__).resolve().parents[2]
AXES = {"units.npu.rows": [8, 16], "memories.dram.bandwidth": ["3.2 GB/s", "6.4 GB/s"]}
COLUMNS = ("latency_s", "energy_j", "chip", "units.npu.rows")


@pytest.fixture(scope="module")
def swept():
    return sweep(["systolic_npu"], ["digits_cnn", "mnist_cnn"], AXES, workers=1)


def test_a_grid_is_every_combination_the_last_path_fastest():
    assert grid({"a": [1, 2], "b": ["x", "y"]}) == [(("a", "1"), ("b", "x")), (("a", "1"), ("b", "y")), (("a", "2"), ("b", "x")), (("a", "2"), ("b", "y"))]


def test_a_comma_in_brackets_does_not_part_values():
    assert axes_of(["units.npu.rows=8, 16", "placement.constants=[sram,dram],[dram]"]) == {"units.npu.rows": ("8", "16"), "placement.constants": ("[sram,dram]", "[dram]")}


@pytest.mark.parametrize("text", ["rows", "=8", "rows=", "rows=8,,16", "rows=8,8"])
def test_an_axis_that_is_none_is_refused_in_one_line(text):
    with pytest.raises(AccelsimError):
        axes_of([text])


def test_a_point_is_a_single_run(swept):
    for row in swept.rows:
        chip = load_chip(row["chip"], [f"{path}={row[path]}" for path in AXES])
        figures = summary(run(chip, row["model"], options=Options(execute=False)))
        assert {name: row[name] for name in figures} == figures


def test_a_point_that_cannot_be_is_a_row_that_says_why():
    rows = sweep(["systolic_npu"], ["digits_cnn"], {"units.npu.rows": [0, 8]}, workers=1).rows
    assert "units.npu.rows" in rows[0]["failure"] and rows[1]["failure"] == ""


def test_processes_do_not_change_the_table(swept):
    assert sweep(["systolic_npu"], ["digits_cnn", "mnist_cnn"], AXES, workers=2).rows == swept.rows


def test_a_list_of_points_is_read_from_csv(tmp_path, swept):
    path = tmp_path / "points.csv"
    path.write_text("units.npu.rows,memories.dram.bandwidth\n8,6.4 GB/s\n16,\n")
    points = read_points(path)
    assert points == [(("units.npu.rows", "8"), ("memories.dram.bandwidth", "6.4 GB/s")), (("units.npu.rows", "16"),)]
    rows = sweep(["systolic_npu"], ["digits_cnn"], points, workers=1).rows
    assert rows[0] == swept.rows[1]


def test_a_store_is_taken_up_where_it_ended(tmp_path, swept):
    store = tmp_path / "points.db"
    whole = sweep(["systolic_npu"], ["digits_cnn", "mnist_cnn"], AXES, store=store, workers=1)
    with sqlite3.connect(store) as base:
        base.execute("DELETE FROM points WHERE number % 3 = 1")
    base.close()
    seen = []
    again = sweep(["systolic_npu"], ["digits_cnn", "mnist_cnn"], AXES, store=store, workers=1, on_progress=lambda *now: seen.append(now))
    assert again.rows == whole.rows == swept.rows
    assert seen[-1][1:] == (8, 8) and len(seen) <= 3


def test_a_store_of_another_sweep_is_refused(tmp_path):
    store = tmp_path / "points.db"
    sweep(["systolic_npu"], ["digits_cnn"], {"units.npu.rows": [8]}, store=store, workers=1)
    with pytest.raises(AccelsimError, match="holds another sweep"):
        sweep(["systolic_npu"], ["digits_cnn"], {"units.npu.rows": [16]}, store=store, workers=1)


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "points.db"
    path.write_text("something else, of some length, that is no data base\n" * 9)
    before = path.read_bytes()
    with pytest.raises(AccelsimError, match="cannot be used to keep a sweep"):
        sweep(["systolic_npu"], ["digits_cnn"], {"units.npu.rows": [8]}, store=path, workers=1)
    assert path.read_bytes() == before


def kill_half_way(store: Path, arguments: list[str], total: int, least: int) -> int:
    """Start a sweep in a session of its own, end it by SIGKILL when some points are kept, and return how many they are."""
    process = subprocess.Popen([sys.executable, "-m", "accelsim.cli", "sweep", *arguments, "--store", str(store)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    kept = 0
    try:
        while kept < least and process.poll() is None:
            time.sleep(0.02)
            kept = count(store)
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
    return count(store)


def count(store: Path) -> int:
    if not store.is_file():
        return 0
    base = sqlite3.connect(store, timeout=10)
    try:
        return base.execute("SELECT count(*) FROM points").fetchone()[0]
    except sqlite3.OperationalError:  # not made yet
        return 0
    finally:
        base.close()


def survives(tmp_path: Path, model: str, axes: list[str], total: int, workers: int) -> None:
    arguments = ["systolic_npu", "--model", model, *(word for axis in axes for word in ("--vary", axis)), "--workers", str(workers)]
    kept = kill_half_way(tmp_path / "killed.db", arguments, total, total // 2)
    assert total // 2 <= kept < total
    for name in ("killed", "whole"):
        outcome = CliRunner().invoke(main, ["sweep", *arguments, "--store", str(tmp_path / f"{name}.db"), "--csv", str(tmp_path / f"{name}.csv")])
        assert outcome.exit_code == 0, outcome.output
    assert (tmp_path / "killed.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert len((tmp_path / "whole.csv").read_text().splitlines()) == total + 1


def test_a_killed_sweep_ends_with_the_table_of_an_unbroken_one(tmp_path):
    survives(tmp_path, "digits_cnn", ["units.npu.rows=" + ",".join(map(str, range(1, 201)))], 200, 1)


@pytest.mark.slow
def test_a_thousand_points_on_mobilenet_v2_survive_a_kill(tmp_path):
    rows = "units.npu.rows=" + ",".join(str(4 * i) for i in range(1, 11))
    bandwidths = "memories.dram.bandwidth=" + ",".join(f"{1.6 * i:g} GB/s" for i in range(1, 11))
    sizes = "memories.scratchpad.capacity=" + ",".join(f"{192 + 64 * i} KiB" for i in range(10))
    survives(tmp_path, "mobilenet_v2", [rows, bandwidths, sizes], 1000, 2)


def test_a_condition_keeps_the_rows_for_which_it_holds(swept):
    limit = sorted(row["latency_s"] for row in swept.rows)[3]
    assert {row["latency_s"] for row in swept.where(f"latency_s < {limit!r}").rows} == {row["latency_s"] for row in swept.rows if row["latency_s"] < limit}
    assert {row["units.npu.rows"] for row in swept.where("units.npu.rows >= 9 and model == 'digits_cnn'").rows} == {"16"}


@pytest.mark.parametrize(
    "text, row, holds",
    [
        ("latency_s < 1", {"latency_s": 0.5}, True),
        ("latency_s < 1", {"latency_s": None}, False),
        ("0.1 < latency_s <= 0.5", {"latency_s": 0.5}, True),
        ("latency_s * energy_j < 0.2 or chip == 'a'", {"latency_s": 1, "energy_j": 1, "chip": "a"}, True),
        ("not latency_s < 1", {"latency_s": 0.5}, False),
        ("latency_s / energy_j < 1", {"latency_s": 1, "energy_j": 0}, False),
        ("-latency_s < 0", {"latency_s": 1}, True),
    ],
)
def test_conditions_mean_what_they_say(text, row, holds):
    assert condition(text, COLUMNS)(row) is holds


@pytest.mark.parametrize("text", ["", "latency_s", "latency_s <", "__import__('os')", "latency_s < open('x')", "latency_s.__class__ == 1", "(lambda: 1)() < 2", "latency_s in (1, 2)", "x < 1", "latency_s ** 2 < 1", "[1] < 2", "latency_s < 1; 2"])  # fmt: skip
def test_what_is_no_condition_is_refused_and_never_run(text):
    with pytest.raises(AccelsimError, match="--where"):
        condition(text, COLUMNS)


def test_the_parameter_that_makes_the_figure_explains_it():
    fake = sweep(["systolic_npu"], ["digits_cnn"], {"units.npu.rows": [4, 16], "static_power": ["1 mW", "2 mW"]}, workers=1)
    by_figure = {(row["figure"], row["parameter"]): row for row in fake.sensitivity_rows()}
    assert by_figure["latency_s", "units.npu.rows"]["share"] == pytest.approx(1)
    assert by_figure["latency_s", "static_power"] | {"lowest_at": "", "highest_at": ""} == {
        "parameter": "static_power", "figure": "latency_s", "share": pytest.approx(0), "ratio": pytest.approx(1), "lowest_at": "", "highest_at": "",
    }  # fmt: skip
    assert by_figure["energy_j", "static_power"]["highest_at"] == "2 mW"


def test_shares_of_a_full_grid_do_not_exceed_the_whole(swept):
    for figure in ("latency_s", "energy_j"):
        assert sum(row["share"] for row in swept.sensitivity_rows([figure])) <= 1 + 1e-9


@pytest.mark.parametrize("arguments, words", [(["--vary", "units.npu.rows"], "path=value,value"), ([], "either --vary"), (["--points", "no.csv"], "no.csv"), (["--vary", "units.npu.rows=8", "--where", "speed < 1"], "'speed' is not a column"), (["--vary", "units.npu.rows=8", "--csv", "/no/such/x.csv"], "cannot be written")])  # fmt: skip
def test_a_mistake_is_one_line(arguments, words):
    outcome = CliRunner().invoke(main, ["sweep", "systolic_npu", "--model", "digits_cnn", "--workers", "1", *arguments])
    assert outcome.exit_code == 2 and words in outcome.output and len(outcome.output.strip().splitlines()) == 1


def test_the_command_shows_points_and_what_matters():
    outcome = CliRunner().invoke(main, ["sweep", "systolic_npu", "--model", "digits_cnn", "--vary", "units.npu.rows=8,16", "--workers", "1", "--pareto"])
    assert outcome.exit_code == 0, outcome.output
    assert "what matters most" in outcome.output


def test_a_path_that_no_chip_has_is_an_error_and_not_a_table_without_figures():
    outcome = CliRunner().invoke(main, ["sweep", "systolic_npu", "--model", "digits_cnn", "--vary", "units.npu.rowz=8,16", "--workers", "1"])
    assert outcome.exit_code == 2 and "none of 2 has figures" in outcome.output and "did you mean 'rows'?" in outcome.output


def test_a_wrong_condition_or_column_is_told_before_any_point_is_run(monkeypatch):
    def never(*_, **__):
        raise AssertionError("a point was run")

    monkeypatch.setattr("accelsim.studies.sweep.run", never)
    for words, said in ((["--where", "latency < 1"], "did you mean 'latency_s'?"), (["--pareto", "latency"], "did you mean 'latency_s'?")):
        outcome = CliRunner().invoke(main, ["sweep", "systolic_npu", "--model", "digits_cnn", "--vary", "units.npu.rows=8,16", "--workers", "1", *words])
        assert outcome.exit_code == 2 and said in outcome.output


def test_the_estimated_area_grows_with_the_array():
    found = sweep(["systolic_npu"], ["digits_cnn"], {"units.npu.rows": [8, 16, 32]}, workers=1)
    areas = [row["area_estimate_mm2"] for row in found.rows]
    assert areas == sorted(areas) and areas[0] < areas[-1]
    assert [row["area_mm2"] for row in found.rows] == [None] * 3
    assert len(found.pareto(["latency_s", "area_estimate_mm2"]).rows) >= 1


def test_a_front_in_a_column_without_figures_is_refused():
    found = sweep(["systolic_npu"], ["digits_cnn"], {"units.npu.rows": [8]}, workers=1)
    with pytest.raises(AccelsimError, match="no row has a figure in 'area_mm2'"):
        found.pareto(["latency_s", "area_mm2"])
