"""The rules of a DRAM rank as a list, and a rank, a request and a refresher that follow them clock by clock."""

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


def rank_moved(rank, clock):
    """Say whether a command was issued at a clock."""
    return bool(rank.log) and rank.log[-1][0] == clock
