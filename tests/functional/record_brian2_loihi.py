"""Record brian2-loihi's currents, voltages and spikes of mixed-sign random networks into golden/brian2_loihi.npz.

Run by hand, in an environment of its own: brian2-loihi 0.5.2 needs numpy below 2 and brian2 below 2.9.
"""

from pathlib import Path

import numpy as np

INPUTS, NEURONS, STEPS = 12, 20, 300


def record(seed: int, exponent: int, refractory: int, decay_current: int, decay_voltage: int) -> dict[str, np.ndarray]:
    """Return one network and what brian2-loihi makes of it."""
    from brian2 import prefs
    from brian2_loihi import LoihiNetwork, LoihiNeuronGroup, LoihiSpikeGeneratorGroup, LoihiSpikeMonitor, LoihiStateMonitor, LoihiSynapses

    prefs.codegen.target = "numpy"
    random = np.random.RandomState(seed)
    given = random.rand(STEPS, INPUTS) < 0.15
    step, neuron = np.nonzero(given)
    group = LoihiNeuronGroup(NEURONS, refractory=refractory, threshold_v_mant=300, decay_v=decay_voltage, decay_I=decay_current)
    source = LoihiSpikeGeneratorGroup(INPUTS, neuron, step)
    forward = LoihiSynapses(source, group, sign_mode=1, w_exp=exponent, num_weight_bits=8)
    forward.connect()
    forward.w = forward_weights = random.randint(-128, 128, INPUTS * NEURONS) * 2
    back = LoihiSynapses(group, group, sign_mode=1, w_exp=exponent, num_weight_bits=8)
    back.connect()
    back.w = back_weights = random.randint(-40, 40, NEURONS * NEURONS) * 2
    states, spikes = LoihiStateMonitor(group, ("I", "v")), LoihiSpikeMonitor(group)
    network = LoihiNetwork(group, source, forward, back, states, spikes)
    network.run(STEPS)
    fired = np.zeros((STEPS + 2, NEURONS), bool)
    fired[np.rint(np.asarray(spikes.t)).astype(int), np.asarray(spikes.i)] = True
    return {
        "given": given, "forward": forward_weights.reshape(INPUTS, NEURONS), "back": back_weights.reshape(NEURONS, NEURONS),
        "parameters": np.array([exponent, refractory, decay_current, decay_voltage]), "current": np.asarray(states.I).T.astype(np.int64),
        "voltage": np.asarray(states.v).T.astype(np.int64), "fired": fired,
    }  # fmt: skip


if __name__ == "__main__":
    cases = [(0, 0, 1, 1024, 128), (1, -2, 3, 400, 60), (2, 1, 1, 4096, 0)]
    arrays = {f"{name}_{i}": array for i, case in enumerate(cases) for name, array in record(*case).items()}
    np.savez_compressed(Path(__file__).parent / "golden" / "brian2_loihi.npz", **arrays)
