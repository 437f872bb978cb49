"""The C library's heap, told to keep what one inference frees for the next.

By default glibc returns large blocks to the system, and an inference that allocates its activations anew then waits for the
system to clear every page: a third of the time of MobileNetV2 on a float32 image.

Source: glibc manual, section 3.2.3.6 "Malloc Tunable Parameters"; ``malloc.c`` (the largest accepted M_MMAP_THRESHOLD is
half of HEAP_MAX_SIZE, 32 MiB on 64-bit machines).
"""

import ctypes
from functools import lru_cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGEST_BLOCK = 32 << 20  # larger blocks still come from the system and go back to it
KEPT = 1 << 30  # free bytes at the end of the heap beyond which it shrinks


@lru_cache(maxsize=1)
def keep_freed_memory() -> bool:
    """Let the heap keep freed memory; return whether this C library can be told so (glibc can)."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGEST_BLOCK) and mallopt(M_TRIM_THRESHOLD, KEPT))
