"""Whose is a unit at every moment, where layers take turns?"""

import pytest

import accelsim
from accelsim.results.own_time import overlapping, turns


@pytest.fixture(scope="module")
def cascaded():
    return accelsim.run("ethos_u65_512", "mobilenet_v2", options=accelsim.Options(execute=False))


def own_seconds(result) -> list[float]:
    seconds = [0.0] * len(result.layer_rows)
    for turn in turns(result.mapping, result.trace, result.layer_rows):
        seconds[turn.row] += turn.end_s - turn.begin_s
    return seconds


def test_a_layer_alone_has_its_unit_for_its_span():
    result = accelsim.run("ethos_u55_128", "digits_cnn", options=accelsim.Options(execute=False))
    assert own_seconds(result) == [row.seconds for row in result.layer_rows]


def test_turns_of_one_unit_do_not_overlap_and_lie_within_the_run(cascaded):
    ends: dict[str, float] = {}
    for turn in sorted(turns(cascaded.mapping, cascaded.trace, cascaded.layer_rows), key=lambda turn: turn.begin_s):
        row = cascaded.layer_rows[turn.row]
        assert turn.begin_s >= ends.get(turn.unit, 0.0) and turn.begin_s < turn.end_s
        assert turn.unit == row.unit and turn.end_s <= cascaded.latency_s
        ends[turn.unit] = turn.end_s


def test_layers_of_a_cascade_share_out_the_time_in_which_any_of_them_has_the_unit(cascaded):
    rows, own = cascaded.layer_rows, own_seconds(cascaded)
    groups = [group for group in overlapping(rows) if len(group) > 1]
    assert groups[0] == [0, 1, 2]
    for group in groups:
        whole = max(rows[i].end_s for i in group) - min(rows[i].start_s for i in group)
        assert sum(own[i] for i in group) == pytest.approx(whole)
        assert all(0 < own[i] < whole for i in group)


def test_no_layer_has_its_unit_for_less_than_it_computes(cascaded):
    clock = cascaded.units["npu"]["clock_hz"]
    for row, seconds in zip(cascaded.layer_rows, own_seconds(cascaded), strict=True):
        if row.unit == "npu":
            assert seconds >= row.cycles / clock * (1 - 1e-9)
