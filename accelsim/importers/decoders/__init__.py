"""Decoders: transformers that make one token after another, each looking back at all before it through a cache that grows.

One file per family. It defines ``DECODERS``, a mapping of name to ``Shape``. A decoder is no single graph: the step after n
tokens reads n cached keys and values in every layer. ``stories15m@64`` is that step with 64 tokens in the cache; it is a
graph like any other. ``accelsim.studies.decode`` runs one step after the other.

Weights are seeded random numbers, as of recipes: tokens mean nothing; shapes, counts and bytes are those of the network.
"""

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.rooms import member, members
from accelsim.graph.graph import Graph
from accelsim.importers.decoders._decoder import PRECISIONS, Decoder, Shape

MARK = "@"


def decoder_names() -> tuple[str, ...]:
    """Return the names of all decoders."""
    return tuple(_catalogue())


def describe_decoder(name: str) -> Shape:
    """Return a decoder's extents.

    Raises
    ------
    AccelsimError
        No decoder has this name.
    """
    known = _catalogue()
    if name not in known:
        raise not_one_of("decoder", name, known)
    return known[name]


def load_decoder(name: str, precision: str = "int8", seed: int = 0) -> Decoder:
    """Return a decoder with seeded weights.

    Parameters
    ----------
    precision : str
        Of the weights: "int8" (float activations are quantised as each product needs them, TFLite's dynamic-range form) or
        "float32"; both are the same network, since the float weights are exact multiples of the int8 scales.
    """
    shape = describe_decoder(name)
    if precision not in PRECISIONS:
        raise not_one_of(f"decoder {name}: precision", precision, PRECISIONS)
    return Decoder(name, shape, precision, seed)


def load_step(name: str, precision: str = "int8", seed: int = 0) -> Graph:
    """Return the graph of ``NAME@CACHED``: one step of a decoder with that many tokens in its cache.

    Raises
    ------
    AccelsimError
        No such decoder, or a number of tokens that its context does not hold.
    """
    decoder, _, cached = name.partition(MARK)
    if not cached.isdecimal():
        what = f"'{cached}' is not a number of cached tokens" if cached else "is a decoder, whose step depends on how many tokens it looks back at"
        raise AccelsimError(name, what, f"such as {decoder}{MARK}64; 'accelsim decode' runs step after step")
    return load_decoder(decoder, precision, seed).step(int(cached))


def _catalogue() -> dict[str, Shape]:
    return {name: shape for file in members(__name__) for name, shape in member(__name__, file).DECODERS.items()}
