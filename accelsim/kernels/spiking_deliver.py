"""One spike's way through its synapses: dense rows, convolution windows without expanded synapses, sparse rows."""

from numba import njit

from accelsim.kernels.spiking_records import CONVOLUTION, DENSE


@njit(cache=True, nogil=True)
def deliver_dense(weights, first, arriving, currents, touched, targets_start, targets, value):
    """Add one pre-synaptic neuron's row of weights, times the spike's payload, to the sums of all targets.

    Parameters
    ----------
    weights : ndarray, float64 or int32
    first : int
        Where the row begins.
    arriving : ndarray, shape (receptor currents,)
        Sums of one step, changed in place.
    currents, targets_start : int
        Where the target population begins in ``arriving`` and in ``touched``.
    touched : ndarray, shape (neurons,), uint8
    targets : int
        Neurons of the target population.
    value : scalar
        Payload; 1 for a plain spike.

    Returns
    -------
    int
        Synaptic events.
    """
    row = weights[first : first + targets]
    sums = arriving[currents : currents + targets]
    for j in range(targets):
        sums[j] += row[j] * value
    touched[targets_start : targets_start + targets] = 1
    return targets


@njit(cache=True, nogil=True)
def deliver_sparse(weights, first, last, targets, delays, delayed, arriving, slot, delay, currents, touched, targets_start, value):
    """Add one row of sparse synapses; each synapse may have its own delay.

    Parameters
    ----------
    first, last : int
        The row in ``weights``, ``targets`` and ``delays``.
    delayed : bool
        Whether ``delays`` adds to ``delay``.
    arriving : ndarray, shape (slots, receptor currents)
    slot : int
        The present step's slot.

    Returns
    -------
    int
        Synaptic events.
    """
    slots = arriving.shape[0]
    for k in range(first, last):
        late = delay + delays[k] if delayed else delay
        at = (slot + late) % slots
        arriving[at, currents + targets[k]] += weights[k] * value
        touched[at, targets_start + targets[k]] = 1
    return last - first


@njit(cache=True, nogil=True)
def deliver_convolution(weights, projection, neuron, arriving, touched, value):
    """Add one spike's filter rows to every output position whose window holds it.

    Parameters
    ----------
    weights : ndarray
        At ``projection['weights']``: (kernel_h, kernel_w, in_c, filters), filters per group.
    projection : record of ``PROJECTION``
    neuron : int
        Channels-last index in the source population.

    Returns
    -------
    int
        Synaptic events.
    """
    filters, in_c = projection["filters"], projection["in_c"]
    channel = neuron % in_c
    column, row = neuron // in_c % projection["in_w"], neuron // in_c // projection["in_w"]
    offset = channel // projection["group_in"] * filters
    events = 0
    for ky in range(projection["kernel_h"]):
        y = row + projection["pad_h"] - ky * projection["dilation_h"]
        if y < 0 or y % projection["stride_h"] != 0 or y // projection["stride_h"] >= projection["out_h"]:
            continue
        for kx in range(projection["kernel_w"]):
            x = column + projection["pad_w"] - kx * projection["dilation_w"]
            if x < 0 or x % projection["stride_w"] != 0 or x // projection["stride_w"] >= projection["out_w"]:
                continue
            out = (y // projection["stride_h"] * projection["out_w"] + x // projection["stride_w"]) * projection["out_c"] + offset
            first = projection["weights"] + ((ky * projection["kernel_w"] + kx) * in_c + channel) * filters
            line = weights[first : first + filters]
            sums = arriving[projection["target_currents"] + out : projection["target_currents"] + out + filters]
            for j in range(filters):
                sums[j] += line[j] * value
            touched[projection["target_start"] + out : projection["target_start"] + out + filters] = 1
            events += filters
    return events


@njit(cache=True, nogil=True)
def deliver(tables, arriving, touched, slot, first_projection, last_projection, neuron, value, events):
    """Send one spike through all projections of its population; add to ``events`` per projection.

    Parameters
    ----------
    neuron : int
        Network-wide number.
    """
    slots = arriving.shape[0]
    for q in range(first_projection, last_projection):
        projection = tables.projections[q]
        local = neuron - projection["source_start"]
        at = (slot + projection["delay"]) % slots
        if projection["kind"] == DENSE:
            n = projection["targets"]
            events[q] += deliver_dense(
                tables.weights,
                projection["weights"] + local * n,
                arriving[at],
                projection["target_currents"],
                touched[at],
                projection["target_start"],
                n,
                value,
            )
        elif projection["kind"] == CONVOLUTION:
            events[q] += deliver_convolution(tables.weights, projection, local, arriving[at], touched[at], value)
        else:
            first, last = tables.rows[projection["rows"] + local], tables.rows[projection["rows"] + local + 1]
            events[q] += deliver_sparse(
                tables.weights, first, last, tables.targets, tables.delays, projection["delays"] >= 0, arriving, slot, projection["delay"],
                projection["target_currents"], touched, projection["target_start"], value,
            )  # fmt: skip
