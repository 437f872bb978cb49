"""The shipped chips: each file is correct, and what its units add up to is the published peak, bandwidth and SRAM."""

import pytest

from accelsim.base.quantities import parse
from accelsim.hardware.chip_files import chip_names, load_chip_file
from accelsim.hardware.energy_tables import operation_energy
from accelsim.results.energy_table import load_energy_table

SPECULATIVE = (
    "apple_a11 apple_a12 apple_a13 apple_a14 apple_a15 hexagon_680 hexagon_690 hexagon_780 myriad_x ab9 exynos_9825 exynos_1080 ethos_n78 zeroth lg8111 vic omnidrl"
).split()
# (chip, units, published peak [TOPS]) where array and clock are known independently of that peak.
INDEPENDENT_PEAKS = [
    ("exynos_2100", ("npu",), 14.7), ("jetson_nano", ("gpu",), 0.472), ("jetson_tx2", ("gpu",), 1.33), ("v100", ("gpu",), 120.0), ("tesla_fsd", ("nna0",), 36.86),
    ("tpu_v1", ("mxu",), 92.0), ("ethos_n37", ("npu",), 1.024), ("ethos_n57", ("npu",), 2.048), ("ethos_n77", ("npu",), 4.096), ("ethos_u65_512", ("npu",), 1.0),
    ("exynos_9820", ("npu",), 1.911), ("eyeriss", ("array",), 0.0672), ("nvdla_full", ("dla",), 4.096), ("nvdla_small", ("dla",), 0.128), ("nvdla_small_256", ("dla",), 0.512),
]  # fmt: skip
# Peaks from which clock or array were derived: equal by construction, no evidence.
DERIVED_PEAKS = [
    ("jetson_agx_xavier", ("gpu",), 22.6), ("jetson_agx_xavier", ("dla0", "dla1"), 11.4), ("jetson_agx_orin", ("gpu",), 171 / 2), ("jetson_agx_orin", ("dla0", "dla1"), 105 / 2),
    ("drive_orin", ("gpu", "dla0", "dla1"), 254 / 2), ("nnp_i", ("ice",), 92.0), ("ab9", ("core",), 40.0), ("apple_a11", ("ane",), 0.6), ("apple_a12", ("ane",), 5.0),
    ("apple_a13", ("ane",), 6.0), ("apple_a14", ("ane",), 11.0), ("apple_a15", ("ane",), 15.8), ("exynos_1080", ("npu",), 5.7), ("ethos_n78", ("npu",), 10.0),
    ("edge_tpu_usb", ("tpu",), 4.0), ("myriad_x", ("nce",), 1.0),
]  # fmt: skip
BANDWIDTHS = [
    ("jetson_nano", "dram", "25.6 GB/s"), ("jetson_tx2", "dram", "59.7 GB/s"), ("jetson_agx_xavier", "dram", "136.5 GB/s"), ("jetson_agx_orin", "dram", "204.8 GB/s"),
    ("nnp_t", "hbm", "1.23 TB/s"), ("nnp_i", "dram", "68 GB/s"), ("tesla_fsd", "dram", "68.3 GB/s"), ("exynos_2100", "dram", "51.2 GB/s"), ("exynos_9820", "dram", "34.1 GB/s"),
    ("tpu_v1", "ddr3", "34 GB/s"), ("v100", "dram", "900 GB/s"),
]  # fmt: skip
SRAM = [
    ("eyeriss", ("glb",), "108 KiB"), ("nnp_t", ("sram",), "60 MB"), ("tesla_fsd", ("sram0", "sram1"), "64 MiB"), ("exynos_2100", ("tcm",), "3 MiB"), ("nvdla_full", ("cbuf",), "512 KiB"),
    ("nvdla_small", ("cbuf",), "128 KiB"), ("ethos_n37", ("sram",), "512 KiB"), ("tpu_v1", ("unified_buffer",), "24 MiB"), ("edge_tpu_usb", ("narrow",), "3 MiB"),
]  # fmt: skip


def peak_tops(chip: str, units: tuple[str, ...]) -> float:
    file = load_chip_file(chip).file
    return sum(2 * file.units[name].peak_macs_per_cycle * file.units[name].clock for name in units) / 1e12


def number_at(tree: object, path: str) -> bool:
    """Return whether a path of a chip file leads to a number."""
    for step in path.split("."):
        tree = tree.get(step) if isinstance(tree, dict) else tree[int(step)] if isinstance(tree, list | tuple) and int(step) < len(tree) else None
    return isinstance(tree, int | float) and not isinstance(tree, bool)


@pytest.mark.parametrize("name", chip_names())
def test_a_file_is_correct_and_every_figure_says_where_it_comes_from(name):
    chip = load_chip_file(name)
    tree = chip.file.model_dump()
    assert [path for path, origin in chip.provenance.items() if origin.source == "not stated" and number_at(tree, path)] == []


@pytest.mark.parametrize(("chip", "units", "published"), INDEPENDENT_PEAKS + DERIVED_PEAKS)
def test_the_units_add_up_to_the_published_peak(chip, units, published):
    assert peak_tops(chip, units) == pytest.approx(published, rel=0.026)


def test_the_arrays_of_the_nnp_t_do_not_add_up_to_its_published_peak_and_the_file_says_so():
    assert peak_tops("nnp_t", ("tpc",)) == pytest.approx(108.1, rel=1e-3)
    assert "108.1 TFLOPS" in load_chip_file("nnp_t").file.description.replace("\n", " ")


@pytest.mark.parametrize(("chip", "memory", "published"), BANDWIDTHS)
def test_the_memory_has_the_published_bandwidth(chip, memory, published):
    assert load_chip_file(chip).file.memories[memory].bandwidth == pytest.approx(parse(published, "bandwidth [B/s]"), rel=0.002)


@pytest.mark.parametrize(("chip", "memories", "published"), SRAM)
def test_the_chip_has_the_published_sram(chip, memories, published):
    found = sum(load_chip_file(chip).file.memories[name].capacity for name in memories)
    assert found == pytest.approx(parse(published, "bytes [B]"))


@pytest.mark.parametrize("name", SPECULATIVE)
def test_what_is_not_public_is_called_speculative(name):
    assert load_chip_file(name).file.fidelity == "speculative"


@pytest.mark.parametrize("nm", [5, 7, 8, 10, 12, 14, 20, 22, 28, 40, 65])
def test_the_table_of_a_process_has_the_figures_that_the_sources_give(nm):
    table = load_energy_table(f"edge_{nm}nm", "test")
    for action in ("mac_int8", "mac_float16", "mac_float32", "add_int32"):
        assert table.file.actions[action] == pytest.approx(operation_energy(action, f"{nm} nm").value, rel=1e-3)
