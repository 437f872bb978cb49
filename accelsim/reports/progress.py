"""A progress bar for what takes longer than two seconds."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_S = 2.0


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function (what, done, total) that shows a bar on standard error once two seconds have passed."""
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    began, tasks = time.monotonic(), {}

    def report(what: str, done: int, total: int) -> None:
        if time.monotonic() - began < PATIENCE_S:
            return
        if not tasks:
            bar.start()
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done, total=total)

    try:
        yield report
    finally:
        if tasks:
            bar.stop()
