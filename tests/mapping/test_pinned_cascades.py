"""A saved mapping with cascades is kept to, and one that cannot be done is refused."""

import pytest

from accelsim.base.errors import AccelsimError
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.mapping.pins import load_pins, save_pins
from accelsim.pipeline import load_chip


@pytest.fixture(scope="module")
def mapped():
    return map_graph(load_graph("mobilenet_v2"), load_chip("ethos_u65_512"))


def pinned(path, mapping):
    return map_graph(load_graph("mobilenet_v2"), mapping.chip, load_pins(path))


def test_a_saved_mapping_has_the_same_cascades(tmp_path, mapped):
    save_pins(mapped, tmp_path / "m.yaml")
    again = pinned(tmp_path / "m.yaml", mapped)
    assert mapped.homes.cascades and again.homes.cascades == mapped.homes.cascades


def test_layers_that_are_not_one_behind_the_other_are_refused_by_name(tmp_path, mapped):
    path = tmp_path / "m.yaml"
    path.write_text("layers:\n  stem: {order: cascade, tile: 4, cascade: a}\n  block0/project: {order: cascade, tile: 4, cascade: a}\n")
    with pytest.raises(AccelsimError, match=r"cascade 'a'.*one behind the other on one unit"):
        pinned(path, mapped)


def test_a_layer_without_rows_is_refused_by_name(tmp_path, mapped):
    path = tmp_path / "m.yaml"
    last, before = mapped.choices[-2].layer.name, mapped.layers[mapped.choices[-2].layer.index - 1].name
    path.write_text(f"layers:\n  {before}: {{order: cascade, tile: 1, cascade: a}}\n  {last}: {{order: cascade, tile: 1, cascade: a}}\n")
    with pytest.raises(AccelsimError, match=r"cascade 'a'"):
        pinned(path, mapped)


def test_a_cascade_without_a_name_is_refused(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text("layers:\n  stem: {order: cascade, tile: 4}\n")
    with pytest.raises(AccelsimError, match=r"layers.stem: order cascade and the name of a cascade go together"):
        load_pins(path)
