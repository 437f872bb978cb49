"""Is a chip with many levels of memory described, mapped and counted as the page on memories says?"""

import re
from pathlib import Path

import numpy as np
import pytest

from accelsim import together
from accelsim.engine import compiled, event
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.pipeline import Options, load_chip, run

PAGE = Path(__file__).parents[2] / "docs" / "memories.md"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    file = tmp_path_factory.mktemp("levels") / "levels.yaml"
    file.write_text(re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S).group(1))
    return str(file)


@pytest.fixture(scope="module")
def result(path):
    return run(path, load_graph("mobilenet_v1_0_25"), options=Options(execute=False))


def ways(result, tensor_is) -> set[tuple[str, ...]]:
    return {tuple(hop.place for hop in s.hops) for c in result.mapping.choices for s in c.streams if s.tensor and tensor_is(c, s) and c.layer.unit == "core0" and len(s.hops) > 1}


def test_weights_pass_every_level_on_their_way_to_the_core(result):
    levels = [[place for place in dict.fromkeys(way) if place != "noc"] for way in ways(result, lambda c, s: s.role == "constant")]
    assert ["dram", "slc", "fetch", "shared", "feed0", "local0"] in levels or ["slc", "fetch", "shared", "feed0", "local0"] in levels


def test_each_level_moves_no_more_than_the_one_nearer_to_the_core(result):
    read = {name: row["read_bytes"] for name, row in result.memories.items()}
    assert 0 <= read["dram"] <= read["slc"] <= read["shared"] < read["local0"] + read["shared"]


def test_everything_that_moves_has_a_price_and_a_time(result):
    assert {"core0", "local0", "shared", "slc", "noc", "fetch", "feed0"} <= set(result.energy_by_component)
    assert 0 < result.latency_s < result.first_latency_s


def test_what_a_cache_writes_back_leaves_from_the_cache(path):
    small = load_chip(path, ["memories.slc.capacity=16 KiB", "placement.activations=[dram]"])
    back = [s for c in map_graph(load_graph("mobilenet_v1_0_25"), small).choices for s in c.streams if s.role == "output" and not s.tensor and any(h.place == "slc" for h in s.hops)]
    assert back and all([hop.place for hop in stream.hops] == ["slc", "dram"] for stream in back)


def test_both_engines_make_the_same_trace_on_all_levels(path):
    plan = map_graph(load_graph("mobilenet_v1_0_25"), load_chip(path)).plan(2, cold=True)
    ours, reference = compiled.simulate(plan), event.simulate(plan)
    assert np.array_equal(ours.start, reference.start) and np.array_equal(ours.finish, reference.finish)


def test_two_networks_on_two_cores_meet_in_the_shared_levels(path):
    found = together(path, ["mobilenet_v1_0_25@core0", "squeezenet1_1@core1"], frames=2)
    busy = {server["name"]: server["by"] for server in found.servers}
    assert all(share > 0 for share in busy["shared"]) and busy["feed0"][1] == 0 == busy["feed1"][0]
    assert all(one.slow_down >= 1.0 for one in found.networks)


@pytest.mark.parametrize("level", ["l2", "slc", "noc", "local1"])
def test_a_level_can_be_left_out(path, level):
    section = "links" if level == "noc" else "memories"
    more = {"slc": ["memories.l2.behind=dram", "links.noc.places.slc=null"], "l2": [], "noc": [], "local1": ["units.core1=null", "links.feed1=null", "links.noc.places.core1=null", "links.noc.places.feed1=null"]}
    found = run(load_chip(path, [f"{section}.{level}=null", *more[level]]), load_graph("mobilenet_v1_0_25"), options=Options(execute=False))
    assert found.latency_s > 0 and level not in found.energy_by_component
