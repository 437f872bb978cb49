"""Time steps of integer compartments: Loihi's current-based leaky integrator, and Loihi 2's sigma-delta neuron."""

import numpy as np
from numba import njit

from accelsim.kernels.spiking_advance import deliver_from, emit_given, has_room, read_probes
from accelsim.kernels.spiking_records import CLIP, NO_RESET, RESET_BY_SUBTRACTION, RUN, SIGMA_DELTA, SOURCE

DECAY_BITS = 12
UNIT, RELU, GIVEN = 0, 1, 2


@njit(cache=True, nogil=True)
def wrap(value, bits):
    """Return a value's lowest ``bits + 1`` bits as a signed number."""
    half = np.int64(1) << bits
    return ((value + half) & (2 * half - 1)) - half


@njit(cache=True, nogil=True)
def decay(value, kept):
    """Return value * kept / 4096 rounded toward zero; kept is 0..4096."""
    magnitude = (abs(value) * kept) >> DECAY_BITS
    return magnitude if value >= 0 else -magnitude


@njit(cache=True, nogil=True)
def integrate_compartments(population, current, voltage, arriving, drive, bias, threshold, held_until, step, touched, active):
    """Advance Loihi compartments one step.

    u = decay(u) + sum, kept to 24 bits by wrapping; v = decay(v) + u + bias, clipped or wrapped; a refractory
    compartment keeps v. The sum is kept to ``accumulator_bits`` and shifted by ``sum_exponent`` first.

    Parameters
    ----------
    population : record of ``POPULATION``
    current, voltage, arriving, drive, bias, threshold, held_until : ndarray, shape (run,), int32
        ``arriving`` is cleared.
    touched, active : ndarray, shape (run,), uint8
        ``touched`` is cleared, ``active`` written.

    Returns
    -------
    crossed, updated : int

    References
    ----------
    M. Davies et al., "Loihi: a neuromorphic manycore processor with on-chip learning", IEEE Micro 38(1), 2018.
    """
    current_kept, voltage_kept = population["current_kept"], population["voltage_kept"]
    bits, exponent = population["accumulator_bits"], population["sum_exponent"]
    lowest, highest, inclusive = population["lowest"], population["highest"], population["inclusive"]
    clips = population["overflow"] == CLIP
    crossed = 0
    updated = 0
    for i in range(voltage.shape[0]):
        gathered = wrap(np.int64(arriving[i]), bits)
        gathered = gathered << exponent if exponent >= 0 else gathered >> -exponent
        before = np.int64(voltage[i])
        u = wrap(decay(np.int64(current[i]), current_kept) + gathered + drive[i], 23)
        v = decay(before, voltage_kept) + u + bias[i]
        v = min(max(v, lowest), highest) if clips else wrap(v, 23)
        v = before if held_until[i] > step else v
        busy = np.uint8((before != 0) | (u != 0) | (bias[i] != 0) | (touched[i] != 0))
        current[i] = u
        voltage[i] = v
        arriving[i] = 0
        touched[i] = 0
        active[i] = busy
        updated += np.int64(busy)
        crossed += v + inclusive > threshold[i]
    return crossed, updated


@njit(cache=True, nogil=True)
def integrate_sigma_delta(population, current, voltage, residue, arriving, drive, bias, threshold, touched, active, payload):
    """Advance sigma-delta neurons one step and write what each sends.

    sigma += sum; act = activation(sigma + bias); delta = act - last act + residue; where |delta| >= threshold the
    neuron sends delta >> shift, else it keeps delta as residue.

    Parameters
    ----------
    current, voltage, residue, payload : ndarray, shape (run,), int32
        sigma, last act, residue; ``payload`` is written.

    Returns
    -------
    sent, updated : int
    """
    shift, activation = population["shift"], population["activation"]
    sent = 0
    updated = 0
    for i in range(voltage.shape[0]):
        sigma = wrap(np.int64(current[i]) + arriving[i], 23)
        act = np.int64(drive[i]) << shift if activation == GIVEN else sigma + drive[i] + bias[i]
        act = max(act, 0) if activation == RELU else act
        delta = act - voltage[i] + residue[i]
        sends = abs(delta) >= threshold[i] and delta != 0
        current[i] = sigma
        voltage[i] = act
        residue[i] = 0 if sends else delta
        payload[i] = delta >> shift if sends else 0
        busy = np.uint8((touched[i] != 0) | sends)
        arriving[i] = 0
        touched[i] = 0
        active[i] = busy
        updated += np.int64(busy)
        sent += sends
    return sent, updated


@njit(cache=True, nogil=True)
def step_compartments(tables, state, outputs, p, step, row, slot, count, updates, scratch, active):
    """Advance one integer population; write its spikes and return their running count."""
    population = tables.populations[p]
    drive, payload = scratch[0], scratch[1]
    graded = population["kind"] == SIGMA_DELTA
    for r in range(population["first_run"], population["last_run"]):
        start, size = tables.run_start[r], tables.run_stop[r] - tables.run_start[r]
        stop = start + size
        local = start - population["start"]
        if population["drive"] < 0:
            drive[:size] = 0
        else:
            drive[:size] = row[population["drive"] + local : population["drive"] + local + size]
        first = population["currents"] + local
        own = population["parameters"] + local * population["parameter_stride"]
        bias, threshold = tables.bias[own : own + size], tables.threshold[own : own + size]
        current, voltage = state.current[first : first + size], state.voltage[start:stop]
        arriving, touched, held_until = state.arriving[slot, first : first + size], state.touched[slot, start:stop], state.held_until[start:stop]
        if graded:
            crossed, updated = integrate_sigma_delta(
                population, current, voltage, state.residue[start:stop], arriving, drive[:size], bias, threshold, touched, active[:size], payload[:size]
            )
        else:
            crossed, updated = integrate_compartments(
                population, current, voltage, arriving, drive[:size], bias, threshold, held_until, step, touched, active[:size]
            )
        group = tables.run_group[r]
        if crossed > 0 or group < 0:
            count = emit_integer(population, outputs, start, count, updates, tables.group, group < 0, voltage, threshold, held_until, step, active, payload)
        if group >= 0:
            updates[group] += updated
    return count


@njit(cache=True, nogil=True)
def emit_integer(population, outputs, start, count, updates, group, mixed, voltage, threshold, held_until, step, active, payload):
    """Write the spikes of one run, reset and hold the compartments that fired; return the running count of spikes.

    Parameters
    ----------
    updates : ndarray, shape (groups,), int64
        Active neurons of this step before the run; where ``mixed``, those of the run are added one by one.
    group : ndarray, shape (neurons,), int32
    """
    graded = population["kind"] == SIGMA_DELTA
    passed = 0
    for i in range(voltage.shape[0]):
        if mixed:
            updates[group[start + i]] += active[i]
        else:
            passed += np.int64(active[i])
        fires = payload[i] != 0 if graded else voltage[i] + population["inclusive"] > threshold[i] and held_until[i] <= step
        if not fires:
            continue
        outputs.neuron[count] = start + i
        outputs.value[count] = payload[i] if graded else 1
        outputs.updates_before[count] = updates[group[start + i]] + passed
        count += 1
        if not graded:
            held_until[i] = step + 1 + population["refractory"]
            if population["reset"] == RESET_BY_SUBTRACTION:
                voltage[i] -= threshold[i]
            elif population["reset"] != NO_RESET:
                voltage[i] = 0
    return count


@njit(cache=True, nogil=True)
def advance_integer(tables, state, inputs, outputs, first_step, last_step, origin):
    """Run time steps of integer populations; as ``advance_float``.

    Returns
    -------
    int
        The first step not run: the last one, or where the spike buffer could overflow.
    """
    slots = state.arriving.shape[0]
    n_populations = tables.populations.shape[0]
    scratch = np.zeros((2, RUN), np.int32)
    active = np.zeros(RUN, np.uint8)
    for step in range(first_step, last_step):
        count = outputs.rows[step * n_populations]
        if not has_room(outputs, count, state.voltage.shape[0]):
            return step
        slot = (origin + step) % slots
        given = inputs.rows[step]
        row = inputs.drive[min(step, inputs.drive.shape[0] - 1)]
        for p in range(n_populations):
            population = tables.populations[p]
            begun = count
            if population["kind"] == SOURCE:
                given, count = emit_given(inputs, outputs, given, inputs.rows[step + 1], population["stop"], count)
            else:
                count = step_compartments(tables, state, outputs, p, origin + step, row, slot, count, outputs.updates[step], scratch, active)
            deliver_from(tables, state, outputs, population, slot, begun, count, outputs.events[step])
            outputs.rows[step * n_populations + p + 1] = count
        read_probes(state, outputs, step)
    return last_step
