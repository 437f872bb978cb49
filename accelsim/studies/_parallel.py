"""The same function over many inputs, by processes that end when the one that started them does."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator

CHECKED_EVERY_S = 0.5


def each(function: Callable, inputs: Iterable[tuple], workers: int | None = None) -> Iterator:
    """Yield ``function(*input)`` for every input, in the order in which they are done.

    Parameters
    ----------
    function : callable
        Of a module, so that another process can import it; says in what it returns which input it belongs to.
    workers : int, optional
        Processes; by default one a core. 1: this process alone.
    """
    inputs = list(inputs)
    workers = min(workers if workers is not None else cores(), max(1, len(inputs)))
    if workers <= 1:
        yield from (function(*one) for one in inputs)
        return
    import joblib

    parallel = joblib.Parallel(n_jobs=workers, backend="loky", return_as="generator_unordered")
    yield from parallel(joblib.delayed(_guarded)(function, os.getpid(), one) for one in inputs)


def cores() -> int:
    """Return the cores that this process may use."""
    import joblib

    return joblib.cpu_count()


_watched: set[int] = set()


def _guarded(function: Callable, parent: int, one: tuple):
    """Call a function in a worker, which from its first call on does not outlive its parent."""
    if parent not in _watched:
        _watched.add(parent)
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    return function(*one)


def _end_with(parent: int) -> None:
    # A process that is killed cannot tell its workers; its children are then given to another parent.
    while os.getppid() == parent:
        time.sleep(CHECKED_EVERY_S)
    os._exit(1)
