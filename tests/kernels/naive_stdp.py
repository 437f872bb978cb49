"""Plain Python twins of the STDP kernels."""


def decay_traces(traces, kept, bits):
    for i in range(len(traces)):
        traces[i] = int(traces[i]) * kept // 2**bits


def bump_traces(traces, neurons, impulse, highest):
    for n in neurons:
        traces[n] = min(int(traces[n]) + impulse, highest)


def learn_pairs(weights, sources, targets, source_traces, target_traces, potentiation, depression, shift, lowest, highest):
    for i in sources:
        for j in range(weights.shape[1]):
            weights[i, j] = max(int(weights[i, j]) - int(target_traces[j]) * depression // 2**shift, lowest)
    for j in targets:
        for i in range(weights.shape[0]):
            weights[i, j] = min(int(weights[i, j]) + int(source_traces[i]) * potentiation // 2**shift, highest)
    return len(sources) * weights.shape[1] + len(targets) * weights.shape[0]
