"""How one layer is done: order, pieces, and the streams of bytes that feed them."""

from dataclasses import dataclass, field

from accelsim.hardware.chip import Compiler
from accelsim.hardware.cost import Cost
from accelsim.mapping.layers import Layer
from accelsim.mapping.routes import Hop


@dataclass(frozen=True, slots=True)
class Stream:
    """Bytes that flow to or from a unit while it works.

    Attributes
    ----------
    role : str
        "input", "constant" or "output".
    payload : int
        Bytes over all pieces, re-reads included [B].
    hops : tuple of Hop
        In the order in which the bytes pass them.
    grouped : bool
        Moves at the start of each group of pieces and stays for the group; otherwise a share with every piece.
    first_group_only : bool
        Kept after the first group (it fits the working memory).
    address, extent : int
        Where the tensor lies in its home and how long it is [B].
    tensor : str
        Name of the tensor.
    amounts_at : tuple of int
        Payload that comes to each hop, less where caches keep some of it from the hops before, more where short runs take whole bursts; empty: all of it to all.
    wire : tuple of int
        Bytes that really move at each hop, where the tensor is compressed at some; empty: as much as comes to it.
    """

    role: str
    payload: int
    hops: tuple[Hop, ...]
    grouped: bool = False
    first_group_only: bool = False
    address: int = 0
    extent: int = 1
    tensor: str = ""
    amounts_at: tuple[int, ...] = ()
    wire: tuple[int, ...] = ()

    @property
    def amounts(self) -> tuple[int, ...]:
        """Payload at each hop [B]."""
        return self.amounts_at or (self.payload,) * len(self.hops)

    @property
    def loads(self) -> tuple[tuple[Hop, int], ...]:
        """Each hop with the bytes that move there."""
        amounts = self.wire or self.amounts_at
        return tuple(zip(self.hops, amounts, strict=True)) if amounts else tuple([(hop, self.payload) for hop in self.hops])


@dataclass(frozen=True, eq=False, slots=True)
class Choice:
    """The decision for one layer and its reasons.

    Attributes
    ----------
    order : str
        "whole", "filters_outer" (a group is some filters, weights stay), "rows_outer" (a group is some rows, inputs stay),
        "weights_streamed" (a group is some filters, its sums stay).
    groups, pieces : int
        Groups one after another, and pieces of each.
    group_cycles : tuple of int
        Compute cycles of each group.
    cost : Cost
        Of the whole layer.
    streams : tuple of Stream
    bound : dict of str to float
        Busy seconds that the layer asks of each server; the largest bounds it.
    considered : tuple of (str, float)
        Alternatives and their predicted seconds, the chosen first.
    staging_bytes : int
        Working memory that its pieces take [B].
    tile : int
        Filters or output rows of a group; 1 for "whole".
    known : dict
        What was worked out of the fields above that speeds do not change, by name; shared by all choices of the same form. ``replace`` begins an
        empty one.
    """

    layer: Layer
    order: str
    groups: int
    pieces: int
    group_cycles: tuple[int, ...]
    cost: Cost
    streams: tuple[Stream, ...]
    bound: dict[str, float]
    seconds: float
    considered: tuple[tuple[str, float], ...]
    staging_bytes: int = 0
    tile: int = 1
    computed_share: float = 1.0
    known: dict = field(default_factory=dict, init=False, repr=False)

    @property
    def moves(self) -> tuple[tuple[Hop, int, int, str], ...]:
        """Over all streams, each hop with the payload that comes to it and the bytes that move there [B], and the tensor's name."""
        if "moves" not in self.known:
            pairs = ((stream, *pair) for stream in self.streams for pair in zip(stream.loads, stream.amounts, strict=True))
            self.known["moves"] = tuple((hop, payload, amount, stream.tensor) for stream, (hop, amount), payload in pairs)
        return self.known["moves"]


def chunks_of(stream: Stream, groups: int, compiler: Compiler) -> int:
    """Return the transfers in which a group's bytes of a stream move, so that what is more urgent can pass between them."""
    if not stream.grouped:
        return 1
    return max(1, min(compiler.most_pieces, round(stream.payload / groups / compiler.transfer_chunk)))
