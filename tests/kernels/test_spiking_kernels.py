"""Is the fast one the naive one?"""

import naive_spiking as naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import spiking_deliver, spiking_float, spiking_integer
from accelsim.kernels.spiking_records import POPULATION, PROJECTION

FEW = settings(max_examples=40, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


def population(random, **fields):
    row = np.zeros(1, POPULATION)[0]
    defaults = {"accumulator_bits": 21, "lowest": -(2**23) + 1, "highest": 2**23 - 1}
    for name, value in (defaults | fields).items():
        row[name] = value
    return row


def both(fast, slow, arrays, *before):
    """Run both twins on copies of the arrays; return their results after checking that they left the same arrays."""
    mine, theirs = [a.copy() for a in arrays], [a.copy() for a in arrays]
    results = fast(*before, *mine), slow(*before, *theirs)
    for a, b in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(a, b)
    return results


@FEW
@given(st.integers(-(2**40), 2**40), st.integers(1, 30))
def test_wrapping_keeps_the_lowest_bits_as_a_signed_number(value, bits):
    assert spiking_integer.wrap(value, bits) == naive.wrap(value, bits)


@FEW
@given(st.integers(-(2**23), 2**23), st.integers(0, 4096))
def test_decay_rounds_toward_zero(value, kept):
    assert spiking_integer.decay(value, kept) == naive.decay(value, kept)


@FEW
@given(SEEDS)
def test_a_dense_row_reaches_every_target(seed):
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 40))
    weights, sums, touched = random.integers(-99, 99, 5 * n).astype(np.int32), random.integers(-9, 9, n + 3).astype(np.int32), np.zeros(n + 4, np.uint8)
    value = np.int32(random.integers(-3, 4))
    both(
        lambda s, t: spiking_deliver.deliver_dense(weights, 2 * n, s, 1, t, 2, n, value),
        lambda s, t: naive.deliver_dense(weights, 2 * n, s, 1, t, 2, n, value),
        (sums, touched),
    )


@FEW
@given(SEEDS, st.booleans())
def test_sparse_synapses_arrive_at_their_own_delays(seed, delayed):
    random = np.random.default_rng(seed)
    k, n, slots = int(random.integers(1, 30)), 10, 5
    weights, targets, delays = random.standard_normal(k), random.integers(0, n, k).astype(np.int32), random.integers(0, 3, k).astype(np.int32)
    sums, touched = random.standard_normal((slots, n + 2)), np.zeros((slots, n + 3), np.uint8)
    both(
        lambda s, t: spiking_deliver.deliver_sparse(weights, 0, k, targets, delays, delayed, s, 3, 1, 2, t, 3, 1.0),
        lambda s, t: naive.deliver_sparse(weights, 0, k, targets, delays, delayed, s, 3, 1, 2, t, 3, 1.0),
        (sums, touched),
    )


@FEW
@given(SEEDS)
def test_a_spike_reaches_the_windows_that_hold_it(seed):
    random = np.random.default_rng(seed)
    groups = int(random.integers(1, 3))
    in_shape = (int(random.integers(3, 6)), int(random.integers(3, 6)), 2 * groups)
    kernel, stride, padding, dilation = (tuple(int(x) for x in random.integers(low, high, 2)) for low, high in ((1, 4), (1, 3), (0, 2), (1, 2)))
    weights = random.integers(-9, 10, (*kernel, in_shape[2], 3)).astype(np.int32)
    height, width = ((in_shape[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) // stride[i] + 1 for i in (0, 1))
    out_shape = (height, width, 3 * groups)
    row = np.zeros(1, PROJECTION)[0]
    row["kernel_h"], row["kernel_w"], row["in_c"], row["filters"] = weights.shape
    row["in_w"], row["group_in"], (row["out_h"], row["out_w"], row["out_c"]) = in_shape[1], in_shape[2] // groups, out_shape
    for name, pair in (("stride", stride), ("pad", padding), ("dilation", dilation)):
        row[f"{name}_h"], row[f"{name}_w"] = pair
    synapses = naive.convolution_synapses(weights, in_shape, out_shape, stride, padding, dilation, groups)
    size = int(np.prod(out_shape))
    for neuron in random.integers(0, int(np.prod(in_shape)), 3):
        events = both(
            lambda s, t, n=neuron: spiking_deliver.deliver_convolution(weights.ravel(), row, n, s, t, np.int32(2)),
            lambda s, t, n=neuron: naive.deliver_convolution(synapses, n, s, t, 2),
            (np.zeros(size, np.int32), np.zeros(size, np.uint8)),
        )
        assert events[0] == events[1]


@FEW
@given(SEEDS)
def test_linear_currents_decay_and_take_what_arrives(seed):
    arrays = np.random.default_rng(seed).standard_normal((5, 9))
    both(spiking_float.integrate_currents, naive.integrate_currents, tuple(arrays))


@FEW
@given(SEEDS, st.booleans())
def test_linear_voltages_cross_their_thresholds(seed, inclusive):
    random = np.random.default_rng(seed)
    n = 11
    voltage, drive, kept, bias, threshold = random.integers(-2, 3, (5, n)).astype(np.float64)
    held, touched = random.integers(0, 4, n).astype(np.int32), random.integers(0, 2, n).astype(np.uint8)

    def run(module):
        return lambda v, t, a: module.integrate_voltages(v, drive, kept, bias, threshold, inclusive, held, 2, t, a)

    results = both(run(spiking_float), run(naive), (voltage, touched, np.zeros(n, np.uint8)))
    assert results[0] == results[1]


@FEW
@given(SEEDS)
def test_two_receptors_at_once_are_one_after_the_other(seed):
    arrays = tuple(np.random.default_rng(seed).integers(-8, 9, (5, 9)).astype(np.float64))

    def run(module):
        return lambda a, b, c, d, e: module.integrate_current_pair(a, b, c, d, 0.5, 0.25, 2.0, -1.0, e)

    both(run(spiking_float), run(naive), arrays)


@FEW
@given(SEEDS, st.booleans())
def test_uniform_voltages_are_those_of_equal_parameters(seed, inclusive):
    random = np.random.default_rng(seed)
    voltage, drive = random.integers(-4, 5, (2, 11)).astype(np.float64)
    held = random.integers(0, 4, 11).astype(np.int32)

    def run(module):
        return lambda v: module.integrate_uniform_voltages(v, drive, 0.5, 1.0, 2.0, inclusive, held, 2)

    results = both(run(spiking_float), run(naive), (voltage,))
    assert results[0] == results[1]


@FEW
@given(SEEDS, st.integers(0, 4096), st.integers(0, 4096), st.booleans(), st.integers(0, 1), st.integers(-3, 3))
def test_compartments_keep_their_integers(seed, current_kept, voltage_kept, inclusive, overflow, exponent):
    random = np.random.default_rng(seed)
    n = 16
    row = population(random, current_kept=current_kept, voltage_kept=voltage_kept, inclusive=inclusive, overflow=overflow, sum_exponent=exponent)
    current, voltage, arriving = (random.integers(-(2**23), 2**23, n).astype(np.int32) for _ in range(3))
    drive, bias, threshold = (random.integers(-5000, 5000, n).astype(np.int32) for _ in range(3))
    held, touched = random.integers(0, 4, n).astype(np.int32), random.integers(0, 2, n).astype(np.uint8)

    def run(module):
        return lambda u, v, s, t, a: module.integrate_compartments(row, u, v, s, drive, bias, threshold, held, 2, t, a)

    results = both(run(spiking_integer), run(naive), (current, voltage, arriving, touched, np.zeros(n, np.uint8)))
    assert results[0] == results[1]


@FEW
@given(SEEDS, st.integers(0, 2), st.integers(0, 6))
def test_sigma_delta_neurons_send_changes_and_keep_the_rest(seed, activation, shift):
    random = np.random.default_rng(seed)
    n = 16
    row = population(random, activation=activation, shift=shift)
    current, voltage, residue, arriving, drive, bias = (random.integers(-500, 500, n).astype(np.int32) for _ in range(6))
    threshold, touched = random.integers(0, 400, n).astype(np.int32), random.integers(0, 2, n).astype(np.uint8)

    def run(module):
        return lambda u, v, r, s, t, a, p: module.integrate_sigma_delta(row, u, v, r, s, drive, bias, threshold, t, a, p)

    results = both(run(spiking_integer), run(naive), (current, voltage, residue, arriving, touched, np.zeros(n, np.uint8), np.zeros(n, np.int32)))
    assert results[0] == results[1]
