"""Do knowledge files keep a network, and are broken ones refused in one line?"""

import struct

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.functional.neuromem import learn, recognise
from accelsim.functional.neuromem_knowledge import load_knowledge, save_knowledge
from accelsim.functional.neuromem_state import NeuroMemDevice, new_state

SMALL = NeuroMemDevice(neurons=20, components=8)


def taught():
    rng = np.random.default_rng(1)
    state = new_state(SMALL)
    for context, norm in ((1, "l1"), (3, "lsup")):
        state.set_context(context, norm)
        learn(state, rng.integers(0, 9, (12, 8)).astype(np.uint8), rng.integers(1, 4, 12))
    return state


@pytest.mark.parametrize(("layout", "header", "neuron"), [("api", 16, 4 * 12), ("compact", 8, 8 + 8)])
def test_a_saved_network_loads_as_it_was(tmp_path, layout, header, neuron):
    state, path = taught(), tmp_path / "lines.knf"
    save_knowledge(state, path, layout)
    again = load_knowledge(path, SMALL, layout)
    known = state.committed
    assert path.stat().st_size == header + neuron * known.sum()
    for name in ("memory", "contexts", "categories", "influence", "minimum_influence"):
        np.testing.assert_array_equal(getattr(again, name)[known], getattr(state, name)[known])
    for chain in (state, again):
        chain.set_context(0)
    probes = np.arange(80, dtype=np.uint8).reshape(10, 8) % 9
    np.testing.assert_array_equal(recognise(again, probes, 3).category, recognise(state, probes, 3).category)


def test_the_api_layout_is_that_of_the_manual(tmp_path):  # API manual p. 12-13
    state = new_state(NeuroMemDevice(neurons=2, components=4))
    learn(state, np.array([[1, 2, 3, 4]], np.uint8), np.array([55]))
    save_knowledge(state, tmp_path / "one.knf")
    assert struct.unpack("<12i", (tmp_path / "one.knf").read_bytes()) == (0x1704, 4, 1, 0, 1, 1, 2, 3, 4, 0x4000, 2, 55)


def test_a_full_nm500_takes_264_bytes_a_neuron_in_the_compact_layout(tmp_path):  # NeuroShield guide p. 9-10
    state = new_state()
    learn(state, np.zeros((1, 256), np.uint8), np.array([1]))
    save_knowledge(state, tmp_path / "one.knf", "compact")
    assert (tmp_path / "one.knf").stat().st_size == 8 + 264


def test_a_smaller_neuron_loads_into_a_larger_one(tmp_path):
    save_knowledge(taught(), tmp_path / "small.knf")
    assert load_knowledge(tmp_path / "small.knf").committed.sum() == taught().committed.sum()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: data[:-1], "cut short or damaged"),
        (lambda data: data + b"\0", "cut short or damaged"),
        (lambda data: data[:7], "too short for a knowledge file's header of 16"),
        (lambda data: b"\x00" + data[1:], "format 0x1700 is not 0x1704"),
        (lambda data: data[:8] + struct.pack("<I", 21) + data[12:], "21 neurons of 8 components do not fit 20 neurons of 8"),
        (lambda data: data[:20] + struct.pack("<I", 256) + data[24:], "neuron 1: memory 256 is above 255"),
        (lambda data: data[:60] + struct.pack("<I", 0) + data[64:], "neuron 1: has no category"),
    ],
)
def test_a_broken_file_is_refused_with_its_fault(tmp_path, spoil, says):
    path = tmp_path / "broken.knf"
    save_knowledge(taught(), path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(AccelsimError) as caught:
        load_knowledge(path, SMALL)
    assert says in str(caught.value) and "\n" not in str(caught.value) and "broken.knf" in str(caught.value)


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "kept.knf"
    save_knowledge(taught(), path)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(AccelsimError, match="No space left"):
        save_knowledge(new_state(SMALL), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_file_or_folder_is_one_line(tmp_path):
    with pytest.raises(AccelsimError, match="cannot be read"):
        load_knowledge(tmp_path / "none.knf")
    with pytest.raises(AccelsimError, match="cannot be written"):
        save_knowledge(new_state(SMALL), tmp_path / "no" / "folder.knf")
