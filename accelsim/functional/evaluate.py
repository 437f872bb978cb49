"""Inputs for a network and what its outputs say: random codes, top classes, accuracy on a data set."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.functional.interpreter import execute
from accelsim.functional.rebatch import with_batch
from accelsim.graph.graph import Graph
from accelsim.graph.numerics import Numerics
from accelsim.graph.tensor import Tensor, carrier
from accelsim.kernels.blas import one_thread

LARGEST_CHUNK, CACHED_BYTES = 32, 2 << 20
TOP = 5


def random_inputs(graph: Graph, seed: int = 0) -> dict[str, np.ndarray]:
    """Return seeded inputs: integer codes over the type's whole range, floats of a standard normal distribution."""
    generator = np.random.default_rng(seed)
    return {name: _random(graph.tensors[name], generator) for name in graph.inputs}


def _random(tensor: Tensor, generator: np.random.Generator) -> np.ndarray:
    kind = carrier(tensor.dtype)
    if kind.kind == "f":
        return generator.standard_normal(tensor.shape, dtype=np.float32).astype(kind)
    if kind.kind == "b":
        return generator.integers(0, 2, tensor.shape).astype(bool)
    span = np.iinfo(kind)
    # Wide integers are indices and lengths, not signals: small values keep them in range.
    low, high = (span.min, span.max) if kind.itemsize <= 2 else (0, 1)
    return generator.integers(low, high, tensor.shape, dtype=kind, endpoint=True)


def repeated(items: np.ndarray, tensor: Tensor, batch: int) -> np.ndarray:
    """Return a user's input for a batch: one item is repeated, as many as the batch are taken as they are.

    Raises
    ------
    AccelsimError
        Another number of items.
    """
    wanted = batch * tensor.shape[0] if tensor.shape else 1
    if len(items) not in (1, wanted):
        raise AccelsimError("--input", f"holds {len(items)} items; the batch takes {wanted}", "give one, or as many as the batch")
    return items if len(items) == wanted else np.repeat(items, wanted, axis=0)


def real_values(tensor: Tensor, codes: np.ndarray) -> np.ndarray:
    """Return what quantised codes stand for."""
    q = tensor.quantization
    if q is None or codes.dtype.kind == "f":
        return codes.astype(np.float64)
    return (codes.astype(np.float64) - q.zero_point[0]) * q.scale[0]


def top_classes(graph: Graph, outputs: dict[str, np.ndarray]) -> list[tuple[str, float]]:
    """Return the labels of the highest outputs where the graph carries labels for a single vector of scores."""
    name = graph.outputs[0]
    scores = real_values(graph.tensors[name], outputs[name]).ravel()
    if not graph.labels or scores.size != len(graph.labels):
        return []
    order = np.argsort(-scores, kind="stable")[:TOP]
    return [(graph.labels[i], float(scores[i])) for i in order]


def measure_accuracy(
    graph: Graph,
    items: np.ndarray,
    labels: np.ndarray,
    numerics: Numerics,
    on_progress: Callable[[str, int, int], None] | None = None,
    threads: int | None = None,
) -> float:
    """Return the share of items whose highest score stands at their label.

    Parameters
    ----------
    items : ndarray, shape (items, ...)
        In the type and shape of the graph's only input.
    labels : ndarray, shape (items,), int64
    threads : int, optional
        Over which chunks of items are spread, since kernels leave Python to others; by default one a processor.
    """
    if len(graph.inputs) != 1:
        raise AccelsimError(graph.name, f"has {len(graph.inputs)} inputs; a data set feeds one")
    networks = _networks(graph, len(items))
    chunk = max(networks)

    def right_in(first: int) -> tuple[int, int]:
        part = items[first : first + chunk]
        network = networks[len(part)]
        outputs, _, _ = execute(network, {network.inputs[0]: part}, numerics=numerics)
        scores = outputs[network.outputs[0]].reshape(len(part), -1)
        if labels.max() >= scores.shape[1]:
            raise AccelsimError(graph.name, f"label {labels.max()} is beyond the {scores.shape[1]} classes of the output")
        return len(part), int(np.count_nonzero(scores.argmax(axis=1) == labels[first : first + chunk]))

    right = done = 0
    with one_thread(), ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        chunks = [pool.submit(right_in, first) for first in range(0, len(items), chunk)]
        try:
            for size, correct in (future.result() for future in chunks):
                right, done = right + correct, done + size
                if on_progress is not None:
                    on_progress("accuracy", done, len(items))
        except BaseException:  # an error, or the user's interruption: what has not begun is left out
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return right / len(items)


def chunk_of(graph: Graph) -> int:
    """Return how many items are best executed at once: as many as keep the largest activation in a cache."""
    largest = max(t.elements * carrier(t.dtype).itemsize for t in graph.tensors.values() if not t.is_constant)
    return max(1, min(LARGEST_CHUNK, CACHED_BYTES // largest))


def _networks(graph: Graph, items: int) -> dict[int, Graph]:
    """Return the network for a whole chunk and for the last one, by their sizes."""
    chunk = min(chunk_of(graph), items) if graph.tensors[graph.inputs[0]].shape[0] == 1 else 1
    try:
        return {size: with_batch(graph, size) for size in {chunk, items % chunk} - {0}}
    except AccelsimError:  # a network that mixes its batch runs one item at a time
        return {1: graph}
