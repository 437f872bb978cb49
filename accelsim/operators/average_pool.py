"""The mean of each window, over any number of axes, with dilation; floats."""

import numpy as np

from accelsim.operators._pool_any import Attributes as Attributes
from accelsim.operators._pool_any import pooling


def _fold(call, places):
    a, x = call.node.attributes, call.values[0]
    if x.dtype.kind != "f":
        raise call.unsupported(f"no kernel computes it on {call.inputs[0].dtype}")
    counted = np.ones((1, *x.shape[1:-1], 1), x.dtype)
    if a.count_padding:
        wide = np.pad(counted, [(0, 0), *a.padding, (0, 0)], constant_values=1)
        counted = np.pad(wide, [(0, 0), *((0, more) for more in a.overhang), (0, 0)])
        return sum(places(x, 0)) / sum(places(counted, 0, padded=False))
    return sum(places(x, 0)) / sum(places(counted, 0))


output_shapes, work, evaluate = pooling("average", _fold)
