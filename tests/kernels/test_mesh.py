"""Does the fast mesh serve a step as the naive one does?"""

import naive_mesh
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels.mesh import serve_steps
from accelsim.kernels.mesh_packets import pop, push

HEIGHT, WIDTH, PER_TILE = 2, 3, 2
CORES = HEIGHT * WIDTH * PER_TILE


def random_step(random, neurons):
    """Return one step of a random network on a small mesh."""
    core = np.sort(random.integers(0, CORES, neurons)).astype(np.int32)
    sizes = np.bincount(core, minlength=CORES)
    rank = (np.arange(neurons) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1).astype(np.int32)
    fan = random.integers(0, 4, neurons)
    rows = np.concatenate([[0], np.cumsum(fan)]).astype(np.int64)
    targets, service = random.integers(0, CORES, rows[-1]).astype(np.int32), random.integers(0, 60, rows[-1]).astype(np.int64)
    active = random.random(neurons) < 0.7
    running = np.array([active[core == core[i]][: rank[i]].sum() for i in range(neurons)], np.int32)
    spikes = np.flatnonzero(random.random(neurons) < 0.6).astype(np.int32)
    updates = np.bincount(core[active], minlength=CORES).astype(np.int64)
    costs = random.integers(0, 30, 7).astype(np.int64)
    return core, rank, rows, targets, service, spikes, running[spikes], updates, costs, sizes.astype(np.int64)


def fast(step, buffer):
    core, rank, rows, targets, service, spikes, before, updates, costs, sizes = step
    finish, busy = np.zeros(1, np.int64), np.zeros((1, CORES, 2), np.int64)
    loads, hops = np.zeros(HEIGHT * WIDTH * (4 + 2 * PER_TILE), np.int64), np.zeros((1, 3), np.int64)
    serve_steps(
        np.array([0, spikes.size]), spikes, before, updates[None], core, rank, rows, targets, service, costs, HEIGHT, PER_TILE, buffer, sizes,
        finish, busy, loads, hops,
    )  # fmt: skip
    return int(finish[0]), busy[0], loads, hops[0]


def naive(step, buffer):
    core, rank, rows, targets, service, spikes, before, updates, costs, sizes = step
    axons = {n: [(int(targets[a]), int(service[a])) for a in range(rows[n], rows[n + 1])] for n in range(core.size)}
    arguments = ([int(x) for x in a] for a in (spikes, before, core, rank))
    return naive_mesh.serve_step(*arguments, axons, [int(c) for c in costs], HEIGHT, PER_TILE, buffer, [int(n) for n in sizes], [int(u) for u in updates])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 40))
def test_the_fast_mesh_ends_a_step_when_the_naive_one_does(seed, buffer, neurons):
    step = random_step(np.random.default_rng(seed), neurons)
    assert fast(step, buffer)[0] == naive(step, buffer)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_packet_passes_one_queue_more_than_its_hops_and_every_core_is_busy_for_its_own_work(seed):
    step = random_step(np.random.default_rng(seed), 30)
    core, rank, rows, targets, service, spikes, before, updates, costs, sizes = step
    _, busy, loads, hops = fast(step, 4)
    sent = np.concatenate([np.arange(rows[n], rows[n + 1]) for n in spikes]) if spikes.size else np.zeros(0, int)
    assert loads.sum() == hops[:2].sum() + 2 * sent.size
    assert busy[:, 1].sum() == service[sent].sum()
    assert busy[:, 0].sum() == sizes.sum() * costs[0] + updates.sum() * costs[1] + spikes.size * costs[2] + sent.size * costs[3]


def test_a_full_queue_blocks_the_sender():
    # One neuron on core 0 sends three packets to core 1, which serves 100 ps each; a queue of one packet lets two wait (one in
    # the core's own queue, one at the target), and the third is sent when the first has been taken and the second moved up.
    step = (
        np.zeros(1, np.int32), np.ones(1, np.int32), np.array([0, 3]), np.ones(3, np.int32), np.full(3, 100), np.zeros(1, np.int32), np.zeros(1, np.int32),
        np.zeros(CORES, np.int64), np.array([0, 0, 0, 10, 0, 0, 0]), np.bincount([0], minlength=CORES).astype(np.int64),
    )  # fmt: skip
    assert fast(step, 1)[0] == naive(step, 1) == 10 + 3 * 100


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_the_heap_gives_back_the_earliest_core_and_of_equals_the_first(times):
    time, heap, size = np.array(times), np.zeros(len(times), np.int64), 0
    for c in range(len(times)):
        size = push(heap, time, c, size)
    taken = []
    while size:
        taken.append(int(pop(heap, time, size)))
        size -= 1
    assert taken == sorted(range(len(times)), key=lambda c: (times[c], c))
