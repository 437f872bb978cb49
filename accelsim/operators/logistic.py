"""The logistic function (sigmoid); a table of 256 entries where quantised to 8 bits."""

import numpy as np

from accelsim.operators._unary import by_table, unary

Attributes, output_shapes, work, evaluate = unary("logistic", lambda x, _: 1 / (1 + np.exp(-x)), by_table(lambda x, _: 1 / (1 + np.exp(-x))))
