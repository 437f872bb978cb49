"""Does the command line say what an action costs, with range, grade and source?"""

import pytest
from click.testing import CliRunner

from accelsim.cli import main


def lines(*arguments: str) -> list[str]:
    outcome = CliRunner().invoke(main, list(arguments))
    assert outcome.exit_code == 0, outcome.output
    return outcome.output.splitlines()


def test_an_operation_has_figure_grade_and_source():
    figure, grade, source = lines("energy", "mac_int8", "--process", "45nm")
    assert figure.endswith("300 fJ") and grade == "grade: derived" and "Horowitz" in source


def test_a_scaled_sram_has_a_range():
    figure, grade, source = lines("energy", "sram_read", "--process", "7nm", "--bytes", "64KiB", "--width", "32")
    assert " to " in figure and grade == "grade: estimated" and "CACTI 7" in source


def test_every_listed_action_answers():
    for line in lines("energy"):
        for name in line.partition(": ")[2].split(", "):
            assert lines("energy", name, "--process", "22nm", "--bytes", "64KiB")


@pytest.mark.parametrize(("arguments", "message"), [
    (("mac_int9", "--process", "7nm"), "did you mean 'mac_int8'?"),
    (("mac_int8",), "needs a process"),
    (("sram_read", "--process", "22nm"), "needs the size"),
])  # fmt: skip
def test_a_mistake_is_one_line(arguments, message):
    outcome = CliRunner().invoke(main, ["energy", *arguments])
    assert outcome.exit_code == 2 and message in outcome.output and outcome.output.count("\n") == 1


def test_an_area_is_the_sum_of_its_parts_with_a_range():
    table = "\n".join(lines("area", "systolic_npu"))
    assert "memories.scratchpad" in table and " to " in table


def test_declared_zeros_are_for_runs_without_arithmetic():
    runs = [["run", "exynos_2100", "digits_cnn", "--no-layers", "--zeros", "0.9", *more] for more in ([], ["--no-execute"])]
    refused, done = (CliRunner().invoke(main, arguments) for arguments in runs)
    assert refused.exit_code == 2 and "add --no-execute" in refused.output
    assert done.exit_code == 0 and "shares of zeros are declared" in done.output
