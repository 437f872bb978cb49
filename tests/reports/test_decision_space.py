"""Does the figure show what the chip knows?"""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import Polygon

from accelsim.base.errors import AccelsimError
from accelsim.functional.neuromem import learn
from accelsim.functional.neuromem_state import NeuroMemDevice, new_state
from accelsim.reports.decision_space import COLOURS, TINT, decision_space


@pytest.fixture
def two_neurons():
    """One at (100, 100), one at (130, 100), 30 apart under L1, with a field of 30 and of 20."""
    state = new_state(NeuroMemDevice(neurons=4))
    state.set_influence(2, 30)
    learn(state, np.array([[100, 100]], np.uint8), np.array([1]))
    state.set_influence(2, 20)
    learn(state, np.array([[130, 100]], np.uint8), np.array([2]))
    return state


def picture_of(figure):
    return np.asarray(figure.axes[0].images[0].get_array())


def tinted(colour):
    return pytest.approx(list(TINT * np.array(to_rgb(colour)) + 1 - TINT))


def test_points_take_the_colour_of_the_answer(two_neurons):
    picture = picture_of(decision_space(two_neurons, {1: "left", 2: "right"}))
    assert picture[100, 100].tolist() == tinted(COLOURS[0])
    assert picture[100, 140].tolist() == tinted(COLOURS[1])
    assert picture[100, 120].tolist() == tinted("#8C8C8C")
    assert picture[0, 0].tolist() == pytest.approx([1, 1, 1])


def test_each_neuron_has_its_outline(two_neurons):
    outlines = [patch for patch in decision_space(two_neurons, {1: "left", 2: "right"}).axes[0].patches if isinstance(patch, Polygon)]
    assert [np.ptp(outline.get_xy()[:, 0]) for outline in outlines] == [59, 39]


def test_the_picture_leaves_the_chip_as_it_was(two_neurons):
    before = two_neurons.digest()
    decision_space(two_neurons, {1: "left", 2: "right"})
    assert two_neurons.digest() == before


def test_the_legend_names_the_categories_and_only_what_is_drawn(two_neurons):
    figure = decision_space(two_neurons, {1: "left", 2: "right"})
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[:2] == ["identified: left", "identified: right"]
    assert "degenerated neuron" not in labels and "training vector" not in labels


def test_it_is_written_as_a_picture(two_neurons, tmp_path):
    examples = (np.array([[100, 100]]), np.array([1]))
    decision_space(two_neurons, {1: "left", 2: "right"}, examples).savefig(tmp_path / "space.png")
    assert (tmp_path / "space.png").read_bytes()[:4] == b"\x89PNG"


def test_more_categories_than_colours_are_refused(two_neurons):
    with pytest.raises(AccelsimError, match="8 categories are more than the 7"):
        decision_space(two_neurons, {category: str(category) for category in range(1, 9)})
