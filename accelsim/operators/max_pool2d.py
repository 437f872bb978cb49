"""The largest element of each window."""

from accelsim.kernels.pooling import max_pool
from accelsim.operators._pool import pooling

Attributes, output_shapes, work, evaluate = pooling("max", max_pool)
