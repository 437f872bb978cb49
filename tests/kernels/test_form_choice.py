"""The prediction of forms and the choice among them beside their plain twins."""

import naive_form_choice as naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import form_choice


@st.composite
def networks(draw):
    """Draw forms of some layers, their streams, and the servers of a chip."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    layers, servers = draw(st.integers(1, 6)), draw(st.integers(2, 6))
    first_form = np.concatenate([[0], np.cumsum(random.integers(1, 5, layers))])
    count = first_form[-1]
    first_stream = np.concatenate([[0], np.cumsum(random.integers(0, 5, count))])
    streams = np.array([random.integers(0, 10**draw(st.integers(1, 6)), first_stream[-1]), *(random.integers(1, 9, (2, first_stream[-1]))), random.integers(0, 3, first_stream[-1])])
    forms = np.array([np.zeros(count, np.int64), random.integers(0, 10**draw(st.integers(1, 6)), count), random.integers(1, 4, count), random.integers(1, 9, count)])
    place = np.concatenate([[0, 1], 1 + np.cumsum(random.integers(0, 2, servers - 2))])
    hops = random.integers(0, 2, (first_stream[-1], 2 * servers))
    hops[:, [0, servers]] = 0  # the unit's own server
    speeds = np.array([random.uniform(1e-10, 1e-9, servers), random.choice([1, 8, 32], servers), *random.uniform(0, 1e-7, (2, servers))])
    return forms, streams, first_stream, hops, place, speeds, first_form


@settings(max_examples=150, deadline=None)
@given(networks(), st.integers(1, 2), st.sampled_from([0.0, 0.25, 1.0]))
def test_forms_take_as_long_and_are_chosen_as_a_look_at_each_says(network, depth, patience):
    forms, streams, first_stream, hops, place, speeds, first_form = network
    found = []
    for module in (form_choice, naive):
        busy, seconds, arrival = np.zeros((forms.shape[1], place[-1] + 1)), np.zeros(forms.shape[1]), np.zeros((streams.shape[1], 2))
        ends, taken = np.zeros(forms.shape[1], np.bool_), np.zeros(forms.shape[1])
        chosen, looked_at = np.zeros((2, first_form.size - 1), np.int64)
        module.form_seconds(forms, streams, first_stream, hops, place, speeds, depth, busy, seconds, arrival)
        module.settled(forms, streams, first_stream, place, patience, 1.02, busy, seconds, arrival, ends)
        module.choose(forms, streams, first_stream, place, first_form, patience, 1.02, busy, seconds, arrival, taken, chosen, looked_at)
        found.append((busy, seconds, arrival[streams[3] != form_choice.NOT_GROUPED], ends, taken, taken[chosen], looked_at))
    for kernel, twin in zip(*found, strict=True):
        np.testing.assert_allclose(kernel, twin, rtol=1e-9, atol=1e-18)
