"""What time means, on plans that can be reckoned in the head; both engines."""

import numpy as np
import pytest

from accelsim.base.clocks import clock_of
from accelsim.base.errors import AccelsimError
from accelsim.engine import compiled, event
from accelsim.hardware.resource import clocked, stream
from plans import GHZ, plan

UNIT = clocked("unit", GHZ)  # a cycle is 1000 ps
CHANNEL = stream("channel", GHZ, 1)  # a byte is 1000 ps


@pytest.fixture(params=[compiled, event], ids=["compiled", "event"])
def simulate(request):
    return request.param.simulate


def spans(trace) -> list[tuple[int, int]]:
    return list(zip(trace.start.tolist(), trace.finish.tolist(), strict=True))


def test_two_pieces_of_work_on_one_unit_follow_one_another(simulate):
    assert spans(simulate(plan([UNIT], [(0, 3), (0, 2)]))) == [(0, 3000), (3000, 5000)]


def test_work_waits_for_what_it_needs(simulate):
    assert spans(simulate(plan([UNIT, CHANNEL], [(1, 5), (0, 2)], needs=[(0, 1)]))) == [(0, 5000), (5000, 7000)]


def test_independent_servers_work_at_once(simulate):
    assert simulate(plan([UNIT, CHANNEL], [(0, 4), (1, 4)])).makespan == 4000


def test_edges_of_933_mhz_fall_on_whole_picoseconds_without_drift(simulate):
    trace = simulate(plan([clocked("unit", clock_of(933e6))], [(0, 1)] * 933))
    assert trace.finish[0] == 1071  # 10^6 / 933 = 1071.8
    assert trace.finish[1] == 2143  # 2143.6
    assert trace.makespan == 1_000_000  # 933 cycles are a microsecond, exactly


def test_a_unit_starts_at_its_own_next_edge(simulate):
    # The transfer ends at 1500 ps; the unit's next edge is at 2000 ps, and its 3 cycles last until 5000 ps.
    trace = simulate(plan([UNIT, stream("channel", clock_of(2e9), 1)], [(1, 3), (0, 3)], needs=[(0, 1)]))
    assert spans(trace) == [(0, 1500), (1500, 5000)]


def test_a_transfer_is_rounded_up_to_beats(simulate):
    assert spans(simulate(plan([stream("channel", GHZ, 32)], [(0, 33), (0, 32), (0, 1)]))) == [(0, 2000), (2000, 3000), (3000, 4000)]


def test_latency_delays_a_transfer_but_does_not_occupy_the_channel(simulate):
    # Two transfers of 10 beats with 5000 ps of latency: the second starts behind the first's beats.
    assert spans(simulate(plan([stream("channel", GHZ, 1, (5000, 5000))], [(0, 10), (0, 10)]))) == [(0, 15_000), (10_000, 25_000)]


def test_reads_and_writes_have_their_own_latency(simulate):
    assert simulate(plan([stream("channel", GHZ, 1, (100, 7))], [(0, 1, False), (0, 1, True)])).finish.tolist() == [1100, 2007]


def test_the_least_priority_number_goes_first_and_then_the_lower_index(simulate):
    trace = simulate(plan([UNIT], [(0, 1)] * 4, priorities=[2, 1, 1, 0]))
    assert np.argsort(trace.start).tolist() == [3, 1, 2, 0]


def test_a_grant_is_never_revised(simulate):
    # A more urgent task arrives at 1000 ps while the first is served until 5000 ps.
    assert simulate(plan([UNIT], [(0, 5), (0, 1)], priorities=[9, 0], releases=[0, 1000])).start.tolist() == [0, 5000]


def test_what_finishes_at_one_time_is_weighed_together_before_anything_is_granted(simulate):
    # Both transfers end at 2000 ps; the unit takes the more urgent follower, although the other became ready first.
    channels = [UNIT, CHANNEL, stream("other", GHZ, 1)]
    trace = simulate(plan(channels, [(1, 2), (2, 2), (0, 1), (0, 1)], needs=[(0, 2), (1, 3)], priorities=[0, 0, 5, 1]))
    assert trace.start.tolist() == [0, 0, 3000, 2000]


def test_milestones_take_no_time_and_pass_on_at_once(simulate):
    trace = simulate(plan([UNIT], [(0, 2), (-1, 0), (-1, 0), (0, 1)], needs=[(0, 1), (1, 2), (2, 3)]))
    assert spans(trace) == [(0, 2000), (2000, 2000), (2000, 2000), (2000, 3000)]


def test_nothing_starts_before_its_release(simulate):
    assert spans(simulate(plan([UNIT], [(0, 1), (-1, 0)], releases=[2500, 700]))) == [(2500, 4000), (700, 700)]


def test_a_release_in_the_middle_of_a_cycle_waits_for_the_edge(simulate):
    assert simulate(plan([UNIT], [(0, 0), (0, 1)], releases=[0, 1])).finish.tolist() == [0, 2000]


def test_a_task_without_cycles_is_done_within_its_moment_and_lets_the_next_start(simulate):
    assert spans(simulate(plan([UNIT], [(0, 0), (0, 0), (0, 3)], needs=[(0, 1), (1, 2)]))) == [(0, 0), (0, 0), (0, 3000)]


def test_a_need_stated_twice_is_one_need(simulate):
    assert simulate(plan([UNIT], [(0, 1), (0, 1)], needs=[(0, 1), (0, 1)])).makespan == 2000


def test_tasks_that_wait_for_each_other_are_refused_with_their_number(simulate):
    with pytest.raises(AccelsimError, match="plan: 2 of 3 tasks never start .their needs form a circle"):
        simulate(plan([UNIT], [(0, 1), (0, 1), (0, 1)], needs=[(1, 2), (2, 1)]))


def test_a_plan_without_tasks_takes_no_time(simulate):
    assert simulate(plan([UNIT], [])).makespan == 0


def test_a_plan_that_outlasts_the_clock_is_refused(simulate):
    with pytest.raises(AccelsimError, match="lasts longer than"):
        simulate(plan([clocked("unit", clock_of(1.0))], [(0, 10**7)]))


def test_a_stopped_run_has_done_what_was_due_and_nothing_else():
    run = compiled.Run(plan([UNIT], [(0, 3), (0, 3)]))
    assert run.run_until(2999) == 0
    assert run.run_until(3000) == 1
    assert run.trace().start.tolist() == [0, 3000]
    assert run.run_until() == 2
