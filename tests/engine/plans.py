"""Plans written by hand and at random."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from accelsim.base.clocks import clock_of
from accelsim.hardware.resource import banked, clocked, stream
from accelsim.mapping.plan import COMPUTE, Plan

GHZ = clock_of(1e9)


def plan(resources, tasks, needs=(), priorities=None, releases=None, networks=None, fair=True, addresses=None) -> Plan:
    """Return a Plan of tasks (resource, amount) or (resource, amount, write), needs (before, after), and the network of each task."""
    count = len(tasks)
    before, after = (np.array([pair[end] for pair in needs], np.int32) for end in (0, 1))
    return Plan(
        resources=tuple(resources),
        resource=np.array([task[0] for task in tasks], np.int32),
        amount=np.array([task[1] for task in tasks], np.int64),
        write=np.array([len(task) > 2 and task[2] for task in tasks], np.bool_),
        role=np.full(count, COMPUTE, np.int32),
        layer=np.zeros(count, np.int32),
        frame=np.zeros(count, np.int32),
        priority=np.array(priorities if priorities is not None else [0] * count, np.int32),
        release=np.array(releases if releases is not None else [0] * count, np.int64),
        before=before,
        after=after,
        requester=None if networks is None else np.array(networks, np.int32),
        requesters=1 if networks is None else max(networks) + 1,
        fair=fair,
        addresses=None if addresses is None else np.array(addresses, np.int64),
    )


clocks = st.sampled_from([1e9, 500e6, 933e6, 250e6, 1.6e9, 32_768.0, 333_333_333.0]).map(clock_of)
servers = st.one_of(
    st.builds(lambda clock: clocked("unit", clock), clocks),
    st.builds(
        lambda clock, quantum, read, write: stream("channel", clock, quantum, (read, write)),
        clocks,
        st.sampled_from([1, 4, 32, 64]),
        st.integers(0, 5000),
        st.integers(0, 5000),
    ),
)
# Servers that do several things at once, where the laws of a single one have no place.
with_banks = st.one_of(servers, st.builds(lambda clock, ports, banks, chunk: banked("sram", clock, 4, ports, banks, chunk, (500, 0)), clocks, st.integers(1, 3), st.integers(3, 6), st.sampled_from([4, 100])))


@st.composite
def plans(draw, most_tasks: int = 40, circles: bool = False, servers=servers) -> Plan:
    """Draw a plan: any servers, any needs from earlier to later tasks, milestones, releases and equal priorities, one network or up to three."""
    resources = draw(st.lists(servers, min_size=1, max_size=4))
    count = draw(st.integers(1, most_tasks))
    index = st.integers(-1, len(resources) - 1)
    tasks = draw(st.lists(st.tuples(index, st.integers(0, 300), st.booleans()), min_size=count, max_size=count))
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] != pair[1])
    needs = draw(st.lists(ends, max_size=3 * count)) if count > 1 else []
    if not circles:
        needs = [(min(pair), max(pair)) for pair in needs]
    priorities = draw(st.lists(st.integers(0, 5), min_size=count, max_size=count))
    releases = draw(st.lists(st.sampled_from([0, 0, 0, 1, 1000, 3000, 12_345]), min_size=count, max_size=count))
    networks = draw(st.none() | st.lists(st.integers(0, 2), min_size=count, max_size=count))
    addresses = draw(st.none() | st.lists(st.integers(-1, 400), min_size=count, max_size=count))
    return plan(resources, tasks, needs, priorities, releases, networks, draw(st.booleans()), addresses)


def with_order(chosen: Plan, order: np.ndarray) -> Plan:
    """Return the plan with every server bound to serve its tasks in a given order, whatever becomes ready first."""
    before, after = [chosen.before], [chosen.after]
    for r in range(len(chosen.resources)):
        queue = order[chosen.resource[order] == r].astype(np.int32)
        before.append(queue[:-1])
        after.append(queue[1:])
    return replace(chosen, before=np.concatenate(before), after=np.concatenate(after))
