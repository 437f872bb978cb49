"""Caches: what fits stays from its last use, and only the rest reaches the memory behind."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.base.errors import AccelsimError
from accelsim.engine import compiled, event
from accelsim.importers import load_graph
from accelsim.mapping.cached_ranges import CachedRanges
from accelsim.mapping.mapper import map_graph
from accelsim.pipeline import Options, load_chip, run
from networks import chain


class NaiveCache:
    """Bytes one by one, the longest unused first."""

    def __init__(self, capacity: int):
        self.capacity, self.held = capacity, {}

    def touch(self, low: int, high: int, write: bool) -> tuple[set[int], set[int]]:
        missing = {byte for byte in range(low, high) if byte not in self.held}
        fresh = {byte: write or self.held.pop(byte, False) for byte in range(low, high)}
        self.held = {byte: dirty for byte, dirty in self.held.items() if byte not in fresh} | fresh
        left = set()
        while len(self.held) > self.capacity:
            byte = next(iter(self.held))
            if self.held.pop(byte):
                left.add(byte)
        return missing, left


def bytes_of(ranges) -> set[int]:
    return {byte for low, high in ranges for byte in range(low, high)}


uses = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20), st.booleans()), max_size=25)


@settings(max_examples=200)
@given(st.integers(1, 40), uses)
def test_ranges_are_held_and_lost_as_byte_by_byte(capacity, steps):
    ranges, naive = CachedRanges(capacity), NaiveCache(capacity)
    for low, size, write in steps:
        missing, left = ranges.touch(low, low + size, write)
        expected_missing, expected_left = naive.touch(low, low + size, write)
        assert bytes_of(missing) == expected_missing and bytes_of(left) == expected_left
        assert {(b, w) for a, z, w in ranges.held for b in range(a, z)} == set(naive.held.items())


@settings(max_examples=100)
@given(st.integers(1, 40), st.integers(0, 20), uses)
def test_a_larger_cache_misses_and_writes_back_no_more(capacity, more, steps):
    small, large = CachedRanges(capacity), CachedRanges(capacity + more)
    lost = [[sum(b - a for part in cache.touch(low, low + size, write) for a, b in part) for low, size, write in steps] for cache in (small, large)]
    assert sum(lost[1]) <= sum(lost[0])


def a53(capacity: str = "512 KiB", *more: str):
    return load_chip("cortex_a53", [f"memories.l2.capacity={capacity}", *more])


def row(result, memory: str = "dram") -> dict:
    return result.memories[memory]


GRAPH = load_graph("digits_cnn")


@pytest.fixture(scope="module")
def without():
    return run(load_chip("cortex_a53", ["memories.l2=null"]), GRAPH, options=Options(execute=False))


def test_a_network_that_fits_touches_dram_only_in_its_first_inference(without):
    result = run(a53("64 MiB"), GRAPH, options=Options(execute=False))
    assert row(result)["read_bytes"] == row(result)["write_bytes"] == 0 == row(result, "l2")["filled_bytes"]
    assert row(result, "l2")["read_bytes"] == row(without)["read_bytes"]
    assert result.first_latency_s - result.latency_s > without.first_latency_s - without.latency_s - 1e-12


def test_a_cache_of_one_byte_passes_everything_on(without):
    result = run(a53("1 B"), GRAPH, options=Options(execute=False))
    assert row(result)["read_bytes"] == pytest.approx(row(without)["read_bytes"], abs=4 * len(result.layer_rows))


@pytest.mark.parametrize("capacity", ["8 KiB", "32 KiB", "200 KiB", "2 MiB"])
def test_every_byte_is_a_hit_or_comes_from_behind(capacity, without):
    result = run(a53(capacity), load_graph("mobilenet_v1_0_25"), options=Options(execute=False))
    l2, dram = row(result, "l2"), row(result)
    assert l2["filled_bytes"] == dram["read_bytes"] <= l2["read_bytes"]


def test_more_capacity_means_fewer_bytes_less_energy_and_no_more_time():
    found = [run(a53(size), load_graph("mobilenet_v1_0_25"), options=Options(execute=False)) for size in ("16 KiB", "128 KiB", "1 MiB", "8 MiB")]
    for key in ("read_bytes", "energy_j"):
        values = [row(result)[key] for result in found]
        assert values == sorted(values, reverse=True) and values[0] > values[-1]
    assert found[-1].latency_s <= found[0].latency_s


def test_what_the_last_layer_wrote_is_read_from_the_cache():
    # Two layers of 1 KiB tensors: the cache holds the one between them, not the weights of both (9 KiB each).
    graph = chain([16, 16, 16], size=8)
    mapping = map_graph(graph, a53("4 KiB"))
    second = mapping.choices[1]
    own = next(s for s in second.streams if s.tensor == "x1" and s.role == "input")
    assert [hop.place for hop in own.hops] == ["l2"]
    weights = next(s for s in second.streams if s.tensor == "w2")
    assert [hop.place for hop in weights.hops] == ["dram", "l2", "l2"] and weights.amounts[0] > 0


def test_results_that_do_not_fit_are_written_back_once():
    result = run(a53("2 KiB"), chain([16, 16, 16, 16], size=16), options=Options(execute=False))
    produced = sum(layer.outputs[0].bytes for layer in result.mapping.layers)
    assert produced - 2048 <= row(result)["write_bytes"] <= produced


def test_a_cache_of_one_unit_does_not_serve_another():
    chip = load_chip("jetson_agx_xavier", ["memories.l3={kind: cache, capacity: 4 MiB, behind: dram, users: [cpu], bandwidth: 100 GB/s}"])
    mapping = map_graph(load_graph("mobilenet_v2"), chip)
    assert not any(hop.place == "l3" for choice in mapping.choices for stream in choice.streams for hop in stream.hops if choice.layer.unit == "gpu")


def test_behind_a_cache_stands_another():
    outer = "memories.l1={kind: cache, capacity: 16 KiB, behind: l2, users: [cpu], bandwidth: 48 GB/s, burst: 64}"
    one, two = (run(a53("256 KiB", *more), load_graph("mobilenet_v1_0_25"), options=Options(execute=False)) for more in ((), (outer,)))
    # What the unit reads is what the cache next to it gives, less what that writes back.
    assert row(two, "l1")["read_bytes"] - (row(two, "l2")["write_bytes"] - row(two, "l2")["filled_bytes"]) == row(one, "l2")["read_bytes"] - row(one)["write_bytes"]
    assert row(two, "l1")["filled_bytes"] == row(two, "l2")["read_bytes"] - row(two)["write_bytes"] < row(one, "l2")["read_bytes"]
    assert row(two)["read_bytes"] == pytest.approx(row(one)["read_bytes"], rel=0.1)


@pytest.mark.parametrize(("chip", "model"), [("cortex_a53", "mobilenet_v1_0_25"), ("apple_a13", "mobilenet_v2")])
def test_both_engines_make_the_same_trace_through_caches(chip, model):
    plan = map_graph(load_graph(model), load_chip(chip)).plan(2)
    ours, reference = compiled.simulate(plan), event.simulate(plan)
    assert np.array_equal(ours.start, reference.start) and np.array_equal(ours.finish, reference.finish)


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ("memories.l2.behind=dramm", "memories.l2.behind: 'dramm' is not one of dram, l2, storage \\(did you mean 'dram'"),
        ("memories.l2.users=[npu]", "memories.l2.users.0: 'npu' is not one of cpu"),
        ("memories.l2.behind=l2", "leads back to 'l2'"),
        ("memories.l3={kind: cache, capacity: 1 MiB, behind: dram}", "both stand before 'dram'"),
        ("placement.activations=[l2]", "placement.activations.0: 'l2' is a cache, which holds nothing of its own"),
        ("memories.l2.capacity=0 B", "capacity"),
    ],
)
def test_a_contradictory_cache_is_refused_in_one_line(over, told):
    with pytest.raises(AccelsimError, match=told) as caught:
        load_chip("cortex_a53", [over])
    assert "\n" not in str(caught.value)
