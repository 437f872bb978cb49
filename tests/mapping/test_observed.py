"""Does data change cycles and bytes where a chip says so, and nowhere else?"""

import pytest

from accelsim import run
from accelsim.base.errors import AccelsimError
from accelsim.pipeline import Options, load_chip

SKIP = "units.npu.skip_zeros={vector: 2, most: 4.0}"
FORMS = "compression=[{scheme: entropy, of: constants, at: [dram, dma]}, {scheme: bitmask, of: activations, at: [dram, dma]}]"


def of(chip, options=Options(), *overrides: str):
    return run(load_chip(chip, overrides), "digits_cnn", options=options)


def products(result) -> list[int]:
    return [row.cycles for row in result.layer_rows if row.macs]


def test_a_chip_that_declares_nothing_is_the_same_with_and_without_data():
    assert products(of("ethos_u55_128")) == products(of("ethos_u55_128", Options(execute=False)))


def test_skipped_vectors_take_no_cycles_and_no_products():
    plain, skipping = of("ethos_u55_128"), of("ethos_u55_128", Options(), SKIP)
    assert sum(products(skipping)) < sum(products(plain))
    assert all(less <= cycles for less, cycles in zip(products(skipping), products(plain), strict=True))
    energy = [sum(t.joules for t in r.terms if t.action == "mac_int8") for r in (skipping, plain)]
    assert energy[0] < energy[1]


def test_declared_zeros_stand_in_for_a_run_and_never_gain_more_than_declared():
    none, all_zero = (of("ethos_u55_128", Options(execute=False, zeros={"": share}), SKIP) for share in (0.0, 1.0))
    assert products(none) == products(of("ethos_u55_128", Options(execute=False)))
    conv = [(a, b) for a, b, row in zip(products(none), products(all_zero), none.layer_rows, strict=False) if "depthwise" not in row.operator]
    assert all(-(-a // 4) <= b <= a for a, b in conv) and any(b < a for a, b in conv)


def test_gated_zeros_save_energy_and_no_cycles():
    plain, gating = of("ethos_u55_128"), of("ethos_u55_128", Options(), "units.npu.gate_zeros=1.0")
    assert products(gating) == products(plain)
    assert gating.energy_by_component["npu"] < plain.energy_by_component["npu"]


@pytest.mark.parametrize("chip", ["systolic_npu"])
def test_three_counts_of_bytes_are_ordered_and_compression_leaves_the_payload(chip):
    small = ("memories.scratchpad.capacity=8 KiB", "compiler.weight_buffer=2 KiB", "compiler.transfer_chunk=512 B")
    plain, packed = of(chip, Options(), *small), of(chip, Options(), *small, FORMS)
    for name in plain.memories:
        for way in ("read", "write"):
            before, after = plain.memories[name], packed.memories[name]
            assert after[f"{way}_bytes"] == before[f"{way}_bytes"] == before[f"wire_{way}_bytes"]
            assert after[f"wire_{way}_bytes"] <= after[f"transferred_{way}_bytes"]
            assert after[f"wire_{way}_bytes"] <= before[f"wire_{way}_bytes"]
    assert packed.memories["dram"]["wire_read_bytes"] < plain.memories["dram"]["wire_read_bytes"]
    assert packed.memories["scratchpad"]["wire_read_bytes"] == plain.memories["scratchpad"]["wire_read_bytes"]
    assert packed.energy_by_component["dram"] < plain.energy_by_component["dram"]


def test_a_form_at_a_place_that_does_not_exist_is_named():
    with pytest.raises(AccelsimError, match="compression.0.at.0: 'sdram' is not one of"):
        load_chip("systolic_npu", ["compression=[{scheme: rlc, of: constants, at: [sdram]}]"])


def test_zeros_of_a_tensor_that_does_not_exist_are_refused():
    with pytest.raises(AccelsimError, match="not one of"):
        of("systolic_npu", Options(execute=False, zeros={"nothing": 0.5}))


def test_a_bus_of_which_half_goes_with_toggles_costs_less_on_data_that_changes_less():
    plain, toggling = of("ethos_u55_128"), of("ethos_u55_128", Options(), "links.dma.toggle_share=0.5")
    assert toggling.energy_by_component["dma"] < plain.energy_by_component["dma"]
    declared = of("ethos_u55_128", Options(execute=False, zeros={"": 0.0}), "links.dma.toggle_share=0.5")
    assert declared.energy_by_component["dma"] == pytest.approx(plain.energy_by_component["dma"])
    assert declared.grade["energy"] == "estimated"


def test_the_exynos_2100_skips_vectors_and_packs_what_goes_to_dram():
    run_of = {share: of("exynos_2100", Options(execute=False, zeros={"": share})) for share in (0.0, 0.95)}
    assert sum(products(run_of[0.95])) < sum(products(run_of[0.0]))
    assert run_of[0.0].grade["latency"] == "estimated"
