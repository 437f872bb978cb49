"""When Python looks for garbage: not during work whose many objects are all kept until it ends."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_later() -> Iterator[None]:
    """Look for garbage after the work, not again and again during it: what it makes is kept, or falls free by itself."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
