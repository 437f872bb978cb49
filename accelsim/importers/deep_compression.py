"""Deep Compression's SqueezeNet: pruned weights as indices into a codebook per layer, positions as 4-bit steps.

The file holds the number of stored weights of each of the 26 layers (uint32), then per layer a codebook of 256 float32, the
biases, one byte per stored weight (its codebook entry) and two 4-bit steps per byte, low half first: a weight stands step + 1
places behind the last one. Layers follow the network: conv1, then per fire module squeeze, 1x1 and 3x3 expansion, conv_final.

Source: S. Han, H. Mao, W. J. Dally, "Deep Compression", arXiv:1510.00149, sections 2 and 3; F. Iandola et al., "SqueezeNet",
arXiv:1602.07360, table 1.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.graph import Graph
from accelsim.graph.numerics import TFLITE_REFERENCE
from accelsim.graph.tensor import Structure
from accelsim.importers._chain import Chain

IMAGE = 227
ENTRIES = 256
INDEX_BITS, STEP_BITS = 8, 4
CLASSES = 1000
# Squeeze and expansion filters of fire2 to fire9, and after which modules the image is halved.
FIRES = ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))
POOLED = (3, 7)


def layers() -> Iterator[tuple[str, int, int, int]]:
    """Yield (name, filters, channels, filter edge) in the file's order."""
    yield "conv1", 96, 3, 7
    channels = 96
    for number, (squeeze, expand) in enumerate(FIRES, start=2):
        yield f"fire{number}/squeeze", squeeze, channels, 1
        yield f"fire{number}/expand1x1", expand, squeeze, 1
        yield f"fire{number}/expand3x3", expand, squeeze, 3
        channels = 2 * expand
    yield "conv_final", CLASSES, channels, 1


def load(path: Path, place: str) -> Graph:
    """Return the network of a ``.net`` file.

    Raises
    ------
    AccelsimError
        Its bytes are not exactly those of the network.
    """
    weights = read_weights(path.read_bytes(), place)
    chain = Chain()
    x = chain.input("data", (1, IMAGE, IMAGE, 3), "float32")

    def convolve(name: str, source: str, stride: int = 1, border: int = 0) -> str:
        filters, bias, structure = weights[name]
        inputs = [source, chain.constant(f"{name}/weights", filters, structure=structure), chain.constant(f"{name}/bias", bias)]
        return chain.node("conv2d", name, inputs, stride=(stride, stride), padding=((border, border), (border, border)), activation="relu")

    x = chain.node("max_pool2d", "pool1", [convolve("conv1", x, stride=2)], window=(3, 3), stride=(2, 2))
    for number in range(2, 2 + len(FIRES)):
        x = convolve(f"fire{number}/squeeze", x)
        sides = [convolve(f"fire{number}/expand1x1", x), convolve(f"fire{number}/expand3x3", x, border=1)]
        x = chain.node("concatenation", f"fire{number}", sides, axis=3)
        if number - 1 in POOLED:
            x = chain.node("max_pool2d", f"pool{number}", [x], window=(3, 3), stride=(2, 2))
    x = chain.node("mean", "pool_final", [convolve("conv_final", x, border=1)], axes=(1, 2))
    chain.node("softmax", "probabilities", [x])
    note = "input: blue, green, red less 104, 117, 123"
    return chain.graph(path.stem, ["data"], ["probabilities"], TFLITE_REFERENCE, place, (note,))


def read_weights(data: bytes, place: str) -> dict[str, tuple[np.ndarray, np.ndarray, Structure]]:
    """Return per layer (filters of shape (O, H, W, I), biases, how they are stored)."""
    shapes = list(layers())
    if len(data) < 4 * len(shapes):
        raise AccelsimError(place, f"holds {len(data)} bytes: it is truncated")
    stored = np.frombuffer(data, "<u4", len(shapes)).astype(np.int64)
    at, result = 4 * len(shapes), {}
    for (name, filters, channels, edge), count in zip(shapes, stored, strict=True):
        elements = filters * channels * edge * edge
        steps_bytes = -(-int(count) // 2)
        size = 4 * ENTRIES + 4 * filters + int(count) + steps_bytes
        if count > elements + elements // 16 or at + size > len(data):
            raise AccelsimError(f"{place}: layer '{name}'", f"{count} stored weights for {elements} places", "the file is damaged or another network")
        codebook = np.frombuffer(data, "<f4", ENTRIES, at)
        bias = np.frombuffer(data, "<f4", filters, at + 4 * ENTRIES)
        codes = np.frombuffer(data, np.uint8, int(count), at + 4 * (ENTRIES + filters))
        steps = np.frombuffer(data, np.uint8, steps_bytes, at + size - steps_bytes)
        dense = _dense(codebook[codes], steps, int(count), elements, f"{place}: layer '{name}'")
        detail = (("entries", ENTRIES), ("index_bits", INDEX_BITS), ("step_bits", STEP_BITS), ("non_zero", int(np.count_nonzero(dense))))
        result[name] = dense.reshape(filters, channels, edge, edge).transpose(0, 2, 3, 1), bias, Structure("codebook", size - 4 * filters, detail)
        at += size
    if at != len(data):
        raise AccelsimError(place, f"{len(data) - at} bytes follow the last layer", "it is another network")
    return result


def _dense(values: np.ndarray, packed: np.ndarray, count: int, elements: int, place: str) -> np.ndarray:
    """Return weights at their places, zeros between them."""
    steps = np.stack([packed & 15, packed >> 4], axis=1).ravel()[:count].astype(np.int64)
    places = np.cumsum(steps + 1) - 1
    if count and places[-1] >= elements:
        raise AccelsimError(place, f"a weight stands at place {places[-1]} of {elements}", "the file is damaged")
    dense = np.zeros(elements, np.float32)
    dense[places] = values
    return dense
