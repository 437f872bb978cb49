"""The books must balance: joules are the sum of their terms, busy time fits the time, requests mean what they say."""

import json

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.importers import load_graph
from accelsim.operators import macs_of
from accelsim.pipeline import Options, load_chip, run
from accelsim.results.energy_table import load_energy_table
from accelsim.results.result import Request

QUICK = Options(execute=False)
PAIRS = [("ethos_u55_256", "mobilenet_v2"), ("systolic_npu", "squeezenet1_1"), ("cortex_m7", "digits_cnn")]


@pytest.fixture(scope="module", params=PAIRS, ids=["-".join(pair) for pair in PAIRS])
def result(request):
    chip, model = request.param
    return run(load_chip(chip), load_graph(model), Request(), QUICK)


def digits(*overrides: str, options: Options = QUICK, chip: str = "systolic_npu", **request):
    return run(load_chip(chip, overrides), load_graph("digits_cnn"), Request(**request), options)


def test_energy_is_the_sum_of_its_terms_and_so_are_its_parts(result):
    energy = result.energy_j
    assert energy["total"] == pytest.approx(sum(term.joules for term in result.terms), rel=1e-12)
    assert energy["total"] == pytest.approx(energy["dynamic"] + energy["static"], rel=1e-12)
    assert sum(result.energy_by_component.values()) == pytest.approx(energy["total"], rel=1e-12)


def test_layers_and_what_belongs_to_none_make_up_the_dynamic_energy(result):
    elsewhere = sum(term.joules for term in result.terms if term.layer < 0 and term.component != "static")
    assert sum(row.energy_j for row in result.layer_rows) + elsewhere == pytest.approx(result.energy_j["dynamic"], rel=1e-9)


def test_power_integrates_to_energy(result):
    assert result.average_power_w * result.latency_s == pytest.approx(result.energy_j["total"], rel=1e-12)


def test_no_unit_is_busy_longer_than_the_inference_takes(result):
    for unit in result.units.values():
        assert 0 <= unit["busy_cycles"] <= unit["cycles"]
        assert unit["cycles"] / unit["clock_hz"] >= result.latency_s * (1 - 1e-9)


def test_layers_lie_within_the_inference_and_use_no_more_than_the_unit_has(result):
    for row in result.layer_rows:
        assert 0 <= row.start_s <= row.end_s <= result.latency_s * (1 + 1e-9)
        assert row.utilization is None or 0 < row.utilization <= 1
    assert result.macs == sum(row.macs for row in result.layer_rows) == macs_of(result.mapping.graph)


def test_layers_of_one_unit_begin_and_end_in_order(result):
    # One may begin while the results of the one before still move out.
    for unit in result.units:
        rows = [row for row in result.layer_rows if row.unit == unit]
        assert [row.start_s for row in rows] == sorted(row.start_s for row in rows)
        assert [row.end_s for row in rows] == sorted(row.end_s for row in rows)


def test_bytes_by_memory_are_those_of_the_streams(result):
    totals = {name: [0, 0] for name in result.memories}
    for choice in result.mapping.choices:
        for stream in choice.streams:
            for hop in stream.hops:
                if hop.place in totals:
                    totals[hop.place][hop.write] += stream.payload
    assert {n: [m["read_bytes"], m["write_bytes"]] for n, m in result.memories.items()} == totals


def test_the_estimated_share_is_a_share(result):
    assert 0 <= result.grade["estimated_share"] <= 1
    assert result.grade["latency"] in ("published", "derived", "estimated") and result.grade["energy"] in ("published", "derived", "estimated")


def test_a_report_is_plain_json_and_the_same_twice(result):
    again = run(load_chip(result.chip), load_graph(result.model), Request(), QUICK)
    assert json.dumps(result.to_dict()) == json.dumps(again.to_dict())


def test_both_engines_give_the_same_report():
    one, other = (digits(options=Options(engine=engine, execute=False), frames=2, state="cold").to_dict() for engine in ("compiled", "event"))
    assert one.pop("engine") == "compiled" and other.pop("engine") == "event"
    assert one == other


def test_a_cold_chip_is_never_sooner_than_a_warm_one():
    result = digits(state="cold")
    assert result.first_latency_s > result.latency_s


def test_driver_cycles_make_the_first_inference_later_by_their_time():
    result = digits("start.cold_cycles=1000000", state="cold")
    assert result.first_latency_s >= result.latency_s + 1000000 / 1e9 * (1 - 1e-9)


@pytest.mark.parametrize("frames", [2, 5])
def test_frames_overlap_but_never_end_before_one_alone_could(frames):
    one, several = digits(), digits(frames=frames)
    together = frames / several.throughput_per_s
    assert one.latency_s <= together <= frames * one.latency_s * (1 + 1e-9)
    assert several.latency_s == one.latency_s and several.energy_j == one.energy_j


def test_back_to_back_an_inference_counts_from_when_the_chip_takes_it_on():
    one, several = digits(), digits(frames=6)
    assert one.latency_s * (1 - 1e-9) <= several.latency_p50_s <= several.latency_p99_s <= 2 * one.latency_s * (1 + 1e-9)


def test_a_slow_rate_is_the_throughput_and_latency_stays_that_of_one():
    one, paced = digits(), digits(frames=50, rate=1.0)
    assert paced.latency_p50_s == pytest.approx(one.latency_s) and paced.latency_p99_s == pytest.approx(one.latency_s)
    assert paced.throughput_per_s == pytest.approx(50 / (49 + one.latency_s))


def test_a_rate_that_the_chip_cannot_keep_makes_requests_wait():
    back_to_back = digits(frames=10)
    flooded = digits(frames=10, rate=back_to_back.throughput_per_s * 100)
    assert flooded.latency_p99_s > 3 * back_to_back.latency_s
    assert flooded.throughput_per_s <= back_to_back.throughput_per_s * (1 + 1e-9)


def test_a_batch_multiplies_the_work_and_its_throughput_counts_every_input():
    one, four = digits(), digits(batch=4)
    assert four.macs == 4 * one.macs
    assert four.throughput_per_s == pytest.approx(4 / four.latency_s)
    assert one.latency_s < four.latency_s <= 4 * one.latency_s


@pytest.mark.parametrize(
    "request_, says",
    [
        ({"batch": 0}, "--batch: 0 is not at least 1"),
        ({"frames": -1}, "--frames: -1 is not at least 1"),
        ({"rate": 0.0}, "--rate: 0.0 is not above 0"),
        ({"state": "hot"}, "--state: 'hot' is not one of warm, cold"),
    ],
)
def test_requests_that_make_no_sense_are_refused(request_, says):
    with pytest.raises(AccelsimError) as caught:
        digits(**request_)
    assert says in str(caught.value)


def test_static_power_costs_its_watts_times_the_time():
    base, more = digits("static_power=0 W"), digits("static_power=3 W")
    assert more.energy_j["static"] - base.energy_j["static"] == pytest.approx(3 * more.latency_s)
    assert more.energy_j["dynamic"] == base.energy_j["dynamic"]


def test_a_byte_costs_what_the_chip_file_says():
    one, two = (digits(f"memories.dram.read_energy={pj} pJ/B") for pj in (10, 20))
    assert two.energy_j["total"] - one.energy_j["total"] == pytest.approx(10e-12 * one.memories["dram"]["read_bytes"], rel=1e-9)


def test_zeros_of_real_data_save_energy_where_the_array_gates_them():
    graph = load_graph("digits_cnn")
    tensor = graph.tensors[graph.inputs[0]]
    zero = tensor.quantization.zero_point[0] if tensor.quantization else 0
    blank = {graph.inputs[0]: np.full(tensor.shape, zero, np.int8 if tensor.dtype == "int8" else np.uint8 if tensor.dtype == "uint8" else np.float32)}
    gated = load_chip("ethos_u55_128", ["units.npu.gate_zeros=1.0"])
    declared, executed = run(gated, graph, Request(), QUICK), run(gated, graph, Request(), Options(inputs=blank))
    first = declared.layer_rows[0].name
    macs = lambda r: sum(t.count for t in r.terms if t.layer == 0 and t.action.startswith("mac_"))  # noqa: E731
    assert executed.layer_rows[0].name == first and macs(executed) == 0 < macs(declared)
    assert executed.latency_s == declared.latency_s


def test_a_table_that_lacks_an_action_is_refused_with_its_name_and_who_uses_it():
    table = load_energy_table("edge_16nm", "test")
    with pytest.raises(AccelsimError, match="energy table 'edge_16nm': lacks action 'mac_int5', which unit 'npu' uses"):
        table.action("mac_int5", "unit 'npu'")
    with pytest.raises(AccelsimError, match="lacks accesses of 'abacus', which 'beads' is"):
        table.access("abacus", "read", "'beads'")


def test_a_table_that_does_not_exist_is_refused_with_a_guess():
    with pytest.raises(AccelsimError, match="no energy table is called 'edge_16mn' .did you mean 'edge_16nm'"):
        digits("energy=edge_16mn")


def test_without_a_table_time_stands_alone_and_the_result_says_why():
    result = digits("energy=null")
    assert result.latency_s > 0 and result.energy_j is None and "names no energy table" in result.why_no_energy
    assert all(row.energy_j is None for row in result.layer_rows)


def test_an_override_makes_the_figures_that_rest_on_it_an_estimate():
    stated = digits(chip="ethos_u55_128")
    assert digits("units.npu.clock=500 MHz", chip="ethos_u55_128").grade["latency"] == "estimated"
    assert stated.latency_s == digits("units.npu.clock=500 MHz", chip="ethos_u55_128").latency_s


def test_a_clock_costs_its_energy_every_cycle_that_the_chip_is_on():
    without, with_clock = digits(), digits("units.npu.clock_energy=50 pJ")
    cycles = with_clock.latency_s * with_clock.units["npu"]["clock_hz"]
    assert with_clock.energy_j["static"] - without.energy_j["static"] == pytest.approx(cycles * 50e-12)
    assert with_clock.energy_j["dynamic"] == without.energy_j["dynamic"]


def test_a_computing_cycle_costs_its_energy_and_a_starting_kernel_does_not():
    without, active, slow = (digits(*figures, chip="jetson_agx_xavier") for figures in ((), ("units.gpu.active_energy=2 nJ",), ("units.gpu.active_energy=2 nJ", "units.gpu.launch_time=50 us")))
    cycles = sum(choice.cost.cycles - choice.cost.setup_cycles * len(choice.layer.works) for choice in active.mapping.choices if choice.layer.unit == "gpu")
    assert active.energy_j["dynamic"] - without.energy_j["dynamic"] == pytest.approx(cycles * 2e-9)
    assert slow.energy_j["dynamic"] == pytest.approx(active.energy_j["dynamic"]) and slow.latency_s > active.latency_s
    assert next(term for term in active.terms if term.action == "active_cycle").component == "gpu"


def test_a_cycle_costs_the_same_at_any_clock_and_the_square_at_another_supply():
    joules = {}
    for point in ("low", "turbo"):
        result = digits("units.npu.clock_energy=50 pJ", f"power.domains.core.point={point}", chip="systolic_npu_dvfs")
        term = next(term for term in result.terms if term.action == "units.npu.clock")
        joules[point] = term.joules / term.count
    assert joules["turbo"] / joules["low"] == pytest.approx((0.9 / 0.6) ** 2)
