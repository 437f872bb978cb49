"""Product over axes."""

import numpy as np

from accelsim.operators._reduce import reduction

Attributes, output_shapes, work, evaluate = reduction("product", np.prod)
