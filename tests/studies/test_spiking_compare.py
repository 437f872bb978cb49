"""Does one trained network stand beside itself as spikes?"""

import os

import pytest

from accelsim.studies.spiking_compare import network_rows, spiking_rows

needs_jit = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="minutes without the compiler")


@needs_jit
@pytest.mark.slow
def test_spikes_lose_little_accuracy_and_more_time_than_the_npu_takes():
    (npu,) = network_rows("digits", ["ethos_u55_128"])
    (spiking,) = spiking_rows("digits", ["loihi"], steps=48)
    assert spiking.chip == "loihi" and spiking.method == "spiking network, 48 steps"
    assert npu.accuracy > 0.97 and 0.9 < spiking.accuracy <= npu.accuracy + 0.01
    assert spiking.latency_s > npu.latency_s and spiking.energy_j > npu.energy_j


def test_a_network_without_float_form_has_no_row_of_spikes():
    assert spiking_rows("mnist5k", ["loihi"]) == [] == spiking_rows("iris", ["loihi"])
