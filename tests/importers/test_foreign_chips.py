"""Timeloop, ZigZag and Vela descriptions as chips: what is read means what it says, the rest is refused by name and place."""

import shlex
from pathlib import Path

import pytest

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.pipeline import Options, load_chip, run

TIMELOOP = """
architecture:
  version: 0.4
  nodes:
    - !Container
      name: system
    - !Component
      name: main_memory
      class: DRAM
      attributes: {width: 64, datawidth: 8, shared_bandwidth: 8}
    - !Component
      name: buffer
      class: smartbuffer_SRAM
      attributes: {depth: 16384, width: 128, datawidth: 8, read_bandwidth: 16, write_bandwidth: 16}
      constraints: {dataspace: {keep: [Inputs]}}
    - !Container
      name: column
      spatial: {meshX: 16}
    - !Container
      name: PE
      spatial: {meshY: 8}
    - !Component
      name: weight_register
      class: regfile
      attributes: {depth: 1, width: 8, datawidth: 8}
    - !Component
      name: multiplier
      class: intmac
      attributes: {multiplier_width: 8, adder_width: 16}
variables:
  global_cycle_seconds: 2e-9
"""
ZIGZAG = """
name: small
memories:
  registers:
    size: 16
    r_cost: 0.01
    w_cost: 0.01
    operands: [I2]
    ports:
      - {name: rw, type: read_write, bandwidth_min: 8, bandwidth_max: 8, allocation: ["I2, tl"]}
    served_dimensions: []
  buffer:
    size: 2097152
    r_cost: 32.0
    w_cost: 48.0
    operands: [I1, I2, O]
    ports:
      - {name: r, type: read, bandwidth_min: 64, bandwidth_max: 128, allocation: ["I1, tl"]}
    served_dimensions: [D1, D2]
  dram:
    size: 10000000000
    r_cost: 512
    w_cost: 512
    operands: [I1, I2, O]
    ports:
      - {name: rw, type: read_write, bandwidth_min: 64, bandwidth_max: 64, allocation: ["I1, tl"]}
    served_dimensions: [D1, D2]
operational_array:
  unit_energy: 0.04
  unit_area: 1
  dimensions: [D1, D2]
  sizes: [16, 8]
"""
VELA = """
[System_Config.Small_Board]
core_clock=400e6
axi0_port=Sram
axi1_port=OffChipFlash
Sram_clock_scale=1.0
Sram_burst_length=32
Sram_read_latency=16
Sram_write_latency=16
OffChipFlash_clock_scale=0.125
OffChipFlash_burst_length=128
OffChipFlash_read_latency=64
OffChipFlash_write_latency=64
[System_Config.Big_Board]
inherit=System_Config.Small_Board
core_clock=1e9
axi1_port=Dram
Dram_clock_scale=0.25
Dram_burst_length=128
Dram_read_latency=500
Dram_write_latency=250
[Memory_Mode.Shared]
const_mem_area=Axi1
arena_mem_area=Axi0
cache_mem_area=Axi0
[Memory_Mode.Dedicated]
inherit=Memory_Mode.Shared
arena_mem_area=Axi1
arena_cache_size=393216
"""
PRODUCT = "Layer, M, N, K,\nL0, 64, 32, 48,\n"


def chip_of(folder, kind: str, text: str, names: str = "", *overrides: str):
    path = folder / ("board.ini" if kind == "vela" else "array.yaml")
    path.write_text(text)
    return load_chip(f"{kind}:{path}{names}", overrides)


def cycles_of(chip, folder) -> int:
    (folder / "net.csv").write_text(PRODUCT)
    return run(chip, str(folder / "net.csv"), options=Options(execute=False)).layer_rows[0].cycles


def test_a_timeloop_mesh_is_the_array_and_its_words_a_cycle_are_bandwidths(tmp_path):
    chip = chip_of(tmp_path, "timeloop", TIMELOOP)
    array, sram, dram = chip.units["array"], chip.memories["sram"], chip.memories["dram"]
    assert (array.rows, array.cols, array.clock) == (8, 16, 500e6)
    assert (sram.capacity, sram.bandwidth, sram.channels) == (16384 * 16, 16 * 500e6, "read_write")
    assert (dram.capacity, dram.bandwidth, dram.channels) == (None, 8 * 500e6, "shared")
    assert "weight_register" in chip.description


def test_a_zigzag_array_has_its_sizes_and_costs_per_byte(tmp_path):
    chip = chip_of(tmp_path, "zigzag", ZIGZAG)
    array, sram, dram = chip.units["array"], chip.memories["sram"], chip.memories["dram"]
    assert (array.rows, array.cols, array.clock) == (16, 8, None)
    assert sram.capacity == 256 * 1024
    # 32 pJ for 128 bit are 2 pJ a byte; 512 pJ for 64 bit are 64.
    assert [sram.read_energy, sram.write_energy, dram.read_energy] == pytest.approx([2e-12, 3e-12, 64e-12])


@pytest.mark.parametrize("kind, text", [("timeloop", TIMELOOP), ("zigzag", ZIGZAG)])
def test_the_array_computes_a_product_in_its_folds(tmp_path, kind, text):
    chip = chip_of(tmp_path, kind, text)
    array = chip.units["array"]
    folds = -(-48 // array.rows) * -(-32 // array.cols)
    # A fold: load, stream 64, skew (Samajdar et al., ISPASS 2020).
    assert cycles_of(chip, tmp_path) == folds * (2 * array.rows + array.cols + 64 - 2)


def test_bits_a_cycle_follow_a_clock_that_is_given_later(tmp_path):
    chip = chip_of(tmp_path, "zigzag", ZIGZAG, "", "units.array.clock=100MHz")
    assert chip.memories["dram"].bandwidth == 8 * 100e6
    assert run(chip, str(_net(tmp_path)), options=Options(execute=False)).latency_s > 0


def test_an_energy_table_prices_a_foreign_chip(tmp_path):
    chip = chip_of(tmp_path, "timeloop", TIMELOOP, "", "energy=edge_16nm")
    assert run(chip, str(_net(tmp_path)), options=Options(execute=False)).energy_j["total"] > 0
    assert run(chip_of(tmp_path, "timeloop", TIMELOOP), str(_net(tmp_path)), options=Options(execute=False)).energy_j is None


def _net(folder):
    (folder / "net.csv").write_text(PRODUCT)
    return folder / "net.csv"


def test_what_the_description_leaves_open_is_graded_an_estimate(tmp_path):
    chip = chip_of(tmp_path, "timeloop", TIMELOOP)
    assert chip.provenance_of("units.array.dataflow").grade == "estimated"
    assert chip.provenance_of("units.array.rows").grade == "published"


def test_a_vela_system_sets_clock_ports_and_homes(tmp_path):
    chip = chip_of(tmp_path, "vela", VELA, ":Small_Board:Shared:ethos_u55_256")
    assert chip.units["npu"].clock == 400e6
    # 8 bytes a cycle; the flash at an eighth; 16 and 64 cycles of latency.
    assert [chip.memories["sram"].bandwidth, chip.memories["flash"].bandwidth] == pytest.approx([3.2e9, 0.4e9])
    assert [chip.memories["sram"].read_latency, chip.memories["flash"].read_latency] == pytest.approx([40e-9, 160e-9])
    assert (chip.placement.constants, chip.placement.activations) == (("flash",), ("sram",))
    assert chip.provenance_of("memories.flash.bandwidth").grade == "published"


def test_a_dedicated_sram_is_a_cache_before_dram(tmp_path):
    chip = chip_of(tmp_path, "vela", VELA, ":Big_Board:Dedicated:ethos_u65_256")
    assert chip.memories["sram"].capacity == 393216
    assert chip.memories["dram"].bandwidth == pytest.approx(4e9)
    assert (chip.placement.constants, chip.placement.activations) == (("dram",), ("sram", "dram"))
    assert run(chip, "digits_cnn", options=Options(execute=False)).latency_s > 0


def test_the_shipped_system_written_as_a_vela_file_takes_the_shipped_time(tmp_path):
    text = VELA.replace("400e6", "500e6").replace("Sram_read_latency=16\nSram_write_latency=16", "Sram_read_latency=32\nSram_write_latency=32")
    chip = chip_of(tmp_path, "vela", text, ":Small_Board:Shared:ethos_u55_128")
    ours = run("ethos_u55_128", "squeezenet1_1", options=Options(execute=False))
    assert run(chip, "squeezenet1_1", options=Options(execute=False)).latency_s == pytest.approx(ours.latency_s, rel=1e-3)


def test_the_only_section_needs_no_name(tmp_path):
    text = VELA[: VELA.index("[System_Config.Big_Board]")] + "[Memory_Mode.Shared]\nconst_mem_area=Axi1\narena_mem_area=Axi0\n"
    assert chip_of(tmp_path, "vela", text).name == "ethos_u55_128_Small_Board"


@pytest.mark.parametrize(
    "found, put, words",
    [
        ("!Container\n      name: column", "!Parallel\n      name: column", "column: '!Parallel' is not read"),
        ("!Component\n      name: buffer", "!Componet\n      name: buffer", "'!Componet' is not read"),
        ("depth: 16384", "deep: 16384", "buffer.attributes.deep: is not read (did you mean 'depth'?)"),
        ("depth: 16384, ", "", "buffer.attributes.depth: is missing"),
        ("depth: 16384", "depth: -1", "buffer.attributes.depth: '-1' is not a number above 0"),
        ("depth: 16384", "depth: 2*8192", "'2*8192' is not a number above 0 (expressions are not evaluated)"),
        ("depth: 16384", "depth: {{ depth }}", "line 14: templates ('{{') are not read"),
        ("write_bandwidth: 16", "write_bandwidth: 8", "read_bandwidth and write_bandwidth are not equal"),
        ("class: intmac", "class: adder", "a memory 'adder' inside the mesh is not modelled"),
        ("class: DRAM", "class: SRAM", "0 of 'DRAM'; one is read"),
        ("class: regfile", "class: smartbuffer_SRAM", "a memory 'smartbuffer_sram' inside the mesh is not modelled"),
        ("constraints:", "sparse_optimizations:", "buffer.sparse_optimizations: is not read"),
        ("version: 0.4", "version: 0.3", "architecture.version: '0.3' is not read (0.4 is)"),
        ("variables:", "problem:", "problem: is not a section that is read"),
        ("{meshX: 16}", "{meshX: 16, meshZ: 2}", "column.spatial.meshZ: is not read"),
        ("  nodes:", "  knots:", "architecture.nodes: is missing"),
        ("architecture:", "architecture: &a", ""),
        ("attributes: {multiplier_width: 8, adder_width: 16}", "attributes: *a", "is not"),
        ("global_cycle_seconds: 2e-9", "global_cycle_seconds: soon", "global_cycle_seconds: 'soon' is not a number above 0"),
    ],
)
def test_what_timeloop_says_and_is_not_read_is_refused_with_its_place(tmp_path, found, put, words):
    if not words:
        assert chip_of(tmp_path, "timeloop", TIMELOOP.replace(found, put)).units["array"].rows == 8
        return
    with pytest.raises(AccelsimError) as caught:
        chip_of(tmp_path, "timeloop", TIMELOOP.replace(found, put, 1))
    assert words in str(caught.value) and "array.yaml" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "found, put, words",
    [
        ("dimensions: [D1, D2]\n  sizes: [16, 8]", "dimensions: [D1, D2, D3]\n  sizes: [16, 8, 4]", "3 dimensions are not modelled"),
        ("sizes: [16, 8]", "sizes: [16]", "as many sizes as dimensions"),
        ("sizes: [16, 8]", "sizes: [16, many]", "'many' is not a whole number above 0"),
        ("size: 2097152", "sise: 2097152", "buffer.sise: is not a key that is read (did you mean 'size'?)"),
        ("size: 2097152", "size: large", "buffer.size: 'large' is not a number"),
        ("r_cost: 32.0", "r_cost: 32.0\n    auto_cost_extraction: true", "costs from CACTI are not computed"),
        ("operands: [I1, I2, O]\n    ports:\n      - {name: rw", "operands: [I1, I2]\n    ports:\n      - {name: rw", "its last memory does not hold I1, I2 and O"),
        ("type: read,", "type: reed,", "ports.0.type: 'reed' is not one of read, write, read_write"),
        ("bandwidth_max: 128", "bandwidth_max: 0", "ports.0.bandwidth_max: '0' is not a number"),
        ("name: small\n", "name: small\ncores: [a]\n", "cores: is not a key that is read"),
        ("operational_array:", "operational_aray:", "operational_aray"),
        ("served_dimensions: [D1, D2]\n  dram", "served_dimensions: [D1]\n  dram", "none but the last serves all dimensions"),
        ("operands: [I2]", "operands: [W]", "registers.operands: ['W'] are not of I1, I2, O"),
    ],
)
def test_what_zigzag_says_and_is_not_read_is_refused_with_its_place(tmp_path, found, put, words):
    assert found in ZIGZAG
    with pytest.raises(AccelsimError) as caught:
        chip_of(tmp_path, "zigzag", ZIGZAG.replace(found, put, 1))
    assert words in str(caught.value) and "array.yaml" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "names, found, put, words",
    [
        (":Smal_Board:Shared", "", "", "did you mean 'Small_Board'?"),
        ("::Shared", "", "", "holds Small_Board, Big_Board; name one"),
        (":Small_Board:Shared:ethos_u85", "", "", "'ethos_u85' is not one of ethos_u55"),
        (":Small_Board:Shared", "core_clock=400e6", "core_clock=fast", "core_clock: 'fast' is not a number above 0"),
        (":Small_Board:Shared", "core_clock=400e6\n", "", "core_clock: is missing"),
        (":Small_Board:Shared", "core_clock=400e6", "core_clok=400e6", "core_clok: is not a key that is read (did you mean 'core_clock'?)"),
        (":Small_Board:Shared", "axi0_port=Sram", "axi0_port=Srom", "axi0_port: 'Srom' is not one of Sram, Dram, OnChipFlash, OffChipFlash"),
        (":Small_Board:Shared", "axi0_port=Sram", "axi0_port=OnChipFlash", "an arena or cache in flash is not modelled"),
        (":Small_Board:Shared", "const_mem_area=Axi1", "const_mem_area=Axi2", "const_mem_area: 'Axi2' is not one of Axi0, Axi1"),
        (":Big_Board:Shared", "inherit=System_Config.Small_Board", "inherit=System_Config.Big_Board", "inherit: 'System_Config.Big_Board' is no other section"),
        (":Big_Board:Dedicated", "arena_cache_size=393216", "arena_cache_size=much", "arena_cache_size: 'much' is not a number of bytes"),
        (":Small_Board:Shared", "[Memory_Mode.Shared]", "[Memory_Made.Shared]", "'Memory_Made' is not one of System_Config, Memory_Mode"),
        (":Small_Board:Shared", "core_clock=400e6", "core_clock=400e6\ncore_clock=1", "is not a configuration of sections and keys"),
    ],
)
def test_what_vela_says_and_is_not_read_is_refused_with_its_place(tmp_path, names, found, put, words):
    with pytest.raises(AccelsimError) as caught:
        chip_of(tmp_path, "vela", VELA.replace(found, put, 1) if found else VELA, names)
    assert words in str(caught.value) and "board.ini" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["timeloop", "zigzag", "vela"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"{", b"- 1\n", b"\x00"])
def test_what_is_no_description_is_refused_in_one_line(tmp_path, kind, content):
    path = tmp_path / "file.ini"
    path.write_bytes(content)
    with pytest.raises(AccelsimError) as caught:
        load_chip(f"{kind}:{path}")
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["timeloop", "zigzag", "vela"])
def test_a_file_that_is_not_there_is_refused(kind, tmp_path):
    with pytest.raises(AccelsimError, match="No such file"):
        load_chip(f"{kind}:{tmp_path / 'none.yaml'}")


def test_a_feature_that_is_known_and_not_modelled_is_named_as_such(tmp_path):
    with pytest.raises(UnsupportedError):
        chip_of(tmp_path, "timeloop", TIMELOOP.replace("constraints:", "sparse_optimizations:"))


@pytest.mark.parametrize(("kind", "text"), [("timeloop", TIMELOOP), ("zigzag", ZIGZAG)])
def test_a_description_without_a_processor_takes_a_network_with_the_one_that_the_docs_give_it(tmp_path, kind, text):
    page = (Path(__file__).resolve().parents[2] / "docs" / "studies.md").read_text()
    options = shlex.split(page[page.index("--set host=cpu") :].partition("```")[0].replace("\n", " "))
    overrides = [word for word in options if word != "--set"]
    with pytest.raises(UnsupportedError, match="no host to fall back to"):
        run(chip_of(tmp_path, kind, text), "digits_cnn", options=Options(execute=False))
    result = run(chip_of(tmp_path, kind, text, "", *overrides), "digits_cnn", options=Options(execute=False))
    assert {row.unit for row in result.layer_rows} == {"array", "cpu"}


def test_a_node_of_timeloop_may_be_described_in_words(tmp_path):
    described = TIMELOOP.replace("name: system", "name: system\n      description: what I built", 1)
    assert described != TIMELOOP and chip_of(tmp_path, "timeloop", described).units["array"] == chip_of(tmp_path, "timeloop", TIMELOOP).units["array"]
