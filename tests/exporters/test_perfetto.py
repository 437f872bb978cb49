"""Does a trace show every network's work under its name?"""

import json

import pytest
from click.testing import CliRunner

from accelsim import together
from accelsim.cli import main
from accelsim.exporters import perfetto
from accelsim.mapping.plan import MILESTONE

TASKS = ("mobilenet_v2@gpu", "squeezenet1_1@dla0")


@pytest.fixture(scope="module")
def found():
    return together("jetson_agx_xavier", TASKS, frames=2)


@pytest.fixture(scope="module")
def events(found):
    return perfetto.events_of_several(found.trace, found.mapping.mappings, ("first", "second"), found.chip)


def tracks(events) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    for event in events:
        if event["ph"] == "M":
            names.setdefault(event["pid"], []).append(event["args"]["name"])
    return names


def test_each_network_has_its_servers_as_tracks_and_the_chip_its_bandwidths(events):
    of_the_dla = ["sram0.read", "sram0.write", "dma0"]  # its managed SRAM
    assert tracks(events) == {1: ["first", "gpu", "cpu", "dram"], 2: ["second", "cpu", "dram", *of_the_dla, "dla0"], 3: ["jetson_agx_xavier: bandwidth of all"]}
    assert {event["name"] for event in events if event["ph"] == "C"} == {f"{name} [GB/s]" for name in ("dram", *of_the_dla)} and {event["pid"] for event in events if event["ph"] == "C"} == {3}


def test_each_span_bears_the_name_of_a_layer_of_its_own_network(found, events):
    for k, mapping in enumerate(found.mapping.mappings):
        spans = [event for event in events if event["ph"] == "X" and event["pid"] == k + 1 and event["cat"] == "compute"]
        computed = {choice.layer.name for choice in mapping.choices}
        assert {event["name"] for event in spans if event["args"]["operator"]} == computed


def test_the_shared_channel_serves_one_network_at_a_time(events):
    dram = next(event["tid"] for event in events if event["ph"] == "M" and event["args"]["name"] == "dram")
    spans = sorted((event["ts"], event["ts"] + event["dur"]) for event in events if event["ph"] == "X" and event["tid"] == dram)
    assert all(end <= begin + 1e-9 for (_, end), (begin, _) in zip(spans, spans[1:], strict=False))


def test_no_task_is_left_out(found, events):
    assert sum(event["ph"] == "X" for event in events) == (found.trace.plan.role != MILESTONE).sum()


def test_the_commands_write_a_trace(tmp_path):
    for words, processes in ((["together", "jetson_agx_xavier", "--task", "digits_cnn@gpu", "--task", "digits_cnn@dla0", "--frames", "1"], 3), (["stages", "jetson_agx_xavier", "digits_cnn", "--pipeline", "gpu:dla0", "--frames", "2"], 3)):
        path = tmp_path / f"{words[0]}.json"
        outcome = CliRunner().invoke(main, [*words, "--trace", str(path)])
        assert outcome.exit_code == 0, outcome.output
        assert len(tracks(json.loads(path.read_text())["traceEvents"])) == processes
