"""Train a small convolutional network in plain NumPy, quantise it, and write it as TFLite files.

Forward and backward passes of convolution (plain and depthwise), maximum pooling, residual addition and fully-connected
layers; softmax cross-entropy; Adam (D. Kingma, J. Ba, ICLR 2015). Everything is seeded: the same NumPy gives the same
network. Not part of the package: ``train_digits.py`` and ``train_mnist.py`` use it.
"""

from pathlib import Path

import numpy as np

from accelsim.exporters.tflite import save
from accelsim.functional.interpreter import execute
from accelsim.graph.graph import Graph, make_graph
from accelsim.graph.tensor import Tensor
from accelsim.importers._quantize import observed_ranges, quantize
from accelsim.importers.datasets import DataSet, accuracy, fit_input
from accelsim.operators import load, make_node

CALIBRATION_ITEMS = 200


class Convolution:
    """Convolution with TensorFlow's SAME padding, bias and optional rectifier; one filter per channel if depthwise."""

    def __init__(self, rng, channels: int, filters: int, kernel: int = 3, stride: int = 1, depthwise: bool = False, rectify: bool = True):
        self.kernel, self.stride, self.depthwise, self.rectify = kernel, stride, depthwise, rectify
        shape = (1, kernel, kernel, channels) if depthwise else (filters, kernel, kernel, channels)
        fan_in = kernel * kernel * (1 if depthwise else channels)
        self.weights = rng.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)
        self.bias = np.zeros(channels if depthwise else filters, np.float32)

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.shape, (self.before, after) = x.shape, self._padding(x.shape[1])
        padded = np.pad(x, ((0, 0), (self.before, after), (self.before, after), (0, 0)))
        self.padded_shape = padded.shape
        windows = np.lib.stride_tricks.sliding_window_view(padded, (self.kernel, self.kernel), (1, 2))[:, :: self.stride, :: self.stride]
        self.windows = np.ascontiguousarray(windows.transpose(0, 1, 2, 4, 5, 3))  # (n, h, w, kernel, kernel, channels)
        if self.depthwise:
            y = np.einsum("nhwklc,klc->nhwc", self.windows, self.weights[0], optimize=True)
        else:
            y = self.windows.reshape(*self.windows.shape[:3], -1) @ self.weights.reshape(len(self.weights), -1).T
        y += self.bias
        self.output = np.maximum(y, 0) if self.rectify else y
        return self.output

    def _padding(self, extent: int) -> tuple[int, int]:
        total = max((-(-extent // self.stride) - 1) * self.stride + self.kernel - extent, 0)
        return total // 2, total - total // 2

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        if self.rectify:
            gradient = gradient * (self.output > 0)
        self.bias_gradient = gradient.sum((0, 1, 2))
        if self.depthwise:
            self.weights_gradient = np.einsum("nhwklc,nhwc->klc", self.windows, gradient, optimize=True)[None]
            spread = gradient[:, :, :, None, None, :] * self.weights[0]
        else:
            flat = gradient.reshape(-1, gradient.shape[3])
            self.weights_gradient = (flat.T @ self.windows.reshape(len(flat), -1)).reshape(self.weights.shape)
            spread = (flat @ self.weights.reshape(len(self.weights), -1)).reshape(self.windows.shape)
        padded = np.zeros(self.padded_shape, np.float32)
        _, height, width = gradient.shape[:3]
        for row in range(self.kernel):
            for column in range(self.kernel):
                padded[:, row : row + height * self.stride : self.stride, column : column + width * self.stride : self.stride] += spread[:, :, :, row, column]
        return padded[:, self.before : self.before + self.shape[1], self.before : self.before + self.shape[2]]


class MaxPool:
    """Largest of each 2 x 2 window; a gradient goes to every place that holds the maximum, in equal parts."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        n, height, width, channels = self.shape = x.shape
        blocks = x[:, : height // 2 * 2, : width // 2 * 2].reshape(n, height // 2, 2, width // 2, 2, channels)
        self.output = blocks.max((2, 4), keepdims=True)
        chosen = blocks == self.output
        self.share = chosen / chosen.sum((2, 4), keepdims=True, dtype=np.float32)
        return self.output[:, :, 0, :, 0]

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        n, height, width, channels = self.shape
        back = np.zeros(self.shape, np.float32)
        back[:, : height // 2 * 2, : width // 2 * 2] = (self.share * gradient[:, :, None, :, None]).reshape(n, height // 2 * 2, width // 2 * 2, channels)
        return back


class Residual:
    """A convolution without rectifier, its input added, then rectified."""

    def __init__(self, inner: Convolution):
        self.inner = inner

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = np.maximum(x + self.inner.forward(x), 0)
        return self.output

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        gradient = gradient * (self.output > 0)
        return gradient + self.inner.backward(gradient)


class FullyConnected:
    """Scores from all values of the last map."""

    def __init__(self, rng, features: int, classes: int):
        self.weights = rng.normal(0, np.sqrt(1 / features), (classes, features)).astype(np.float32)
        self.bias = np.zeros(classes, np.float32)

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.shape, self.input = x.shape, x.reshape(len(x), -1)
        return self.input @ self.weights.T + self.bias

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        self.weights_gradient, self.bias_gradient = gradient.T @ self.input, gradient.sum(0)
        return (gradient @ self.weights).reshape(self.shape)


def network(rng, size: int, classes: int, stem_stride: int) -> list:
    """Return the layers: convolution, separable block, pool, residual block, classifier; 32 channels."""
    last = -(-size // stem_stride) // 2
    return [
        Convolution(rng, 1, 16, stride=stem_stride),
        Convolution(rng, 16, 16, depthwise=True),
        Convolution(rng, 16, 32, kernel=1),
        MaxPool(),
        Residual(Convolution(rng, 32, 32, rectify=False)),
        FullyConnected(rng, last * last * 32, classes),
    ]


def weighted(layers: list) -> list:
    """Return the layers that hold weights."""
    inner = (layer.inner if isinstance(layer, Residual) else layer for layer in layers)
    return [layer for layer in inner if hasattr(layer, "weights")]


def scores_of(layers: list, x: np.ndarray) -> np.ndarray:
    """Return the scores (items, classes)."""
    for layer in layers:
        x = layer.forward(x)
    return x


def shifted(rng, images: np.ndarray, reach: int) -> np.ndarray:
    """Return images moved by up to ``reach`` pixels each way, zeros entering."""
    padded = np.pad(images, ((0, 0), (reach, reach), (reach, reach), (0, 0)))
    size = images.shape[1]
    moves = rng.integers(0, 2 * reach + 1, (len(images), 2))
    return np.stack([image[down : down + size, right : right + size] for image, (down, right) in zip(padded, moves, strict=True)])


def train(layers: list, data: DataSet, rng, epochs: int, reach: int, batch: int = 64, rate: float = 2e-3, decay: float = 1e-4) -> None:
    """Fit the layers in place with Adam, a cosine learning rate and shifted images."""
    moments = {id(layer): [np.zeros_like(a) for a in (layer.weights, layer.weights, layer.bias, layer.bias)] for layer in weighted(layers)}
    steps, step = epochs * (len(data) // batch), 0
    for _ in range(epochs):
        order = rng.permutation(len(data))
        for start in range(0, len(data) // batch * batch, batch):
            chosen = order[start : start + batch]
            gradient = softmax(scores_of(layers, shifted(rng, data.inputs[chosen], reach)))
            gradient[np.arange(batch), data.labels[chosen]] -= 1
            gradient /= batch
            for layer in reversed(layers):
                gradient = layer.backward(gradient)
            step += 1
            pace = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            for layer in weighted(layers):
                adam(layer, moments[id(layer)], step, pace, decay)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return probabilities (items, classes)."""
    raised = np.exp(scores - scores.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def adam(layer, moments: list, step: int, rate: float, decay: float) -> None:
    """Take one Adam step with decoupled weight decay on a layer's weights and bias."""
    for index, (name, shrink) in enumerate((("weights", decay), ("bias", 0.0))):
        value, gradient = getattr(layer, name), getattr(layer, f"{name}_gradient")
        first, second = moments[2 * index : 2 * index + 2]
        first += 0.1 * (gradient - first)
        second += 0.001 * (gradient**2 - second)
        value -= rate * (first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8) + shrink * value)


def graph_of(name: str, layers: list, data: DataSet) -> Graph:
    """Return the trained layers as a float32 graph that ends in a softmax."""
    tensors, nodes = {"input": Tensor("input", (1, *data.inputs.shape[1:]), "float32")}, []

    def node(operator: str, label: str, inputs: list[str], **attributes) -> str:
        made = make_node(operator, label, inputs, [label], **attributes)
        (shape,) = load(operator).output_shapes(made, tuple(tensors[i] for i in inputs))
        tensors[label] = Tensor(label, tuple(shape), "float32")
        nodes.append(made)
        return label

    def constants(label: str, layer) -> list[str]:
        for part in ("weights", "bias"):
            tensors[f"{label}/{part}"] = Tensor(f"{label}/{part}", getattr(layer, part).shape, "float32", values=getattr(layer, part))
        return [f"{label}/weights", f"{label}/bias"]

    def convolution(label: str, x: str, layer: Convolution) -> str:
        operator, activation = "depthwise_conv2d" if layer.depthwise else "conv2d", "relu" if layer.rectify else "none"
        return node(operator, label, [x, *constants(label, layer)], stride=(layer.stride, layer.stride), padding="same", activation=activation)

    x = "input"
    for index, layer in enumerate(layers, start=1):
        if isinstance(layer, Convolution):
            x = convolution(f"conv{index}", x, layer)
        elif isinstance(layer, MaxPool):
            x = node("max_pool2d", f"pool{index}", [x])
        elif isinstance(layer, Residual):
            x = node("add", f"add{index}", [x, convolution(f"conv{index}", x, layer.inner)], activation="relu")
        else:
            x = node("reshape", "flat", [x], shape=(1, layer.weights.shape[1]))
            x = node("softmax", "probabilities", [node("fully_connected", "scores", [x, *constants("scores", layer)])])
    return make_graph(name, tensors.values(), nodes, ["input"], [x], labels=data.classes, source=f"{name}: trained by accelsim on {data.source}")


def accuracy_of(graph: Graph, data: DataSet) -> float:
    """Return the fraction of a data set that a graph classifies rightly."""
    items = fit_input(data.inputs, graph.tensors["input"])
    return accuracy(np.concatenate([execute(graph, {"input": item[None]})[0][graph.outputs[0]] for item in items]), data.labels)


def make(name: str, train_data: DataSet, test_data: DataSet, seed: int, epochs: int, reach: int, stem_stride: int, keep_float: bool) -> None:
    """Train, quantise and write ``name.tflite`` (int8), if wanted ``name_float32.tflite`` too, beside this file; print the accuracies."""
    rng = np.random.default_rng(seed)
    layers = network(rng, train_data.inputs.shape[1], len(train_data.classes), stem_stride)
    train(layers, train_data, rng, epochs, reach)
    floats = graph_of(name, layers, train_data)
    calibration = rng.permutation(len(train_data))[:CALIBRATION_ITEMS]
    integers = quantize(floats, observed_ranges(execute(floats, {"input": train_data.inputs[i : i + 1]})[2] for i in calibration))
    folder = Path(__file__).parent
    for graph, suffix in ((floats, "_float32"), (integers, "")):
        if graph is integers or keep_float:
            save(graph, folder / f"{name}{suffix}.tflite")
        print(f"{name}{suffix}: {accuracy_of(graph, test_data):.4f} of the test part, {accuracy_of(graph, train_data):.4f} of the training part")
