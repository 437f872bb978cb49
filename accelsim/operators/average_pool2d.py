"""The mean of each window's elements inside the image; integers round half away from zero."""

from accelsim.kernels.pooling import average_pool
from accelsim.operators._pool import pooling

Attributes, output_shapes, work, evaluate = pooling("average", average_pool)
