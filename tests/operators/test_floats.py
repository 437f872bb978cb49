"""Where the processor has wide vectors, convolutions of floats are those of the matrix library."""

import numpy as np
import pytest
from one_node import run

from accelsim.kernels.register_tiles import has_wide_floats
from accelsim.operators import _floats


@pytest.mark.skipif(not has_wide_floats(), reason="this processor, or the mode without compiler, has no vectors of 16 floats")
@pytest.mark.parametrize("channels, groups", [(3, 1), (8, 2), (16, 1)])
@pytest.mark.parametrize("attributes", [{}, {"padding": "same", "activation": "relu"}, {"stride": (2, 1), "dilation": (1, 2), "padding": ((1, 2), (0, 1))}])
def test_convolutions_are_the_same_numbers(monkeypatch, channels, groups, attributes):
    rng = np.random.default_rng(1)
    images, filters = (rng.standard_normal(shape, dtype=np.float32) for shape in ((3, 6, 7, channels), (36, 3, 2, channels // groups)))
    bias = rng.standard_normal(36, dtype=np.float32)
    fast = run("conv2d", images, filters, bias, constants=(1, 2), **attributes)
    monkeypatch.setattr(_floats, "has_wide_floats", lambda: False)
    slow = run("conv2d", images, filters, bias, constants=(1, 2), **attributes)
    np.testing.assert_allclose(fast, slow, rtol=1e-4, atol=1e-5)
    assert fast.std() > 0.5
