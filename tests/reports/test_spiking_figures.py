"""Do the figures show the run's own numbers?"""

import numpy as np
import pytest

from accelsim.functional.spiking import execute_spiking
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.spiking_network import Population, make_network
from accelsim.graph.spiking_neurons import LoihiNeuron
from accelsim.reports.spiking import core_load_map, energy_breakdown, membrane_traces, spike_raster


@pytest.fixture(scope="module")
def record():
    populations = [Population("slow", (3,), LoihiNeuron(threshold=100, bias=26)), Population("fast", (5,), LoihiNeuron(threshold=100, bias=51))]
    return execute_spiking(compile_network(make_network("net", populations, [])), 12, probes=[0, 4])[0]


def test_the_raster_has_one_mark_for_every_spike(record):
    figure = spike_raster(record)
    marks = [axis.lines[0].get_xdata().size for axis in figure.axes]
    assert marks == [3 * 3, 5 * 6] and "fast\n30" in figure.axes[1].get_ylabel()


def test_membranes_carry_their_threshold_and_spikes(record):
    upper, lower = membrane_traces(record).axes
    lines = {line.get_label(): line for line in lower.lines}
    assert lines["spike"].get_xdata().tolist() == [1, 3, 5, 7, 9, 11]
    assert lines["threshold"].get_ydata()[0] == 100
    assert upper.lines[1].get_ydata().tolist() == record.probed_voltage[:, 0].tolist()


def test_the_load_map_counts_the_neurons_of_every_used_core():
    busy = np.zeros((2, 8, 2), np.int64)
    busy[:, 3, 1] = 4_000_000
    figure = core_load_map(busy, np.array([7, 0, 0, 9, 0, 0, 0, 0]), 2, 1, 4)
    assert [text.get_text() for text in figure.axes[0].texts] == ["7", "9"]


def test_energy_bars_stand_in_order_and_sum_to_the_whole():
    axis = energy_breakdown({"spike": 1e-9, "row_hop": 3e-9, "neuron_access": 0.0}).axes[0]
    assert [t.get_text() for t in axis.get_yticklabels()] == ["row hop", "spike"]
    assert sum(bar.get_width() for bar in axis.patches) == pytest.approx(100)
