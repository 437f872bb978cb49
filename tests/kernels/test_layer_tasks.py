"""Do outlines become the tasks and needs that the rules say?"""

import naive_layer_tasks as naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import layer_tasks

SERVERS = 3
flag = st.integers(0, 1)


@st.composite
def streams(draw, role):
    first = draw(st.sampled_from([0, 0, 1]))  # the first of several hops may have others beside it
    hops = [
        [draw(st.integers(0, SERVERS - 1)), draw(flag), draw(st.integers(2, 4)), 0 if i == 0 else draw(st.sampled_from([0, first])), draw(st.integers(0, 99)), draw(st.integers(0, 2))]
        for i in range(draw(st.integers(0, 4)))
    ]
    return [role, draw(flag), draw(flag), draw(st.integers(1, 3)), draw(st.integers(0, 500)), draw(st.integers(0, 60)), len(hops), *(n for hop in hops for n in hop)]


@st.composite
def outlines(draw, index):
    groups, pieces = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    setup = draw(st.integers(0, 9)) if groups == 1 else 0
    roles = sorted(draw(st.lists(st.sampled_from([layer_tasks.INPUT, layer_tasks.CONSTANT]), max_size=3))) + [layer_tasks.OUTPUT] * draw(st.integers(0, 2))
    cycles = [draw(st.integers(setup, 200)) for _ in range(groups)]
    return [index, draw(st.integers(0, 1)), groups, pieces, setup, draw(flag), len(roles), *cycles, *(n for role in roles for n in draw(streams(role)))]


@st.composite
def networks(draw):
    layers = [draw(outlines(index)) for index in range(draw(st.integers(0, 4)))]
    waits = [sorted(draw(st.sets(st.integers(-1, i - 1)))) for i in range(len(layers) + 1)]
    return np.array([n for layer in layers for n in layer], np.int64), np.cumsum([0, *map(len, waits)]), np.array([one for own in waits for one in own], np.int64)


@settings(max_examples=300, deadline=None)
@given(networks(), st.integers(1, 2), st.booleans(), st.integers(1, 4), st.booleans(), st.sampled_from([0, 2000]))
def test_tasks_and_needs_are_those_of_the_rules_in_plain_words(network, depth, ahead, under_way, late, call):
    ahead, late = 2 if ahead else depth, depth if late else 0
    expected = naive.inference(*network, depth, ahead, under_way, late, 2, call)
    room = len(expected.tasks)
    table, amount = np.empty((5, room), np.int32), np.empty(room, np.int64)
    needs, address = np.empty((2, len(expected.needs)), np.int32), np.zeros(room, np.int64)
    found = layer_tasks.inference(*network, depth, ahead, under_way, late, 2, call, SERVERS, table, amount, needs, address)
    assert found == (room, len(expected.needs))
    server, write, called, layer, priority = table.tolist()
    assert list(zip(server, amount.tolist(), map(bool, write), called, layer, priority, strict=True)) == expected.tasks
    assert sorted(zip(*needs.tolist(), strict=True)) == sorted(expected.needs)
    assert address.tolist() == [expected.address.get(task, 0) for task in range(room)]
