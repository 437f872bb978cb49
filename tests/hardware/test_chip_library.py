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
    ("edge_tpu_usb", ("tpu",), 4.0), ("edge_tpu_dev_board", ("tpu",), 4.0), ("myriad_x", ("nce",), 1.0), ("exynos_9820", ("npu",), 1.911), ("exynos_9825", ("npu",), 1.911),
    ("drive_agx", ("gpu", "dla0", "dla1"), 34.0), ("jetson_xavier_nx", ("dla0", "dla1"), 9.0),
]  # fmt: skip
# What is published of the inside is products per cycle, not a peak: (chip, unit, 8-bit products per cycle).
PRODUCTS_PER_CYCLE = [
    ("ethos_u55_32", "npu", 32), ("ethos_u55_64", "npu", 64), ("ethos_u55_128", "npu", 128), ("ethos_u55_256", "npu", 256), ("ethos_u65_256", "npu", 256), ("gemmini", "npu", 256),
    ("gap9", "cluster", 32), ("xg24_mvp", "mvp", 2), ("hexagon_680", "hvx", 512), ("stm32l4r5", "cpu", 2), ("stm32u575", "cpu", 2), ("stm32h7a3", "cpu", 2), ("ra8d1", "cpu", 8),
]  # fmt: skip
# Claims of a whole SoC or of sparse arithmetic, which no unit's peak should equal; nothing at all; or no multipliers.
NO_PEAK = {
    "claimed of the whole SoC": ("hexagon_690", "hexagon_780"), "claimed at high compression": ("omnidrl",), "sparse, of the module": ("jetson_orin_nx",),
    "claimed 119, the arrays give 108": ("nnp_t",), "not public": ("lg8111", "vic", "zeroth", "syntiant_ndp120"), "no multipliers": ("nm500", "cm1k", "loihi", "loihi_calibrated", "loihi2"),
}  # fmt: skip
BANDWIDTHS = [
    ("jetson_nano", "dram", "25.6 GB/s"), ("jetson_tx2", "dram", "59.7 GB/s"), ("jetson_agx_xavier", "dram", "136.5 GB/s"), ("jetson_agx_orin", "dram", "204.8 GB/s"),
    ("nnp_t", "hbm", "1.23 TB/s"), ("nnp_i", "dram", "68 GB/s"), ("tesla_fsd", "dram", "68.3 GB/s"), ("exynos_2100", "dram", "51.2 GB/s"), ("exynos_9820", "dram", "34.1 GB/s"),
    ("tpu_v1", "ddr3", "34 GB/s"), ("v100", "dram", "900 GB/s"), ("jetson_xavier_nx", "dram", "51.2 GB/s"), ("drive_agx", "dram", "136.5 GB/s"),
    ("drive_orin", "dram", "204.8 GB/s"), ("jetson_orin_nx", "dram", "102.4 GB/s"), ("exynos_9825", "dram", "34.1 GB/s"), ("nvdla_small", "dram", "1 GB/s"),
    ("nvdla_small_256", "dram", "5 GB/s"), ("nvdla_full", "dram", "20 GB/s"), ("myriad_x", "cmx", "450 GB/s"), ("ethos_n37", "dram", "3 GB/s"), ("tesla_fsd", "sram0", "768 GB/s"),
    *((f"ethos_u55_{n}", "sram", "4 GB/s") for n in (32, 64, 128, 256)), *((f"ethos_u55_{n}", "flash", "0.5 GB/s") for n in (32, 64, 128, 256)),
    *((f"ethos_u65_{n}", "sram", "16 GB/s") for n in (256, 512)), *((f"ethos_u65_{n}", "dram", "3.75 GB/s") for n in (256, 512)),
    *((chip, "dram", "34.1 GB/s") for chip in ("apple_a11", "apple_a12", "apple_a13", "apple_a14", "apple_a15", "hexagon_690")), ("hexagon_680", "dram", "29.8 GB/s"),
    ("hexagon_780", "dram", "51.2 GB/s"), ("exynos_1080", "dram", "51.2 GB/s"),
]  # fmt: skip
# Of these no bandwidth is public: what stands in the files is assumed, or what moves is not counted.
NO_BANDWIDTH = (
    "lg8111 omnidrl ab9 vic zeroth ethos_n57 ethos_n77 ethos_n78 eyeriss gemmini edge_tpu_usb edge_tpu_dev_board gap9 syntiant_ndp120 xg24_mvp stm32l4r5 stm32u575 stm32h7a3 ra8d1 "
    "nm500 cm1k loihi loihi_calibrated loihi2"
).split()  # fmt: skip
SRAM = [
    ("eyeriss", ("glb",), "108 KiB"), ("nnp_t", ("sram",), "60 MB"), ("tesla_fsd", ("sram0", "sram1"), "64 MiB"), ("exynos_2100", ("tcm",), "3 MiB"), ("nvdla_full", ("cbuf",), "512 KiB"),
    ("nvdla_small", ("cbuf",), "128 KiB"), ("ethos_n37", ("sram",), "512 KiB"), ("tpu_v1", ("unified_buffer",), "24 MiB"), ("edge_tpu_usb", ("narrow",), "3 MiB"),
    ("edge_tpu_dev_board", ("narrow",), "3 MiB"), ("edge_tpu_usb", ("wide",), "6.91 MiB"), ("exynos_9820", ("sram",), "1568 KiB"), ("exynos_9825", ("sram",), "1568 KiB"),
    ("nvdla_small_256", ("cbuf",), "128 KiB"), ("ethos_n57", ("sram",), "512 KiB"), ("ethos_n77", ("sram",), "4 MiB"), ("ethos_n78", ("sram",), "4 MiB"), ("nnp_i", ("sram",), "48 MiB"),
    ("myriad_x", ("cmx",), "2.5 MiB"), ("ab9", ("sram",), "36 MB"), ("gemmini", ("scratchpad",), "256 KiB"), ("gap9", ("l1",), "128 KiB"), ("gap9", ("l2",), "1536 KiB"),
    ("syntiant_ndp120", ("sram",), "1024 KiB"), ("xg24_mvp", ("sram",), "256 KiB"), ("xg24_mvp", ("flash",), "1536 KiB"), ("stm32l4r5", ("sram",), "640 KiB"),
    ("stm32u575", ("sram",), "768 KiB"), ("stm32h7a3", ("sram",), "1.19 MB"), ("ra8d1", ("sram",), "1 MiB"), ("loihi", ("synapses",), "16 MiB"), ("loihi_calibrated", ("synapses",), "16 MiB"),
    ("loihi2", ("synapses",), "24 MiB"), ("apple_a12", ("slc",), "8 MiB"), ("apple_a13", ("slc",), "16 MiB"), ("apple_a14", ("slc",), "16 MiB"), ("apple_a15", ("slc",), "32 MiB"),
    ("hexagon_680", ("l2",), "512 KiB"), ("ethos_u65_256", ("sram",), "384 KiB"), ("ethos_u65_512", ("sram",), "384 KiB"),
]  # fmt: skip
# Of these no size is public (the Ethos-U55's SRAM is the system's; GPUs' caches and the DLAs' buffers are in no published total that could be compared).
NO_SRAM = (
    "lg8111 omnidrl vic zeroth apple_a11 hexagon_690 hexagon_780 exynos_1080 ethos_u55_32 ethos_u55_64 ethos_u55_128 ethos_u55_256 v100 jetson_nano jetson_tx2 jetson_xavier_nx "
    "jetson_agx_xavier jetson_agx_orin jetson_orin_nx drive_agx drive_orin nm500 cm1k"
).split()  # fmt: skip
NAMED = (
    "nm500 cm1k exynos_9820 exynos_9825 exynos_1080 exynos_2100 lg8111 omnidrl ab9 vic apple_a11 apple_a12 apple_a13 apple_a14 apple_a15 hexagon_680 hexagon_690 hexagon_780 zeroth "
    "v100 jetson_nano jetson_tx2 jetson_xavier_nx jetson_agx_xavier jetson_agx_orin jetson_orin_nx drive_agx drive_orin nvdla_small nvdla_small_256 nvdla_full nnp_t nnp_i myriad_x "
    "loihi loihi_calibrated loihi2 tesla_fsd ethos_u55_32 ethos_u55_64 ethos_u55_128 ethos_u55_256 ethos_u65_256 ethos_u65_512 ethos_n37 ethos_n57 ethos_n77 ethos_n78 edge_tpu_usb "
    "edge_tpu_dev_board eyeriss tpu_v1 gemmini gap9 syntiant_ndp120 xg24_mvp stm32l4r5 stm32u575 stm32h7a3 ra8d1"
).split()  # fmt: skip


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


@pytest.mark.parametrize(("chip", "unit", "published"), PRODUCTS_PER_CYCLE)
def test_the_unit_does_the_published_products_per_cycle(chip, unit, published):
    assert load_chip_file(chip).file.units[unit].peak_macs_per_cycle == published


@pytest.mark.parametrize(
    ("figure", "tested", "left_out"),
    [
        ("peak", [row[0] for row in (*INDEPENDENT_PEAKS, *DERIVED_PEAKS, *PRODUCTS_PER_CYCLE)], [chip for chips in NO_PEAK.values() for chip in chips]),
        ("bandwidth", [row[0] for row in BANDWIDTHS], NO_BANDWIDTH), ("sram", [row[0] for row in SRAM], NO_SRAM),
    ],
)  # fmt: skip
def test_every_chip_of_the_survey_is_compared_with_what_is_published_or_said_to_have_nothing(figure, tested, left_out):
    assert set(tested) | set(left_out) == set(NAMED)
    assert not set(tested) & set(left_out)


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
def test_what_is_not_public_is_called_speculative_and_reports_are_told(name):
    chip = load_chip_file(name)
    assert chip.file.fidelity == "speculative"
    assert "nothing here is a statement about the product" in chip.caveats[0]


def test_of_a_chip_that_is_modelled_nothing_has_to_be_said():
    assert load_chip_file("nvdla_full").caveats == ()


@pytest.mark.parametrize("nm", [5, 7, 8, 10, 12, 14, 20, 22, 28, 40, 65])
def test_the_table_of_a_process_has_the_figures_that_the_sources_give(nm):
    table = load_energy_table(f"edge_{nm}nm", "test")
    for action in ("mac_int8", "mac_float16", "mac_float32", "add_int32"):
        assert table.file.actions[action] == pytest.approx(operation_energy(action, f"{nm} nm").value, rel=1e-3)
