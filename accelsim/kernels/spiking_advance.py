"""What float and integer networks do alike in a time step: spikes that are given, their delivery, probes."""

from numba import njit

from accelsim.kernels.spiking_deliver import deliver


@njit(cache=True, nogil=True)
def has_room(outputs, count, neurons):
    """Return whether every neuron could spike in the next step and the buffer would hold it."""
    return outputs.neuron.shape[0] - count >= neurons


@njit(cache=True, nogil=True)
def emit_given(inputs, outputs, given, until, stop, count):
    """Write the given spikes of a source population, those below neuron ``stop``; return (next given spike, count)."""
    while given < until and inputs.neuron[given] < stop:
        outputs.neuron[count] = inputs.neuron[given]
        outputs.value[count] = inputs.value[given]
        outputs.updates_before[count] = 0
        count += 1
        given += 1
    return given, count


@njit(cache=True, nogil=True)
def deliver_from(tables, state, outputs, population, slot, first, count, events):
    """Send a population's spikes ``first`` to ``count`` through all its projections."""
    for k in range(first, count):
        deliver(
            tables, state.arriving, state.touched, slot, population["first_projection"], population["last_projection"],
            outputs.neuron[k], outputs.value[k], events,
        )  # fmt: skip


@njit(cache=True, nogil=True)
def read_probes(state, outputs, step):
    """Write the voltages and currents that are watched."""
    for k in range(outputs.probes.shape[0]):
        outputs.probed_voltage[step, k] = state.voltage[outputs.probes[k]]
        outputs.probed_current[step, k] = state.current[outputs.probe_currents[k]]
