"""Do a step's time and energy follow from its events?"""

import numpy as np
import pytest
from spiking_chips import CALIBRATED, PRE_SILICON, chip

from accelsim.base.errors import AccelsimError
from accelsim.functional.spiking import execute_spiking
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.spiking_network import Population, Projection, make_network
from accelsim.graph.spiking_neurons import LoihiNeuron
from accelsim.graph.spiking_synapses import DenseSynapses
from accelsim.hardware.spiking_service import dynamic_energy, serve_spike_steps
from accelsim.mapping.spiking_placement import place_spiking


def served(text, populations, projections, steps, cores=None):
    network = make_network("test", populations, projections)
    program, described = compile_network(network), chip(text)
    layout = place_spiking(network, program.tables, program.projection_order, described, cores)
    record, _ = execute_spiking(compile_network(network, layout.core), steps)
    return serve_spike_steps(described, layout, record), described


def two_layers(second=10):
    """One neuron that fires every step, and a silent layer that hears it."""
    populations = [Population("a", (1,), LoihiNeuron(threshold=1, bias=9)), Population("b", (second,), LoihiNeuron(threshold=2**22))]
    return populations, [Projection("p", "a", "b", DenseSynapses(np.full((1, second), 64)))]


def test_a_silent_network_costs_its_visits_and_the_barrier():
    service, _ = served(CALIBRATED, [Population("n", (100,), LoihiNeuron())], [], 5)
    assert service.finish.tolist() == [100 * 6000 + 600_000] * 5
    assert {k: v for k, v in service.counts().items() if v} == {"neuron_access": 500}


def test_a_message_waits_for_nothing_on_an_empty_mesh():
    service, _ = served(CALIBRATED, *two_layers(), 1)
    # One visit, update, spike and message (44.8 ns), no hop inside the tile, then 16 ns and ten synapses; one tile's barrier.
    assert service.finish[0] == 6000 + 3700 + 30_000 + 5100 + 16_000 + 10 * 3800 + 600_000


def test_the_pre_silicon_table_charges_deliveries_inside_a_tile():
    service, described = served(PRE_SILICON, *two_layers(2), 1)
    assert service.finish[0] == 8400 + 2100 + 2 * 3500 + 113_000
    energy = dynamic_energy(described, service)
    assert energy["local_delivery"] == pytest.approx(1.7e-12) and energy["synaptic_event_dense"] == pytest.approx(47.2e-12)
    assert energy["neuron_access"] + energy["neuron_update"] == pytest.approx(3 * 52e-12 + 29e-12)


def test_energy_is_the_sum_over_counts():
    service, described = served(CALIBRATED, *two_layers(), 4)
    counts = service.counts()
    assert (counts["spike"], counts["message_out"], counts["synaptic_event_dense"]) == (4, 4, 40)
    # The silent layer hears the spikes of the first three steps: it is active in the last three.
    assert counts["neuron_update"] == 4 + 3 * 10
    expected = 44 * 51.2 + 34 * 21.6 + 4 * 69.3 + 4 * 111 + 40 * 35.5
    assert sum(dynamic_energy(described, service).values()) == pytest.approx(expected * 1e-12)


def test_steps_served_one_by_one_are_the_steps_served_together():
    populations, projections = two_layers(300)
    network = make_network("test", populations, projections)
    program, described = compile_network(network), chip(CALIBRATED)
    layout = place_spiking(network, program.tables, program.projection_order, described, {"b": 7})
    record, _ = execute_spiking(compile_network(network, layout.core), 6)
    whole = serve_spike_steps(described, layout, record)
    parts = [serve_spike_steps(described, layout, record, t, t + 1) for t in range(6)]
    assert whole.finish.tolist() == [int(p.finish[0]) for p in parts]
    assert np.array_equal(whole.actions, np.concatenate([p.actions for p in parts]))
    assert np.array_equal(whole.queue_packets, sum(p.queue_packets for p in parts))


def test_a_faster_synapse_is_never_later():
    slow, fast = (served(CALIBRATED.replace("dense: {time: 3.8 ns", f"dense: {{time: {each} ns"), *two_layers(400), 3)[0] for each in (30, 20))
    assert (fast.finish <= slow.finish).all() and fast.time < slow.time


def test_the_barrier_holds_up_to_its_next_entry_or_lies_on_a_line():
    stepped, line = chip(CALIBRATED).mesh.barrier, chip(PRE_SILICON).mesh.barrier
    assert [stepped.time(n) for n in (1, 2, 3, 4, 28, 29, 32)] == pytest.approx([0.6e-6, 1e-6, 1e-6, 1.4e-6, 1.4e-6, 1.8e-6, 1.8e-6])
    assert line.time(16.5) == pytest.approx((113e-9 + 465e-9) / 2)


def test_an_unknown_key_of_the_description_is_named():
    with pytest.raises(AccelsimError, match="costs.acces_time: is not a known key"):
        chip(CALIBRATED.replace("  update_time", "  acces_time: 6 ns\n  update_time"))
