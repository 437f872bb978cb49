"""Are the formats for other programs what those programs read?"""

import csv
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from accelsim.base.errors import UnsupportedError
from accelsim.cli import main
from accelsim.exporters import formats, parquet, scalesim_reports
from accelsim.pipeline import Options, load_chip, run

GOLDEN = Path(__file__).resolve().parents[2].parent / "shared" / "golden" / "scalesim"
EXACT = ("Total Cycles", "Stall Cycles", "Overall Util %", "Avg IFMAP SRAM BW", "Avg FILTER SRAM BW", "SRAM IFMAP Reads", "SRAM Filter Reads")
REPORTS = ("COMPUTE_REPORT.csv", "BANDWIDTH_REPORT.csv", "DETAILED_ACCESS_REPORT.csv")


def rows_of(path: Path) -> list[dict[str, float]]:
    with open(path, newline="") as file:
        return [{key.strip(): float(value) for key, value in row.items() if key and key.strip()} for row in csv.DictReader(file)]


@pytest.mark.parametrize("name", sorted(p.name for p in GOLDEN.glob("*__calc")) if GOLDEN.is_dir() else [])
def test_the_columns_that_mean_the_same_hold_what_scale_sim_prints(name, tmp_path):
    result = run(load_chip(str(GOLDEN / name / "config.cfg")), str(GOLDEN / name / "topology.csv"), options=Options(execute=False))
    scalesim_reports.write(result, tmp_path / "reports")
    for report in REPORTS:
        own, printed = rows_of(tmp_path / "reports" / report), rows_of(GOLDEN / name / report)
        assert len(own) == len(printed) and set(own[0]) <= set(printed[0])
        for column in set(EXACT) & set(own[0]):
            assert [row[column] for row in own] == pytest.approx([row[column] for row in printed], rel=1e-9), column


def test_golden_reports_are_at_hand():
    if not GOLDEN.is_dir():
        pytest.skip("../shared/golden/scalesim is not there: SCALE-Sim's own reports were not compared")
    assert len(list(GOLDEN.glob("*__calc"))) >= 9


def test_what_is_left_out_is_named(tmp_path):
    scalesim_reports.write(run("systolic_npu", "digits_cnn", options=Options(execute=False)), tmp_path / "reports")
    text = (tmp_path / "reports" / "LEFT_OUT.txt").read_text()
    for column in ("Total Cycles (incl. prefetch)", "Mapping Efficiency %", "Avg IFMAP DRAM BW", "Start Cycle, Stop Cycle", "OFMAP writes"):
        assert column in text


def test_parquet_holds_the_layer_table(tmp_path):
    pytest.importorskip("pyarrow", reason="pyarrow is optional: Parquet was not written")
    import pandas

    result = run("ethos_u55_128", "digits_cnn", options=Options(execute=False))
    parquet.write(result, tmp_path / "layers.parquet")
    assert pandas.read_parquet(tmp_path / "layers.parquet")[["name", "cycles"]].equals(result.layers[["name", "cycles"]])


def test_without_pyarrow_parquet_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UnsupportedError, match="pip install pyarrow"):
        parquet.write_table([{"a": 1}], tmp_path / "t.parquet")
    assert not (tmp_path / "t.parquet").exists()


def test_every_format_is_listed_and_written_by_the_command(tmp_path):
    listing = CliRunner().invoke(main, ["export", "ethos_u55_128:digits_cnn"])
    assert all(name in listing.output for name in formats())
    assert CliRunner().invoke(main, ["run", "ethos_u55_128", "digits_cnn", "--no-layers", "--save", str(tmp_path / "r.accelsim")]).exit_code == 0
    for name in set(formats()) - {"parquet"}:
        outcome = CliRunner().invoke(main, ["export", str(tmp_path / "r.accelsim"), name, str(tmp_path / name)])
        assert outcome.exit_code == 0 and (tmp_path / name).exists(), outcome.output


@pytest.mark.parametrize("arguments, words", [(("ethos_u55_128:digits_cnn", "cvs", "x"), "did you mean 'csv'?"), (("ethos_u55_128:digits_cnn", "csv"), "needs a PATH"), (("nothing", "csv", "x"), "neither a saved result")])
def test_a_mistake_is_one_line(arguments, words):
    outcome = CliRunner().invoke(main, ["export", *arguments])
    assert outcome.exit_code == 2 and words in outcome.output and len(outcome.output.strip().splitlines()) == 1


def test_scale_sims_reports_count_what_reaches_dram_and_not_what_a_cache_gives(tmp_path):
    dram = {}
    for capacity in ("1 B", "64 MiB"):
        found = run(load_chip("cortex_a53", [f"memories.l2.capacity={capacity}"]), "digits_cnn", options=Options(execute=False))
        folder = tmp_path / capacity.replace(" ", "")
        scalesim_reports.write(found, folder)
        rows = [line.split(",") for line in (folder / "DETAILED_ACCESS_REPORT.csv").read_text().splitlines()]
        head = [name.strip() for name in rows[0]]
        columns = [i for i, name in enumerate(head) if "DRAM" in name and "Reads" in name and "Cycle" not in name]
        dram[capacity] = sum(float(row[i]) for row in rows[1:] for i in columns)
    assert dram["64 MiB"] == 0 < dram["1 B"]
