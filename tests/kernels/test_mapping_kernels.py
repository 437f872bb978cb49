"""Placement, block search and service beside their plain twins."""

import naive_mapping as naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import arena, blocks, event_loop, service

lives = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 12), st.integers(0, 5)), min_size=1, max_size=14)


@settings(max_examples=300)
@given(lives, st.one_of(st.just(-1), st.integers(1, 120)), st.randoms(use_true_random=False))
def test_tensors_lie_where_a_naive_search_puts_them_and_never_overlap_while_they_live(tensors, capacity, random):
    sizes, first, length = (np.array(column, np.int64) for column in zip(*tensors, strict=True))
    last = first + length
    order = list(range(len(tensors)))
    random.shuffle(order)
    offsets, expected = np.empty(len(tensors), np.int64), np.empty(len(tensors), np.int64)
    peak = arena.place(sizes, first, last, np.array(order, np.int64), capacity, offsets)
    assert peak == naive.place(sizes, first, last, order, capacity, expected)
    assert offsets.tolist() == expected.tolist()
    assert capacity < 0 or peak <= capacity
    bytes_of_layer: dict[int, set[int]] = {}
    for size, begin, end, offset in zip(sizes, first, last, offsets, strict=True):
        for layer in range(begin, end + 1) if offset >= 0 else ():
            taken = bytes_of_layer.setdefault(layer, set())
            mine = set(range(offset, offset + size))
            assert not taken & mine
            taken |= mine


extents = st.tuples(st.integers(1, 24), st.integers(1, 24), st.integers(1, 48))


@settings(max_examples=200)
@given(
    out=extents, channels_in=st.integers(1, 40), taps=st.tuples(st.integers(1, 4), st.integers(1, 4)), stride=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    equal_depth=st.booleans(), ublock=st.sampled_from([(1, 2, 8), (2, 2, 8), (1, 1, 4)]), largest=st.sampled_from([(8, 16, 32), (32, 64, 128)]),
    split=st.sampled_from([8, 16]), in_block=st.sampled_from([8, 16, 32]), banks=st.integers(4, 48), granules=st.sampled_from([(4, 8), (8, 16), (1, 1)]),
    in_bytes=st.sampled_from([1, 2]), has_sums=st.booleans(), passes=st.sampled_from([1, 2, 4]),
)  # fmt: skip
def test_the_block_search_finds_what_listing_every_block_finds(out, channels_in, taps, stride, equal_depth, ublock, largest, split, in_block, banks, granules, in_bytes, has_sums, passes):
    in_h, in_w = out[0] * stride[0] + taps[0] - 1, out[1] * stride[1] + taps[1] - 1
    arguments = (*out, in_h, in_w, channels_in, *taps, *stride, equal_depth, ublock, largest, split, in_block, banks, 1024, *granules, in_bytes, 4, has_sums, passes)
    assert tuple(blocks.best_block(*arguments)) == naive.best_block(*arguments)


rows = st.builds(lambda p, q, quantum, read, write: np.array([p, q, quantum, read, write, 0, 0, 0], np.int64), st.integers(1, 5000), st.integers(1, 50), st.sampled_from([1, 16, 64]), st.integers(0, 999), st.integers(0, 999))


@settings(max_examples=300)
@given(rows, st.sampled_from([service.CLOCKED, service.STREAM]), st.integers(0, 3000), st.booleans(), st.integers(0, 20_000))
def test_service_counts_in_exact_fractions_of_a_picosecond(parameters, code, amount, write, now):
    state, expected = np.array([now, 5, 0, 0], np.int64), np.array([now, 5, 0, 0], np.int64)
    assert service.serve(code, parameters, state, amount, write, now) == naive.serve(code, parameters, expected, amount, write, now)
    assert state.tolist() == expected.tolist()


@settings(max_examples=200)
@given(st.lists(st.tuples(rows, st.sampled_from([service.CLOCKED, service.STREAM])), min_size=1, max_size=3), st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 3000)), max_size=20))
def test_what_is_divided_once_for_all_tasks_is_what_each_would_be_served(servers, tasks):
    resource = np.array([min(r, len(servers) - 1) for r, _ in tasks], np.int32)
    amount, codes = np.array([a for _, a in tasks], np.int64), np.array([code for _, code in servers], np.int64)
    parameters = np.array([row for row, _ in servers])
    for found, expected in zip(service.streamed(resource, amount, codes, parameters), naive.streamed(resource, amount, codes, parameters), strict=True):
        assert found.tolist() == expected
    for found, expected in zip(service.loads(resource, amount, len(servers)), naive.loads(resource, amount, len(servers)), strict=True):
        assert found.tolist() == expected


@given(st.lists(st.tuples(st.integers(-1, 2), st.booleans(), st.booleans(), st.integers(0, 3000)), max_size=20), st.lists(st.integers(1, 64), min_size=3, max_size=3))
def test_bytes_of_bursts_are_every_task_rounded_up(tasks, quantum):
    resource, write, counted, amount = (np.array([task[i] for task in tasks], dtype) for i, dtype in enumerate((np.int32, np.bool_, np.bool_, np.int64)))
    assert service.bursts(resource, write, counted, amount, np.array(quantum)).tolist() == naive.bursts(resource, write, counted, amount, quantum)


@given(st.integers(1, 10**6), st.integers(1, 1000), st.integers(0, 10**7))
def test_the_edge_at_or_after_a_time_is_the_first_that_is_not_before_it(p, q, time):
    n = service.edge_at_or_after(p, q, time)
    assert service.edge(p, q, n) >= time and (n == 0 or service.edge(p, q, n - 1) < time)
    assert service.edge(p, q, n) == naive.edge(p, q, n)


@given(st.integers(1, 12), st.data())
def test_needs_turned_round_are_the_needs(tasks, data):
    index = st.integers(0, tasks - 1)
    pairs = data.draw(st.lists(st.tuples(index, index), max_size=30))
    before, after = (np.array([pair[end] for pair in pairs], np.int32) for end in (0, 1))
    first, following = event_loop.successors(before, after, tasks)
    expected_first, expected = naive.successors(before, after, tasks)
    assert first.tolist() == expected_first.tolist() and following.tolist() == expected.tolist()
