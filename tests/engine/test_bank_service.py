"""Ports that meet in banks: the kernel is its naive twin, and the laws of interference hold."""

from fractions import Fraction
from itertools import product
from math import ceil

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import naive_banks
from accelsim.base.clocks import clock_of
from accelsim.hardware.resource import banked
from accelsim.kernels.bank_service import chance_cycles, serve_banked
from accelsim.kernels.service import FREE_AT, STATES


def server(ports=2, banks=4, interleave=64, width=8, hz=1e9, latencies=(0, 0)):
    return banked("sram", clock_of(hz), width, ports, banks, interleave, latencies)


def serve(resource, requests):
    """Serve (amount, write, address, earliest time) one after another, each when a port is free; return their finishes."""
    row, state = np.array(resource.parameters, np.int64), np.zeros(STATES, np.int64)
    return [int(serve_banked(row, state, amount, write, address, max(at, int(state[FREE_AT])))) for amount, write, address, at in requests]


requests = st.lists(st.tuples(st.integers(0, 600), st.booleans(), st.integers(-1, 500), st.integers(0, 90_000)), max_size=20).map(lambda r: sorted(r, key=lambda one: one[3]))


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 4), st.integers(1, 8), st.sampled_from([8, 24, 64, 1000]), st.sampled_from([1e9, 933e6]), requests)
def test_the_kernel_is_its_naive_twin(ports, banks, interleave, hz, wanted):
    resource = server(ports, max(ports, banks), interleave, hz=hz, latencies=(700, 300))
    row, state = np.array(resource.parameters, np.int64), np.zeros(STATES, np.int64)
    life = naive_banks.fresh(resource.parameters)
    for amount, write, address, at in wanted:
        now = max(at, int(state[FREE_AT]))
        finish = int(serve_banked(row, state, amount, write, address, now))
        assert (finish, int(state[FREE_AT])) == naive_banks.serve_banked(resource.parameters, life, amount, write, address, now)


def test_two_tensors_in_banks_of_their_own_do_not_meet():
    assert serve(server(interleave=1024), [(800, False, 0, 0), (800, False, 1024, 0)]) == [100_000, 100_000]


def test_two_tensors_in_one_bank_go_one_after_the_other():
    assert serve(server(interleave=1024), [(400, False, 0, 0), (400, True, 512, 0)]) == [50_000, 100_000]


def test_a_tensor_over_two_banks_waits_only_in_the_one_that_is_busy():
    # Second: 200 B in bank 0 at once, then its 200 B in bank 1, which the first keeps busy until 100 ns.
    assert serve(server(interleave=1024), [(800, False, 1024, 0), (400, False, 824, 0)]) == [100_000, 125_000]


def test_alone_interleaved_bytes_take_the_time_of_a_port():
    assert serve(server(interleave=8), [(800, False, 0, 0)]) == [100_000]


def test_two_at_once_over_all_banks_meet_as_often_as_chance_has_it():
    # Two requests on four banks: 4 (1 - (3/4)^2) = 1.75 of 2 are served in a cycle.
    first, second = serve(server(interleave=8), [(800, False, 0, 0), (800, False, 0, 0)])
    assert first == 100_000 and second == 115_000  # 100 * 2 / 1.75 = 114.3 cycles


@given(st.integers(0, 2**40), st.integers(1, 64), st.integers(1, 8))
def test_cycles_by_chance_are_exact_where_products_fit_and_right_to_six_digits_beyond(cycles, banks, at_once):
    exact = cycles * at_once / (banks * (1 - (1 - Fraction(1, banks)) ** at_once))
    found = int(chance_cycles(cycles, banks, at_once))
    assert found == ceil(exact) if cycles * banks**at_once < 2**58 else abs(found - exact) <= 1 + exact / 10**6


def test_the_mean_number_of_banks_that_work_is_that_of_all_cases():
    for banks, at_once in ((2, 2), (4, 3), (3, 4)):
        mean = np.mean([len(set(case)) for case in product(range(banks), repeat=at_once)])
        assert np.isclose(mean, banks * (1 - (1 - 1 / banks) ** at_once))


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 4), requests)
def test_a_memory_is_never_faster_than_its_ports_and_never_slower_than_one_bank(ports, wanted):
    resource = server(ports, 8)
    ends = serve(resource, wanted)
    cycles = [-(-amount // 8) for amount, *_ in wanted]
    for (amount, _, _, at), end in zip(wanted, ends, strict=True):
        assert end >= at + -(-amount // 8) * 1000
    if wanted:
        # Cut at the borders of banks, a transfer has a partly filled cycle in each piece.
        assert max(ends) <= max(at for *_, at in wanted) + 1000 * (2 * sum(cycles) * ports + 12 * len(wanted))
