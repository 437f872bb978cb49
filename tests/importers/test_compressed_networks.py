"""Networks stored as packed bits or as pruned codebook indices: read exactly, refused in one line where damaged."""

import struct

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.importers import load_graph
from accelsim.importers.bnn_pynq import load as load_bnn
from accelsim.importers.deep_compression import ENTRIES, layers, read_weights
from accelsim.operators import macs_of

WIDTHS = (64, 64, 128, 128, 256, 256, 512, 512, 64)


def binary_arrays(seed: int = 0) -> dict[str, np.ndarray]:
    rng, arrays, channels = np.random.default_rng(seed), {}, 3
    for layer, filters in enumerate(WIDTHS):
        depth = 9 * channels if layer < 6 else channels
        arrays[f"w{layer}"] = rng.integers(0, 256, (filters, -(-depth // 8))).astype(np.uint8)
        arrays[f"t{layer}"] = rng.integers(0, depth, filters)
        channels = filters
    del arrays["t8"]
    return arrays


def test_packed_bits_become_a_binary_network(tmp_path):
    np.savez(tmp_path / "net.npz", **binary_arrays())
    graph = load_graph(str(tmp_path / "net.npz"))
    assert macs_of(graph) == 59_489_024
    weights = [t for t in graph.constants() if t.dtype == "binary"]
    assert sum(t.elements for t in weights) == 1_570_496 and set(np.unique(weights[1].values)) == {-1, 1}
    assert sum(t.bytes for t in weights) == 1_570_496 // 8


def test_a_missing_array_and_a_wrong_shape_are_named(tmp_path):
    arrays = binary_arrays()
    np.savez(tmp_path / "short.npz", **{name: value for name, value in arrays.items() if name != "w3"})
    with pytest.raises(UnsupportedError, match="has no array w3"):
        load_bnn(tmp_path / "short.npz", "short.npz")
    np.savez(tmp_path / "wrong.npz", **(arrays | {"w4": arrays["w4"][:, :-1]}))
    with pytest.raises(AccelsimError, match=r"array 'w4'.*not uint8 \(filters, 144\)"):
        load_bnn(tmp_path / "wrong.npz", "wrong.npz")
    (tmp_path / "torn.npz").write_bytes((tmp_path / "wrong.npz").read_bytes()[:500])
    with pytest.raises(AccelsimError, match="truncated"):
        load_bnn(tmp_path / "torn.npz", "torn.npz")


def compressed(stored: int = 3) -> bytes:
    """Return a file in which every layer keeps ``stored`` weights, 16, 32, 48... places apart, all of codebook entry 2."""
    shapes = list(layers())
    data = struct.pack(f"<{len(shapes)}I", *[stored] * len(shapes))
    for _, filters, _, _ in shapes:
        data += np.arange(ENTRIES, dtype="<f4").tobytes() + np.full(filters, 0.5, "<f4").tobytes()
        data += bytes([2] * stored) + bytes([0xFF] * -(-stored // 2))
    return data


def test_a_weight_stands_one_more_than_its_step_behind_the_last():
    filters, bias, structure = read_weights(compressed(), "x.net")["conv1"]
    flat = filters.transpose(0, 3, 1, 2).ravel()
    assert np.flatnonzero(flat).tolist() == [15, 31, 47] and flat[15] == 2.0 and bias[0] == 0.5
    assert structure.kind == "codebook" and structure.stored_bytes == 4 * ENTRIES + 3 + 2
    assert dict(structure.detail) == {"entries": 256, "index_bits": 8, "step_bits": 4, "non_zero": 3}


@pytest.mark.parametrize(("damage", "words"), [(lambda d: d[:50], "truncated"), (lambda d: d[:-9], "damaged"), (lambda d: d + b"!", "another network")])
def test_a_damaged_compressed_file_is_one_line(damage, words):
    with pytest.raises(AccelsimError, match=words) as caught:
        read_weights(damage(compressed()), "x.net")
    assert "\n" not in str(caught.value)
