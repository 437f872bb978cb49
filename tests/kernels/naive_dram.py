"""The DRAM channel once more, clock by clock and from the list of rules, to be read rather than to be fast."""

from accelsim.kernels import dram_layout as d

BANK, GROUP, RANK = "bank", "group", "rank"
# Every distance: a command, the command it holds up, where (same bank, same bank group, anywhere), and by which parameter.
RULES = [
    (d.ACT, d.ACT, BANK, d.RC),
    (d.ACT, d.ACT, GROUP, d.RRD_GROUP),
    (d.ACT, d.ACT, RANK, d.RRD),
    (d.ACT, d.RD, BANK, d.RCD_READ),
    (d.ACT, d.WR, BANK, d.RCD_WRITE),
    (d.ACT, d.PRE, BANK, d.RAS),
    (d.ACT, d.PREAB, RANK, d.RAS),
    (d.ACT, d.REF, RANK, d.RC),
    (d.ACT, d.REFPB, BANK, d.RC),
    (d.PRE, d.ACT, BANK, d.RP),
    (d.PRE, d.REF, RANK, d.RP),
    (d.PRE, d.REFPB, BANK, d.RP),
    (d.PRE, d.PRE, RANK, d.PPD),
    (d.PRE, d.PREAB, RANK, d.PPD),
    (d.PREAB, d.ACT, RANK, d.RP_ALL),
    (d.PREAB, d.REF, RANK, d.RP),
    (d.PREAB, d.REFPB, RANK, d.RP),
    (d.PREAB, d.PRE, RANK, d.PPD),
    (d.PREAB, d.PREAB, RANK, d.PPD),
    (d.RD, d.PRE, BANK, d.READ_TO_PRECHARGE),
    (d.RD, d.PREAB, RANK, d.READ_TO_PRECHARGE),
    (d.RD, d.RD, GROUP, d.READ_TO_READ_GROUP),
    (d.RD, d.RD, RANK, d.READ_TO_READ),
    (d.RD, d.WR, RANK, d.READ_TO_WRITE),
    (d.WR, d.PRE, BANK, d.WRITE_TO_PRECHARGE),
    (d.WR, d.PREAB, RANK, d.WRITE_TO_PRECHARGE),
    (d.WR, d.WR, GROUP, d.WRITE_TO_WRITE_GROUP),
    (d.WR, d.WR, RANK, d.WRITE_TO_WRITE),
    (d.WR, d.RD, GROUP, d.WRITE_TO_READ_GROUP),
    (d.WR, d.RD, RANK, d.WRITE_TO_READ),
    (d.REF, d.ACT, RANK, d.RFC),
    (d.REF, d.REF, RANK, d.RFC),
    (d.REF, d.REFPB, RANK, d.RFC),
    (d.REF, d.PREAB, RANK, d.RFC),
    (d.REFPB, d.ACT, BANK, d.RFC_BANK),
    (d.REFPB, d.ACT, RANK, d.REFRESH_BANK_TO_ACTIVATE),
    (d.REFPB, d.REFPB, RANK, d.REFRESH_BANK_GAP),
    (d.REFPB, d.REFPB, BANK, d.RFC_BANK),
    (d.REFPB, d.REF, RANK, d.RFC_BANK),
]


class Rank:
    """Open rows, and when each command was last issued to each bank."""

    def __init__(self, parameters):
        self.p = parameters
        self.rows = [None] * int(parameters[d.BANKS])
        self.hits = [0] * len(self.rows)
        self.last = {}
        self.activations = []
        self.awake_from = 0
        self.log = []

    def legal(self, command, bank, clock):
        """Say whether every rule allows a command at a clock."""
        group = bank // self.p[d.BANKS_PER_GROUP]
        for before, after, where, distance in RULES:
            if after != command:
                continue
            for (issued, other), when in self.last.items():
                near = where == RANK or (where == BANK and other == bank) or (where == GROUP and other >= 0 and other // self.p[d.BANKS_PER_GROUP] == group)
                if issued == before and near and clock < when + self.p[distance]:
                    return False
        window_full = command == d.ACT and len(self.activations) >= 4 and clock < self.activations[-4] + self.p[d.FAW]
        return clock >= self.awake_from and not window_full

    def issue(self, command, bank, clock):
        row = -1
        if command in (d.RD, d.WR):
            self.hits[bank] += 1
            row = self.rows[bank]
        elif command == d.PRE:
            self.rows[bank] = None
        elif command == d.PREAB:
            self.rows = [None] * len(self.rows)
        self.last[command, bank] = clock
        self.log.append((clock, command, bank, row))

    def activate(self, bank, row, clock):
        self.rows[bank], self.hits[bank] = row, 0
        self.activations.append(clock)
        self.last[d.ACT, bank] = clock
        self.log.append((clock, d.ACT, bank, row))


class Request:
    """One burst of the trace."""

    def __init__(self, index, address, is_write, arrival, bank, row):
        self.index, self.address, self.is_write, self.arrival, self.bank, self.row = index, address, bool(is_write), arrival, bank, row
        self.accepted = self.finish = -1
        self.followers = []

    def needs(self, rank):
        open_row = rank.rows[self.bank]
        if open_row is None:
            return d.ACT
        if open_row == self.row:
            return d.WR if self.is_write else d.RD
        return d.PRE


class Refresher:
    """Counts refreshes that are due; knows sleep."""

    def __init__(self, parameters, rank):
        self.p, self.rank = parameters, rank
        self.per_bank = parameters[d.REFRESH] == d.PER_BANK
        self.interval = int(parameters[d.REFI_BANK if self.per_bank else d.REFI])
        self.due = self.interval if parameters[d.REFRESH] != d.NO_REFRESH else None
        self.pending, self.bank = 0, 0
        self.power, self.since, self.last_request = d.AWAKE, 0, 0

    def tick(self, clock):
        if self.due is not None and clock >= self.due:
            self.busy(clock)
            self.pending += 1
            self.due += self.interval

    def busy(self, clock):
        if self.power == d.POWERED_DOWN:
            self.rank.awake_from = clock + self.p[d.POWER_DOWN_EXIT]
        elif self.power == d.SELF_REFRESHING:
            self.rank.awake_from = clock + self.p[d.SELF_REFRESH_EXIT]
            self.due = clock + self.interval
        self.power, self.since = d.AWAKE, clock

    def rest(self, clock):
        if self.p[d.SELF_REFRESH_AFTER] and self.power != d.SELF_REFRESHING and clock >= self.last_request + self.p[d.SELF_REFRESH_AFTER]:
            if any(row is not None for row in self.rank.rows):
                self.rank.issue(d.PREAB, -1, clock)
            self.power, self.due = d.SELF_REFRESHING, None
        elif self.p[d.POWER_DOWN_AFTER] and self.power == d.AWAKE and clock >= self.since + self.p[d.POWER_DOWN_AFTER]:
            self.power = d.POWERED_DOWN


def decode(parameters, address):
    """Return bank and row of a burst number."""
    values, widths = [0, 0, 0, 0], [0, 0, 0, 0]
    for s in range(parameters[d.MAPPING_SEGMENTS]):
        field, width = parameters[d.MAPPING + 2 * s], parameters[d.MAPPING + 2 * s + 1]
        values[field] += (address % (1 << int(width))) << widths[field]
        widths[field] += int(width)
        address >>= int(width)
    bank = values[d.BANK] ^ (values[d.ROW] % (1 << widths[d.BANK]) if parameters[d.BANK_XOR_ROW] else 0)
    return int(values[d.GROUP] * parameters[d.BANKS_PER_GROUP] + bank), int(values[d.ROW])


def serve(parameters, batch):
    """Serve a whole trace from clock 0; return the command log and write C_ACCEPTED and C_FINISH like the kernel."""
    requests = [Request(i, int(r[d.C_ADDRESS]), r[d.C_WRITE], int(r[d.C_ARRIVAL]), *decode(parameters, int(r[d.C_ADDRESS]))) for i, r in enumerate(batch)]
    run = _bank_queues if parameters[d.STRUCTURE] == d.BANK_QUEUES else _age_ordered
    log = run(parameters, requests)
    for request, row in zip(requests, batch, strict=True):
        row[d.C_ACCEPTED], row[d.C_FINISH] = request.accepted, request.finish
    return log


def _bank_queues(p, trace):
    rank = Rank(p)
    refresher = Refresher(p, rank)
    queues = [[] for _ in range(1 if p[d.ONE_QUEUE] else int(p[d.BANKS]))]
    queue_of = (lambda bank: queues[0]) if p[d.ONE_QUEUE] else (lambda bank: queues[bank])
    reads, writes, robin, draining, clock = [], [], 0, 0, 0
    waiting_for = {True: lambda a: [r for r in writes + sum(queues, []) if r.is_write and r.address == a]}
    waiting_for[False] = lambda a: [r for r in reads + sum(queues, []) if not r.is_write and r.address == a]
    trace = list(trace)

    def may_precharge(queue, place):
        request = queue[place]
        if any(other.bank == request.bank for other in queue[:place]):
            return False
        hits = any(other.bank == request.bank and other.row == rank.rows[request.bank] for other in queue[place:])
        return not hits or rank.hits[request.bank] >= p[d.HIT_CAP]

    def choose():
        nonlocal robin
        for step in range(1, len(queues) + 1):
            queue = queues[(robin + step) % len(queues)]
            for place, request in enumerate(queue):
                command = request.needs(rank)
                blocked = command == d.PRE and not may_precharge(queue, place)
                if command == d.WR and any(not r.is_write and r.address == request.address for r in queue[:place]):
                    blocked = True
                if not blocked and rank.legal(command, request.bank, clock):
                    robin = (robin + step) % len(queues)
                    return request, command
        return None

    def issue(request, command):
        if command == d.ACT:
            rank.activate(request.bank, request.row, clock)
            return
        rank.issue(command, request.bank, clock)
        if command in (d.RD, d.WR):
            queue_of(request.bank).remove(request)
            for done in [request, *request.followers]:
                done.finish = clock + int(p[d.WRITE_LATENCY if command == d.WR else d.READ_LATENCY])

    while True:
        refresher.tick(clock)
        busy = False
        if refresher.pending:
            targets = [refresher.bank] if refresher.per_bank else range(int(p[d.BANKS]))
            opened = [bank for bank in targets if rank.rows[bank] is not None]
            ready = [bank for bank in opened if rank.legal(d.PRE, bank, clock)]
            if ready:
                rank.issue(d.PRE, ready[0], clock)
            elif not opened and rank.legal(d.REFPB if refresher.per_bank else d.REF, refresher.bank if refresher.per_bank else -1, clock):
                rank.issue(d.REFPB if refresher.per_bank else d.REF, refresher.bank if refresher.per_bank else -1, clock)
                refresher.pending -= 1
                refresher.bank = (refresher.bank + 1) % int(p[d.BANKS]) if refresher.per_bank else 0
        else:
            first = choose()
            if first:
                issue(*first)
                second = choose() if p[d.DUAL_COMMAND] else None
                if second and (first[1] in (d.RD, d.WR)) != (second[1] in (d.RD, d.WR)):
                    issue(*second)
        at_end = p[d.FLUSH] and not trace and not reads
        if draining == 0 and writes and (len(writes) >= p[d.WRITE_QUEUE] or (len(writes) > p[d.DRAIN_LOW] and not any(queues)) or at_end):
            draining = len(writes)
        source = writes if draining else reads
        for request in source:
            if len(queue_of(request.bank)) < p[d.BANK_QUEUE]:
                if draining and waiting_for[False](request.address):
                    draining = 0
                else:
                    draining -= 1 if draining else 0
                    source.remove(request)
                    queue_of(request.bank).append(request)
                    busy = True
                break
        if trace and trace[0].arrival <= clock:
            request = trace[0]
            pool, room = (writes, p[d.WRITE_QUEUE]) if request.is_write else (reads, p[d.READ_QUEUE])
            if len(pool) < room:
                busy = True
                trace.pop(0)
                request.accepted = clock + 1
                refresher.last_request = clock
                same = waiting_for[False](request.address) if not request.is_write else []
                if waiting_for[True](request.address):
                    request.finish = clock + 2
                elif same:
                    same[0].followers.append(request)
                else:
                    refresher.busy(clock + 1)
                    pool.append(request)
        stranded = not p[d.FLUSH] and draining == 0 and len(writes) < p[d.WRITE_QUEUE] and len(writes) <= p[d.DRAIN_LOW]
        idle = not reads and not any(queues) and (not writes or (stranded and not trace))
        if idle and not refresher.pending and not busy and not rank_moved(rank, clock):
            refresher.rest(clock)
        if idle and not trace:
            return rank.log
        clock += 1


def rank_moved(rank, clock):
    """Say whether a command was issued at a clock."""
    return bool(rank.log) and rank.log[-1][0] == clock


def _age_ordered(p, trace):
    rank = Rank(p)
    refresher = Refresher(p, rank)
    buffers = {False: [], True: []}
    opened, activating, deadline, cas, sync_until, write_mode, clock = [], None, 0, None, 0, False, 0
    trace = list(trace)

    def column(request, command):
        nonlocal sync_until
        rank.issue(command, request.bank, clock)
        request.finish = clock + int(p[d.WRITE_LATENCY if command == d.WR else d.READ_LATENCY])
        sync_until = max(sync_until, clock + int(p[d.SYNC_WRITE if command == d.WR else d.SYNC_READ]))
        (opened if request in opened else buffers[request.is_write]).remove(request)

    def allowed(request, command):
        if activating is not None and (command == d.ACT or request.bank == activating.bank):
            return False
        return command != d.PRE or all(other.bank != request.bank for other in opened)

    def oldest(pool):
        for request in sorted(pool, key=lambda r: r.index):
            command = request.needs(rank)
            if allowed(request, command) and rank.legal(command, request.bank, clock):
                return request, command
        return None

    def second_activate():
        nonlocal activating
        opened.append(activating)
        rank.log.append((clock, d.ACT2, activating.bank, activating.row))
        activating = None

    def refresh():
        if refresher.per_bank:
            bank = refresher.bank
            command = d.REFPB if rank.rows[bank] is None else d.PRE
            held = command == d.PRE and (any(r.bank == bank for r in opened) or (activating is not None and activating.bank == bank))
        else:
            bank = -1
            command = d.REF if all(row is None for row in rank.rows) else d.PREAB
            held = command == d.PREAB and (opened or activating is not None)
        if held or not rank.legal(command, bank, clock):
            return False
        rank.issue(command, bank, clock)
        if command in (d.REF, d.REFPB):
            refresher.pending -= 1
            refresher.bank = (refresher.bank + 1) % int(p[d.BANKS]) if refresher.per_bank else 0
        return True

    while True:
        busy = False
        if trace and trace[0].arrival < clock:
            request, pool = trace[0], buffers[trace[0].is_write]
            if any(other.address == request.address for other in buffers[True]):
                request.finish = clock
                busy = True
            elif len(pool) < p[d.WRITE_QUEUE if request.is_write else d.READ_QUEUE]:
                pool.append(request)
                refresher.busy(clock)
                busy = True
            if busy:
                trace.pop(0)
                request.accepted = clock - 1
                refresher.last_request = clock
        refresher.tick(clock)
        if cas:
            request, command, cas = *cas, None
            column(request, command)
        elif activating is not None and deadline <= clock:
            second_activate()
        else:
            found = oldest(opened)
            if not found and refresher.pending:
                if refresh():
                    clock += 1
                    continue
            elif not found:
                if not write_mode:
                    write_mode = len(buffers[True]) * 1000 > p[d.DRAIN_HIGH] or not buffers[False]
                elif len(buffers[True]) * 1000 < p[d.DRAIN_LOW] and buffers[False]:
                    write_mode = False
                found = oldest(buffers[write_mode])
            starts_clock = found is not None and found[1] in (d.RD, d.WR) and p[d.CLOCK_SYNC] and clock >= sync_until
            if activating is not None and (not found or (starts_clock and deadline <= clock + 1)):
                second_activate()
            elif starts_clock:
                cas = found
                rank.log.append((clock, d.CAS, found[0].bank, found[0].row))
            elif found and found[1] == d.ACT:
                request = found[0]
                rank.activate(request.bank, request.row, clock)
                buffers[request.is_write].remove(request)
                if p[d.SPLIT_ACTIVATE]:
                    activating, deadline = request, clock + int(p[d.SPLIT_ACTIVATE])
                else:
                    opened.append(request)
            elif found and found[1] == d.PRE:
                rank.issue(d.PRE, found[0].bank, clock)
            elif found:
                column(*found)
        idle = not buffers[False] and not buffers[True] and not opened and activating is None and cas is None
        if idle and not refresher.pending and not busy and not rank_moved(rank, clock):
            refresher.rest(clock)
        if idle and not trace:
            return rank.log
        clock += 1
