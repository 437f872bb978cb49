"""The binary CNV network of BNN-PYNQ: packed weight bits ``w0``..``w8`` and integer thresholds ``t0``..``t7`` in one .npz.

Bits lie least significant first, 1 for +1 and 0 for -1; a filter's bits run over (height, width, channel). A layer's output
is 1 where the places that agree number more than the threshold; in the first layer, of 8-bit inputs in 1/128, where twice
the sum is more.

Source: Y. Umuroglu et al., "FINN", arXiv:1612.07119, section 5 (CNV); Xilinx BNN-PYNQ, ``bnn/params/cifar10/cnvW1A1``.
"""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.graph import Graph
from accelsim.graph.numerics import TFLITE_REFERENCE
from accelsim.graph.tensor import Quantization
from accelsim.importers._chain import Chain

IMAGE = 32
CONVOLUTIONS, LAYERS = 6, 9
POOLED = (1, 3)
CLASSES = 10
LABELS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def load(path: Path, place: str) -> Graph:
    """Return the network of a BNN-PYNQ archive.

    Raises
    ------
    AccelsimError
        Not a readable archive, or its arrays do not form the CNV network.
    """
    arrays = _arrays(path, place)
    chain, channels, extent = Chain(), 3, IMAGE
    codes = Quantization(np.array([1 / 128], np.float32), np.zeros(1, np.int64))
    x = chain.input("image", (1, extent, extent, channels), "int8", codes)
    for layer in range(LAYERS):
        depth = 9 * channels if layer < CONVOLUTIONS else channels * extent * extent
        signs = _signs(arrays, layer, depth, place)
        if layer < CONVOLUTIONS:
            weights = chain.constant(f"filters_{layer}", signs.reshape(-1, 3, 3, channels), "binary")
            x = chain.node("conv2d", f"sums_{layer}", [x, weights], "int32")
            extent -= 2
        else:
            weights = chain.constant(f"weights_{layer}", signs, "binary")
            x = chain.node("fully_connected", f"sums_{layer}", [x, weights], "int32")
            extent = 1
        channels = signs.shape[0]
        if layer == LAYERS - 1:
            break
        limits = chain.constant(f"thresholds_{layer}", _limits(arrays, layer, depth, channels, place))
        x = chain.node("multi_threshold", f"signs_{layer}", [x, limits], "binary")
        if layer in POOLED:
            x = chain.node("max_pool2d", f"pooled_{layer}", [x], window=(2, 2), stride=(2, 2))
            extent //= 2
    chain.node("box_slice", "scores", [x], begin=(0, 0), size=(1, CLASSES))
    note = f"the last layer's {channels} rows are padding beyond the {CLASSES} classes"
    return replace(chain.graph(path.stem, ["image"], ["scores"], TFLITE_REFERENCE, place, (note,)), labels=LABELS)


def _arrays(path: Path, place: str) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise AccelsimError(place, "is not a NumPy .npz archive of plain arrays, or it is truncated") from error
    wanted = {*(f"w{i}" for i in range(LAYERS)), *(f"t{i}" for i in range(LAYERS - 1))}
    if wanted - set(arrays):
        missing = ", ".join(sorted(wanted - set(arrays)))
        raise UnsupportedError(place, f"has no array {missing}", "of .npz files only BNN-PYNQ's CNV networks are read as models")
    return arrays


def _signs(arrays: dict[str, np.ndarray], layer: int, depth: int, place: str) -> np.ndarray:
    """Return a layer's weights as -1 and 1, shape (filters, depth)."""
    packed = arrays[f"w{layer}"]
    if packed.dtype != np.uint8 or packed.ndim != 2 or packed.shape[1] != -(-depth // 8):
        raise AccelsimError(f"{place}: array 'w{layer}'", f"is {packed.dtype} {packed.shape}, not uint8 (filters, {-(-depth // 8)})")
    bits = np.unpackbits(packed, axis=1, bitorder="little")[:, :depth]
    return (2 * bits.astype(np.int8) - 1).astype(np.int8)


def _limits(arrays: dict[str, np.ndarray], layer: int, depth: int, filters: int, place: str) -> np.ndarray:
    """Return the smallest sums that give 1, shape (filters, 1)."""
    thresholds = arrays[f"t{layer}"].astype(np.int64)
    if thresholds.shape != (filters,):
        raise AccelsimError(f"{place}: array 't{layer}'", f"has shape {thresholds.shape}, not ({filters},)")
    smallest = thresholds // 2 + 1 if layer == 0 else 2 * thresholds - depth + 1
    return smallest.astype(np.int32)[:, None]
