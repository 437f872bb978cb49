"""Which cores a neuron's spikes go to, and how many synapses each of them serves."""

from numba import njit

from accelsim.kernels.spiking_records import CONVOLUTION, DENSE


@njit(cache=True, nogil=True)
def count_targets(projection, rows, targets, core, neuron, counts):
    """Add, per core, the synapses that one source neuron has in one projection.

    Parameters
    ----------
    projection : record of ``PROJECTION``
    rows, targets : ndarray
        Of the sparse projections.
    core : ndarray, shape (neurons,), int32
        Each neuron's core.
    neuron : int
        Numbered from the source population's first.
    counts : ndarray, shape (cores,), int64
        Added to.
    """
    first = projection["target_start"]
    if projection["kind"] == DENSE:
        for j in range(projection["targets"]):
            counts[core[first + j]] += 1
    elif projection["kind"] == CONVOLUTION:
        filters, in_c = projection["filters"], projection["in_c"]
        channel = neuron % in_c
        column, row = neuron // in_c % projection["in_w"], neuron // in_c // projection["in_w"]
        offset = channel // projection["group_in"] * filters
        for ky in range(projection["kernel_h"]):
            y = row + projection["pad_h"] - ky * projection["dilation_h"]
            if y < 0 or y % projection["stride_h"] != 0 or y // projection["stride_h"] >= projection["out_h"]:
                continue
            for kx in range(projection["kernel_w"]):
                x = column + projection["pad_w"] - kx * projection["dilation_w"]
                if x < 0 or x % projection["stride_w"] != 0 or x // projection["stride_w"] >= projection["out_w"]:
                    continue
                out = first + (y // projection["stride_h"] * projection["out_w"] + x // projection["stride_w"]) * projection["out_c"] + offset
                for j in range(filters):
                    counts[core[out + j]] += 1
    else:
        for k in range(rows[projection["rows"] + neuron], rows[projection["rows"] + neuron + 1]):
            counts[core[first + targets[k]]] += 1


@njit(cache=True, nogil=True)
def list_axons(populations, projections, rows, targets, core, kinds, counts, axon_rows, axon_core, axon_synapses):
    """Write every neuron's axons: one per target core, cores ascending.

    Parameters
    ----------
    populations, projections : ndarray of ``POPULATION``, ``PROJECTION``
    core : ndarray, shape (neurons,), int32
    kinds : ndarray, shape (projections,), int64
        Kind of synapse of each projection row, which decides its cost.
    counts : ndarray, shape (kinds, cores), int64
        Scratch, all zero.
    axon_rows : ndarray, shape (neurons + 1,), int64
    axon_core : ndarray, shape (capacity,), int32
    axon_synapses : ndarray, shape (capacity, kinds), int64
        Written while there is room.

    Returns
    -------
    int
        Axons in all, which may exceed the capacity: then call again with room for them.
    """
    count = 0
    for p in range(populations.shape[0]):
        for neuron in range(populations[p]["start"], populations[p]["stop"]):
            for q in range(populations[p]["first_projection"], populations[p]["last_projection"]):
                count_targets(projections[q], rows, targets, core, neuron - projections[q]["source_start"], counts[kinds[q]])
            for c in range(counts.shape[1]):
                served = 0
                for kind in range(counts.shape[0]):
                    served += counts[kind, c]
                if served > 0:
                    for kind in range(counts.shape[0]):
                        if count < axon_core.shape[0]:
                            axon_synapses[count, kind] = counts[kind, c]
                        counts[kind, c] = 0
                    if count < axon_core.shape[0]:
                        axon_core[count] = c
                    count += 1
            axon_rows[neuron + 1] = count
    return count
