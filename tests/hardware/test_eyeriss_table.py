"""How far is Eyeriss on AlexNet from its paper's table, layer by layer?"""

import importlib.util
from pathlib import Path

import pytest

from accelsim.hardware.chip_files import load_chip_file
from accelsim.results.energy_table import load_energy_table

SOURCE = Path(__file__).resolve().parents[2] / "benchmarks" / "eyeriss.py"
SPEC = importlib.util.spec_from_file_location("eyeriss_benchmark", SOURCE)
EYERISS = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(EYERISS)

# Relative distance allowed per layer and figure: asked are 15 % of power and latency, 25 % of traffic.
ALLOWED = {
    "power": (0.10, 0.10, 0.10, 0.10, 0.10),
    "total": (0.15, 0.15, 0.15, 0.15, 0.15),
    "processing": (0.15, 0.15, 0.15, 0.15, 0.15),
    "glb": (0.005, 0.005, 0.005, 0.005, 0.005),
    "dram": (0.25, 0.15, 0.15, 0.15, 0.15),
}
COLUMN = {"power": 0, "total": 1, "processing": 2, "glb": 4, "dram": 5}


@pytest.fixture(scope="module")
def layers():
    return EYERISS.alexnet_on_eyeriss()


@pytest.mark.parametrize("figure", ALLOWED)
@pytest.mark.parametrize("index", range(5))
def test_a_layer_is_as_near_the_paper_as_stated(figure, index, layers):
    assert getattr(layers[index], figure) == pytest.approx(EYERISS.PAPER[index][COLUMN[figure]], rel=ALLOWED[figure][index])


def test_four_figures_are_calibrated_and_say_so():
    chip = load_chip_file("eyeriss_table")
    calibrated = [path for path, p in chip.provenance.items() if p.source.startswith("calibrated")]
    of_products = {v for k, v in load_energy_table("eyeriss_calibrated", "").file.actions.items() if k.startswith("mac")}
    assert sorted(calibrated) == ["static_power", "units.array.filter_words_per_cycle", "units.array.gate_zeros"]
    assert len(of_products) == 1  # the fourth
