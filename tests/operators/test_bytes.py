"""Where the processor multiplies bytes, convolutions and matrix products give the integers that they give elsewhere."""

import numpy as np
import pytest
from one_node import quantised, run

from accelsim.kernels.register_tiles import has_byte_products
from accelsim.operators import _bytes, _tiles

pytestmark = pytest.mark.skipif(not has_byte_products(), reason="this processor, or the mode without compiler, multiplies no bytes")


def both_ways(monkeypatch, *arguments, **description):
    """Return what a node computes on bytes and without them."""
    fast = run(*arguments, constants=(1, 2), **description)
    monkeypatch.setattr(_bytes, "has_byte_products", lambda: False)
    return fast, run(*arguments, constants=(1, 2), **description)


@pytest.mark.parametrize("kind", ["int8", "uint8"])
@pytest.mark.parametrize("channels, groups", [(3, 1), (8, 2), (5, 1)])
@pytest.mark.parametrize("attributes", [{}, {"padding": "same"}, {"stride": (2, 1), "dilation": (1, 2), "padding": ((1, 2), (0, 1))}])
@pytest.mark.parametrize("filter_zero", [0, 3])
def test_convolutions_are_the_same_integers(monkeypatch, kind, channels, groups, attributes, filter_zero):
    rng, low = np.random.default_rng(1), np.iinfo(kind).min
    images = rng.integers(low, low + 256, (3, 6, 7, channels)).astype(kind)
    filters = rng.integers(-120, 121, (18, 3, 2, channels // groups)).astype(np.int8)
    bias = rng.integers(-5000, 5000, 18).astype(np.int32)
    scales = (quantised(0.5, low + 100), quantised(0.25, filter_zero), None)
    fast, slow = both_ways(monkeypatch, "conv2d", images, filters, bias, scales=scales, into=(kind, quantised(90.0, low + 128)), **attributes)
    assert len(np.unique(slow)) > 20
    np.testing.assert_array_equal(fast, slow)


@pytest.mark.parametrize("rows", [1, 7, 30])
def test_matrix_products_are_the_same_integers(monkeypatch, rows):
    rng = np.random.default_rng(2)
    left, weights = rng.integers(-128, 128, (rows, 53)).astype(np.int8), rng.integers(-128, 128, (21, 53)).astype(np.int8)
    bias = rng.integers(-5000, 5000, 21).astype(np.int32)
    scales = (quantised(0.5, 9), quantised(0.25), None)
    fast, slow = both_ways(monkeypatch, "fully_connected", left, weights, bias, scales=scales, into=("int8", quantised(60.0, -3)))
    assert len(np.unique(slow)) > 10
    np.testing.assert_array_equal(fast, slow)


def test_a_batch_larger_than_a_panel_is_convolved_image_by_image(monkeypatch):
    monkeypatch.setattr(_tiles, "PANEL_BYTES", 2048)
    rng = np.random.default_rng(3)
    images, filters = rng.integers(-128, 128, (5, 6, 6, 4)).astype(np.int8), rng.integers(-9, 9, (8, 3, 3, 4)).astype(np.int8)
    scales = (quantised(1.0, 1), quantised(1.0))
    fast, slow = both_ways(monkeypatch, "conv2d", images, filters, scales=scales, into=("int32", None))
    np.testing.assert_array_equal(fast, slow)
