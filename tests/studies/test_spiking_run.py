"""Is a spiking run's time and energy that of its events, and its accuracy that of its classes?"""

import os
from pathlib import Path

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.hardware.spiking_service import ACTIONS
from accelsim.importers.datasets import load_dataset
from accelsim.pipeline import load_chip, run
from accelsim.results.power import power_over_time
from accelsim.studies.spiking_figures import write_spiking_figures
from accelsim.studies.spiking_run import Frames, run_spiking
from accelsim.studies.spiking_shown import Presentation

needs_jit = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="minutes without the compiler")
MODEL, STEPS = "digits_cnn_float32", 40
SNN = Path(__file__).resolve().parents[3] / "shared" / "models" / "snn"
BOOTSTRAP = SNN / "lava_bootstrap_mnist_network.net"
needs_lava = pytest.mark.skipif(not BOOTSTRAP.exists(), reason="the MNIST network of lava-dl is not there (../shared/models/snn)")


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """Return a file of twelve test digits."""
    test = load_dataset("digits")
    path = tmp_path_factory.mktemp("data") / "twelve.npz"
    np.savez(path, x=test.inputs[:12], y=test.labels[:12])
    return str(path)


@pytest.fixture(scope="module")
def result(digits):
    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        pytest.skip("minutes without the compiler")
    return run_spiking("loihi", MODEL, Presentation(steps=STEPS, data=digits))


def test_accuracy_is_that_of_the_last_step_and_comes_with_time(result):
    by_step = result.spiking["accuracy_by_step"]
    assert len(by_step) == STEPS and by_step[-1] == result.accuracy["top1"] >= 10 / 12 and by_step[0] < 0.5
    assert (np.diff(result.spiking["events_by_step"]) >= 0).all()


def test_time_is_the_sum_of_the_steps(result):
    assert result.latency_s == pytest.approx(result.mapping.steps.sum(axis=1).mean() * 1e-12, rel=1e-12)
    assert result.latency_s == pytest.approx(STEPS * result.spiking["step"]["mean_s"])
    step = result.spiking["step"]
    assert step["mean_s"] >= max(step["slowest_core_neurons_s"], step["slowest_core_messages_s"]) + step["barrier_s"] - 1e-12


def test_energy_is_counts_times_the_files_figures(result):
    spiking, costs = result.spiking, load_chip("loihi").units["cores"].costs
    joules = spiking["joules_by_action"]
    events = sum(value for action, value in joules.items() if action.startswith("synaptic_event"))
    assert events == pytest.approx(spiking["synaptic_events"] * 23.6e-12)
    # A neuron from which a spike subtracts is two compartments.
    assert joules["neuron_access"] == pytest.approx(spiking["neuron_visits"] * 2 * costs.access_energy)
    assert joules["neuron_update"] == pytest.approx(spiking["neuron_updates"] * 2 * costs.update_energy)
    assert sum(joules.values()) == pytest.approx(result.energy_j["dynamic"])
    assert result.energy_j["static"] == pytest.approx(0.104 * result.latency_s)
    assert set(joules) <= set(ACTIONS)


def test_power_over_time_holds_every_joule(result):
    power = power_over_time(result)
    seconds = np.diff(power.edges)
    assert (power.total * seconds).sum() == pytest.approx(result.energy_j["total"] * result.request.frames, rel=1e-6)


def test_populations_add_up(result):
    rows = result.spiking["populations"]
    assert sum(row["neurons"] for row in rows) == result.spiking["neurons"]
    assert sum(row["synaptic_events"] for row in rows) == pytest.approx(result.spiking["synaptic_events"])
    assert sum(row["spikes"] for row in rows) == pytest.approx(result.spiking["spikes"])
    assert sum(row["neurons"] for row in result.spiking["core_load"]) == result.spiking["neurons"]


def test_both_engines_and_two_runs_give_one_result(digits, result):
    other = run_spiking("loihi", MODEL, Presentation(steps=STEPS, data=digits), engine="event").to_dict()
    assert {key: value for key, value in result.to_dict().items() if key != "engine"} == {key: value for key, value in other.items() if key != "engine"}


@needs_jit
def test_inferences_that_come_too_fast_wait(digits):
    slow = run_spiking("loihi", MODEL, Presentation(steps=8, data=digits), Frames(6, rate=10.0))
    fast = run_spiking("loihi", MODEL, Presentation(steps=8, data=digits), Frames(6, rate=1e5))
    assert slow.latency_p99_s < 1.5 * slow.latency_s and fast.latency_p99_s > 3 * fast.latency_s and slow.latency_s == fast.latency_s


@needs_jit
def test_a_slower_barrier_is_later_by_its_steps(digits):
    shown = Presentation(steps=8, data=digits)
    late = run_spiking(load_chip("loihi", ["units.cores.mesh.barrier.times=[1 us, 1 us]"]), MODEL, shown)
    early = run_spiking(load_chip("loihi", ["units.cores.mesh.barrier.times=[0 us, 0 us]"]), MODEL, shown)
    assert late.latency_s - early.latency_s == pytest.approx(8e-6)


@needs_jit
def test_a_busy_population_on_more_cores_shortens_the_steps_and_changes_no_class(digits, result):
    spread = run_spiking("loihi", MODEL, Presentation(steps=STEPS, data=digits, cores=("add5=8",)))
    assert spread.spiking["cores_used"] == result.spiking["cores_used"] + 6
    assert spread.latency_s < 0.6 * result.latency_s and spread.outputs == result.outputs
    assert spread.spiking["synaptic_events"] == result.spiking["synaptic_events"] and spread.spiking["messages"] > result.spiking["messages"]


@needs_jit
def test_figures_are_drawn(digits, result, tmp_path):
    paths = write_spiking_figures(load_chip("loihi"), MODEL, Presentation(steps=STEPS, data=digits), result, tmp_path)
    assert [path.name for path in paths] == ["raster.png", "membranes.png", "cores.png", "energy.png"] and all(path.stat().st_size > 5000 for path in paths)


@needs_lava
@needs_jit
def test_a_lava_network_runs_as_the_chip_times_it(tmp_path):
    result = run_spiking("loihi_calibrated", str(BOOTSTRAP), Presentation(steps=10))
    assert (result.spiking["neurons"], result.spiking["readout"], result.spiking["arithmetic"]) == (1818, "voltage", "integer")
    assert result.latency_s > 10 * 0.6e-6 and result.first_latency_s is None and result.cycles is None


@needs_jit
@pytest.mark.parametrize(
    "overrides, message",
    [
        (["units.cores.mesh.columns=1", "units.cores.mesh.rows=1"], "needs [0-9]+ cores but the chip has 4 .limit: cores."),
        (["units.cores.limits.axons_out=1"], "limit: axons_out"),
        (["units.cores.limits.synapse_memory=64 B"], "limit: (synapse_memory|cores)"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_limits_name(digits, overrides, message):
    with pytest.raises(AccelsimError, match=message):
        run_spiking(load_chip("loihi", overrides), MODEL, Presentation(steps=2, data=digits))


@pytest.mark.parametrize(
    "model, shown, message",
    [
        (MODEL, Presentation(), "a conversion balances thresholds on a data set"),
        ("digits_cnn", Presentation(data="digits"), "its input is int8.*'digits_cnn_float32' is the same network"),
        (MODEL, Presentation(data="digits", steps=0), "--steps: 0 is not within"),
        (MODEL, Presentation(data="digits", percentile=3), "--percentile: 3 is not within"),
        (MODEL, Presentation(data="digits", reset="never"), "--reset"),
        (MODEL, Presentation(data="digits", cores=("add5",)), "--cores add5: is not population=number"),
        (MODEL, Presentation(data="digits", cores=("add5=600",)), "--cores add5=600: 'add5' has 512 neurons"),
        ("nothing.nir", Presentation(), "nothing.nir: no such model file"),
    ],
)
def test_mistakes_are_one_line(model, shown, message):
    with pytest.raises(AccelsimError, match=message) as caught:
        run_spiking("loihi", model, shown)
    assert "\n" not in str(caught.value)


def test_a_chip_without_spiking_cores_and_a_chip_with_nothing_else_say_so():
    with pytest.raises(UnsupportedError, match="runs no spiking networks"):
        run_spiking("ethos_u55_128", MODEL, Presentation(data="digits"))
    with pytest.raises(AccelsimError, match="runs spiking networks, not graphs of operators"):
        run("loihi", "digits_cnn")
