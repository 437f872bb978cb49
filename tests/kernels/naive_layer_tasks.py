"""Tasks of an inference as lists, each sentence of the rules a line: which piece waits for which."""

from fractions import Fraction

from accelsim.kernels.layer_tasks import CONSTANT, HOP, INPUT, LAYER, OUTPUT, STREAM, UNKNOWN, WHERE

MILESTONE, COMPUTE, START = 0, 1, 5


class Inference:
    """Tasks (server, amount, write, called, layer, priority), pairs of needs, and addresses by task."""

    def __init__(self, depth, ahead, under_way, late):
        self.depth, self.ahead, self.under_way, self.late = depth, ahead, under_way, late
        self.tasks, self.needs, self.address = [], [], {}
        self.clock = 0
        self.computed = {}  # per unit, every piece of work so far
        self.groups_ended = {}  # per unit and role, the last pieces of groups of layers in which something stayed for a group

    def add(self, server, amount, write, called, layer, priority):
        self.tasks.append((server, amount, bool(write), called, layer, self.clock + priority))
        return len(self.tasks) - 1

    def meet(self, priorities):
        return [self.add(-1, 0, False, MILESTONE, -1, priority) for priority in priorities]

    def pairs(self, before, after):
        self.needs += list(zip(before, after, strict=True))

    def layer(self, outline, waits):
        (index, unit, groups, pieces, setup, constants_wait, _), cycles, streams = outline
        start = self.add(-1, 0, False, MILESTONE, index, 0)
        self.pairs(waits, [start] * len(waits))
        if setup:
            call = self.add(unit, setup, False, COMPUTE, index, 0)
            self.pairs([start], [call])
            start = call
        compute = [self.add(unit, amount, False, COMPUTE, index, group * pieces + i) for group, c in enumerate(cycles) for i, amount in enumerate(cut(c - setup, pieces))]
        self.pairs([start, *compute[:-1]], compute)
        ends_of_groups = compute[pieces - 1 :: pieces]
        finishing, stays = [compute], set()
        for (role, grouped, once, chunks, place, extent, _), hops in streams:
            if role == OUTPUT:
                first, last = self.pass_hops(hops, index, [i + self.late for i in range(len(compute))], place, extent)
                finishing.append(last if hops else compute)
                if hops:
                    self.pairs(compute, first)
                    for i, piece in enumerate(compute[self.depth :]):
                        self.pairs([last[i]], [piece])
                continue
            when = range(0, len(compute), pieces) if grouped else range(pieces) if once else range(len(compute))
            chunks = chunks if grouped else 1
            if grouped:
                stays.add(role)
            if not hops:
                continue
            first, last = self.pass_hops(hops, index, [i for i in when for _ in range(chunks)], place, extent)
            early = self.ahead if role == CONSTANT and not grouped else self.depth
            buffers = max(early, self.under_way) if len(hops) == 1 and not grouped else early
            for number, i in enumerate(when):
                moved = first[number * chunks : (number + 1) * chunks]
                self.pairs([last[(number + 1) * chunks - 1]], [compute[i]])
                if number >= buffers:
                    freed = ends_of_groups[number - buffers] if grouped else compute[i - buffers]
                    self.pairs([freed] * chunks, moved)
                elif grouped:
                    earlier = self.groups_ended.get((unit, role), [])[-buffers:]
                    place_in_it = number - (buffers - len(earlier))
                    if place_in_it >= 0:
                        self.pairs([earlier[place_in_it]] * chunks, moved)
                elif role == CONSTANT:
                    earlier = self.computed.get(unit, [])[-early:][number : number + 1]
                    self.pairs(earlier, moved[: len(earlier)])
                    if number >= early and not constants_wait:
                        self.pairs([start], moved)
                if (role == INPUT or constants_wait) and (grouped or number < buffers):
                    self.pairs([start] * chunks, moved)
        done = self.add(-1, 0, False, MILESTONE, index, len(compute) - 1)
        for ids in finishing:
            self.pairs(ids[-self.depth :], [done] * len(ids[-self.depth :]))
        self.computed[unit] = self.computed.get(unit, []) + compute
        for role in stays:
            self.groups_ended[unit, role] = self.groups_ended.get((unit, role), []) + ends_of_groups[-self.depth :]
        self.clock += len(compute)
        return done

    def pass_hops(self, hops, layer, priorities, place, extent):
        sides = []  # hops side by side
        for hop in hops:
            if hop[3] and sides:
                sides[-1].append(hop)
            else:
                sides.append([hop])
        first = previous = self.meet(priorities) if sides and len(sides[0]) > 1 else None
        for side in sides:
            blocks = []
            for server, write, called, _, amount, asks in side:
                amounts = cut(amount, len(priorities))
                block = [self.add(server, own, write, called, layer, priority) for own, priority in zip(amounts, priorities, strict=True)]
                for i, task in enumerate(block):
                    if asks == UNKNOWN:
                        self.address[task] = -1
                    if asks == WHERE:
                        self.address[task] = place + sum(amounts[:i]) % max(1, extent)
                if previous is not None:
                    self.pairs(previous, block)
                blocks.append(block)
            first = first if first is not None else blocks[0]
            previous = blocks[0]
            if len(blocks) > 1:
                previous = self.meet(priorities)
                for block in blocks:
                    self.pairs(block, previous)
        return first, previous


def cut(total, pieces):
    edges = [int(Fraction(total * i, pieces) // 1) for i in range(pieces + 1)]
    return [after - before for before, after in zip(edges, edges[1:], strict=False)]


def read(outlines):
    """Split outlines into layers: (numbers, cycles, [(stream, [hop, ...])])."""
    outlines = list(outlines)
    take = lambda count: [outlines.pop(0) for _ in range(count)]  # noqa: E731
    while outlines:
        layer = take(LAYER)
        cycles = take(layer[2])
        streams = []
        for _ in range(layer[-1]):
            stream = take(STREAM)
            streams.append((stream, [take(HOP) for _ in range(stream[-1])]))
        yield layer, cycles, streams


def inference(outlines, first_wait, waits, depth, ahead, under_way, late, host, call):
    made = Inference(depth, ahead, under_way, late)
    begun = made.add(-1, 0, False, MILESTONE, -1, 0)
    if call:
        begun = made.add(host, call, False, START, -1, 0)
        made.pairs([0], [1])
    done = []
    for_each = [[int(one) for one in waits[a:b]] for a, b in zip(first_wait, first_wait[1:], strict=False)]
    layers = list(read(outlines))
    for outline, own in zip(layers, for_each, strict=False):
        done.append(made.layer(outline, [done[one] if one >= 0 else begun for one in own]))
    end = made.add(-1, 0, False, MILESTONE, -1, 0)
    made.pairs([done[one] if one >= 0 else begun for one in for_each[-1]], [end] * len(for_each[-1]))
    return made

