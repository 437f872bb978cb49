"""Memory that is asked for again as soon as it is free: not handed back to the system in between."""

import ctypes
from functools import lru_cache

# Parameters of glibc's mallopt (malloc.h): how much free memory is kept at the end of the heap, how much is asked for at a time, and from
# which size on an array has pages of its own, which go back as soon as it does.
TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
KEPT = 64 << 20  # bytes
SETTINGS = ((TRIM_THRESHOLD, KEPT), (TOP_PAD, KEPT // 4), (MMAP_THRESHOLD, KEPT // 2))


@lru_cache
def keep_freed_memory() -> bool:
    """Let this process keep up to 64 MiB that are free; return whether the C library can be asked for it.

    Runs one after another want arrays of the same sizes: else each fetches its pages from the system anew, which takes as long as simulating.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # not glibc
        return False
    return all([mallopt(parameter, value) for parameter, value in SETTINGS])
