"""Is an area what published designs of known size say?"""

import pytest

from accelsim.base.errors import AccelsimError
from accelsim.base.paths import data_folder
from accelsim.base.yaml_files import read_yaml
from accelsim.hardware.area import estimate_area
from accelsim.hardware.chip_files import load_chip_file

DESIGNS = read_yaml(data_folder("hwconfigs") / "energy" / "sources" / "area.yaml")["designs"]


def chip(process: str, macs: int = 1024, kib: int = 256):
    return load_chip_file("systolic_npu", [f"process={process}", f"units.npu.rows={macs // 32}", "units.npu.cols=32", f"memories.scratchpad.capacity={kib} KiB", "units.cpu.rates={add: 1.0}"])


@pytest.mark.parametrize(("process", "row"), [(process, row) for process, rows in DESIGNS.items() for row in rows])
def test_every_published_design_lies_in_the_range_of_its_own_estimate(process, row):
    macs, kib, area = row
    estimate = estimate_area(chip(process, macs, kib))
    assert estimate.low <= area <= estimate.high
    assert estimate.value == pytest.approx(sum(part for _, part in estimate.parts))


def test_at_a_smaller_process_the_range_goes_from_logic_scaling_to_none():
    here, there = estimate_area(chip("16 nm")), estimate_area(chip("7 nm"))
    assert there.high == pytest.approx(here.high)
    assert there.low == pytest.approx(here.low * 0.059 / 0.19)
    assert there.low < there.value < there.high and there.grade == "estimated"


def test_a_chip_without_a_process_has_no_area():
    with pytest.raises(AccelsimError, match="process: 'not published'"):
        estimate_area(load_chip_file("nm500"))
