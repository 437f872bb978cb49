"""Values between two limits, in the numbers of the tensor itself."""

import math
from dataclasses import dataclass

import numpy as np

from accelsim.operators._quantized import quantization_of
from accelsim.operators._unary import unary


@dataclass(frozen=True, slots=True)
class ClipAttributes:
    """Real limits; infinite where there is none."""

    low: float = -math.inf
    high: float = math.inf


def _clip(x, a):
    low = None if a.low == -math.inf else np.asarray(a.low).astype(x.dtype)
    high = None if a.high == math.inf else np.asarray(a.high).astype(x.dtype)
    return np.minimum(np.maximum(x, low) if low is not None else x, high) if high is not None else np.maximum(x, low) if low is not None else x


def _codes(call, codes):
    a = call.node.attributes
    q, to = quantization_of(call.inputs[0]), quantization_of(call.outputs[0])
    real = np.clip((codes - q.zero_point[0]).astype(np.float32) * np.float32(q.scale[0]), np.float32(a.low), np.float32(a.high))
    return np.rint(real / np.float32(to.scale[0])) + to.zero_point[0]


Attributes, output_shapes, work, evaluate = unary("clip", _clip, _codes, ClipAttributes, by_lookup=False)
