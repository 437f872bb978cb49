"""Plain-Python twins of the kernels that mapping and the engines stand on."""

from fractions import Fraction

import numpy as np

from accelsim.kernels.service import CLOCKED, FREE_AT, QUANTUM, READ_LATENCY, SERVED, STREAM, WRITE_LATENCY, P, Q


def place(sizes, first, last, order, capacity, offsets):
    """Lowest offset at which a tensor overlaps none that lives with it: every candidate is tried byte range by byte range."""
    offsets[:] = -1
    peak = 0
    for i in order:
        others = [j for j in range(len(sizes)) if offsets[j] >= 0 and first[i] <= last[j] and first[j] <= last[i]]
        for candidate in sorted({0, *(offsets[j] + sizes[j] for j in others)}):
            if all(candidate + sizes[i] <= offsets[j] or offsets[j] + sizes[j] <= candidate for j in others):
                break
        if capacity < 0 or candidate + sizes[i] <= capacity:
            offsets[i] = candidate
            peak = max(peak, candidate + sizes[i])
    return int(peak)


def edge(p, q, n):
    return int(Fraction(p, q) * n // 1)


def edge_at_or_after(p, q, time):
    n = 0
    while edge(p, q, n) < time:
        n += 1
    return n


def serve(service, parameters, state, amount, write, now):
    p, q = int(parameters[P]), int(parameters[Q])
    if service == CLOCKED:
        finish = edge(p, q, edge_at_or_after(p, q, now) + amount)
        state[FREE_AT] = finish
        state[SERVED] += amount
        return finish
    beats = int(np.ceil(amount / parameters[QUANTUM]))
    state[FREE_AT] = now + edge(p, q, beats)
    state[SERVED] += beats
    return state[FREE_AT] + parameters[WRITE_LATENCY if write else READ_LATENCY]


def streamed(resource, amount, service, parameters):
    span, beats = [0] * len(resource), [0] * len(resource)
    for i, (r, bytes_moved) in enumerate(zip(resource, amount, strict=True)):
        if r >= 0 and service[r] == STREAM:
            state = [0] * 4
            serve(STREAM, parameters[r], state, int(bytes_moved), False, 0)
            span[i], beats[i] = state[FREE_AT], state[SERVED]
    return span, beats


def loads(resource, amount, servers):
    mine = [[int(a) for r, a in zip(resource, amount, strict=True) if r == server] for server in range(servers)]
    return [len(amounts) for amounts in mine], [sum(amounts) for amounts in mine]


def bursts(resource, write, counted, amount, quantum):
    sums = [[0, 0] for _ in quantum]
    for r, direction, counts, own in zip(resource, write, counted, amount, strict=True):
        if r >= 0 and counts:
            sums[r][int(direction)] += up(int(own), int(quantum[r]))
    return sums


def successors(before, after, tasks):
    following = [[a for b, a in zip(before, after, strict=True) if b == i] for i in range(tasks)]
    first = np.concatenate([[0], np.cumsum([len(f) for f in following])])
    return first, np.array([a for f in following for a in f], np.int64)


def up(value, granule):
    return -(-value // granule) * granule


def best_block(out_h, out_w, out_c, in_h, in_w, in_c, filter_h, filter_w, stride_h, stride_w, equal_depth, ublock, largest, split, in_block_c, banks, bank_bytes, in_granule, sum_granule, in_bytes, sum_bytes, has_sums, passes):  # fmt: skip
    """List every block, keep those that fit, take those of least cost, settle ties."""
    top = [up(min(size, limit), step) for size, limit, step in zip((out_h, out_w, out_c), largest, ublock, strict=True)]

    def extent(block):
        return up((block[0] - 1) * stride_h + filter_h, ublock[0]), up((block[1] - 1) * stride_w + filter_w, ublock[1])

    def depth(block):
        return block[2] if equal_depth else in_block_c

    def fits(block):
        rows, columns = extent(block)
        inputs = up(2 * -(-rows * columns * up(depth(block) * in_bytes, 8) // bank_bytes), in_granule)
        sums = up(2 * -(-block[0] * block[1] * up(block[2], 8) * sum_bytes // bank_bytes), sum_granule) if has_sums else inputs
        return inputs + sums <= banks

    def cost(block):
        rows, columns = extent(block)
        outputs = out_h * out_w * out_c
        if has_sums:
            weights = filter_h * filter_w * in_c * (-(-out_h // block[0]) * -(-out_w // block[1])) * (1 if equal_depth else out_c)
            inputs = rows * columns * in_c * passes * ((out_h / block[0]) * (out_w / block[1])) * (1 if equal_depth else -(-out_c // block[2]))
            found = (inputs + weights) / outputs
        else:
            found = max(outputs / (block[0] * block[1] * block[2]), 1.0)
        return found / 2 if in_h * in_w * in_c < rows * columns * depth(block) * 2 else found

    def channel_steps():
        channels = max(ublock[2], min(top[2], split))
        channels = up(channels, split) if channels < out_c else channels
        while channels <= top[2]:
            yield channels
            channels += ublock[2]
            channels = up(channels, split) if channels < out_c else channels

    every = [(h, w, c) for c in channel_steps() for h in range(ublock[0], top[0] + 1, ublock[0]) for w in range(ublock[1], top[1] + 1, ublock[1])]
    feasible = [block for block in every if fits(block)]
    if not feasible:
        return 0, 0, 0
    least = min(map(cost, feasible))
    first, *others = [block for block in feasible if cost(block) == least]
    covered = 1e300
    for block in others:  # of equals, a small block that covers the input in fewer pieces
        rows, columns = extent(block)
        pieces = (in_h * in_w) / (min(in_h, rows) * min(in_w, columns))
        if pieces <= covered and max(block[:2]) <= 4:
            first, covered = block, pieces
    return first
