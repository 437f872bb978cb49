"""Chip files: what is wrong is one line, what is right carries its sources, families do not repeat themselves."""

import copy
from pathlib import Path

import pytest
import yaml
from broken_chips import BROKEN, WHOLE
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.base.errors import AccelsimError
from accelsim.base.paths import data_folder
from accelsim.hardware.chip import Chip
from accelsim.hardware.chip_files import chip_names, find_chip, load_chip_file

SHIPPED = {name: (data_folder("hwconfigs") / "chips" / f"{name}.yaml").read_text() for name in chip_names()}


def write(folder: Path, text: str | bytes, name: str = "tiny") -> str:
    path = folder / f"{name}.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def refusal(path: str, *overrides: str) -> str:
    with pytest.raises(AccelsimError) as caught:
        load_chip_file(path, overrides)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_whole_file_loads(tmp_path):
    assert load_chip_file(write(tmp_path, WHOLE)).units["npu"].rows == 4


@pytest.mark.parametrize("found, put, says", BROKEN)
def test_a_broken_chip_file_gives_one_line_with_place_value_rule_and_guess(tmp_path, found, put, says):
    assert found in WHOLE
    path = write(tmp_path, WHOLE.replace(found, put, 1))
    message = refusal(path)
    assert message.startswith(path + ": ")
    rest = message
    for words in says.split(" ... "):
        assert words in rest
        rest = rest.partition(words)[2]


def test_there_are_enough_broken_files():
    assert len({(found, put) for found, put, _ in BROKEN}) >= 100


@pytest.mark.parametrize(
    "content, says",
    [
        (bytes(range(256)), "is not UTF-8 text (byte 128)"),
        (b"", "holds nothing, not a mapping"),
        (b"- a\n- b", "holds list, not a mapping"),
        (b"3", "holds int, not a mapping"),
        (b"title: \0", "is not YAML"),
        (b"#" * (5 << 20), "is larger than 4 MiB"),
        (b"title: " + b"[" * 200_000, "is nested deeper than 32 levels"),
        (b"title: " + b"{a: " * 50_000, "is nested deeper than 32 levels"),
        (b"- " * 100_000, "is nested deeper than 32 levels"),
        ("title: x".encode("utf-16"), "is not UTF-8 text"),
        (b"a: &x [1]\nb: [*x, *x]", "line 2: an alias"),
    ],
    ids=["binary", "empty", "list", "number", "null byte", "huge", "deep list", "deep mapping", "deep sequence", "utf-16", "alias"],
)
def test_what_is_no_description_is_refused_in_one_line(tmp_path, content, says):
    assert says in refusal(write(tmp_path, content))


@pytest.mark.parametrize(
    "override, says",
    [
        ("units.npu.clock", "--set units.npu.clock: is not path=value"),
        ("=3", "is not path=value"),
        ("units..rows=3", "is not path=value"),
        ("units.npux.rows=3", "'npux' is not a section there (did you mean 'npu'?)"),
        ("units.npu.rowz=3", "units.npu.rowz: is not a known key (did you mean 'rows'?)"),
        ("title.x=3", "'title' is not a section there"),
        ("units.npu.memories.0=x", "'memories' is not a section there"),
        ("units.npu=3", "units.npu: '3' is not a description"),
        ("units.npu.rows=[1", "--set units.npu.rows=[1: line 2"),
        ("units.npu.rows=*a", "an alias"),
        ("units.npu.rows=3.5", "units.npu.rows: '3.5' is not a whole number"),
        ("units.npu.clock=1", "units.npu.clock: '1' is not a quantity of frequency"),
    ],
)
def test_a_wrong_override_is_refused_in_one_line(tmp_path, override, says):
    assert says in refusal(write(tmp_path, WHOLE), override)


def test_an_override_is_an_estimate_of_the_command_line(tmp_path):
    chip = load_chip_file(write(tmp_path, WHOLE), ["units.npu.clock=500 MHz", "host=null"])
    assert chip.units["npu"].clock == 500e6 and chip.host is None
    where = chip.provenance_of("units.npu.clock")
    assert (where.grade, where.source) == ("estimated", "--set on the command line")
    assert chip.provenance_of("units.npu.rows").grade == "published"


def test_a_section_that_the_file_leaves_out_may_be_set(tmp_path):
    chip = load_chip_file(write(tmp_path, WHOLE), ["numerics.fully_connected_requantization=gemmlowp_double"])
    assert chip.file.numerics.fully_connected_requantization == "gemmlowp_double"
    assert chip.provenance_of("numerics.fully_connected_requantization").source == "--set on the command line"
    assert "'double' is not one of" in refusal(write(tmp_path, WHOLE), "numerics.requantization=double")


def test_a_file_that_is_not_there_is_refused_and_a_name_gets_a_guess():
    assert "no such chip file" in refusal("nowhere/my.yaml")
    assert "did you mean 'ethos_u55_256'" in refusal("ethos_u55_265")
    assert "no chip is called '../secret'" in refusal("../secret")


@pytest.mark.parametrize("name", chip_names())
def test_every_shipped_chip_loads_and_says_where_its_figures_come_from(name):
    chip = load_chip_file(name)
    assert chip.name == name and chip.title
    for path in [f"units.{n}.clock" for n, u in chip.units.items() if u.clock] + [f"memories.{n}.bandwidth" for n, m in chip.memories.items() if m.bandwidth]:
        where = chip.provenance_of(path)
        assert where.source and where.source != "not stated"


CHILD = """extends: tiny
title: Child
units:
  npu:
    rows: 8
    clock: {value: 2 GHz, source: "a data sheet", grade: derived}
"""


def test_a_child_has_its_parents_values_where_it_states_none(tmp_path):
    write(tmp_path, WHOLE)
    chip = load_chip_file(write(tmp_path, CHILD, "child"))
    assert (chip.name, chip.title, chip.units["npu"].rows, chip.units["npu"].cols, chip.units["npu"].clock) == ("child", "Child", 8, 4, 2e9)


def test_a_childs_plain_value_does_not_inherit_the_source_of_the_parents(tmp_path):
    write(tmp_path, WHOLE)
    chip = load_chip_file(write(tmp_path, CHILD, "child"))
    assert chip.provenance_of("units.npu.cols").source == "a paper"
    assert (chip.provenance_of("units.npu.rows").source, chip.provenance_of("units.npu.rows").grade) == ("not stated", "estimated")
    assert (chip.provenance_of("units.npu.clock").source, chip.provenance_of("units.npu.clock").grade) == ("a data sheet", "derived")


def test_a_unit_of_another_kind_replaces_its_parents_whole(tmp_path):
    write(tmp_path, WHOLE)
    child = "extends: tiny\ntitle: Child\nunits:\n  npu: {kind: vector_unit, clock: 1 GHz, memories: [sram], vector_bits: 64, rates: {mac: 1.0}}\n"
    assert load_chip_file(write(tmp_path, child, "child")).units["npu"].vector_bits == 64


def test_null_takes_a_parents_entry_away(tmp_path):
    write(tmp_path, WHOLE)
    chip = load_chip_file(write(tmp_path, "extends: tiny\nhost: null\nunits: {cpu: null}\n", "child"))
    assert chip.host is None and list(chip.units) == ["npu"]


def test_files_that_extend_each_other_are_refused(tmp_path):
    write(tmp_path, "extends: two\n", "one")
    assert "leads back to this file" in refusal(write(tmp_path, "extends: one\n", "two"))
    assert "leads back to this file" in refusal(write(tmp_path, "extends: self\n", "self"))


def test_a_family_is_not_endless(tmp_path):
    for generation in range(12):
        path = write(tmp_path, f"extends: g{generation - 1}\n" if generation else WHOLE, f"g{generation}")
    assert "8 are read" in refusal(path)


# What a hand or a merge tool may do to a tree: any value for any value, a key away, a key more.
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**20), st.floats(), st.text(max_size=8),
    st.sampled_from(["1 GHz", "0 B", "-1 W", "1e999 s", "4 KiB", "published", "npu", "sram", "dram", "systolic_array", "scratchpad", "dma"]),
    st.lists(st.sampled_from(["sram", "dram", 3]), max_size=3), st.dictionaries(st.sampled_from(["value", "source", "grade", "kind", "x"]), st.sampled_from([1, "a", None]), max_size=3),
)  # fmt: skip


def paths_of(node, path=()):
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield (*path, key)
            yield from paths_of(value, (*path, key))


@st.composite
def mutations(draw):
    tree = copy.deepcopy(yaml.safe_load(SHIPPED[draw(st.sampled_from(sorted(SHIPPED)))]))
    for _ in range(draw(st.integers(1, 3))):
        places = list(paths_of(tree))
        *parents, key = draw(st.sampled_from(places))
        node = tree
        for step in parents:
            node = node[step]
        what = draw(st.sampled_from(["value", "value", "value", "away", "more"]))
        if what == "value":
            node[key] = draw(ODD)
        elif what == "away":
            del node[key]
        elif isinstance(node, dict):
            node[draw(st.one_of(st.text(max_size=6), st.integers()))] = draw(ODD)
    return tree


@settings(max_examples=200)
@given(mutations())
def test_any_change_of_a_shipped_file_is_a_chip_or_one_line(tmp_path_factory, tree):
    path = write(tmp_path_factory.mktemp("mutated"), yaml.safe_dump(tree, allow_unicode=True))
    try:
        assert isinstance(load_chip_file(path), Chip)
    except AccelsimError as error:
        assert "\n" not in str(error) and len(str(error)) < 2000


@settings(max_examples=200)
@given(st.sampled_from(sorted(SHIPPED)), st.data())
def test_any_damaged_byte_of_a_shipped_file_is_a_chip_or_one_line(tmp_path_factory, name, data):
    content = bytearray(SHIPPED[name].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(load_chip_file(write(tmp_path_factory.mktemp("damaged"), bytes(content))), Chip)
    except AccelsimError as error:
        assert "\n" not in str(error)


def test_a_name_wins_no_path_and_a_path_wins_no_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_chip("ethos_u55_128").parent.name == "chips"
    write(tmp_path, WHOLE, "mine")
    assert find_chip("mine.yaml") == Path("mine.yaml")
