"""Decoders: the network's counts, and that looking back through the cache is looking back at all."""

import numpy as np
import pytest
from naive_decoder import scores_of_all

from accelsim.base.errors import AccelsimError
from accelsim.functional.interpreter import execute
from accelsim.importers import load_graph
from accelsim.importers.decoders import describe_decoder, load_decoder
from accelsim.importers.decoders._decoder import Decoder, Shape
from accelsim.operators import macs_of
from accelsim.studies.decode import Cache

SMALL = Shape(width=16, layers=2, heads=4, key_heads=2, hidden=24, vocabulary=30, context=9)


def real_weights(decoder):
    return {name: t.values.astype(np.float64) * (1 if t.quantization is None else t.quantization.scale[0]) for name, t in decoder._weights.items()}


@pytest.mark.parametrize(("name", "count"), [("stories260k", 260_032), ("stories15m", 15_191_712), ("stories42m", 41_689_600), ("stories110m", 109_529_856)])
def test_parameters_are_those_of_the_checkpoints(name, count):
    assert describe_decoder(name).parameters == count


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-5), ("int8", 0.1)])
def test_step_after_step_through_the_cache_scores_what_all_tokens_at_once_score(precision, tolerance):
    decoder, tokens, cache = Decoder("small", SMALL, precision, 3), np.array([1, 17, 4, 29, 0, 11]), Cache()
    expected = scores_of_all(SMALL, real_weights(decoder), tokens)
    for place, token in enumerate(tokens):
        outputs, _, _ = execute(decoder.step(place), cache.inputs(int(token)))
        cache.append(outputs)
        np.testing.assert_allclose(outputs["scores"][0], expected[place], atol=tolerance * np.abs(expected).max())


def test_float_and_integer_weights_are_the_same_numbers():
    floats, codes = (real_weights(Decoder("small", SMALL, precision, 0)) for precision in ("float32", "int8"))
    assert all(np.allclose(floats[name], codes[name], rtol=1e-6) for name in floats)


def test_a_cached_token_adds_its_products_with_query_and_share():
    decoder = Decoder("small", SMALL, "float32", 0)
    assert macs_of(decoder.step(5)) - macs_of(decoder.step(4)) == 2 * SMALL.width * SMALL.layers
    weights = SMALL.parameters - SMALL.width - 2 * SMALL.width * SMALL.layers
    assert macs_of(decoder.step(0)) == weights + 2 * SMALL.width * SMALL.layers


def test_a_step_reads_the_cache_and_writes_one_row_of_it():
    graph = load_graph("stories260k@20")
    assert graph.tensors["keys_0"].shape == (4, 20, 8) and graph.tensors["key_0"].shape == (4, 1, 8)
    assert graph.outputs[:3] == ("scores", "key_0", "value_0")


@pytest.mark.parametrize(
    ("name", "message"),
    [("stories260k@512", "512 cached tokens and a new one do not fit a context of 512"), ("stories260k", "is a decoder, whose step depends on"),
     ("stories260k@many", "'many' is not a number of cached tokens"), ("stories260kk@4", "no network is called 'stories260kk@4'")],
)  # fmt: skip
def test_steps_that_no_decoder_has_are_refused(name, message):
    with pytest.raises(AccelsimError, match=message):
        load_graph(name)


def test_a_precision_that_weights_do_not_have_is_refused():
    with pytest.raises(AccelsimError, match="'int4' is not one of int8, float32"):
        load_decoder("stories260k", "int4")
