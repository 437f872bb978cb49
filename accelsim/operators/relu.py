"""Rectifier: max(x, 0)."""

import math

from accelsim.operators._relu import rectifier

Attributes, output_shapes, work, evaluate = rectifier("relu", 0.0, math.inf)
