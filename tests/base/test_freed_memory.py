"""Does a process that keeps its free memory ask the system for pages again?"""

import subprocess
import sys

import pytest

from accelsim.base.freed_memory import keep_freed_memory

PROGRAM = """
import resource, sys
import numpy as np
from accelsim.base.freed_memory import keep_freed_memory

if sys.argv[1] == "kept":
    keep_freed_memory()
faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    began = faults()
    for _ in range(20):
        several = [np.ones(1 << 20, np.uint8) for _ in range(8)]
        del several
    found = faults() - began
print(found)
"""


def pages_fetched(how: str) -> int:
    return int(subprocess.run([sys.executable, "-c", PROGRAM, how], check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(sys.platform != "linux" or not keep_freed_memory(), reason="the C library cannot be asked to keep memory")
def test_arrays_of_a_size_that_was_just_free_fetch_few_pages():
    # 20 times 8 MiB are 40,960 pages of 4 KiB, or 80 of 2 MiB.
    assert 20 * pages_fetched("kept") <= max(20, pages_fetched("given back"))
