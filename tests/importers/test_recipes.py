"""Recipes: do the named networks have the published multiply-accumulates and parameters, and do they run?"""

import numba
import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.functional.interpreter import execute
from accelsim.importers.recipes import describe, load_recipe, parameters, recipe_names
from accelsim.operators import macs_of

# Counted on the reference definitions (torchvision, pytorchcv, the .tflite files): integers must be equal.
EXACT = {
    "resnet50": (4_089_184_256, 25_557_032),
    "resnet50_v1": (3_857_973_248, 25_557_032),
    "densenet121": (2_834_161_664, 7_978_856),
    "squeezenet1_1": (349_151_936, 1_235_496),
    "mobilenet_v1": (568_740_352, 4_231_976),
    "mobilenet_v2": (300_774_272, 3_504_872),
    "mobilenet_v3_small": (56_510_400, 2_542_856),
    "mobilenet_v3_large": (216_589_760, 5_483_032),
    "shufflenet_v1": (137_460_672, 1_865_728),
    "shufflenet_v2": (144_907_992, 2_278_604),
    "efficientnet_b0": (385_814_752, 5_288_548),
    "mnasnet1_0": (314_415_872, 4_383_312),
}
EXACT_MACS = {"mobilenet_v1_0_25": 13_570_304, "mobilenet_v1_0_5": 76_525_312, "mobilenet_v1_0_75": 239_274_240, "ssd_mobilenet_v1_0_75": 728_036_496}
EXACT_PARAMETERS = {
    "densenet169": 14_149_480, "resnet18": 11_689_512, "squeezenet1_0": 1_248_424, "inception_v3": 23_834_568, "alexnet": 61_100_840, "vgg16": 138_357_544, "googlenet": 6_624_904,
    "mnasnet0_5": 2_218_512, "mnasnet0_75": 3_170_208, "mnasnet1_3": 6_282_256,
}  # fmt: skip
# Published rounded, with the place of the last digit given.
ROUNDED_MACS = {
    "densenet169": (3.36e9, 1e7), "resnet18": (1.814e9, 1e6), "squeezenet1_0": (818.9e6, 1e5), "inception_v3": (5.713e9, 1e6), "alexnet": (0.714e9, 1e6), "vgg16": (15.470e9, 1e6),
    "googlenet": (1.498e9, 1e6), "mnasnet0_5": (0.104e9, 1e6), "mnasnet0_75": (0.215e9, 1e6), "mnasnet1_3": (0.526e9, 1e6),
}  # fmt: skip
# Elements of all weights and biases, batch normalisation folded: as the .tflite files and the Open Model Zoo's pages count.
ROUNDED_CONSTANTS = {
    "mobilenet_v1_0_25": (0.468e6, 1e3), "mobilenet_v1_0_5": (1.327e6, 1e3), "mobilenet_v1_0_75": (2.578e6, 1e3), "yolo_v2_tiny": (11.229e6, 1e3),
    "ssd_mobilenet_v1": (6.807e6, 1e3), "ssd_mobilenet_v2": (16.818e6, 1e3),
}  # fmt: skip
# Published as operations, two to a multiply-accumulate; the pages count the other layers too, so they lie up to 1 % above.
OPERATIONS = {"resnet50_slim_v1": 6.97e9, "yolo_v2_tiny": 5.424e9, "yolo_v3_tiny": 5.56e9, "ssd_mobilenet_v1": 2.494e9, "ssd_mobilenet_v2": 3.775e9}
# The smallest inputs that keep the interpreter's work small.
SMALL = {
    "inception_v3": 75,
    "alexnet": 63,
    "alexnet_2012": 67,
    "yolo_v2_tiny": 64,
    "yolo_v3_tiny": 64,
    "ssd_mobilenet_v1": 128,
    "ssd_mobilenet_v1_0_75": 128,
    "ssd_mobilenet_v2": 128,
    "ssd_mobilenet_v1_detect": 128,
    "ssd_mobilenet_v2_detect": 128,
}
whole_network = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="a whole network takes minutes without the JIT")
HEAVY = ("densenet169", "vgg16", "alexnet", "alexnet_2012", *(f"resnet{layers}_slim_v{version}" for layers in (101, 152) for version in (1, 2)))
LIGHT = [name for name in recipe_names() if name not in HEAVY]


def decoded(codes, tensor):
    """Return the real numbers that a per-tensor quantised tensor's codes stand for."""
    return (np.asarray(codes, float) - tensor.quantization.zero_point[0]) * tensor.quantization.scale[0]


@pytest.mark.parametrize("name", EXACT)
def test_multiply_accumulates_and_parameters_equal_the_published_integers(name):
    assert (macs_of(load_recipe(name)), parameters(name)) == EXACT[name]


@pytest.mark.parametrize("name", EXACT_MACS)
def test_multiply_accumulates_equal_those_of_the_published_file(name):
    assert macs_of(load_recipe(name)) == EXACT_MACS[name]


@pytest.mark.parametrize("name", EXACT_PARAMETERS)
def test_parameters_equal_the_published_integer(name):
    assert parameters(name) == EXACT_PARAMETERS[name]


@pytest.mark.parametrize("name", ROUNDED_MACS)
def test_multiply_accumulates_round_to_the_published_figure(name):
    figure, place = ROUNDED_MACS[name]
    assert abs(macs_of(load_recipe(name)) - figure) <= place / 2


@pytest.mark.parametrize("name", ROUNDED_CONSTANTS)
def test_folded_constants_agree_to_the_last_digit_with_the_published_figure(name):
    figure, place = ROUNDED_CONSTANTS[name]
    assert abs(sum(t.elements for t in load_recipe(name).constants()) - figure) < place


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_lie_within_one_percent_below_the_published_ones(name):
    assert 0.99 * OPERATIONS[name] <= 2 * macs_of(load_recipe(name)) <= 1.002 * OPERATIONS[name]


def test_the_ssd_file_holds_the_recipes_constants_its_anchors_and_its_reshape_targets():
    anchors, reshape_targets = 1917 * 4, 6 * (4 + 3) + 3
    assert sum(t.elements for t in load_recipe("ssd_mobilenet_v1_0_75").constants()) + anchors + reshape_targets == 4_108_944


def test_a_relu6_in_two_halves_computes_the_same():
    whole, halves = (load_recipe(name, "float32", input_size=32, classes=10) for name in ("mobilenet_v1_0_25", "mobilenet_v1_0_25_split"))
    values = {"input": np.random.default_rng(1).uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)}
    results = [next(iter(execute(graph, values)[0].values())) for graph in (whole, halves)]
    np.testing.assert_allclose(*results, rtol=1e-4)
    assert macs_of(whole) == macs_of(halves)


def test_a_detector_ends_in_boxes_and_its_anchors_cover_the_image():
    graph = load_recipe("ssd_mobilenet_v1_detect", input_size=300)
    (post,) = [node for node in graph.nodes if node.operator == "detection_postprocess"]
    anchors = graph.tensors[post.inputs[2]].values
    assert anchors.shape == (1917, 4) and 0 < anchors[:, :2].min() < anchors[:, :2].max() < 1
    assert [graph.tensors[name].dtype for name in graph.outputs] == ["float32"] * 4
    assert macs_of(graph) == macs_of(load_recipe("ssd_mobilenet_v1"))


def test_tiny_yolo_v3_has_as_many_numbers_as_its_darknet_file():
    # A darknet file keeps four numbers per normalised channel, the folded graph one: published as 8.86 million.
    folded = sum(t.elements for t in load_recipe("yolo_v3_tiny").constants())
    normalised = parameters("yolo_v3_tiny") - folded
    assert round((folded + 3 * normalised) / 1e6, 2) == 8.86


def test_the_original_alexnet_has_two_groups():
    # 61.0 million parameters against 62.4 million without groups; conv2, conv4 and conv5 read half of their input each.
    assert parameters("alexnet_2012") == 60_965_224
    assert macs_of(load_recipe("alexnet_2012")) == 724_406_816


def test_a_class_more_costs_one_row_of_the_last_layer():
    assert macs_of(load_recipe("mobilenet_v2", classes=1001)) == 300_775_552


@whole_network
@pytest.mark.parametrize("name", LIGHT)
def test_the_int8_network_computes_nearly_what_the_float_network_computes(name):
    floats = load_recipe(name, "float32", input_size=SMALL.get(name, 32))
    integers = load_recipe(name, "int8", input_size=SMALL.get(name, 32))
    codes = np.random.default_rng(1).integers(-128, 128, floats.tensors["input"].shape).astype(np.int8)
    _, _, real = execute(floats, {"input": (codes / 128).astype(np.float32)})
    _, _, quantised = execute(integers, {"input": codes})
    last = [node.outputs[0] for node in integers.nodes if node.operator in ("conv2d", "fully_connected")][-1]
    assert np.corrcoef(decoded(quantised.value(last), integers.tensors[last]).ravel(), real.value(last).ravel())[0, 1] > 0.9


@whole_network
@pytest.mark.parametrize("name", LIGHT)
def test_few_codes_of_an_int8_network_stand_at_the_end_of_their_range(name):
    graph = load_recipe(name, input_size=SMALL.get(name, 32))
    codes = np.random.default_rng(1).integers(-128, 128, graph.tensors["input"].shape).astype(np.int8)
    _, _, activity = execute(graph, {"input": codes})
    convolutions = [node.outputs[0] for node in graph.nodes if node.operator == "conv2d"]
    clipped = [name for name in convolutions if decoded(127, graph.tensors[name]) < 5.99]  # where 127 stands for 6, relu6 itself cuts
    saturated = sum(np.count_nonzero(activity.value(name) == 127) for name in clipped)
    assert saturated < 0.02 * sum(activity.value(name).size for name in convolutions)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    first, again, other = (load_recipe("mobilenet_v1_0_25", seed=seed) for seed in (3, 3, 4))
    weights = [np.concatenate([t.values.ravel() for t in graph.constants() if t.dtype == "int8"]) for graph in (first, again, other)]
    assert np.array_equal(weights[0], weights[1])
    assert np.mean(weights[0] == weights[2]) < 0.02


def test_float_weights_are_the_int8_weights_times_their_scale():
    integers, floats = (load_recipe("mobilenet_v1_0_25", precision) for precision in ("int8", "float32"))
    name = "block3/pointwise/weights"
    codes, q = integers.tensors[name].values, integers.tensors[name].quantization
    np.testing.assert_allclose(codes * q.scale[:, None, None, None], floats.tensors[name].values, rtol=1e-6)


def test_weights_without_batch_normalisation_have_hes_deviation():
    weights = load_recipe("vgg16", "float32", input_size=32).tensors["stage5/conv2d/weights"].values
    assert weights.std() == pytest.approx(np.sqrt(2 / (9 * 512)), rel=0.01)


def test_a_recipe_says_that_its_weights_are_random():
    assert "random" in load_recipe("resnet18").notes[0]


def test_response_normalisation_of_an_int8_network_stays_in_float_between_conversions():
    operators = [node.operator for node in load_recipe("alexnet_2012").nodes]
    at = operators.index("local_response_normalization")
    assert operators[at - 1 : at + 2] == ["dequantize", "local_response_normalization", "quantize"]


def test_every_recipe_names_its_variant_and_source():
    assert all(describe(name).variant and describe(name).source for name in recipe_names())


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"name": "mobilenet_v22"}, "did you mean 'mobilenet_v2'"),
        ({"name": "resnet50", "precision": "int7"}, "'int7' is not one of int8, float32"),
        ({"name": "yolo_v3_tiny", "input_size": 400}, "400 is not a multiple of 32"),
        ({"name": "inception_v3", "input_size": 32}, "32 is not from 75"),
        ({"name": "resnet50", "classes": 0}, "0 is not from 1"),
    ],
)
def test_a_wish_that_cannot_be_met_says_what_can(arguments, words):
    with pytest.raises(AccelsimError, match=".*") as caught:
        load_recipe(**arguments)
    assert words in str(caught.value)
