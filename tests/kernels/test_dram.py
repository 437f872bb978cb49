"""Does the DRAM channel obey every rule, and is the fast kernel the one that can be read?"""

import naive_dram as naive
import naive_dram_rules as rules
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import dram_layout as d
from accelsim.kernels import dram_timing as timing
from accelsim.kernels.dram import serve
from accelsim.kernels.dram_power import wake

NO_LOG = np.zeros((1, d.LOG_FIELDS), np.int64)
NAMES = {value: name for name, value in vars(d).items() if name in ("ACT", "PRE", "RD", "WR", "REF", "REFPB", "PREAB")}
DISTANCES = {value: name for name, value in vars(d).items() if name.isupper() and isinstance(value, int) and 20 <= value < 54}
ISSUE = {
    d.ACT: lambda p, r, bank, clock: timing.activate(p, r, bank, 5, clock, NO_LOG),
    d.PRE: lambda p, r, bank, clock: timing.precharge(p, r, bank, clock, NO_LOG),
    d.RD: lambda p, r, bank, clock: timing.read(p, r, bank, clock, NO_LOG),
    d.WR: lambda p, r, bank, clock: timing.write(p, r, bank, clock, NO_LOG),
    d.REF: lambda p, r, bank, clock: timing.refresh_all(p, r, clock, NO_LOG),
    d.REFPB: lambda p, r, bank, clock: timing.refresh_bank(p, r, bank, clock, NO_LOG),
    d.PREAB: lambda p, r, bank, clock: timing.precharge_all(p, r, clock, NO_LOG),
}
EARLIEST = {
    d.ACT: lambda p, r, bank: timing.earliest_activate(r, bank),
    d.PRE: lambda p, r, bank: timing.earliest_precharge(r, bank),
    d.RD: lambda p, r, bank: timing.earliest_column(r, bank, 0),
    d.WR: lambda p, r, bank: timing.earliest_column(r, bank, 1),
    d.REF: lambda p, r, bank: r[d.S_REFRESH],
    d.REFPB: lambda p, r, bank: timing.earliest_refresh_bank(r, bank),
    d.PREAB: lambda p, r, bank: r[d.S_PRECHARGE_ALL],
}


def _silent(**values):
    """Parameters of 2 groups of 2 banks whose every distance is 0 but those given."""
    p = np.zeros(d.PARAMETERS, np.int64)
    for at, value in {d.BANKS: 4, d.BANKS_PER_GROUP: 2, d.READ_QUEUE: 1, d.WRITE_QUEUE: 1, d.BANK_QUEUE: 1}.items():
        p[at] = value
    for name, value in values.items():
        p[getattr(d, name)] = value
    return d.with_places(p)


@pytest.mark.parametrize(("before", "after", "where", "rule"), rules.RULES, ids=lambda v: NAMES.get(v, v) if not isinstance(v, str) else v)
def test_a_command_is_blocked_one_clock_before_a_rule_allows_it_and_legal_at_it(before, after, where, rule):
    p = _silent(**{DISTANCES[rule]: 37})
    record = d.fresh_record(p)
    ISSUE[before](p, record, 0, 1000)
    bank = {rules.BANK: 0, rules.GROUP: 1, rules.RANK: 3}[where]
    assert EARLIEST[after](p, record, bank) == 1037


@pytest.mark.parametrize(("before", "after", "where", "rule"), [r for r in rules.RULES if r[2] != rules.RANK])
def test_a_rule_of_a_bank_or_group_does_not_reach_further(before, after, where, rule):
    p = _silent(**{DISTANCES[rule]: 37})
    record = d.fresh_record(p)
    ISSUE[before](p, record, 0, 1000)
    assert EARLIEST[after](p, record, 3) <= 1000


def test_the_fifth_activation_waits_for_the_window_of_four():
    p = _silent(FAW=34, RRD=4)
    record = d.fresh_record(p)
    for i in range(4):
        assert timing.earliest_activate(record, i) <= 100 + 4 * i
        timing.activate(p, record, i, 1, 100 + 4 * i, NO_LOG)
    timing.close_bank(record, 0, 113)
    assert timing.earliest_activate(record, 0) == 134


def test_every_distance_between_commands_is_a_rule():
    distances = set(range(d.RCD_READ, d.REFRESH_BANK_TO_ACTIVATE + 1)) - {d.FAW, d.REFI, d.REFI_BANK}  # a window of four, two intervals
    assert {rule for _, _, _, rule in rules.RULES} == distances


@pytest.mark.parametrize(("power", "rule"), [(d.POWERED_DOWN, "POWER_DOWN_EXIT"), (d.SELF_REFRESHING, "SELF_REFRESH_EXIT")])
def test_every_command_waits_for_the_exit_from_a_power_state(power, rule):
    p = _silent(**{rule: 37})
    record = d.fresh_record(p)
    record[d.S_POWER] = power
    wake(p, record, 1000)
    assert {EARLIEST[command](p, record, 2) for command in EARLIEST} == {1037}


TIMINGS = {
    "READ_LATENCY": 14, "WRITE_LATENCY": 10, "RCD_READ": 7, "RCD_WRITE": 6, "RP": 7, "RP_ALL": 8, "RAS": 15, "RC": 22, "READ_TO_PRECHARGE": 5,
    "WRITE_TO_PRECHARGE": 18, "READ_TO_READ": 4, "READ_TO_READ_GROUP": 6, "WRITE_TO_WRITE": 4, "WRITE_TO_WRITE_GROUP": 6, "READ_TO_WRITE": 9,
    "WRITE_TO_READ": 13, "WRITE_TO_READ_GROUP": 17, "RRD": 3, "RRD_GROUP": 5, "FAW": 21, "PPD": 2, "REFI": 300, "RFC": 60, "REFI_BANK": 75,
    "RFC_BANK": 30, "REFRESH_BANK_GAP": 20, "REFRESH_BANK_TO_ACTIVATE": 4, "POWER_DOWN_EXIT": 6, "SELF_REFRESH_EXIT": 70, "BURST": 4,
    "SYNC_READ": 15, "SYNC_WRITE": 11,
}  # fmt: skip


def _channel(structure, **extra):
    p = np.zeros(d.PARAMETERS, np.int64)
    values = {d.BANKS: 4, d.BANKS_PER_GROUP: 2, d.MAPPING_SEGMENTS: 4, d.STRUCTURE: structure, d.READ_QUEUE: 6, d.WRITE_QUEUE: 6, d.BANK_QUEUE: 3}
    values |= {d.MAPPING: d.COLUMN, d.MAPPING + 1: 2, d.MAPPING + 2: d.GROUP, d.MAPPING + 3: 1, d.MAPPING + 4: d.BANK, d.MAPPING + 5: 1}
    values |= {d.MAPPING + 6: d.ROW, d.MAPPING + 7: 4, d.HIT_CAP: 2, d.FLUSH: 1, d.REFRESH: d.ALL_BANK}
    values |= {d.DRAIN_HIGH: 4800, d.DRAIN_LOW: 1200} if structure == d.AGE_ORDERED else {d.DRAIN_LOW: 2}
    for at, value in values.items():
        p[at] = value
    for name, value in (TIMINGS | extra).items():
        p[getattr(d, name)] = value
    return d.with_places(p)


CHANNELS = {
    "bank queues": _channel(d.BANK_QUEUES),
    "bank queues, per-bank refresh, sleep": _channel(d.BANK_QUEUES, REFRESH=d.PER_BANK, POWER_DOWN_AFTER=20, SELF_REFRESH_AFTER=900, BANK_XOR_ROW=1),
    "bank queues, writes left over": _channel(d.BANK_QUEUES, FLUSH=0, REFRESH=d.NO_REFRESH),
    "one queue": _channel(d.BANK_QUEUES, ONE_QUEUE=1, BANK_QUEUE=4),
    "row and column commands": _channel(d.BANK_QUEUES, DUAL_COMMAND=1),
    "age order": _channel(d.AGE_ORDERED),
    "age order, sleep": _channel(d.AGE_ORDERED, POWER_DOWN_AFTER=20, SELF_REFRESH_AFTER=900),
    "age order, split activation, data clock": _channel(d.AGE_ORDERED, SPLIT_ACTIVATE=5, CLOCK_SYNC=1),
    "age order, split activation, per-bank refresh": _channel(d.AGE_ORDERED, SPLIT_ACTIVATE=5, CLOCK_SYNC=1, REFRESH=d.PER_BANK),
}


def _batch(requests):
    batch = np.zeros((len(requests), d.BATCH_COLUMNS), np.int64)
    clock = 0
    for row, (address, is_write, gap) in zip(batch, requests, strict=True):
        clock += gap
        row[[d.C_ADDRESS, d.C_WRITE, d.C_ARRIVAL]] = address, is_write, clock
    batch[:, [d.C_ACCEPTED, d.C_FINISH]] = -1
    return batch


TRACES = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 1), st.sampled_from([0, 0, 0, 0, 1, 3, 40, 200, 1300])), min_size=1, max_size=40)


@pytest.mark.parametrize("name", CHANNELS)
@settings(max_examples=25, deadline=None)
@given(requests=TRACES)
def test_the_kernel_issues_the_commands_of_the_readable_model_at_the_same_clocks(name, requests):
    p = CHANNELS[name]
    fast, slow = _batch(requests), _batch(requests)
    log = np.zeros((2000, d.LOG_FIELDS), np.int64)
    serve(p, d.fresh_record(p), fast, 0, log)
    expected = naive.serve(p, slow)
    issued = [tuple(map(int, row)) for row in log[1 : log[0, 0] + 1]]
    issued = issued[: len(expected)]  # the kernel may already have gone to sleep
    assert issued == [(c, k, b, r if k in (d.ACT, d.RD, d.WR, d.ACT2, d.CAS) else -1) for c, k, b, r in expected]
    assert fast[:, [d.C_ACCEPTED, d.C_FINISH]].tolist() == slow[:, [d.C_ACCEPTED, d.C_FINISH]].tolist()


def test_a_full_write_buffer_lets_the_read_through_that_its_oldest_write_waits_for():
    p = CHANNELS["bank queues"]
    reads = [(16 * row, 0, 0) for row in range(6)]  # of one bank: three come to its queue, the sixth waits before it
    writes = [(16 * 5, 1, 0)] + [(16 * row + 1, 1, 0) for row in range(5)]
    fast, slow = _batch(reads + writes), _batch(reads + writes)
    serve(p, d.fresh_record(p), fast, 0, NO_LOG)
    naive.serve(p, slow)
    assert fast[:, d.C_FINISH].tolist() == slow[:, d.C_FINISH].tolist()
    assert fast[6, d.C_FINISH] > fast[5, d.C_FINISH] > 0


def test_a_batch_served_in_parts_far_apart_ends_like_the_whole():
    p = CHANNELS["age order, sleep"]
    rng = np.random.default_rng(4)
    whole = _batch([(int(a), int(w), 2000 if i == 15 else 1) for i, (a, w) in enumerate(zip(rng.integers(0, 256, 30), rng.integers(0, 2, 30), strict=True))])
    first, second = whole[:15].copy(), whole[15:].copy()
    one, two = d.fresh_record(p), d.fresh_record(p)
    serve(p, one, whole, 0, NO_LOG)
    serve(p, two, first, 0, NO_LOG)
    serve(p, two, second, 0, NO_LOG)
    assert whole[15:, d.C_FINISH].tolist() == second[:, d.C_FINISH].tolist()
    assert one[d.COUNTS : d.SCALARS].tolist()[:16] == two[d.COUNTS : d.SCALARS].tolist()[:16]
