"""What a cache holds: ranges of addresses in the order of their last use."""


class CachedRanges:
    """A cache of some capacity that keeps what was used last, without sets and lines.

    What is touched is a range of bytes as a whole: of a range that is used again, those bytes hit that are still there when the use begins,
    even where the range itself is larger than the capacity ("what fits stays"; a strict least-recently-used cache would lose them while
    it streams).

    Attributes
    ----------
    capacity : int
        [B]
    held : list of (int, int, bool)
        Low and high address and whether the memory behind lacks what was written, the longest unused first.
    """

    def __init__(self, capacity: int):
        self.capacity = capacity
        self.held: list[tuple[int, int, bool]] = []

    def touch(self, low: int, high: int, write: bool) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Use a range; return what of it was missing, and what written ranges had to leave for it."""
        kept, present = [], []
        for a, b, written in self.held:
            if b <= low or high <= a:
                kept.append((a, b, written))
                continue
            present.append((max(a, low), min(b, high), written or write))
            kept += [(x, y, written) for x, y in ((a, low), (high, b)) if x < y]
        present.sort()
        missing = _gaps(present, low, high)
        fresh = [(low, high, True)] if write else sorted([*present, *((a, b, False) for a, b in missing)])
        self.held = [*kept, *fresh]
        return missing, self._make_room()

    def _make_room(self) -> list[tuple[int, int]]:
        over = sum(b - a for a, b, _ in self.held) - self.capacity
        left = []
        while over > 0:
            a, b, written = self.held[0]
            cut = min(over, b - a)
            if written:
                left.append((a, a + cut))
            self.held[:1] = [(a + cut, b, written)] if cut < b - a else []
            over -= cut
        return left


def _gaps(present: list[tuple[int, int, bool]], low: int, high: int) -> list[tuple[int, int]]:
    """Return the parts of a range that sorted ranges inside it leave open."""
    edges = [low, *(edge for a, b, _ in present for edge in (a, b)), high]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
