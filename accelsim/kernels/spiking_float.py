"""Time steps of linear integrate-and-fire neurons in float64: IF, LIF, LI, current-based LIF, and relays of graded values."""

import numpy as np
from numba import njit

from accelsim.kernels.spiking_advance import deliver_from, emit_given, has_room, read_probes
from accelsim.kernels.spiking_records import NO_RESET, RESET_BY_SUBTRACTION, RUN, SOURCE, VOLTAGE


@njit(cache=True, nogil=True)
def integrate_currents(current, arriving, kept, gain, drive):
    """Decay synaptic currents, add what arrived and clear it, add gain times current to the drive.

    current = current * kept + arriving; drive += gain * current. All arrays have shape (run,), float64.
    """
    for i in range(current.shape[0]):
        c = current[i] * kept[i] + arriving[i]
        current[i] = c
        arriving[i] = 0.0
        drive[i] += c * gain[i]


@njit(cache=True, nogil=True)
def integrate_current_pair(first, second, arriving_first, arriving_second, kept_first, kept_second, gain_first, gain_second, drive):
    """Do ``integrate_currents`` for two receptors of a uniform population in one pass; decays and gains are numbers."""
    for i in range(first.shape[0]):
        a = first[i] * kept_first + arriving_first[i]
        b = second[i] * kept_second + arriving_second[i]
        first[i] = a
        second[i] = b
        arriving_first[i] = 0.0
        arriving_second[i] = 0.0
        drive[i] += a * gain_first + b * gain_second


@njit(cache=True, nogil=True)
def integrate_uniform_voltages(voltage, drive, kept, bias, threshold, inclusive, held_until, step):
    """Do ``integrate_voltages`` for a uniform population whose active neurons are not counted; return how many crossed."""
    crossed = 0
    for i in range(voltage.shape[0]):
        before = voltage[i]
        after = before if held_until[i] > step else before * kept + drive[i] + bias
        voltage[i] = after
        crossed += (after > threshold) | (inclusive & (after == threshold))
    return crossed


@njit(cache=True, nogil=True)
def integrate_voltages(voltage, drive, kept, bias, threshold, inclusive, held_until, step, touched, active):
    """Advance membrane voltages one step; a refractory neuron keeps its own.

    voltage = voltage * kept + drive + bias. All arrays have shape (run,).

    Parameters
    ----------
    touched : ndarray, uint8
        Cleared.
    active : ndarray, uint8
        Written: 1 where the neuron had a voltage, a bias or input.

    Returns
    -------
    crossed, updated : int
        Neurons past their threshold, and active ones.
    """
    crossed = 0
    updated = 0
    for i in range(voltage.shape[0]):
        before = voltage[i]
        after = before if held_until[i] > step else before * kept[i] + drive[i] + bias[i]
        voltage[i] = after
        busy = np.uint8((before != 0.0) | (bias[i] != 0.0) | (drive[i] != 0.0) | (touched[i] != 0))
        active[i] = busy
        touched[i] = 0
        updated += np.int64(busy)
        crossed += (after > threshold[i]) | (inclusive & (after == threshold[i]))
    return crossed, updated


@njit(cache=True, nogil=True)
def receive(tables, state, population, n, local, size, slot, drive):
    """Take what arrives at one run of a population through all its receptors into ``drive``."""
    current, arriving = state.current, state.arriving[slot]
    first = population["currents"] + local
    own = population["current_parameters"]
    if population["receptors"] == 2 and population["current_stride"] == 0:
        second = first + n
        integrate_current_pair(
            current[first : first + size], current[second : second + size], arriving[first : first + size], arriving[second : second + size],
            tables.current_kept[own], tables.current_kept[own + RUN], tables.current_gain[own], tables.current_gain[own + RUN], drive[:size],
        )  # fmt: skip
        return
    stride = population["current_stride"]
    for receptor in range(population["receptors"]):
        at, p = first + receptor * n, own + receptor * max(n * stride, RUN) + local * stride
        integrate_currents(
            current[at : at + size], arriving[at : at + size], tables.current_kept[p : p + size], tables.current_gain[p : p + size], drive[:size]
        )


@njit(cache=True, nogil=True)
def step_population(tables, state, outputs, p, step, row, slot, count, updates, drive, active):
    """Advance one population; write its spikes and return their running count."""
    population = tables.populations[p]
    inclusive = population["inclusive"] != 0
    emits_voltage = population["kind"] == VOLTAGE
    n = population["stop"] - population["start"]
    for r in range(population["first_run"], population["last_run"]):
        start, size = tables.run_start[r], tables.run_stop[r] - tables.run_start[r]
        local = start - population["start"]
        if population["drive"] < 0:
            drive[:size] = 0.0
        else:
            drive[:size] = row[population["drive"] + local : population["drive"] + local + size]
        receive(tables, state, population, n, local, size, slot, drive)
        own = population["parameters"] + local * population["parameter_stride"]
        threshold = tables.threshold[own : own + size]
        voltage, held_until = state.voltage[start : start + size], state.held_until[start : start + size]
        updated = 0
        if population["counted"] == 0 and population["parameter_stride"] == 0:
            crossed = integrate_uniform_voltages(
                voltage, drive[:size], tables.voltage_kept[own], tables.bias[own], tables.threshold[own], inclusive, held_until, step
            )
        else:
            crossed, updated = integrate_voltages(
                voltage, drive[:size], tables.voltage_kept[own : own + size], tables.bias[own : own + size], threshold, inclusive, held_until, step,
                state.touched[slot, start : start + size], active[:size],
            )  # fmt: skip
        group = tables.run_group[r]
        if crossed > 0 or emits_voltage or group < 0:
            count = emit_linear(
                population, outputs, start, count, updates, tables.group, group < 0, voltage, threshold, tables.reset[own : own + size],
                state.held_until, step, active, crossed,
            )  # fmt: skip
        if group >= 0:
            updates[group] += updated
    return count


@njit(cache=True, nogil=True)
def emit_linear(population, outputs, start, count, updates, group, mixed, voltage, threshold, reset, held_until, step, active, crossed):
    """Write the spikes of one run, reset and hold the neurons that fired; return the running count of spikes.

    Parameters
    ----------
    updates : ndarray, shape (groups,), int64
        Active neurons of this step before the run; where ``mixed``, those of the run are added one by one.
    group : ndarray, shape (neurons,), int32
    voltage, threshold, reset, active : ndarray, shape (run or more,)
    crossed : int
        How many to look for; a refractory one among them only makes the search longer.
    """
    emits_voltage = population["kind"] == VOLTAGE
    inclusive = population["inclusive"] != 0
    passed = 0
    for i in range(voltage.shape[0]):
        if mixed:
            updates[group[start + i]] += active[i]
        else:
            passed += np.int64(active[i])
        if emits_voltage:
            fires = voltage[i] != 0.0
        else:
            fires = (voltage[i] > threshold[i] or (inclusive and voltage[i] == threshold[i])) and held_until[start + i] <= step
        if not fires:
            continue
        outputs.neuron[count] = start + i
        outputs.value[count] = voltage[i] if emits_voltage else 1.0
        outputs.updates_before[count] = updates[group[start + i]] + passed
        count += 1
        if not emits_voltage:
            held_until[start + i] = step + 1 + population["refractory"]
            if population["reset"] == RESET_BY_SUBTRACTION:
                voltage[i] -= threshold[i]
            elif population["reset"] != NO_RESET:
                voltage[i] = reset[i]
            crossed -= 1
            if crossed == 0 and not mixed:
                break
    return count


@njit(cache=True, nogil=True)
def advance_float(tables, state, inputs, outputs, first_step, last_step, origin):
    """Run time steps until the last one or until the spike buffer could overflow.

    Parameters
    ----------
    tables : Tables
    state : State
        Changed in place.
    inputs : Inputs
    outputs : Outputs
        Written from row ``first_step`` on.
    first_step, last_step : int
        Counted from the beginning of this record.
    origin : int
        Steps that the state had seen before this record; places the ring of arriving sums.

    Returns
    -------
    int
        The first step not run.
    """
    slots = state.arriving.shape[0]
    n_populations = tables.populations.shape[0]
    drive = np.zeros(RUN, np.float64)
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
                count = step_population(tables, state, outputs, p, origin + step, row, slot, count, outputs.updates[step], drive, active)
            deliver_from(tables, state, outputs, population, slot, begun, count, outputs.events[step])
            outputs.rows[step * n_populations + p + 1] = count
        read_probes(state, outputs, step)
    return last_step
