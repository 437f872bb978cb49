"""The DRAM channel once more, clock by clock, to be read rather than to be fast."""

from naive_dram_rules import Rank, Refresher, Request, decode, rank_moved

from accelsim.kernels import dram_layout as d


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
        movable = [request for request in source if len(queue_of(request.bank)) < p[d.BANK_QUEUE]]
        if draining and movable and waiting_for[False](movable[0].address):
            draining, source = 0, reads
            movable = [] if any(queues) else reads[:1]
        if movable:
            draining -= 1 if draining else 0
            source.remove(movable[0])
            queue_of(movable[0].bank).append(movable[0])
            busy = True
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
