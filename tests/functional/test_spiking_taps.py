"""Do sums, largest values and integers keep the rates that they stand for?"""

import os

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.functional.interpreter import execute
from accelsim.functional.spiking import execute_spiking
from accelsim.functional.spiking_compartments import to_compartments
from accelsim.functional.spiking_conversion import convert_to_spikes, largest_output
from accelsim.functional.spiking_program import compile_network
from accelsim.functional.spiking_taps import largest
from accelsim.graph.graph import make_graph
from accelsim.graph.spiking_network import Population
from accelsim.graph.spiking_neurons import LinearNeuron, LoihiNeuron
from accelsim.graph.tensor import Tensor
from accelsim.operators import make_node

needs_jit = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="a minute without the compiler")


def constant(name, values):
    values = np.asarray(values, np.float32)
    return Tensor(name, values.shape, "float32", values=values)


def free(name, *shape):
    return Tensor(name, shape, "float32")


def residual_network(seed=0):
    """Return conv + ReLU, max pooling, conv without ReLU added to what it read, ReLU, fully connected."""
    random = np.random.default_rng(seed)
    tensors = [constant("w0", random.standard_normal((3, 3, 3, 1))), constant("b0", random.standard_normal(3) * 0.2)]
    tensors += [constant("w1", random.standard_normal((3, 3, 3, 3)) * 0.3), constant("b1", random.standard_normal(3) * 0.2)]
    tensors += [constant("w2", random.standard_normal((4, 27))), constant("b2", random.standard_normal(4))]
    tensors += [
        free("x", 1, 5, 5, 1),
        free("c", 1, 5, 5, 3),
        free("p", 1, 3, 3, 3),
        free("d", 1, 3, 3, 3),
        free("s", 1, 3, 3, 3),
        free("f", 1, 27),
        free("y", 1, 4),
    ]
    nodes = [
        make_node("conv2d", "conv", ("x", "w0", "b0"), ("c",), padding="same", activation="relu"),
        make_node("max_pool2d", "pool", ("c",), ("p",), window=(2, 2), stride=(2, 2), padding="same"),
        make_node("conv2d", "inner", ("p", "w1", "b1"), ("d",), padding="same"),
        make_node("add", "residual", ("d", "p"), ("s",), activation="relu"),
        make_node("reshape", "flat", ("s",), ("f",), shape=(1, 27)),
        make_node("fully_connected", "dense", ("f", "w2", "b2"), ("y",)),
    ]
    return make_graph("residual", tensors, nodes, ["x"], ["y"])


@pytest.fixture(scope="module")
def samples():
    return np.random.default_rng(3).random((8, 5, 5, 1)).astype(np.float32)


def rates(network, sample, steps):
    source = network.population("x")
    currents = source.drive(sample.ravel())
    record, state = execute_spiking(compile_network(network), steps, drive={"x": np.rint(currents) if network.is_integer else currents})
    return record, state


@needs_jit
@pytest.mark.parametrize("name", ["p", "s"])
def test_rates_approach_the_largest_value_and_the_sum(samples, name):
    graph, steps = residual_network(), 2000
    network = convert_to_spikes(graph, samples, percentile=100, delay=1, rate_coded_input=True)
    expected = execute(graph, {"x": samples[:1]})[2].values[name].ravel()
    found = rates(network, samples[0], steps)[0].raster(name).mean(axis=0)
    assert np.corrcoef(found, expected)[0, 1] > 0.999


@needs_jit
def test_integers_name_the_class_that_floats_name(samples):
    graph, steps = residual_network(), 400
    network = convert_to_spikes(graph, samples, percentile=100, delay=1, rate_coded_input=True)
    integers = to_compartments(network, 1.5 * steps * largest_output(graph, samples))
    expected = [int(execute(graph, {"x": sample[None]})[0]["y"].argmax()) for sample in samples]
    found = [int(rates(integers, sample, steps)[1].state.voltage[-4:].argmax()) for sample in samples]
    assert np.mean(np.array(found) == expected) >= 7 / 8


def test_integers_fit_the_registers(samples):
    network = to_compartments(convert_to_spikes(residual_network(), samples, delay=1, rate_coded_input=True), 100.0)
    for projection in network.projections:
        mantissa = projection.synapses.weights // 64
        exponent = int(np.gcd.reduce(np.abs(mantissa).ravel()))
        assert np.abs(mantissa).max() <= 254 * exponent and projection.weight_bits == 8
    for population in network.populations:
        assert isinstance(population.neuron, LoihiNeuron)
        assert population.neuron.threshold == 2**23 - 1 or population.neuron.threshold % 64 == 0
    assert network.population("y").neuron.reset == "none"


def test_a_leaking_neuron_has_no_integers(samples):
    network = convert_to_spikes(residual_network(), samples, delay=1)
    with pytest.raises(AccelsimError, match="is no perfect integrator"):
        to_compartments(network, 100.0)  # its input sends values, not spikes


def test_a_window_takes_one_population_per_further_tap():
    source = Population("c", (5, 5, 3), LinearNeuron())
    node = residual_network().nodes[1]
    found = largest(residual_network(), node, "p", source, 1)
    assert list(found.shapes) == ["p.rise1", "p.rise2", "p.rise3", "p"] and set(found.shapes.values()) == {(3, 3, 3)}
    # The last row and column of windows reach over the edge: 9, 6, 6 and 4 of the 9 windows have each tap, 3 channels each.
    taps = [q.synapses.synapses for q in found.projections if q.source == "c" and not q.name.endswith("minus")]
    assert taps == [27, 18, 18, 12]


def test_inputs_below_zero_have_no_rate(samples):
    with pytest.raises(AccelsimError, match="inputs below 0 have no rate"):
        convert_to_spikes(residual_network(), samples - 1, rate_coded_input=True)


def test_an_integer_network_is_not_converted():
    tensors = [Tensor("x", (1, 4), "int8"), Tensor("y", (1, 4), "int8")]
    graph = make_graph("g", tensors, [make_node("relu", "r", ("x",), ("y",))], ["x"], ["y"])
    with pytest.raises(UnsupportedError, match="its input is int8; conversion knows float32 networks"):
        convert_to_spikes(graph, np.ones((1, 4)))


def channels_first_network(seed=1):
    """Return what an ONNX file becomes: axes moved before the convolution and back before the dense layer, a strided and padded way round."""
    random = np.random.default_rng(seed)
    tensors = [
        constant("w0", random.standard_normal((4, 3, 3, 2))),
        constant("w1", random.standard_normal((4, 3, 3, 4)) * 0.4),
        constant("w2", random.standard_normal((3, 36))),
    ]
    tensors += [free("x", 1, 2, 6, 6), free("n", 1, 6, 6, 2), free("c", 1, 6, 6, 4), free("d", 1, 3, 3, 4)]
    tensors += [free("h", 1, 3, 3, 4), free("s", 1, 3, 3, 4), free("t", 1, 4, 3, 3), free("f", 1, 36), free("y", 1, 3)]
    nodes = [
        make_node("transpose", "in", ("x",), ("n",), permutation=(0, 2, 3, 1)),
        make_node("conv2d", "one", ("n", "w0"), ("c",), padding="same", activation="relu"),
        make_node("conv2d", "two", ("c", "w1"), ("d",), stride=(2, 2), padding="same"),
        make_node("strided_slice", "half", ("c",), ("h",), begin=(None, 0, 0, None), end=(None, 6, 6, None), strides=(1, 2, 2, 1), dropped=()),
        make_node("add", "residual", ("d", "h"), ("s",), activation="relu"),
        make_node("transpose", "back", ("s",), ("t",), permutation=(0, 3, 1, 2)),
        make_node("reshape", "flat", ("t",), ("f",), shape=(1, 36)),
        make_node("fully_connected", "dense", ("f", "w2"), ("y",)),
    ]
    return make_graph("first", tensors, nodes, ["x"], ["y"])


@needs_jit
def test_moved_axes_and_strided_ways_round_keep_every_value_in_its_place():
    graph, steps = channels_first_network(), 3000
    samples = np.random.default_rng(5).random((6, 2, 6, 6)).astype(np.float32)
    network = convert_to_spikes(graph, samples, percentile=100, delay=1, rate_coded_input=True)
    outputs, _, activity = execute(graph, {"x": samples[:1]})
    record, state = rates(network, samples[0], steps)
    assert np.corrcoef(record.raster("s").mean(axis=0), activity.values["s"].ravel())[0, 1] > 0.999
    np.testing.assert_allclose(state.state.voltage[-3:] / steps, outputs["y"][0], atol=0.1)
