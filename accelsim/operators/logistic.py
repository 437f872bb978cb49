"""The logistic function (sigmoid); a table of 256 entries where quantised to 8 bits."""

import numpy as np

from accelsim.operators._unary import by_table, unary


def _logistic(x, _):
    with np.errstate(over="ignore"):  # exp of a large negative logit is infinite in float32, and 1 / infinity the right 0
        return 1 / (1 + np.exp(-x))


Attributes, output_shapes, work, evaluate = unary("logistic", _logistic, by_table(_logistic))
