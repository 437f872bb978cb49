"""SCALE-Sim configurations as chips: the cycles that SCALE-Sim prints, and what is refused."""

import csv
import json
from pathlib import Path

import pytest

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.pipeline import Options, load_chip, run

GOLDEN = Path(__file__).resolve().parents[2].parent / "shared" / "golden" / "scalesim"
TOPOLOGY = "Layer, M, N, K,\nL0, 64, 32, 48,\n"
CONFIG = """[general]
run_name = small

[architecture_presets]
ArrayHeight:    8
ArrayWidth:     4
IfmapSramSzkB:   64
FilterSramSzkB:  32
OfmapSramSzkB:   16
IfmapOffset:    0
FilterOffset:   10000000
OfmapOffset:    20000000
Bandwidth : 10
Dataflow : ws

[run_presets]
InterfaceBandwidth: CALC
"""


def chip_of(tmp_path, text: str = CONFIG, *overrides: str):
    path = tmp_path / "array.cfg"
    path.write_bytes(text.encode())
    return load_chip(str(path), overrides)


def run_on(tmp_path, chip, topology: str = TOPOLOGY):
    path = tmp_path / "net.csv"
    path.write_text(topology)
    return run(chip, str(path), options=Options(execute=False))


def printed(folder: Path) -> list[int]:
    with open(folder / "COMPUTE_REPORT.csv", newline="") as file:
        return [int(float(row[2])) for row in list(csv.reader(file))[1:]]


@pytest.mark.parametrize("name", sorted(p.name for p in GOLDEN.glob("*__calc")) if GOLDEN.is_dir() else [])
def test_every_layer_takes_the_cycles_that_scale_sim_prints_and_the_one_it_leaves_out(name):
    result = run(load_chip(str(GOLDEN / name / "config.cfg")), str(GOLDEN / name / "topology.csv"), options=Options(execute=False))
    layers = json.loads(json.dumps(result.to_dict()))["layers"]
    assert [layer["cycles"] - 1 for layer in layers] == printed(GOLDEN / name)
    assert all(layer["stall_cycles"] == 0 for layer in layers)


def test_golden_runs_are_at_hand():
    if not GOLDEN.is_dir():
        pytest.skip("../shared/golden/scalesim is not there: SCALE-Sim's own figures were not compared")
    assert len(list(GOLDEN.glob("*__calc"))) >= 9


def test_without_clock_and_table_seconds_and_joules_are_null_and_the_result_says_why(tmp_path):
    result = run_on(tmp_path, chip_of(tmp_path))
    report = result.to_dict()
    assert [report[key] for key in ("latency_s", "first_latency_s", "throughput_per_s", "energy_j", "average_power_w")] == [None] * 5
    assert report["units"]["array"]["clock_hz"] is None and report["cycles"] >= report["layers"][0]["cycles"]
    assert [(layer["start_s"], layer["end_s"]) for layer in report["layers"]] == [(None, None)]
    assert "no clock" in result.why_no_time and "no energy table" in result.why_no_energy


def test_cycles_are_folds_times_fill_stream_and_drain(tmp_path):
    # Weight stationary: 48/8 x 32/4 folds of 8 (load) + 64 (stream) + 7 + 3 (skew).
    assert run_on(tmp_path, chip_of(tmp_path)).layer_rows[0].cycles == 6 * 8 * (8 + 64 + 7 + 3)


def test_a_narrow_user_interface_stalls_the_array_and_a_wide_one_does_not(tmp_path):
    user = CONFIG.replace("CALC", "USER")
    narrow, wide = (run_on(tmp_path, chip_of(tmp_path, user.replace("Bandwidth : 10", f"Bandwidth : {words}"))).layer_rows[0] for words in (1, 1000))
    assert narrow.cycles == wide.cycles
    assert narrow.stall_cycles > 10 * max(1, wide.stall_cycles)


def test_a_user_interface_carries_its_words_a_cycle_at_any_clock(tmp_path):
    # 64 x 48 words of input at 1 a cycle are 3072 cycles, and each comes at least once.
    user = CONFIG.replace("CALC", "USER").replace("Bandwidth : 10", "Bandwidth : 1")
    counted = run_on(tmp_path, chip_of(tmp_path, user)).layer_rows[0]
    timed = run_on(tmp_path, chip_of(tmp_path, user, "units.array.clock=250MHz")).layer_rows[0]
    assert counted.cycles + counted.stall_cycles >= 64 * 48
    assert (timed.cycles, timed.stall_cycles) == (counted.cycles, counted.stall_cycles)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.upper().replace("[GENERAL]", "[General]"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: "; made by hand\n" + text.replace("Dataflow : ws", "Dataflow=WS   # weights stay"),
        lambda text: text.replace("Bandwidth : 10", "Bandwidth : 10, 10, 10"),
        lambda text: text + "UseRamulatorTrace: False\n\n[sparsity]\nSparsitySupport: false\nBlockSize: 8\n[layout]\nIfmapCustomLayout: False\n",
        lambda text: text + "[network_presets]\nTopologyCsvLoc: ./net.csv\n",
    ],
)
def test_case_spaces_line_ends_comments_and_version_do_not_matter(tmp_path, change):
    array = chip_of(tmp_path, change(CONFIG)).units["array"]
    assert (array.rows, array.cols, array.dataflow, array.edge_fold, array.drain) == (8, 4, "weight_stationary", "full", "column_bus")


def test_an_override_reaches_the_array(tmp_path):
    assert chip_of(tmp_path, CONFIG, "units.array.rows=16").units["array"].rows == 16


def test_a_clock_given_as_an_override_gives_seconds(tmp_path):
    result = run_on(tmp_path, chip_of(tmp_path, CONFIG, "units.array.clock=500MHz"))
    assert result.latency_s == pytest.approx(6 * 8 * 82 / 500e6, rel=1e-9)


@pytest.mark.parametrize(
    "found, put, words",
    [
        ("ArrayHeight:    8", "", "[architecture_presets] arrayheight: is missing"),
        ("ArrayHeight:    8", "ArrayHeight: eight", "arrayheight: 'eight' is not a whole number from 1 to"),
        ("ArrayHeight:    8", "ArrayHeight: 0", "arrayheight: '0' is not a whole number"),
        ("ArrayHeight:    8", "ArrayHeight: -8", "arrayheight: '-8' is not a whole number"),
        ("ArrayHeight:    8", "ArrayHeight: 8.5", "arrayheight: '8.5' is not a whole number"),
        ("ArrayHeight:    8", "ArrayHeight: " + "9" * 9999, "is not a whole number from 1 to"),
        ("ArrayHeight:    8", "ArrayHieght: 8", "arrayhieght: is not a key of SCALE-Sim that is known (did you mean 'arrayheight'?)"),
        ("ArrayHeight:    8", "ArrayHeight: 8\nArrayHeight: 9", "line 6: key 'arrayheight' stands twice"),
        ("Dataflow : ws", "Dataflow : rs", "dataflow: 'rs' is not one of os, ws, is"),
        ("Dataflow : ws", "Dataflow", "'Dataflow"),
        ("Bandwidth : 10", "Bandwidth : 10, 20", "bandwidth: '10, 20' is not one number of words per cycle"),
        ("Bandwidth : 10", "Bandwidth : ", "bandwidth: '' is not one number"),
        ("Bandwidth : 10", "Bandwidth : ten", "bandwidth: 'ten' is not a whole number"),
        ("CALC", "GUESS", "interfacebandwidth: 'GUESS' is not one of calc, user"),
        ("CALC", "CALC\nUseRamulatorTrace: True", "useramulatortrace: 'True': latencies from Ramulator traces are not read"),
        ("CALC", "CALC\n[sparsity]\nSparsitySupport : true", "sparsitysupport: 'true': sparsity by declared ratios is not modelled"),
        ("CALC", "CALC\n[layout]\nIfmapCustomLayout : True", "ifmapcustomlayout: 'True': custom layouts"),
        ("CALC", "CALC\n[layout]\nFilterCustomLayout : maybe", "filtercustomlayout: 'maybe' is not one of true, false"),
        ("CALC", "CALC\n[sparcity]\nx : y", "[sparcity]: 'sparcity' is not one of"),
        ("CALC", "CALC\n[general]\nx : y", "section 'general' stands twice"),
        ("[general]", "ArrayHeight: 8", "line 1: 'ArrayHeight: 8' stands before the first [section]"),
        ("[general]\n", "[general]\nnonsense\n", "line 2: 'nonsense' is not 'key: value'"),
    ],
)
def test_a_broken_configuration_gives_one_line_with_section_and_key(tmp_path, found, put, words):
    with pytest.raises(AccelsimError) as caught:
        user = CONFIG.replace("CALC", "USER") if "Bandwidth" in found else CONFIG
        chip_of(tmp_path, user.replace(found, put))
    text = str(caught.value)
    assert words in text and "array.cfg" in text and "\n" not in text


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"\x00\x00", b"{}", b"- 1\n"])
def test_what_is_no_configuration_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "array.cfg"
    path.write_bytes(content)
    with pytest.raises(AccelsimError) as caught:
        load_chip(str(path))
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_configuration_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(AccelsimError, match="no such chip file"):
        load_chip(str(tmp_path / "none.cfg"))


def test_pooling_on_an_array_without_host_is_refused_by_name(tmp_path):
    with pytest.raises(UnsupportedError, match="no unit of 'array' does"):
        run(chip_of(tmp_path), "mobilenet_v2", options=Options(execute=False))
