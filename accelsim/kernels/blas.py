"""BLAS on one thread: panels are small, so that a second thread costs more than it brings, and sums keep one order."""

from contextlib import AbstractContextManager
from functools import lru_cache

from threadpoolctl import ThreadpoolController


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    # Looking the loaded libraries up takes milliseconds; numpy's BLAS is loaded by now.
    return ThreadpoolController()


def one_thread() -> AbstractContextManager:
    """Return a context in which numpy's matrix products use one thread."""
    return _controller().limit(limits=1, user_api="blas")
