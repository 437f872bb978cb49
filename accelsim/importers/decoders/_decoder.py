"""A decoder-only transformer with gated feed-forward layers, and the graph of its step after so many tokens.

Source: H. Touvron et al., "LLaMA", arXiv:2302.13971, section 2.2 (root mean square normalisation before each part, SwiGLU,
rotary positions); J. Su et al., "RoFormer", arXiv:2104.09864, equation 34; J. Ainslie et al., "GQA", arXiv:2305.13245
(fewer heads of keys than of queries). The rotated pairs are (i, i + half), as in GPT-NeoX: another order of the same rows.
"""

import math
from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.graph import Graph
from accelsim.graph.numerics import TFLITE_REFERENCE
from accelsim.graph.tensor import Tensor
from accelsim.importers._chain import Chain
from accelsim.importers._quantize import symmetric_codes

PRECISIONS = ("int8", "float32")
ROTATION_BASE = 10000.0
EPSILON = 1e-5


@dataclass(frozen=True, slots=True)
class Shape:
    """Extents of a decoder.

    Attributes
    ----------
    width, hidden : int
        Elements of a token's vector, and between the two products of a feed-forward layer.
    heads, key_heads : int
        Heads of queries, and of keys and values; each of the latter serves the same number of the former.
    context : int
        Tokens that the network was trained to look back over.
    """

    width: int
    layers: int
    heads: int
    key_heads: int
    hidden: int
    vocabulary: int
    context: int

    @property
    def variant(self) -> str:
        """The extents in a sentence."""
        heads = f"{self.heads} heads" if self.heads == self.key_heads else f"{self.heads} heads on {self.key_heads} of keys and values"
        size = f"{self.parameters / 1e6:.3g} M parameters"
        return f"one step of a decoder with CACHED tokens before it: {self.layers} layers of width {self.width}, {heads}, {size}, at most {self.context} tokens"

    @property
    def head(self) -> int:
        """Elements of one head."""
        return self.width // self.heads

    @property
    def parameters(self) -> int:
        """Weights; the table of tokens serves for input and output."""
        attention = 2 * self.width**2 + 2 * self.width * self.head * self.key_heads
        return self.vocabulary * self.width + self.layers * (attention + 3 * self.width * self.hidden + 2 * self.width) + self.width

    def cache_bytes(self, tokens: int, element_bytes: int = 4) -> int:
        """Bytes of the keys and values of so many tokens."""
        return 2 * self.layers * self.key_heads * self.head * tokens * element_bytes


class Decoder:
    """A decoder's weights, drawn once; ``step`` gives the graph for any number of cached tokens."""

    def __init__(self, name: str, shape: Shape, precision: str, seed: int):
        self.name, self.shape, self.precision, self.seed = name, shape, precision, seed
        self._generator = np.random.default_rng(seed)
        self._weights: dict[str, Tensor] = {}
        s = shape
        self._draw("tokens", s.vocabulary, s.width)
        for layer in range(s.layers):
            rows = {"query": s.width, "key": s.head * s.key_heads, "value": s.head * s.key_heads, "attended": s.width, "gate": s.hidden, "up": s.hidden}
            for part, count in rows.items():
                self._draw(f"layer_{layer}/{part}/weights", count, s.width)
            self._draw(f"layer_{layer}/down/weights", s.width, s.hidden)

    def _draw(self, name: str, rows: int, depth: int) -> None:
        """Add a matrix whose products keep the variance of what they multiply."""
        codes = symmetric_codes(name, self._generator.normal(0, depth**-0.5, (rows, depth)).astype(np.float32), None)
        if self.precision == "float32":
            codes = Tensor(name, codes.shape, "float32", values=codes.values * codes.quantization.scale)
        self._weights[name] = codes

    def step(self, cached: int) -> Graph:
        """Return the graph of one token with that many in the cache.

        Its inputs are ``token`` (1,) and, where any is cached, ``keys_i`` and ``values_i`` (key heads, cached, head) of every
        layer; its outputs ``scores`` (1, vocabulary) and the new rows ``key_i`` and ``value_i`` (key heads, 1, head), which
        the memory keeps behind the others: nothing of the cache is copied.

        Raises
        ------
        AccelsimError
            The context does not hold one more token.
        """
        if not 0 <= cached < self.shape.context:
            raise AccelsimError(f"decoder {self.name}", f"{cached} cached tokens and a new one do not fit a context of {self.shape.context}")
        return _Step(self.name, self.shape, self._weights, cached).graph(self.seed)


class _Step:
    """One step's graph under construction."""

    def __init__(self, name: str, shape: Shape, weights: dict[str, Tensor], cached: int):
        self.name, self.shape, self.weights, self.cached = name, shape, weights, cached
        self.chain, self.inputs, self.rows = Chain(), [], []
        self.node = self.chain.node

    def graph(self, seed: int) -> Graph:
        self.inputs.append(self.chain.input("token", (1,), "int64"))
        x = self.node("gather", "embedding", [self._weight("tokens"), "token"], axis=0)
        if self.chain.tensors[x].dtype == "int8":
            x = self.node("dequantize", "embedding/real", [x], "float32")
        for layer in range(self.shape.layers):
            x = self._sum(f"layer_{layer}/attention", x, self._attention(f"layer_{layer}", layer, self._normal(f"layer_{layer}/before_attention", x)))
            x = self._sum(f"layer_{layer}/feed_forward", x, self._feed_forward(f"layer_{layer}", self._normal(f"layer_{layer}/before_feed_forward", x)))
        self.node("fully_connected", "scores", [self._normal("last", x), self._weight("tokens"), None])
        notes = (f"weights are seeded random numbers (seed {seed}): shapes and counts are real, tokens mean nothing", f"{self.cached} tokens in the cache")
        return self.chain.graph(f"{self.name}@{self.cached}", self.inputs, ["scores", *self.rows], TFLITE_REFERENCE, f"decoder {self.name}", notes)

    def _weight(self, name: str) -> str:
        self.chain.tensors[name] = self.weights[name]
        return name

    def _product(self, name: str, x: str) -> str:
        return self.node("fully_connected", name, [x, self._weight(f"{name}/weights"), None])

    def _normal(self, name: str, x: str) -> str:
        gains = self.chain.constant(f"{name}/gains", np.ones(self.shape.width, np.float32))
        return self.node("layer_normalization", name, [x, gains], epsilon=EPSILON, centred=False)

    def _sum(self, name: str, x: str, part: str) -> str:
        return self.node("add", f"{name}/sum", [x, part])

    def _feed_forward(self, name: str, x: str) -> str:
        gate = self.node("swish", f"{name}/gate/swish", [self._product(f"{name}/gate", x)])
        return self._product(f"{name}/down", self.node("mul", f"{name}/gated", [gate, self._product(f"{name}/up", x)]))

    def _attention(self, name: str, layer: int, x: str) -> str:
        """Every query meets the keys in the cache and the new one; the new row of both joins the cache behind the step."""
        s = self.shape
        query, key, value = (
            self.node("reshape", f"{name}/{part}/heads", [self._product(f"{name}/{part}", x)], shape=(heads, 1, s.head))
            for part, heads in (("query", s.heads), ("key", s.key_heads), ("value", s.key_heads))
        )  # fmt: skip
        query, key = self._rotated(f"{name}/query", query, s.heads, 1 / math.sqrt(s.head)), self._rotated(f"{name}/key", key, s.key_heads, 1.0)
        query = self.node("reshape", f"{name}/query/groups", [query], shape=(s.key_heads, s.heads // s.key_heads, s.head))
        self.rows += [self.node("reshape", row, [new], shape=(s.key_heads, 1, s.head)) for row, new in ((f"key_{layer}", key), (f"value_{layer}", value))]
        scores = self.node("batch_matmul", f"{name}/scores/new", [query, key], transpose_b=True)
        if not self.cached:
            attended = self.node("batch_matmul", f"{name}/mixed", [self.node("softmax", f"{name}/shares", [scores]), value])
        else:
            attended = self._with_cache(name, layer, query, scores, value)
        return self._product(f"{name}/attended", self.node("reshape", f"{name}/mixed/joined", [attended], shape=(1, s.width)))

    def _with_cache(self, name: str, layer: int, query: str, new: str, value: str) -> str:
        s = self.shape
        keys, values = (self.chain.input(f"{part}_{layer}", (s.key_heads, self.cached, s.head), "float32") for part in ("keys", "values"))
        self.inputs += [keys, values]
        old = self.node("batch_matmul", f"{name}/scores/cached", [query, keys], transpose_b=True)
        shares = self.node("softmax", f"{name}/shares", [self.node("concatenation", f"{name}/scores", [old, new], axis=-1)])
        sizes = ((0, self.cached, "cached"), (self.cached, 1, "new"))
        group = s.heads // s.key_heads
        of_cache, of_new = (
            self.node("box_slice", f"{name}/shares/{part}", [shares], begin=(0, 0, first), size=(s.key_heads, group, size)) for first, size, part in sizes
        )  # fmt: skip
        mixed = self.node("batch_matmul", f"{name}/mixed/cached", [of_cache, values])
        return self.node("add", f"{name}/mixed", [mixed, self.node("batch_matmul", f"{name}/mixed/new", [of_new, value])])

    def _rotated(self, name: str, x: str, heads: int, factor: float) -> str:
        """Turn the pairs (i, i + half) of every head by the token's position times the pair's frequency."""
        half = self.shape.head // 2
        angles = self.cached * ROTATION_BASE ** (-np.arange(half) / half)
        cosines = self.chain.constant(f"{name}/cosines", (factor * np.tile(np.cos(angles), 2)).astype(np.float32))
        sines = self.chain.constant(f"{name}/sines", (factor * np.concatenate([-np.sin(angles), np.sin(angles)])).astype(np.float32))
        parts = [self.node("box_slice", f"{name}/{part}", [x], begin=(0, 0, first), size=(heads, 1, half)) for part, first in (("second", half), ("first", 0))]
        turned = self.node("mul", f"{name}/across", [self.node("concatenation", f"{name}/swapped", parts, axis=-1), sines])
        return self.node("add", f"{name}/rotated", [self.node("mul", f"{name}/along", [x, cosines]), turned])
