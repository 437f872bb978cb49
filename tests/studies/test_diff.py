"""Does a difference name the layers that make it?"""

import pytest
from click.testing import CliRunner
from clockless import write_array_and_layer

from accelsim.base.errors import AccelsimError
from accelsim.cli import main
from accelsim.pipeline import Options, load_chip, run
from accelsim.studies.diff import diff

NO_ARITHMETIC = Options(execute=False)


def test_a_result_does_not_differ_from_itself():
    result = run("ethos_u55_128", "digits_cnn", options=NO_ARITHMETIC)
    found = diff(result, result)
    assert all(row["seconds_a"] == row["seconds_b"] and row["share_of_changes"] == 0 for row in found.rows)
    assert list(found.words()) == ["The layers take the same time."]


def test_shares_add_up_and_the_largest_difference_stands_first():
    found = diff("ethos_u55_128:squeezenet1_1", "ethos_u55_256:squeezenet1_1")
    assert sum(abs(row["share_of_changes"]) for row in found.rows) == pytest.approx(1)
    changes = [abs(row["seconds_b"] - row["seconds_a"]) for row in found.rows]
    assert changes == sorted(changes, reverse=True)
    assert found.rows[0]["layer"] in "".join(found.words())


def test_a_slower_flash_is_found_in_the_layers_that_it_bounds(tmp_path):
    slow = run(load_chip("ethos_u55_128", ["memories.flash.bandwidth=50 MB/s"]), "squeezenet1_1", options=NO_ARITHMETIC)
    found = diff("ethos_u55_128:squeezenet1_1", slow)
    assert {row["bound_by_b"] for row in found.rows if row["share_of_changes"] > 0.05} == {"flash"}
    assert any("from compute to flash" in line for line in found.words())


def test_a_saved_result_is_compared_like_the_run_itself(tmp_path):
    result = run("ethos_u55_128", "digits_cnn", options=NO_ARITHMETIC)
    result.save(tmp_path / "a.accelsim")
    assert diff(str(tmp_path / "a.accelsim"), "systolic_npu:digits_cnn").rows == diff("ethos_u55_128:digits_cnn", "systolic_npu:digits_cnn").rows


def test_without_a_clock_cycles_are_compared(tmp_path):
    (chip, model), (larger, _) = write_array_and_layer(tmp_path), write_array_and_layer(tmp_path, 16)
    found = diff(f"{chip}:{model}", f"{larger}:{model}")
    assert found.measure == "cycles" and found.rows[0]["seconds_a"] is None
    assert found.rows[0]["share_of_changes"] == -1 and "cycles less" in next(iter(found.words()))


@pytest.mark.parametrize("given", ["nothing", "ethos_u55_128:", ":digits_cnn", "no.accelsim"])
def test_what_is_no_result_is_refused_in_one_line(given):
    with pytest.raises(AccelsimError, match="neither a saved result nor CHIP:MODEL|no such result file"):
        diff(given, "ethos_u55_128:digits_cnn")


def test_the_command_explains(tmp_path):
    outcome = CliRunner().invoke(main, ["diff", "ethos_u55_128:digits_cnn", "systolic_npu:digits_cnn", "--csv", str(tmp_path / "d.csv")])
    assert outcome.exit_code == 0, outcome.output
    assert "explain" in outcome.output and (tmp_path / "d.csv").read_text().startswith("layer,cycles_a,cycles_b")


def test_where_totals_cancel_each_change_still_counts():
    found = diff("systolic_npu:mobilenet_v2", "ethos_u65_512:mobilenet_v2")
    changes = [row["seconds_b"] - row["seconds_a"] for row in found.rows]
    assert min(changes) < 0 < max(changes)
    assert all(abs(row["share_of_changes"]) <= 1 and (row["share_of_changes"] > 0) == (change > 0) for row, change in zip(found.rows, changes, strict=True) if change)
    first = next(iter(found.words()))
    assert " more in " in first and " less in " in first
