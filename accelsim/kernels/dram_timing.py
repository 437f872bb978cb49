"""The rules of a DRAM rank: the earliest legal clock of every command, and what each command forbids after it.

The rank's record keeps, for each kind of command, the earliest clock that the commands so far allow: per bank, per
bank group, per rank. A command is legal when all three are reached; issuing it raises the clocks of those that follow.
Rules: JESD79-4 (DDR4), JESD209-4 (LPDDR4), JESD209-5 (LPDDR5), JESD235 (HBM), as command to command distances.
"""

from accelsim.kernels import dram_layout as d


@d.lean
def bank_at(bank):
    """Return where a bank's numbers start in the record."""
    return d.SCALARS + bank * d.BANK_FIELDS


@d.lean
def raise_to(record, at, clock):
    """Move an earliest clock later, never earlier."""
    if record[at] < clock:
        record[at] = clock


@d.lean
def log_command(log, clock, command, bank, row):
    """Append a command to the log, if there is room: ``log[0, 0]`` counts, rows from 1 hold clock, command, bank, row."""
    if log.shape[0] <= 1:
        return
    n = log[0, 0] + 1
    if n < log.shape[0]:
        log[n, 0], log[n, 1], log[n, 2], log[n, d.LOG_FIELDS - 1] = clock, command, bank, row
        log[0, 0] = n


@d.lean
def earliest_any_activate(record):
    """Return the earliest clock that the rank allows for an ACT: tRRD_S, tFAW."""
    return max(record[d.S_ACTIVATE], record[d.S_WINDOW + record[d.S_OLDEST]])


@d.lean
def earliest_activate(record, bank):
    """Return the earliest legal clock of ACT: tRC, tRP, tRFC of the bank, tRRD_L of the group, tRRD_S and tFAW of the rank."""
    clock = record[bank_at(bank) + d.B_ACTIVATE]
    clock = max(clock, record[record[bank_at(bank) + d.B_GROUP_AT] + d.G_ACTIVATE])
    return max(clock, earliest_any_activate(record))


@d.lean
def earliest_column(record, bank, is_write):
    """Return the earliest legal clock of RD or WR to the open row: tRCD of the bank, tCCD and turnaround of group and rank."""
    at = bank_at(bank)
    group = record[at + d.B_GROUP_AT]
    if is_write:
        return max(max(record[at + d.B_WRITE], record[group + d.G_WRITE]), record[d.S_WRITE])
    return max(max(record[at + d.B_READ], record[group + d.G_READ]), record[d.S_READ])


@d.lean
def earliest_precharge(record, bank):
    """Return the earliest legal clock of PRE: tRAS, tRTP, tWR of the bank, tPPD of the rank."""
    return max(record[bank_at(bank) + d.B_PRECHARGE], record[d.S_PRECHARGE])


@d.lean
def earliest_refresh_bank(record, bank):
    """Return the earliest legal clock of a per-bank refresh of a closed bank."""
    return max(record[bank_at(bank) + d.B_REFRESH], record[d.S_REFRESH_BANK])


@d.lean
def activate(parameters, record, bank, row, clock, log):
    """Issue ACT."""
    at = bank_at(bank)
    group = record[at + d.B_GROUP_AT]
    record[at + d.B_ROW] = row
    record[at + d.B_HITS] = 0
    raise_to(record, at + d.B_ACTIVATE, clock + parameters[d.RC])
    raise_to(record, at + d.B_REFRESH, clock + parameters[d.RC])
    raise_to(record, at + d.B_READ, clock + parameters[d.RCD_READ])
    raise_to(record, at + d.B_WRITE, clock + parameters[d.RCD_WRITE])
    raise_to(record, at + d.B_PRECHARGE, clock + parameters[d.RAS])
    raise_to(record, group + d.G_ACTIVATE, clock + parameters[d.RRD_GROUP])
    raise_to(record, d.S_ACTIVATE, clock + parameters[d.RRD])
    raise_to(record, d.S_PRECHARGE_ALL, clock + parameters[d.RAS])
    raise_to(record, d.S_REFRESH, clock + parameters[d.RC])
    record[d.S_WINDOW + record[d.S_OLDEST]] = clock + parameters[d.FAW]
    record[d.S_OLDEST] = (record[d.S_OLDEST] + 1) & 3
    if record[d.S_OPEN_ROWS] == 0:
        record[d.S_OPEN_SINCE] = clock
    record[d.S_OPEN_ROWS] |= 1 << bank
    record[d.COUNTS + d.N_ACTIVATE] += 1
    log_command(log, clock, d.ACT, bank, row)


@d.lean
def close_bank(record, bank, clock):
    """Note that a bank has no open row, and the clocks in which any bank had one."""
    at = bank_at(bank)
    if record[at + d.B_ROW] == d.CLOSED:
        return
    record[at + d.B_ROW] = d.CLOSED
    record[d.S_OPEN_ROWS] &= ~(1 << bank)
    if record[d.S_OPEN_ROWS] == 0:
        record[d.COUNTS + d.N_ACTIVE_CLOCKS] += clock - record[d.S_OPEN_SINCE]


@d.lean
def precharge(parameters, record, bank, clock, log):
    """Issue PRE to one bank."""
    at = bank_at(bank)
    close_bank(record, bank, clock)
    raise_to(record, at + d.B_ACTIVATE, clock + parameters[d.RP])
    raise_to(record, at + d.B_REFRESH, clock + parameters[d.RP])
    raise_to(record, d.S_REFRESH, clock + parameters[d.RP])
    raise_to(record, d.S_PRECHARGE, clock + parameters[d.PPD])
    raise_to(record, d.S_PRECHARGE_ALL, clock + parameters[d.PPD])
    record[d.COUNTS + d.N_PRECHARGE] += 1
    log_command(log, clock, d.PRE, bank, -1)


@d.lean
def precharge_all(parameters, record, clock, log):
    """Issue PRE to all banks."""
    for bank in range(parameters[d.BANKS]):
        close_bank(record, bank, clock)
        raise_to(record, bank_at(bank) + d.B_REFRESH, clock + parameters[d.RP])
    raise_to(record, d.S_ACTIVATE, clock + parameters[d.RP_ALL])
    raise_to(record, d.S_REFRESH, clock + parameters[d.RP])
    raise_to(record, d.S_PRECHARGE, clock + parameters[d.PPD])
    raise_to(record, d.S_PRECHARGE_ALL, clock + parameters[d.PPD])
    record[d.COUNTS + d.N_PRECHARGE_ALL] += 1
    log_command(log, clock, d.PREAB, -1, -1)


@d.lean
def read(parameters, record, bank, clock, log):
    """Issue RD to the open row."""
    at = bank_at(bank)
    group = record[at + d.B_GROUP_AT]
    raise_to(record, at + d.B_PRECHARGE, clock + parameters[d.READ_TO_PRECHARGE])
    raise_to(record, group + d.G_READ, clock + parameters[d.READ_TO_READ_GROUP])
    raise_to(record, d.S_READ, clock + parameters[d.READ_TO_READ])
    raise_to(record, d.S_WRITE, clock + parameters[d.READ_TO_WRITE])
    raise_to(record, d.S_PRECHARGE_ALL, clock + parameters[d.READ_TO_PRECHARGE])
    record[d.COUNTS + d.N_READ] += 1
    if record[at + d.B_HITS] > 0:
        record[d.COUNTS + d.N_ROW_HIT] += 1
    record[at + d.B_HITS] += 1
    log_command(log, clock, d.RD, bank, record[at + d.B_ROW])


@d.lean
def write(parameters, record, bank, clock, log):
    """Issue WR to the open row."""
    at = bank_at(bank)
    group = record[at + d.B_GROUP_AT]
    raise_to(record, at + d.B_PRECHARGE, clock + parameters[d.WRITE_TO_PRECHARGE])
    raise_to(record, group + d.G_WRITE, clock + parameters[d.WRITE_TO_WRITE_GROUP])
    raise_to(record, group + d.G_READ, clock + parameters[d.WRITE_TO_READ_GROUP])
    raise_to(record, d.S_WRITE, clock + parameters[d.WRITE_TO_WRITE])
    raise_to(record, d.S_READ, clock + parameters[d.WRITE_TO_READ])
    raise_to(record, d.S_PRECHARGE_ALL, clock + parameters[d.WRITE_TO_PRECHARGE])
    record[d.COUNTS + d.N_WRITE] += 1
    if record[at + d.B_HITS] > 0:
        record[d.COUNTS + d.N_ROW_HIT] += 1
    record[at + d.B_HITS] += 1
    log_command(log, clock, d.WR, bank, record[at + d.B_ROW])


@d.lean
def refresh_all(parameters, record, clock, log):
    """Issue REF to the whole rank; every bank is closed."""
    raise_to(record, d.S_ACTIVATE, clock + parameters[d.RFC])
    raise_to(record, d.S_REFRESH, clock + parameters[d.RFC])
    raise_to(record, d.S_REFRESH_BANK, clock + parameters[d.RFC])
    raise_to(record, d.S_PRECHARGE_ALL, clock + parameters[d.RFC])
    record[d.COUNTS + d.N_REFRESH] += 1
    log_command(log, clock, d.REF, -1, -1)


@d.lean
def refresh_bank(parameters, record, bank, clock, log):
    """Issue a refresh of one closed bank."""
    at = bank_at(bank)
    raise_to(record, at + d.B_ACTIVATE, clock + parameters[d.RFC_BANK])
    raise_to(record, at + d.B_REFRESH, clock + parameters[d.RFC_BANK])
    raise_to(record, d.S_ACTIVATE, clock + parameters[d.REFRESH_BANK_TO_ACTIVATE])
    raise_to(record, d.S_REFRESH_BANK, clock + parameters[d.REFRESH_BANK_GAP])
    raise_to(record, d.S_REFRESH, clock + parameters[d.RFC_BANK])
    record[d.COUNTS + d.N_REFRESH_BANK] += 1
    log_command(log, clock, d.REFPB, bank, -1)
