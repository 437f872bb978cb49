"""The kernels of accelsim.kernels.neuromem as anyone would write them down, in plain Python."""


def l1_distance(stored, neuron, vectors, row):
    return sum(abs(int(a) - int(b)) for a, b in zip(stored[neuron], vectors[row], strict=False))


def lsup_distance(stored, neuron, vectors, row):
    return max(abs(int(a) - int(b)) for a, b in zip(stored[neuron], vectors[row], strict=False))


def distances(stored, vectors, l1_neurons, result):
    for row in range(len(vectors)):
        for neuron in range(len(stored)):
            norm = l1_distance if neuron < l1_neurons else lsup_distance
            result[row, neuron] = norm(stored, neuron, vectors, row)


def respond(result, limits, categories, agreeing, identifiers, statuses, firing, response_distance, response_category, response_identifier):
    for row, away in enumerate(result):
        fired = [n for n in range(len(away)) if away[n] < limits[n]]
        firing[row] = len(fired)
        statuses[row] = {0: 0, 1: 8}.get(len({int(agreeing[n]) for n in fired}), 4)
        groups = sorted({(int(away[n]), int(categories[n])) for n in fired})
        for k in range(response_distance.shape[1]):
            response_distance[row, k] = response_category[row, k] = response_identifier[row, k] = 0xFFFF
            if k < len(groups):
                response_distance[row, k], response_category[row, k] = groups[k]
                together = -1
                for n in fired:
                    if (int(away[n]), int(categories[n])) == groups[k]:
                        together &= int(identifiers[n])
                response_identifier[row, k] = together


def next_free(categories, start):
    return next((n for n in range(start, len(categories)) if not categories[n] % 0x8000), -1)


def is_active(neuron_context, global_context):
    return global_context % 128 == 0 or neuron_context == global_context


def learn(vectors, wanted, memory, contexts, categories, influence, minimum_influence, distance, race, rules, statuses, same, committed, shrunk):
    for row, vector in enumerate(vectors):
        active = [n for n in range(len(memory)) if categories[n] % 0x8000 and is_active(contexts[n], rules.context)]
        race[:] = False
        for n in active:
            norm = rules.context if rules.norm_is_global else contexts[n]
            distance[n] = (lsup_distance if norm >= 128 else l1_distance)(memory, n, vectors, row)
            race[n] = rules.all_fire or distance[n] < influence[n]
        fired = [n for n in active if race[n]]
        near = [int(distance[n]) for n in active if not (rules.nearest_ignores_same_category and categories[n] % 0x8000 == wanted[row])]
        statuses[row] = {0: 0, 1: 8}.get(len({int(categories[n]) & rules.agreement_mask for n in fired}), 4)
        same[row] = any(categories[n] % 0x8000 == wanted[row] for n in fired)
        free = next_free(categories, 0)
        shrunk[row] = shrink(wanted[row], categories, influence, minimum_influence, distance, race, rules) if free >= 0 or rules.full_chain_shrinks else 0
        committed[row] = -1
        if free >= 0:
            memory[free][: len(vector)], distance[free] = vector, 0
            if wanted[row] and not same[row]:
                commit(free, wanted[row], min(near, default=1 << 16), contexts, categories, influence, minimum_influence, rules)
                committed[row] = free


def shrink(wanted, categories, influence, minimum_influence, distance, race, rules):
    count = 0
    for n in range(len(categories)):
        inward = distance[n] < influence[n]
        if race[n] and categories[n] % 0x8000 != wanted and (inward or not rules.shrinks_only_inward):
            count += 1
            influence[n] = max(distance[n], minimum_influence[n])
            if distance[n] <= minimum_influence[n]:
                categories[n] |= 0x8000
    return count


def commit(free, wanted, nearest, contexts, categories, influence, minimum_influence, rules):
    field = min(rules.maximum_influence, nearest)
    contexts[free], minimum_influence[free] = rules.context, rules.minimum_influence
    influence[free] = max(field, rules.minimum_influence)
    categories[free] = wanted + (0x8000 if field <= rules.minimum_influence and rules.degenerates_at_commit else 0)
