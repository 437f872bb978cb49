"""Thread blocks dealt out to streaming multiprocessors: how long the waves of one tiled kernel take."""

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Blocks:
    """The thread blocks of a kernel.

    Attributes
    ----------
    count : int
        Blocks in all.
    steps : int
        Steps of the inner loop of each.
    step_cycles : float
        Cycles of one step on an SM that does nothing else.
    held : int
        Blocks that an SM holds at once.
    """

    count: int
    steps: int
    step_cycles: float
    held: int


def wave_cycles(blocks: Blocks, sms: int, filling: float, latency: float, stages: int) -> float:
    """Return the cycles from the first load to the last store.

    Blocks on one SM share its multipliers; each block alone is bound by its own chain: the first operands arrive after ``latency``,
    a step begins when its operands have come (``stages`` tiles are on their way, one of them in use; with one, loading and computing
    alternate), and the results leave in ``latency`` again. The chains of one wave hide behind the work of the other blocks on the SM.

    Parameters
    ----------
    filling : float
        Share of an SM's rate that one block reaches by its own warps; blocks add up to 1.
    latency : float
        From an SM to memory and back [cycles].
    """
    full, rest = divmod(blocks.count, sms * blocks.held)
    waves = [(full, blocks.held)] + ([(1, ceil(rest / sms))] if rest else [])
    step = max(blocks.step_cycles / min(1.0, filling), latency / (stages - 1)) if stages > 1 else blocks.step_cycles / min(1.0, filling) + latency
    alone = blocks.steps * step
    last = waves[-1][1] if rest else blocks.held
    shared = {held: held * blocks.steps * blocks.step_cycles / min(1.0, held * filling) for _, held in waves}
    total = sum(count * max(shared[held], alone + 2 * latency) for count, held in waves)
    # Nothing runs behind the last wave that could hide its first loads and last stores.
    return total - max(shared[last], alone + 2 * latency) + max(shared[last], alone) + 2 * latency
