"""Laws of time, each with the condition under which it is true."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from accelsim.base.clocks import clock_of
from accelsim.engine import compiled
from accelsim.hardware.resource import clocked, stream
from accelsim.kernels.service import QUANTUM, READ_LATENCY, STREAM, P, Q
from plans import plan, plans, with_order

def makespan(chosen) -> int:
    return compiled.simulate(chosen).makespan


@settings(max_examples=150)
@given(plans(), st.data())
def test_in_a_static_order_a_smaller_amount_is_never_later(chosen, data):
    chosen = with_order(chosen, np.arange(chosen.tasks))
    smaller = np.array([data.draw(st.integers(0, int(a))) for a in chosen.amount], np.int64)
    before, after = compiled.simulate(chosen), compiled.simulate(replace(chosen, amount=smaller))
    assert (after.finish <= before.finish).all() and (after.start <= before.start).all()


@settings(max_examples=100)
@given(plans(), st.integers(0, 3), st.integers(2, 5))
def test_in_a_static_order_a_server_that_is_faster_by_a_whole_factor_is_never_later(chosen, which, factor):
    # A whole factor keeps a unit's edges and adds some; a clock 1.5 times as fast may just have missed one.
    chosen = with_order(chosen, np.arange(chosen.tasks))
    r = which % len(chosen.resources)
    row = list(chosen.resources[r].parameters)
    row[Q] *= factor
    faster = tuple(replace(one, parameters=tuple(row)) if i == r else one for i, one in enumerate(chosen.resources))
    before, after = compiled.simulate(chosen), compiled.simulate(replace(chosen, resources=faster))
    assert (after.finish <= before.finish).all()


@settings(max_examples=100)
@given(plans(), st.integers(0, 3), st.integers(1, 2000))
def test_in_a_static_order_a_channel_of_any_higher_bandwidth_is_never_later(chosen, which, permille):
    chosen = with_order(chosen, np.arange(chosen.tasks))
    r = which % len(chosen.resources)
    row = list(chosen.resources[r].parameters)
    assume(chosen.resources[r].service == STREAM)
    row[P], row[Q] = row[P] * 1000, row[Q] * (1000 + permille)
    assume(row[P] * row[Q] < 2**62)
    faster = tuple(replace(one, parameters=tuple(row)) if i == r else one for i, one in enumerate(chosen.resources))
    assert (compiled.simulate(replace(chosen, resources=faster)).finish <= compiled.simulate(chosen).finish).all()


@settings(max_examples=100)
@given(plans(), st.integers(0, 3))
def test_in_a_static_order_a_wider_or_quicker_channel_is_never_later(chosen, which):
    chosen = with_order(chosen, np.arange(chosen.tasks))
    r = which % len(chosen.resources)
    row = list(chosen.resources[r].parameters)
    row[QUANTUM], row[READ_LATENCY] = row[QUANTUM] * 2, row[READ_LATENCY] // 2
    better = tuple(replace(one, parameters=tuple(row)) if i == r else one for i, one in enumerate(chosen.resources))
    assert (compiled.simulate(replace(chosen, resources=better)).finish <= compiled.simulate(chosen).finish).all()


@settings(max_examples=100)
@given(plans(), st.integers(0, 10_000))
def test_in_a_static_order_a_need_less_or_an_earlier_release_is_never_later(chosen, seed):
    chosen = with_order(chosen, np.arange(chosen.tasks))
    keep = np.random.default_rng(seed).random(chosen.before.size) < 0.8
    eased = with_order(replace(chosen, before=chosen.before[keep], after=chosen.after[keep], release=chosen.release // 2), np.arange(chosen.tasks))
    assert (compiled.simulate(eased).finish <= compiled.simulate(chosen).finish).all()


def test_with_arbitration_at_run_time_a_shorter_task_can_end_later():
    """Graham's anomaly: why the laws above ask for a static order."""
    unit, channel = clocked("unit", clock_of(1e9)), stream("channel", clock_of(1e9), 1)

    def run(first: int) -> int:
        # Ready sooner, task 1 takes the unit before the urgent task 2, whose follower on the channel is long.
        return makespan(plan([unit, channel], [(1, first), (0, 10), (0, 2), (1, 30)], needs=[(0, 1), (2, 3)], priorities=[0, 1, 0, 1], releases=[0, 0, 4000, 0]))

    assert run(3) > run(5)


@settings(max_examples=100)
@given(plans())
def test_busy_time_never_exceeds_the_makespan_and_no_server_serves_two_at_once(chosen):
    trace = compiled.simulate(chosen)
    assert (trace.finish >= trace.start).all() and (trace.start >= chosen.release).all()
    assert (trace.start[chosen.after] >= trace.finish[chosen.before]).all()
    for r, resource in enumerate(chosen.resources):
        row = resource.parameters
        mine = np.flatnonzero(chosen.resource == r)
        busy = int((-(-chosen.amount[mine] // row[QUANTUM])).sum()) * row[P] // row[Q]
        assert busy <= trace.makespan + row[P] // row[Q] + mine.size  # each span is rounded down by less than a picosecond
        order = mine[np.lexsort((mine, trace.finish[mine], trace.start[mine]))]
        assert (np.diff(trace.start[order]) >= 0).all()
        if resource.service == 0:
            assert (trace.start[order][1:] >= trace.finish[order][:-1]).all()


@settings(max_examples=60)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=20), st.lists(st.integers(1, 200), min_size=1, max_size=20))
def test_two_streams_on_one_work_conserving_channel_end_between_the_slower_alone_and_both_in_sequence(one, other):
    channel = stream("channel", clock_of(1e9), 1)

    def run(*streams):
        tasks, needs = [], []
        for pieces in streams:
            ids = range(len(tasks), len(tasks) + len(pieces))
            tasks += [(0, amount) for amount in pieces]
            needs += list(zip(ids, ids[1:], strict=False))
        return makespan(plan([channel], tasks, needs))

    assert max(run(one), run(other)) <= run(one, other) <= run(one) + run(other)


pieces = st.lists(st.tuples(st.integers(1, 200), st.integers(1, 200), st.integers(0, 100)), min_size=1, max_size=12)


@settings(max_examples=100)
@given(st.lists(pieces, min_size=2, max_size=3), st.booleans(), st.sampled_from([0, 700]))
def test_units_on_one_channel_in_a_static_order_end_between_the_slowest_alone_and_all_in_sequence(networks, fair, latency):
    # Each piece is read, computed on the network's own unit and written, two pieces in flight; whose turn it is on the channel is decided at run time.
    servers = [stream("channel", clock_of(1e9), 1, (latency, latency)), *(clocked(f"unit{k}", clock_of(1e9)) for k in range(len(networks)))]

    def run(*chosen):
        tasks, needs, owners = [], [], []
        for k in chosen:
            mine = []
            for i, (read, cycles, written) in enumerate(networks[k]):
                ids = range(len(tasks), len(tasks) + 3)
                tasks += [(0, read), (1 + k, cycles), (0, written, True)]
                owners += [k] * 3
                needs += [(ids[0], ids[1]), (ids[1], ids[2])]
                if i >= 2:
                    needs.append((mine[i - 2][1], ids[0]))
                mine.append(ids)
            moved = [task for ids in mine for task in (ids[0], ids[2])]
            needs += list(zip(moved, moved[1:], strict=False))  # the static order of a network's own transfers
            needs += [(a[1], b[1]) for a, b in zip(mine, mine[1:], strict=False)]
        return makespan(plan(servers, tasks, needs, networks=owners, fair=fair))

    every = range(len(networks))
    alone = [run(k) for k in every]
    assert max(alone) <= run(*every) <= sum(alone)


@settings(max_examples=60)
@given(st.lists(st.integers(1, 100), min_size=3, max_size=30), st.lists(st.integers(1, 100), min_size=3, max_size=30))
def test_fair_turns_give_two_networks_that_both_wait_the_same_share_to_within_one_transfer(one, other):
    channel = stream("channel", clock_of(1e9), 1)
    chosen = plan([channel], [(0, amount) for amount in one + other], networks=[0] * len(one) + [1] * len(other))
    trace = compiled.simulate(chosen)
    both_wait = min(trace.start[chosen.requester == k].max() for k in (0, 1))
    done = [int(chosen.amount[(chosen.requester == k) & (trace.finish <= both_wait)].sum()) for k in (0, 1)]
    assert abs(done[0] - done[1]) <= max(one + other)


def test_in_order_the_first_network_waits_for_one_transfer_at_most():
    channel = stream("channel", clock_of(1e9), 1)
    chosen = plan([channel], [(0, 50)] * 4 + [(0, 10)] * 3, releases=[1000] + [0] * 6, networks=[1] * 4 + [0] * 3, fair=False)
    trace = compiled.simulate(chosen)
    assert trace.finish[4:].max() == 30_000 and trace.start[:4].min() == 30_000
