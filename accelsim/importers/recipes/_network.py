"""The bench on which a recipe is built: layers as methods, tensors as names, channels last.

Every layer adds a node made by ``accelsim.operators.make_node`` whose own shape rule gives the output's shape; the bench
draws the weights, follows the spread of the values and counts the parameters as the published tables do.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from accelsim.graph.graph import Graph, Node, make_graph
from accelsim.graph.tensor import Tensor
from accelsim.importers.recipes import _spread as spread
from accelsim.importers.recipes._weights import random_weights
from accelsim.operators import load, make_node

Pair = tuple[int, int]
FUSED = ("none", "relu", "relu6")
SHIFT_DEVIATION = 0.1


class Network:
    """A network under construction.

    Attributes
    ----------
    parameters : int
        Weights, biases, and of every batch normalisation its scale and shift (its running statistics are no parameters).
    precision : str
        "float32", "int8" (weights are int8 codes, all else float: input of the quantiser) or "shape" (no values at all).
    """

    def __init__(self, name: str, precision: str, seed: int):
        self.name, self.precision, self.parameters = name, precision, 0
        self._generator = np.random.default_rng(seed)
        self._tensors: dict[str, Tensor] = {}
        self._spreads: dict[str, spread.Spread] = {}
        self._nodes: list[Node] = []
        self._inputs: list[str] = []
        self._scope, self._taken = "", {}

    # ------------------------------------------------------------------ plumbing

    @contextmanager
    def block(self, name: str) -> Iterator[None]:
        """Put ``name/`` before the names of the layers inside."""
        outer, self._scope = self._scope, f"{self._scope}{name}/"
        yield
        self._scope = outer

    def shape(self, x: str) -> tuple[int, ...]:
        """Return a tensor's shape."""
        return self._tensors[x].shape

    def channels(self, x: str) -> int:
        """Return the last extent of a tensor."""
        return self._tensors[x].shape[-1]

    def ranges(self) -> dict[str, Pair]:
        """Return the range of every computed tensor and input, for the quantiser."""
        return {name: (s.low, s.high) for name, s in self._spreads.items()}

    def graph(self, outputs: tuple[str, ...], **facts) -> Graph:
        """Return what was built as a float graph."""
        return make_graph(self.name, self._tensors.values(), self._nodes, self._inputs, outputs, **facts)

    def input(self, *shape: int) -> str:
        """Add the network's input, uniform in [-1, 1)."""
        self._tensors["input"] = Tensor("input", shape, "float32")
        self._spreads["input"] = spread.uniform(-1.0, 127 / 128)
        self._inputs.append("input")
        return "input"

    def add_node(self, operator: str, inputs: list[str | None], spreads: list[spread.Spread], name: str = "", **attributes) -> tuple[str, ...]:
        """Add a node whose outputs have the given spreads; return the outputs' names.

        Parameters
        ----------
        name : str, optional
            As ``claim`` returned it; by default the operator's own.
        """
        name = name or self.claim(operator)
        outputs = (name,) if len(spreads) == 1 else tuple(f"{name}:{i}" for i in range(len(spreads)))
        node = make_node(operator, name, inputs, outputs, **attributes)
        shapes = load(operator).output_shapes(node, tuple(None if i is None else self._tensors[i] for i in inputs))
        self._nodes.append(node)
        for output, shape, its_spread in zip(outputs, shapes, spreads, strict=True):
            self._tensors[output] = Tensor(output, tuple(int(extent) for extent in shape), "float32")
            self._spreads[output] = its_spread
        return outputs

    def claim(self, name: str) -> str:
        """Return the name inside the current block, numbered if it is taken."""
        name = self._scope + name
        self._taken[name] = self._taken.get(name, 0) + 1
        return name if self._taken[name] == 1 else f"{name}_{self._taken[name]}"

    def spread_of(self, x: str) -> spread.Spread:
        """Return how a tensor's values are spread."""
        return self._spreads[x]

    def constant(self, name: str, values: np.ndarray) -> str:
        """Add a constant under a name that was claimed."""
        values = np.asarray(values, np.float32)
        self._tensors[name] = Tensor(name, values.shape, "float32", values=values)
        return name

    def _shifts(self, count: int) -> np.ndarray:
        return self._generator.normal(0, SHIFT_DEVIATION, count) if self.precision != "shape" else np.zeros(count)

    # ------------------------------------------------------------------ layers with weights

    def conv(
        self,
        x: str,
        filters: int,
        kernel: int | Pair,
        stride: int = 1,
        padding: str | int | Pair = "same",
        groups: int = 1,
        activation: str = "relu",
        batch_norm: bool = True,
        bias: bool = True,
        name: str = "",
    ) -> str:
        """Add a convolution with its batch normalisation folded in, or with a bias of its own, or with neither.

        Parameters
        ----------
        padding : str, int or (int, int)
            "same" and "valid" as TensorFlow, or the zeros on each side (of height, of width) as PyTorch.
        groups : int
            The input's channels for a depthwise convolution.
        """
        kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
        channels, depthwise = self.channels(x), groups > 1 and groups == self.channels(x)
        shape = (1, *kernel, filters) if depthwise else (filters, *kernel, channels // groups)
        fan_in = kernel[0] * kernel[1] * channels // groups
        attributes = {"stride": (stride, stride), "padding": both_sides(padding)}
        operator = "depthwise_conv2d" if depthwise else "conv2d"
        return self._weighted(operator, x, shape, 3 if depthwise else 0, fan_in, activation, batch_norm, bias, name, attributes)

    def depthwise(self, x: str, kernel: int = 3, stride: int = 1, padding: str | int = "same", activation: str = "relu", name: str = "") -> str:
        """Add a depthwise convolution with folded batch normalisation."""
        return self.conv(x, self.channels(x), kernel, stride, padding, self.channels(x), activation, name=name)

    def fully_connected(self, x: str, units: int, activation: str = "none", name: str = "") -> str:
        """Add a fully-connected layer with bias on a (batch, features) tensor."""
        features = self.channels(x)
        return self._weighted("fully_connected", x, (units, features), None, features, activation, False, True, name, {})

    def _weighted(
        self,
        operator: str,
        x: str,
        shape: tuple[int, ...],
        axis: int | None,
        fan_in: int,
        activation: str,
        batch_norm: bool,
        bias: bool,
        name: str,
        attributes: dict,
    ) -> str:
        name = self.claim(name or operator)
        filters = shape[0 if axis is None else axis]
        power = fan_in * self._spreads[x].square
        # He's normal deviation; batch normalisation with these statistics and a scale around 1 brings the sums to variance 1.
        deviation = np.full(1 if axis is None else filters, np.sqrt(2 / fan_in))
        if batch_norm:
            scale = self._generator.uniform(0.5, 1.5, filters)
            deviation = scale / np.sqrt(np.mean(scale**2)) / np.sqrt(power)
        weights = random_weights(self._generator, f"{name}/weights", shape, deviation, axis or 0, self.precision)
        self._tensors[weights.name] = weights
        has_bias = bias or batch_norm
        inputs = [x, weights.name, self.constant(f"{name}/bias", self._shifts(filters)) if has_bias else None]
        self.parameters += weights.elements + (2 * filters if batch_norm else filters if bias else 0)
        sums = spread.normal(0.0, float(np.mean(deviation**2)) * power + (SHIFT_DEVIATION**2 if has_bias else 0))
        fused = activation if activation in FUSED else "none"
        (out,) = self.add_node(operator, inputs, [spread.through(fused, sums)], name, activation=fused, **attributes)
        return out if activation == fused else self.activation(out, activation)

    def normalised(self, x: str, activation: str = "relu") -> str:
        """Add a batch normalisation that has no convolution before it to fold into: a product and a sum per channel."""
        its, channels = self._spreads[x], self.channels(x)
        name, factor = self.claim("normalise_mul"), np.full(channels, 1 / np.sqrt(its.variance))
        self.parameters += 2 * channels
        scaled = spread.multiplied(its, spread.Spread(factor[0], 0.0, factor[0], factor[0]))
        (product,) = self.add_node("mul", [x, self.constant(f"{name}/scale", factor)], [scaled], name)
        sums = spread.normal(0.0, 1 + SHIFT_DEVIATION**2)
        name = self.claim("normalise_add")
        shifts = self.constant(f"{name}/shift", self._shifts(channels) - its.mean * factor[0])
        return self.add_node("add", [product, shifts], [spread.through(activation, sums)], name, activation=activation)[0]

    # ------------------------------------------------------------------ layers without weights

    def activation(self, x: str, function: str) -> str:
        """Add an activation function that does not fuse; swish is a product with its own logistic."""
        if function == "swish":
            return self.add_node("mul", [x, self.logistic(x)], [spread.through("swish", self._spreads[x])])[0]
        attributes = {"alpha": 0.1} if function == "leaky_relu" else {}
        return self.add_node(function, [x], [spread.through(function, self._spreads[x])], **attributes)[0]

    def add(self, a: str, b: str, activation: str = "none") -> str:
        """Add two tensors element by element."""
        return self.add_node("add", [a, b], [spread.through(activation, spread.added(self._spreads[a], self._spreads[b]))], activation=activation)[0]

    def mul(self, a: str, b: str) -> str:
        """Multiply two tensors element by element, with broadcasting."""
        return self.add_node("mul", [a, b], [spread.multiplied(self._spreads[a], self._spreads[b])])[0]

    def concat(self, parts: list[str], axis: int = -1) -> str:
        """Join tensors along an axis."""
        its = spread.mixed([self._spreads[p] for p in parts], [self._tensors[p].elements for p in parts])
        return self.add_node("concatenation", parts, [its], axis=axis % len(self.shape(parts[0])))[0]

    def max_pool(self, x: str, kernel: int, stride: int, padding: str | int = "valid", ceil: bool = False) -> str:
        """Add a maximum pool; ``ceil`` keeps the window that hangs over the trailing edge (PyTorch's ceil_mode)."""
        attributes = {"window": (kernel, kernel), "stride": (stride, stride), "padding": both_sides(padding)}
        if ceil:
            attributes["padding"] = tuple(hanging(extent, kernel, stride, 0 if padding == "valid" else padding) for extent in self.shape(x)[1:3])
        return self.add_node("max_pool2d", [x], [spread.largest(self._spreads[x], kernel**2)], **attributes)[0]

    def average_pool(self, x: str, kernel: int, stride: int, padding: str = "valid") -> str:
        """Add an average pool; padding does not count into the mean, as in TensorFlow."""
        attributes = {"window": (kernel, kernel), "stride": (stride, stride), "padding": both_sides(padding)}
        return self.add_node("average_pool2d", [x], [spread.averaged(self._spreads[x], kernel**2)], **attributes)[0]

    def global_mean(self, x: str, keep_dims: bool = False) -> str:
        """Add the mean over height and width."""
        _, height, width, _ = self.shape(x)
        return self.add_node("mean", [x], [spread.averaged(self._spreads[x], height * width)], axes=(1, 2), keep_dims=keep_dims)[0]

    def reshape(self, x: str, *shape: int) -> str:
        """Give the same values another shape."""
        return self.add_node("reshape", [x], [self._spreads[x]], shape=shape)[0]

    def shuffle(self, x: str, groups: int) -> str:
        """Interleave the channels of ``groups`` groups (ShuffleNet's channel shuffle): reshape, transpose, reshape."""
        batch, height, width, channels = self.shape(x)
        apart = self.reshape(x, batch, height, width, groups, channels // groups)
        (turned,) = self.add_node("transpose", [apart], [self._spreads[x]], permutation=(0, 1, 2, 4, 3))
        return self.reshape(turned, batch, height, width, channels)

    def split(self, x: str, parts: int) -> tuple[str, ...]:
        """Cut a tensor into equal parts along its channels."""
        sizes = (self.channels(x) // parts,) * parts
        return self.add_node("split", [x], [self._spreads[x]] * parts, axis=len(self.shape(x)) - 1, sizes=sizes)

    def upsample(self, x: str, factor: int) -> str:
        """Repeat every pixel ``factor`` times in height and width."""
        _, height, width, _ = self.shape(x)
        return self.add_node("resize_nearest_neighbor", [x], [self._spreads[x]], size=(height * factor, width * factor))[0]

    def response_normalised(self, x: str) -> str:
        """Add AlexNet's local response normalisation (section 3.3: k 2, n 5, alpha 1e-4, beta 0.75)."""
        factor = (2 + 5e-4 * self._spreads[x].square) ** -0.75
        its = spread.multiplied(self._spreads[x], spread.Spread(factor, 0.0, factor, factor))
        return self.add_node("local_response_normalization", [x], [its], radius=2, bias=2.0, alpha=1e-4, beta=0.75)[0]

    def logistic(self, x: str) -> str:
        """Add the logistic function."""
        return self.activation(x, "logistic")

    def softmax(self, x: str) -> str:
        """Add the softmax over the last axis."""
        return self.add_node("softmax", [x], [spread.Spread(1 / self.channels(x), 0.0, 0.0, 1.0)])[0]

    def hard_sigmoid(self, x: str) -> str:
        """Add clip(x + 3, 0, 6) / 6 as the converters write it: a sum with fused relu6 and a product."""
        its = self._spreads[x]
        shifted = spread.through("relu6", spread.Spread(its.mean + 3, its.variance, its.low + 3, its.high + 3))
        name = self.claim("hard_sigmoid_add")
        (risen,) = self.add_node("add", [x, self.constant(f"{name}/three", np.full(1, 3.0))], [shifted], name, activation="relu6")
        sixth = spread.multiplied(shifted, spread.Spread(1 / 6, 0.0, 1 / 6, 1 / 6))
        name = self.claim("hard_sigmoid_mul")
        return self.add_node("mul", [risen, self.constant(f"{name}/sixth", np.full(1, 1 / 6))], [sixth], name)[0]

    def classifier(self, x: str, classes: int) -> str:
        """End a classifier: global mean, fully-connected layer, softmax."""
        return self.softmax(self.fully_connected(self.global_mean(x), classes, name="classifier"))


def both_sides(padding: str | int | Pair) -> str | tuple[Pair, Pair]:
    """Return padding as operators take it: a word, or ((top, bottom), (left, right))."""
    if isinstance(padding, str):
        return padding
    high, wide = (padding, padding) if isinstance(padding, int) else padding
    return ((high, high), (wide, wide))


def hanging(extent: int, kernel: int, stride: int, pad: int) -> Pair:
    """Return (leading, trailing) padding of PyTorch's ceil_mode; a window that would start beyond the input is dropped."""
    count = -(-(extent + 2 * pad - kernel) // stride) + 1
    if (count - 1) * stride >= extent + pad:
        count -= 1
    return pad, max((count - 1) * stride + kernel - extent - pad, 0)
