"""Are time steps tasks like any other, one after another, on both engines?"""

import numpy as np
import pytest

from accelsim.base.errors import UnsupportedError
from accelsim.engine import compiled, event
from accelsim.functional.spiking import execute_spiking
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.spiking_network import Population, Projection, make_network
from accelsim.graph.spiking_neurons import LoihiNeuron
from accelsim.graph.spiking_synapses import DenseSynapses
from accelsim.graph.work import SpikeStep
from accelsim.hardware.chip_files import load_chip_file
from accelsim.mapping.spiking_placement import place_spiking
from accelsim.mapping.spiking_steps import SpikingMapping, require_spiking_unit

STEPS = 6


@pytest.fixture(scope="module")
def ran():
    """Return Loihi's cores, a layout and a record: one neuron fires every second step and is heard by five."""
    populations = [Population("a", (1,), LoihiNeuron(threshold=10, bias=9)), Population("b", (5,), LoihiNeuron(threshold=2**22))]
    network = make_network("pair", populations, [Projection("p", "a", "b", DenseSynapses(np.full((1, 5), 64)))])
    cores, program = load_chip_file("loihi").units["cores"], compile_network(network)
    layout = place_spiking(network, program.tables, program.projection_order, cores)
    record, _ = execute_spiking(compile_network(network, layout.core), STEPS)
    return cores, layout, record


@pytest.fixture
def mapping(ran):
    cores, layout, record = ran
    steps = cores.served(SpikeStep(steps=STEPS, counts=(layout, record))).finish
    return SpikingMapping(load_chip_file("loihi"), "cores", "pair", layout, np.stack([steps, steps + 1000]))


def test_the_cost_of_steps_is_the_sum_of_each_step(ran):
    cores, layout, record = ran
    whole = cores.cost(SpikeStep(steps=STEPS, counts=(layout, record)))
    single = [cores.cost(SpikeStep(steps=1, first=t, counts=(layout, record))) for t in range(STEPS)]
    assert whole.cycles == sum(cost.cycles for cost in single)
    assert dict(whole.actions)["spike"] == 3 and dict(whole.actions)["synaptic_event_dense"] == 15


@pytest.mark.parametrize("period", [0, 10_000_000])
def test_both_engines_give_the_same_times(mapping, period):
    plan = mapping.plan(np.array([0, 1, 0]), period)
    one, other = compiled.simulate(plan), event.simulate(plan)
    assert np.array_equal(one.start, other.start) and np.array_equal(one.finish, other.finish)


def test_an_inference_takes_its_steps_and_waits_for_the_one_before(mapping):
    trace = compiled.simulate(mapping.plan())
    first, second = mapping.steps.sum(axis=1)
    assert trace.finish[trace.plan.ends].tolist() == [first, first + second]


def test_inferences_that_come_seldom_start_when_they_are_asked_for(mapping):
    period = 10_000_000
    trace = compiled.simulate(mapping.plan(period_ps=period))
    assert trace.finish[trace.plan.ends].tolist() == (mapping.steps.sum(axis=1) + [0, period]).tolist()


def test_a_chip_without_spiking_cores_is_refused():
    with pytest.raises(UnsupportedError, match="runs no spiking networks: none of its units"):
        require_spiking_unit(load_chip_file("cortex_m7"))
