"""Does the array behind one buffer count as NVDLA's performance sheet, and do its seven chips give NVDLA's table?"""

import os

import pytest

from accelsim import run
from accelsim.graph.work import Contraction, Elementwise
from accelsim.hardware.chip_files import load_chip_file
from accelsim.importers import load_graph
from accelsim.pipeline import Options

# Multipliers and frames per second of ResNet-50 as nvdla.org's primer prints them.
TABLE = {2048: 269, 1024: 153, 512: 93, 256: 46, 128: 20, 64: 7.3, 32: 3.6}


def chip(multipliers: int):
    return load_chip_file("nvdla_table" if multipliers == 2048 else f"nvdla_table_{multipliers}")


@pytest.fixture(scope="module")
def resnet50():
    return load_graph("resnet50_v1")


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="seven times two hundred thousand tasks take minutes without the compiler")
@pytest.mark.parametrize(("multipliers", "frames"), TABLE.items())
def test_the_seven_rows_of_the_performance_table_are_met_within_one_percent(multipliers, frames, resnet50):
    assert 1 / run(chip(multipliers), resnet50, options=Options(execute=False)).latency_s == pytest.approx(frames, rel=0.01)


def test_the_chip_file_counts_what_is_fitted():
    fitted = [path for path, p in chip(2048).provenance.items() if p.source.startswith("fitted")]
    assert fitted == ["units.npu.spatial_step"]


ARRAY = chip(2048).units["npu"]
CONV = {"out_h": 16, "out_w": 16, "in_h": 16, "in_w": 16, "channels": 64, "filters": 64}


def test_three_by_three_is_winograd_and_its_weights_grow_by_sixteen_ninths():
    one, three = ARRAY.cost(Contraction(**CONV)), ARRAY.cost(Contraction(**CONV, filter_h=3, filter_w=3, pad_top=1, pad_left=1))
    assert one.cycles == 16 * 16 * 64 * 64 // 2048
    assert three.cycles == one.cycles * 4  # nine positions over 2.25
    assert three.weight_bytes == 64 * 64 * 16


def test_weights_pass_again_for_every_part_of_inputs_that_do_not_fit_beside_the_least_weights():
    small = ARRAY.model_copy(update={"buffer": 8192.0})
    wide = Contraction(**CONV | {"filters": 512})
    # 16 KiB of inputs are the smaller operand; 32 filters of 64 channels take 2 KiB of the 8.
    assert small.cost(wide).weight_bytes == 3 * 64 * 512
    assert ARRAY.cost(wide).weight_bytes == 64 * 512
    assert small.cost(wide).activation_bytes == ARRAY.cost(wide).activation_bytes == 16 * 16 * 64


def test_an_addition_in_passing_reads_one_operand_and_writes_nothing():
    cost = ARRAY.cost(Elementwise(operation="add", elements=1000, operands=2))
    assert (cost.cycles, cost.activation_bytes, cost.output_bytes) == (0, 1000, 0)
