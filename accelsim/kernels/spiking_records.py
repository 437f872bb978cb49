"""The flat records that the spiking kernels read and write: one row per population and projection, arrays for the rest."""

from typing import NamedTuple

import numpy as np

SPIKE, VOLTAGE, SOURCE, SIGMA_DELTA = 0, 1, 2, 3
DENSE, CONVOLUTION, SPARSE = 0, 1, 2
RESET_TO_VALUE, RESET_BY_SUBTRACTION, NO_RESET = 0, 1, 2
CLIP, WRAP = 0, 1

# Neurons of one run are updated together: short enough for the first-level cache, long enough for wide vectors.
RUN = 256

POPULATION = np.dtype(
    [
        (name, np.int64)
        for name in (
            "kind", "start", "stop", "currents", "receptors", "first_run", "last_run", "first_projection", "last_projection",
            "parameters", "parameter_stride", "current_parameters", "current_stride", "drive", "refractory", "inclusive", "reset",
            "current_kept", "voltage_kept", "accumulator_bits", "sum_exponent", "overflow", "lowest", "highest", "activation", "shift", "counted",
        )
    ]
)  # fmt: skip
PROJECTION = np.dtype(
    [
        (name, np.int64)
        for name in (
            "kind", "source_start", "target_currents", "target_start", "targets", "delay", "weights", "rows", "delays",
            "in_w", "in_c", "kernel_h", "kernel_w", "out_h", "out_w", "out_c", "filters", "group_in",
            "stride_h", "stride_w", "pad_h", "pad_w", "dilation_h", "dilation_w",
        )
    ]
)  # fmt: skip


class Tables(NamedTuple):
    """What a network is.

    Attributes
    ----------
    populations, projections : ndarray of ``POPULATION``, ``PROJECTION``
        Projections sorted by source.
    weights : ndarray, float64 or int32
        Of all projections, each pre-synaptic neuron's (or filter position's) weights contiguous.
    targets : ndarray, int32
        Of sparse projections, relative to the target population.
    delays : ndarray, int32
        Per sparse synapse [steps].
    rows : ndarray, int64
        Row pointers of sparse projections.
    run_start, run_stop, run_group : ndarray, int64
        Neighbours, at most ``RUN`` of them, and their group; -1 where they are of several.
    group : ndarray, shape (neurons,), int32
    voltage_kept, bias, threshold, reset : ndarray
        Per neuron, or ``RUN`` copies where a population is uniform (they then stay in the first-level cache).
    current_kept, current_gain : ndarray
        Per receptor and neuron, in the same way.
    """

    populations: np.ndarray
    projections: np.ndarray
    weights: np.ndarray
    targets: np.ndarray
    delays: np.ndarray
    rows: np.ndarray
    run_start: np.ndarray
    run_stop: np.ndarray
    run_group: np.ndarray
    group: np.ndarray
    voltage_kept: np.ndarray
    bias: np.ndarray
    threshold: np.ndarray
    reset: np.ndarray
    current_kept: np.ndarray
    current_gain: np.ndarray


class State(NamedTuple):
    """What a network remembers from one step to the next.

    Attributes
    ----------
    current : ndarray, shape (receptor currents,)
        Synaptic currents; of a sigma-delta population the reconstructed input.
    voltage : ndarray, shape (neurons,)
        Of a sigma-delta population the last activation.
    residue : ndarray, shape (neurons,)
        Sigma-delta only: what was not yet sent.
    held_until : ndarray, shape (neurons,), int32
        First step at which a refractory neuron integrates again.
    arriving : ndarray, shape (slots, receptor currents)
        Ring of sums that arrive at coming steps.
    touched : ndarray, shape (slots, neurons), uint8
        1 where at least one synapse delivered.
    """

    current: np.ndarray
    voltage: np.ndarray
    residue: np.ndarray
    held_until: np.ndarray
    arriving: np.ndarray
    touched: np.ndarray


class Inputs(NamedTuple):
    """What is given from outside.

    Attributes
    ----------
    rows : ndarray, shape (steps + 1,), int64
        Row pointers of the given spikes.
    neuron : ndarray, int32
        Network-wide neuron numbers, ascending within a step.
    value : ndarray
        Their payloads.
    drive : ndarray, shape (1 or steps, driven neurons)
        Currents added to the first receptor.
    """

    rows: np.ndarray
    neuron: np.ndarray
    value: np.ndarray
    drive: np.ndarray


class Outputs(NamedTuple):
    """What happened.

    Attributes
    ----------
    rows : ndarray, shape (steps * populations + 1,), int64
        Row pointers of the spikes of each step and population.
    neuron : ndarray, shape (capacity,), int32
    value : ndarray, shape (capacity,)
    updates_before : ndarray, shape (capacity,), int32
        Active neurons of the spike's group up to and with it.
    events : ndarray, shape (steps, projections), int64
        Synaptic events.
    updates : ndarray, shape (steps, groups), int64
        Active neurons: with input, bias, current or voltage.
    probes, probe_currents : ndarray, int64
        Neurons to watch and their first receptor current.
    probed_current, probed_voltage : ndarray, shape (steps, probes)
    """

    rows: np.ndarray
    neuron: np.ndarray
    value: np.ndarray
    updates_before: np.ndarray
    events: np.ndarray
    updates: np.ndarray
    probes: np.ndarray
    probe_currents: np.ndarray
    probed_current: np.ndarray
    probed_voltage: np.ndarray
