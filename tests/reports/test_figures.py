"""Do the figures show the run's own numbers, readably?"""

from itertools import combinations

import matplotlib.text
import numpy as np
import pytest

import accelsim
from accelsim.base.errors import AccelsimError
from accelsim.reports import figures

PAIRS = (("ethos_u55_128", "digits_cnn"), ("systolic_npu", "mobilenet_v2"), ("cortex_a53", "digits_cnn"))


@pytest.fixture(scope="module")
def results():
    return {pair: accelsim.run(*pair, options=accelsim.Options(execute=False)) for pair in PAIRS}


def _texts(figure) -> list:
    """Return the texts that are drawn, with their boxes; slanted ones apart, whose boxes are not theirs."""
    figure.draw_without_rendering()
    found = [text for text in figure.findobj(matplotlib.text.Text) if text.get_visible() and text.get_text().strip() and text.get_rotation() % 90 == 0]
    unseen = {id(label) for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()) if not _seen(axis, tick) for label in (tick.label1, tick.label2)}  # fmt: skip
    return [(text, text.get_window_extent()) for text in found if id(text) not in unseen]


def _seen(axis, tick) -> bool:
    low, high = sorted(axis.get_view_interval())
    return low <= tick.get_loc() <= high


@pytest.mark.parametrize("width", [6.6, 3.5])
@pytest.mark.parametrize("name", figures.__all__)
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_no_text_of_a_figure_covers_another_or_leaves_it(results, pair, name, width):
    figure = getattr(figures, name)(results[pair], width=width)
    texts = _texts(figure)
    page = figure.bbox.padded(1)
    assert [text.get_text() for text, box in texts if box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1] == []
    assert [(a.get_text(), b.get_text()) for (a, box), (b, other) in combinations(texts, 2) if box.padded(-1.5).overlaps(other.padded(-1.5))] == []


@pytest.mark.parametrize("name", figures.__all__)
def test_the_same_figure_is_the_same_file(results, name, tmp_path):
    draw = getattr(figures, name)
    for path in ("a.svg", "b.svg", "a.pdf", "a.png"):
        draw(results[PAIRS[0]], theme="dark").save(tmp_path / path)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF") and (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_energy_bars_add_up_to_the_energy(results):
    result = results[PAIRS[0]]
    axis = figures.energy(result).axes[0]
    assert sum(bar.get_width() for bar in axis.patches) * 1e-6 == pytest.approx(result.energy_j["total"])


def test_the_shares_of_every_layer_add_up_to_all_of_its_time(results):
    axis = figures.bounds(results[PAIRS[1]]).axes[0]
    heights: dict[float, float] = {}
    for corners in [path.vertices for part in axis.collections for path in part.get_paths()]:
        left, low, high = corners[0, 0], corners[:, 1].min(), corners[:, 1].max()
        heights[left] = heights.get(left, 0.0) + high - low
    assert len(heights) == len(results[PAIRS[1]].layer_rows) + 1
    assert list(heights.values()) == pytest.approx([100.0] * len(heights))


def test_every_part_of_an_energy_has_its_own_colour():
    from accelsim.reports.figures._colours import colour_of
    from accelsim.studies.rbf_run import run_data_set

    learned = run_data_set("nm500", "iris")
    tones = [colour_of(learned, name) for name in learned.energy_by_component]
    assert len(tones) == len(set(tones)) == 4 and colour_of(learned, "static") == "grey"


def test_layers_stand_under_the_peak_of_their_unit(results):
    axis = figures.roofline(results[PAIRS[1]]).axes[0]
    rates = np.concatenate([points.get_offsets()[:, 1] for points in axis.collections])
    assert rates.max() <= 2 * 256 * 1e9 * (1 + 1e-9)


def test_every_tensor_has_its_box_in_the_arena(results):
    result = results[PAIRS[0]]
    boxes = figures.memory(result).axes[0].collections[0].get_paths()
    assert len(boxes) == sum(home == "sram" for name, home in result.mapping.homes.memory.items() if name in result.mapping.homes.offset and name in result.mapping.homes.lives)


def test_a_picture_has_one_of_three_forms(results, tmp_path):
    with pytest.raises(AccelsimError, match="png, svg, pdf"):
        figures.energy(results[PAIRS[0]]).save(tmp_path / "energy.bmp")


def test_a_chip_without_energy_table_says_so():
    result = accelsim.run(accelsim.load_chip("ethos_u55_128", ["energy=null"]), "digits_cnn", options=accelsim.Options(execute=False))
    with pytest.raises(AccelsimError, match="names no energy table"):
        figures.power(result)
