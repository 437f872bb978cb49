"""Does the command line run spiking chips, and tell what is wrong in one line?"""

import json
import os

import numpy as np
import pytest
from click.testing import CliRunner

from accelsim.cli import main
from accelsim.importers.datasets import load_dataset

needs_jit = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="minutes without the compiler")
MODEL = "digits_cnn_float32"


def invoke(*arguments: str):
    return CliRunner().invoke(main, list(arguments))


@needs_jit
def test_a_trained_network_runs_as_spikes(tmp_path):
    test = load_dataset("digits")
    np.savez(tmp_path / "few.npz", x=test.inputs[:6], y=test.labels[:6])
    outputs = [item for name in ("json", "csv", "trace") for item in (f"--{name}", str(tmp_path / name))]
    outcome = invoke("run", "loihi_calibrated", MODEL, "--data", str(tmp_path / "few.npz"), "--steps", "24", "--save", str(tmp_path / "saved"), *outputs)
    assert outcome.exit_code == 0, outcome.output
    for words in ("against steps:", "busiest", "grades: latency", "synaptic events"):
        assert words in outcome.output
    result = json.loads((tmp_path / "json").read_text())
    assert result["spiking"]["steps"] == 24 and len(result["spiking"]["accuracy_by_step"]) == 24 and result["accuracy"]["items"] == 6
    assert result["energy_j"]["total"] > 0 and result["latency_s"] > 0 and result["rbf"] is None
    from accelsim import load_result

    assert load_result(str(tmp_path / "saved")).to_dict()["spiking"] == result["spiking"]
    assert any(event.get("cat") == "compute" for event in json.loads((tmp_path / "trace").read_text())["traceEvents"])


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("run", "loihi", "digits"), "'digits' is a data set and 'loihi' runs networks"),
        (("run", "loihi", MODEL, "--data", "digits", "--k", "3"), "--k: is not of spiking chips"),
        (("run", "loihi", MODEL, "--data", "digits", "--batch", "2"), "--batch: is not of spiking chips"),
        (("run", "ethos_u55_128", "digits_cnn", "--steps", "5"), "--steps: is of spiking chips"),
        (("run", "nm500", "digits", "--steps", "5"), "--steps: is of spiking chips"),
        (("run", "ethos_u55_128", "net.nir"), "net.nir: is a spiking network, not a graph of operators"),
        (("run", "loihi", "net.nir"), "net.nir: no such model file"),
        (("run", "loihi", MODEL), "a conversion balances thresholds on a data set"),
        (("map", "loihi", "digits_cnn"), "spiking cores run spiking networks; they do no Contraction"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(arguments, message):
    outcome = invoke(*arguments)
    assert outcome.exit_code == 2
    assert message in outcome.output and outcome.output.count("\n") == 1, outcome.output


def test_the_spiking_chips_are_listed_and_correct():
    listed = invoke("chips").output
    for name in ("loihi", "loihi_calibrated", "loihi2", "zeroth"):
        assert f" {name} " in listed
        assert invoke("check", name).exit_code == 0
