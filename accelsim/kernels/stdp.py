"""Pairwise spike-timing dependent plasticity with integer traces on a dense weight matrix."""

from numba import njit


@njit(cache=True, nogil=True)
def decay_traces(traces, kept, bits):
    """Let traces decay one step: trace * kept >> bits, rounded down (the chip rounds at random).

    Parameters
    ----------
    traces : ndarray, shape (neurons,), int32
        0..127, changed in place.
    kept : int
        Of ``2**bits``.
    """
    for i in range(traces.shape[0]):
        traces[i] = (traces[i] * kept) >> bits


@njit(cache=True, nogil=True)
def bump_traces(traces, neurons, impulse, highest):
    """Add the impulse to the traces of neurons that fired, at most ``highest``."""
    for k in range(neurons.shape[0]):
        traces[neurons[k]] = min(traces[neurons[k]] + impulse, highest)


@njit(cache=True, nogil=True)
def learn_pairs(weights, sources, targets, source_traces, target_traces, potentiation, depression, shift, lowest, highest):
    """Change weights at the spikes of one step.

    A source that fires lowers its weights by target trace * depression >> shift; a target that fires raises its
    weights by source trace * potentiation >> shift. Weights stay within ``lowest`` and ``highest``.

    Parameters
    ----------
    weights : ndarray, shape (sources, targets), int32
        Mantissas, changed in place.
    sources, targets : ndarray of int
        Neurons that fired in this step.

    Returns
    -------
    int
        Synaptic updates.

    References
    ----------
    Davies et al., IEEE Micro 38(1), 2018, section "Learning": sums of products of traces.
    """
    for k in range(sources.shape[0]):
        row = weights[sources[k]]
        for j in range(row.shape[0]):
            row[j] = max(row[j] - ((target_traces[j] * depression) >> shift), lowest)
    for k in range(targets.shape[0]):
        j = targets[k]
        for i in range(weights.shape[0]):
            weights[i, j] = min(weights[i, j] + ((source_traces[i] * potentiation) >> shift), highest)
    return sources.shape[0] * weights.shape[1] + targets.shape[0] * weights.shape[0]
