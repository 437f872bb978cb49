"""Do multipliers pay for the bits that change in the order of their dataflow?"""

import numpy as np
import pytest

from accelsim.functional.evaluate import random_inputs
from accelsim.functional.interpreter import execute
from accelsim.hardware.traversal import stationary
from accelsim.hardware.units.systolic_array import DATAFLOWS
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.pipeline import Options, load_chip, run
from accelsim.results.toggling import operand_toggles

ALL = "units.npu.toggle_share=1.0"


@pytest.fixture(scope="module")
def network():
    graph = load_graph("digits_cnn")
    mapping = map_graph(graph, load_chip("systolic_npu"))
    return mapping, execute(graph, random_inputs(graph, 0))[2]


def _products(mapping):
    return [choice for choice in mapping.choices if choice.cost.traversal is not None]


def _energy(*overrides: str, options=Options()) -> float:
    result = run(load_chip("systolic_npu", overrides), "digits_cnn", options=options)
    return sum(term.joules for term in result.terms if term.action == "mac_int8")


def test_a_sample_is_within_its_error_of_all_steps(network):
    mapping, activity = network
    for choice in _products(mapping):
        every = operand_toggles(choice.layer, choice.cost.traversal, activity, 1 << 40)
        some = operand_toggles(choice.layer, choice.cost.traversal, activity, 1 << 12)
        assert some.inputs + some.weights == pytest.approx(every.inputs + every.weights, abs=2 * 4 * some.error + 1e-9)


@pytest.mark.parametrize(("dataflow", "held"), [("weight_stationary", "weights"), ("input_stationary", "inputs")])
def test_the_operand_that_stays_changes_least(network, dataflow, held):
    mapping, activity = network
    layer = max((choice.layer for choice in _products(mapping)), key=lambda layer: layer.macs)
    found = operand_toggles(layer, stationary(*DATAFLOWS[dataflow], 8, 8), activity)
    streamed = "inputs" if held == "weights" else "weights"
    assert getattr(found, held) < getattr(found, streamed) / 5


def test_random_operands_that_both_change_at_every_step_toggle_half_of_their_wires(network):
    mapping, activity = network
    layer = next(choice.layer for choice in _products(mapping) if choice.layer.operator.startswith("fully_connected"))  # no padding
    noise = np.random.default_rng(0)
    values = {name: noise.integers(-128, 128, value.shape).astype(value.dtype) for name, value in activity.values.items()}
    found = operand_toggles(layer, stationary(*DATAFLOWS["output_stationary"], 1, 1), type(activity)(activity.tensors, values))
    assert found.inputs == pytest.approx(0.5, abs=0.05)


def test_energy_follows_the_toggles_and_declared_data_counts_as_random():
    plain, held = _energy(), _energy(ALL)
    changing = _energy(ALL, "units.npu.dataflow=output_stationary")
    assert held < changing < 1.2 * plain
    assert _energy(ALL, options=Options(execute=False, zeros={"": 0.0})) == pytest.approx(plain)
    assert _energy("units.npu.toggle_share=0.5") == pytest.approx((plain + held) / 2)
