"""NIR's neuron nodes, continuous in time, as discrete neurons: forward Euler at a fixed time step."""

from dataclasses import replace

import numpy as np

from accelsim.graph.spiking_neurons import LinearNeuron, Reset

NEURONS = ("I", "IF", "LI", "LIF", "CubaLI", "CubaLIF", "Threshold")


def channels_last(array: np.ndarray) -> np.ndarray:
    """Return (channels, height, width) or (channels, length) with the channels last; other shapes as they are."""
    return np.moveaxis(array, 0, -1) if array.ndim in (2, 3) else array


def neuron_of(node: object, kind: str, time_step: float, reset: Reset) -> LinearNeuron:
    """Return the discrete neuron of a node.

    tau dv/dt = v_leak - v + r I becomes v += dt / tau (v_leak - v + r I); a spike is an input of 1 for one step. The
    integrators I and IF have no time constant: they take each spike as an impulse, v += r I.

    References
    ----------
    J. E. Pedersen et al., "Neuromorphic intermediate representation", Nature Communications 15, 2024, table 1.
    """
    value = {
        name: _flat(getattr(node, name))
        for name in ("tau", "r", "v_leak", "v_threshold", "v_reset", "tau_syn", "tau_mem", "w_in", "threshold")
        if hasattr(node, name)
    }
    spiking = {"threshold": value.get("v_threshold", np.inf), "reset": reset, "reset_voltage": value.get("v_reset", 0.0)}
    silent = {"emits": "voltage"}
    if kind == "Threshold":
        return LinearNeuron(threshold=value["threshold"], reset="none")
    if kind in ("I", "IF"):
        return LinearNeuron(current_gain=(value["r"],), voltage_kept=1.0, **(spiking if kind == "IF" else silent))
    tau = value["tau"] if kind in ("LI", "LIF") else value["tau_mem"]
    membrane = {"voltage_kept": 1 - time_step / tau, "bias": time_step / tau * value["v_leak"]}
    gain = time_step / tau * value["r"]
    if kind.startswith("Cuba"):
        membrane |= {"current_kept": (1 - time_step / value["tau_syn"],), "current_gain": (gain * time_step / value["tau_syn"] * value["w_in"],)}
    else:
        membrane["current_gain"] = (gain,)
    return LinearNeuron(**membrane, **(spiking if kind.endswith("LIF") else silent))


def with_bias(neuron: LinearNeuron, bias: np.ndarray) -> LinearNeuron:
    """Return a neuron without synaptic current whose every step adds ``bias`` to what arrives."""
    return replace(neuron, bias=neuron.bias + neuron.current_gain[0] * bias)


def takes_bias(neuron) -> bool:
    """Return whether ``with_bias`` is exact: the input must not linger in a synaptic current."""
    return isinstance(neuron, LinearNeuron) and len(neuron.current_kept) == 1 and not np.any(neuron.current_kept[0])


def _flat(value: object) -> np.ndarray | float:
    array = np.asarray(value, np.float64)
    flat = channels_last(array).ravel()
    return float(flat[0]) if flat.size and np.all(flat == flat[0]) else flat
