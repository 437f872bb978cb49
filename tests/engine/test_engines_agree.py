"""One plan, two engines and a naive third, one meaning of time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.base.errors import AccelsimError
from accelsim.engine import compiled, event
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.pipeline import load_chip
import naive_engine
from plans import plans, with_banks


def same(one, other) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("start", "finish", "state"))


@settings(max_examples=150, deadline=None)
@given(plans(servers=with_banks))
def test_both_engines_make_the_same_trace_of_any_plan(plan):
    assert same(compiled.simulate(plan), event.simulate(plan))


@settings(max_examples=100, deadline=None)
@given(plans(most_tasks=15, servers=with_banks))
def test_the_traces_are_those_of_the_plainest_words(plan):
    trace = compiled.simulate(plan)
    start, finish = naive_engine.run(plan)
    assert np.array_equal(trace.start, start) and np.array_equal(trace.finish, finish)


@settings(max_examples=100, deadline=None)
@given(plans(circles=True))
def test_both_engines_refuse_a_circle_of_needs_with_the_same_words(plan):
    words = []
    for engine in (compiled, event):
        try:
            engine.simulate(plan)
            words.append("")
        except AccelsimError as error:
            words.append(str(error))
    assert words[0] == words[1]
    assert ("circle" in words[0]) == bool((naive_engine.run(plan)[1] < 0).any())


@settings(max_examples=100, deadline=None)
@given(plans(servers=with_banks), st.lists(st.integers(0, 400_000), max_size=6))
def test_a_run_that_stops_and_goes_on_is_the_run_in_one_piece(plan, stops):
    run = compiled.Run(plan)
    done = 0
    for stop in sorted(stops):
        now_done = run.run_until(stop)
        assert now_done >= done
        done = now_done
        assert done == int(((run.finish >= 0) & (run.finish <= stop)).sum())
    assert run.run_until() == plan.tasks
    assert same(run.trace(), compiled.simulate(plan))


@settings(max_examples=50, deadline=None)
@given(plans())
def test_the_same_run_twice_is_the_same_trace(plan):
    assert same(compiled.simulate(plan), compiled.simulate(plan))


def assert_same_on(chip: str, model: str, frames: int = 1, cold: bool = False) -> None:
    plan = map_graph(load_graph(model), load_chip(chip)).plan(frames, cold=cold)
    assert same(compiled.simulate(plan), event.simulate(plan))


@pytest.mark.parametrize("chip, model", [("ethos_u55_256", "mobilenet_v2"), ("systolic_npu", "mobilenet_v2"), ("cortex_m7", "mobilenet_v1_0_25")])
def test_both_engines_make_the_same_trace_of_a_whole_network(chip, model):
    assert_same_on(chip, model)


def test_both_engines_make_the_same_trace_of_frames_on_a_cold_chip():
    assert_same_on("systolic_npu", "squeezenet1_1", frames=3, cold=True)


@pytest.mark.parametrize("chip", ["ethos_u55_32", "ethos_u65_512", "cortex_a53"])
@pytest.mark.parametrize("model", ["mobilenet_v2", "resnet50"])
def test_both_engines_make_the_same_trace_of_networks_on_every_family(chip, model):
    assert_same_on(chip, model, frames=2, cold=True)
