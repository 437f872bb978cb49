"""A network whose smallest weights are zero: N of M side by side, or a share of each tensor. What it then computes is real."""

import re
from dataclasses import replace

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.graph import Graph
from accelsim.graph.tensor import Tensor

PRUNED = ("conv2d", "fully_connected")  # filters first, input channels last; a depthwise filter has one channel


def pruned(graph: Graph, pattern: str) -> Graph:
    """Return a graph whose weights of least magnitude are zero; nothing is trained again, so expect a loss of accuracy.

    Parameters
    ----------
    pattern : str
        "2:4" keeps the 2 largest of every 4 input channels side by side, in tensors whose channels are a multiple of 4
        (A. Mishra et al., arXiv 2104.08378); "0.8" zeroes that share of every tensor's weights.

    Raises
    ------
    AccelsimError
        A pattern that is neither.
    """
    keep, of, share = _pattern(pattern)
    names = {node.inputs[1] for node in graph.nodes if node.operator in PRUNED and len(node.inputs) > 1}
    tensors = dict(graph.tensors)
    for name in names:
        tensor = tensors.get(name)
        if tensor is None or not tensor.is_constant or (of and tensor.shape[-1] % of):
            continue
        gone = _smallest_of_groups(_magnitudes(tensor), keep, of) if of else _smallest(_magnitudes(tensor), share)
        tensors[name] = replace(tensor, values=_without(tensor, gone), structure=None)
    return replace(graph, tensors=tensors)


def _pattern(pattern: str) -> tuple[int, int, float]:
    groups = re.fullmatch(r"(\d+):(\d+)", pattern)
    if groups and 0 < int(groups[1]) < int(groups[2]):
        return int(groups[1]), int(groups[2]), 0.0
    if re.fullmatch(r"0?\.\d+", pattern) and float(pattern) > 0:
        return 0, 0, float(pattern)
    raise AccelsimError("--prune", f"'{pattern}' is neither N:M with N below M nor a share between 0 and 1", "such as 2:4 or 0.8")


def _along(tensor: Tensor, figures: np.ndarray) -> np.ndarray:
    """Return scales or zero points shaped to stand beside a tensor's values."""
    shape = [1] * len(tensor.shape)
    shape[tensor.quantization.axis] = -1
    return figures.reshape(shape if figures.size > 1 else [1] * len(shape))


def _magnitudes(tensor: Tensor) -> np.ndarray:
    """Return the weights' real magnitudes, shape of the tensor, float32."""
    values = tensor.values.astype(np.float32)
    if tensor.quantization is None:
        return np.abs(values)
    q = tensor.quantization
    return np.abs((values - _along(tensor, q.zero_point.astype(np.float32))) * _along(tensor, q.scale))


def _smallest_of_groups(magnitudes: np.ndarray, keep: int, of: int) -> np.ndarray:
    """Return where all but the largest of each group of input channels stand; of equals the first stays."""
    columns = np.ascontiguousarray(magnitudes.reshape(-1, of).T)
    rank = np.zeros(columns.shape, np.uint8)
    for i in range(of):
        rank += columns[i] > columns
        rank[i + 1 :] += columns[i] == columns[i + 1 :]
    return (rank >= keep).T.reshape(magnitudes.shape)


def _smallest(magnitudes: np.ndarray, share: float) -> np.ndarray:
    """Return where the smallest share of a tensor stands."""
    flat = magnitudes.reshape(-1)
    gone = np.zeros(flat.size, bool)
    count = int(share * flat.size)
    gone[np.argpartition(flat, count)[:count]] = True
    return gone.reshape(magnitudes.shape)


def _without(tensor: Tensor, gone: np.ndarray) -> np.ndarray:
    zero = 0 if tensor.quantization is None else _along(tensor, tensor.quantization.zero_point)
    return np.where(gone, zero, tensor.values).astype(tensor.values.dtype)
