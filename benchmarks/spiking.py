"""Spiking networks beside SANA-FE and Brian2 in one run.

``python benchmarks/spiking.py [--brian2 PYTHON] [--steps N]``

SANA-FE (``pip install sanafe``) is measured on its own DVS gesture network, function and detailed timing together.
Brian2 needs numpy below 2: give the interpreter of an environment that has brian2 and cython. Compilation and
construction are not counted on any side.
"""

import argparse
import contextlib
import io
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from accelsim.functional.spiking import SpikingState, execute_spiking, start
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.spiking_network import Population, Projection, make_network
from accelsim.graph.spiking_neurons import LinearNeuron
from accelsim.graph.spiking_synapses import sparse_from_pairs
from accelsim.hardware.chip_files import load_chip_file
from accelsim.hardware.spiking_service import serve_spike_steps
from accelsim.mapping.spiking_placement import lay_out

BRIAN2 = """
import sys, time
from brian2 import *
standalone = sys.argv[1] == "standalone"
if standalone:
    set_device("cpp_standalone", build_on_run=False)
else:
    prefs.codegen.target = "cython"
defaultclock.dt = 0.1 * ms
cells = NeuronGroup(4000, '''dv/dt = (ge + gi - (v + 49 * mV)) / (20 * ms) : volt (unless refractory)
dge/dt = -ge / (5 * ms) : volt
dgi/dt = -gi / (10 * ms) : volt''', threshold="v > -50 * mV", reset="v = -60 * mV", refractory=5 * ms, method="exact")
cells.v = "-60 * mV + rand() * 10 * mV"
excite, inhibit = Synapses(cells, cells, on_pre="ge += 1.62 * mV"), Synapses(cells, cells, on_pre="gi -= 9 * mV")
excite.connect("i < 3200", p=0.02)
inhibit.connect("i >= 3200", p=0.02)
spikes = SpikeMonitor(cells)
if standalone:
    run(1 * second)
    device.build(directory=sys.argv[2], compile=True, run=True, debug=False)
    times = [device._last_run_time]
    for _ in range(4):
        device.run(sys.argv[2], with_output=False, run_args=[])
        times.append(device._last_run_time)
    print(min(times), spikes.num_spikes)
else:
    run(10 * ms)
    begun, before = time.perf_counter(), spikes.num_spikes
    run(1 * second)
    print(time.perf_counter() - begun, spikes.num_spikes - before)
"""


def best(action, repetitions: int = 5) -> float:
    """Return the least time [s] of some repetitions, after one that compiles."""
    action()
    times = []
    for _ in range(repetitions):
        begun = time.perf_counter()
        action()
        times.append(time.perf_counter() - begun)
    return min(times)


def cuba(seed: int = 1):
    """Return the current-based benchmark network of Vogels and Abbott (Brette et al. 2007) at 0.1 ms, and its start."""
    random, n, step = np.random.default_rng(seed), 4000, 1e-4
    membrane, excitatory, inhibitory = 20e-3, 5e-3, 10e-3
    kept = {tau: float(np.exp(-step / tau)) for tau in (membrane, excitatory, inhibitory)}
    gains = tuple(tau / (tau - membrane) * (kept[tau] - kept[membrane]) for tau in (excitatory, inhibitory))
    neuron = LinearNeuron(
        (kept[excitatory], kept[inhibitory]), gains, kept[membrane], -49e-3 * (1 - kept[membrane]), -50e-3, reset_voltage=-60e-3, refractory=50
    )
    source, target = np.nonzero(random.random((n, n)) < 0.02)
    projections = []
    for receptor, (chosen, weight) in enumerate(((source < 3200, 1.62e-3), (source >= 3200, -9e-3))):
        synapses = sparse_from_pairs(source[chosen], target[chosen], np.full(chosen.sum(), weight), n, n)
        projections.append(Projection(str(receptor), "cells", "cells", synapses, receptor=receptor))
    program = compile_network(make_network("cuba", [Population("cells", (n,), neuron)], projections), count_updates=False)
    state = start(program).state
    state.voltage[:] = -60e-3 + 10e-3 * random.random(n)
    return program, SpikingState(state, 0)


def brian2(python: str, mode: str, folder: Path) -> float:
    """Return Brian2's time [s] for one second of the same network, printing its spikes."""
    run = subprocess.run([python, "-c", BRIAN2, mode, str(folder)], capture_output=True, text=True, check=True)
    seconds, spikes = run.stdout.split()[-2:]
    print(f"  brian2 {mode:10s} {float(seconds):8.3f} s   {spikes} spikes")
    return float(seconds)


def compare_cuba(python: str | None, folder: Path) -> None:
    """Print one second of the CUBA network on every simulator."""
    program, begin = cuba()
    record, _ = execute_spiking(program, 10_000, state=begin)
    print("CUBA, 4,000 neurons, 320,000 synapses, 1 s at 0.1 ms")
    theirs = {mode: brian2(python, mode, folder) for mode in ("cython", "standalone")} if python else {}
    mine = best(lambda: execute_spiking(program, 10_000, state=begin))
    rates = f"{record.events.sum() / mine / 1e6:.0f} M synaptic events/s, {40 / mine:.0f} M updates/s"
    print(f"  accelsim          {mine:8.3f} s   {record.neuron.size} spikes, {rates}")
    for mode, seconds in theirs.items():
        print(f"  {seconds / mine:.2f} times brian2 {mode}")


def compare_dvs(steps: int) -> None:
    """Print SANA-FE's DVS gesture network on both simulators, function and time."""
    sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests" / "hardware")]
    import sanafe
    from test_spiking_chip_files import ALL_DENSE
    from test_spiking_sanafe import CORES, dvs_network, its_cores

    network, chip = dvs_network(), load_chip_file("loihi_calibrated", ALL_DENSE).units["cores"]
    program = compile_network(network)
    layout = lay_out(network, program.tables, program.projection_order, its_cores(network), chip)
    placed = compile_network(network, layout.core)
    record = execute_spiking(placed, steps)[0]
    functional = best(lambda: execute_spiking(placed, steps))
    timed = best(lambda: serve_spike_steps(chip, layout, record))
    built = sanafe_network(sanafe, CORES)
    begun = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        result = built.sim(steps)
    theirs = time.perf_counter() - begun
    events = int(record.events.sum())
    print(f"DVS gesture network, {steps} steps, {events:,} synaptic events ({result['spikes']:,} in SANA-FE)")
    print(f"  SANA-FE           {theirs:8.3f} s   {events / theirs / 1e6:8.1f} M synaptic events/s")
    mine, simulated = functional + timed, serve_spike_steps(chip, layout, record).time
    print(f"  accelsim          {mine:8.3f} s   {events / mine / 1e6:8.1f} M synaptic events/s (function {functional:.3f} s, mesh {timed:.3f} s)")
    print(f"  {theirs / mine:.1f} times SANA-FE; simulated {simulated * 1e-9:.3f} ms and {result['sim_time'] * 1e3:.3f} ms")


def sanafe_network(sanafe, parts):
    """Return SANA-FE's chip with its DVS network, mapped as its tutorial does."""
    from importlib.resources import files

    import sanafe.layers as layers

    data, network, arch = np.load(files("sanafe.examples") / "dvs_challenge.npz"), sanafe.Network(), sanafe.load_loihi()
    thresholds = data["thresholds"]
    stack = [layers.Input2D(network, 32, 32, threshold=thresholds[0])]
    for i in range(1, 5):
        stride = 2 if i == 1 else 1
        stack.append(layers.Conv2D(network, stack[-1], data[f"conv{i}"], stride_width=stride, stride_height=stride, threshold=thresholds[i]))
    stack.append(layers.Dense(network, stack[-1], 11, data["dense1"], threshold=thresholds[5]))
    for neuron, bias in zip(stack[0], data["inputs"], strict=True):
        neuron.set_attributes(model_attributes={"bias": bias})
    cores, first = arch.cores(), 0
    for layer, count in zip(stack, parts, strict=True):
        share = len(layer) // count
        for k in range(count):
            for neuron in layer[k * share :] if k == count - 1 else layer[k * share : (k + 1) * share]:
                neuron.map_to_core(cores[first + k])
        first += count
    chip = sanafe.SpikingChip(arch)
    chip.load(network)
    return chip


def main() -> None:
    """Run what is installed."""
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--brian2", help="interpreter that has brian2 and cython")
    parser.add_argument("--steps", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare_cuba(arguments.brian2, Path(folder))
    compare_dvs(arguments.steps)


if __name__ == "__main__":
    main()
