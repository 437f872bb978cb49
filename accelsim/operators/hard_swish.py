"""Hard swish: x * relu6(x + 3) / 6.

Source of the integer rule: TensorFlow Lite ``reference_ops::HardSwish`` on 8 bits (16-bit fixed point inside).
"""

import numpy as np

from accelsim.operators._quantized import quantize_multiplier, scale_of, zero_of
from accelsim.operators._rounding import shift_right_rounding
from accelsim.operators._unary import unary


def _multiplier16(real: np.float32) -> tuple[int, int]:
    multiplier, shift = quantize_multiplier(float(real))
    return (32767 if multiplier >= 2**31 - 1 - (1 << 15) else (multiplier + (1 << 15)) >> 16), shift


def _saturate16(x: np.ndarray) -> np.ndarray:
    return np.clip(x, -32768, 32767)


def _doubling_high(x: np.ndarray, multiplier: np.ndarray | int, rounding: bool) -> np.ndarray:
    product = x * np.asarray(multiplier, np.int64)
    return _saturate16((product + (1 << 14)) >> 15) if rounding else np.clip(np.trunc(product / 2**15), -32768, 32767).astype(np.int64)


def _codes(call, codes):
    source, output = call.inputs[0], call.outputs[0]
    fine = np.float32(1 / 128) * scale_of(source)
    out_multiplier, out_shift = _multiplier16(fine / scale_of(output))
    relu_multiplier, relu_shift = _multiplier16(fine / (np.float32(3) / np.float32(32768)))
    hires = (codes - zero_of(source)) * 128
    pre = _doubling_high(hires, out_multiplier, True)
    reluish = hires
    if relu_shift > 0:
        reluish = _saturate16(reluish << (relu_shift - 1))
    reluish = _doubling_high(reluish, relu_multiplier, True)
    if relu_shift > 0:
        reluish = _saturate16(reluish << 1)
    if relu_shift < 0:
        reluish = shift_right_rounding(reluish, -relu_shift)
    gate = (reluish + 32768) >> 1
    product = _doubling_high(pre, gate, False)
    return shift_right_rounding(product, -out_shift) + zero_of(output)


Attributes, output_shapes, work, evaluate = unary("hard_swish", lambda x, _: x * np.clip(x + np.float32(3), 0, 6) / np.float32(6), _codes)
