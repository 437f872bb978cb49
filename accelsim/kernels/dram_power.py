"""A DRAM channel that has nothing to do: power-down after a while, self-refresh after longer, and waking."""

from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram_timing import precharge_all, raise_to


@d.lean
def wake(parameters, record, clock):
    """Leave power-down or self-refresh at a clock; every command waits for the exit time."""
    power = record[d.S_POWER]
    if power == d.AWAKE:
        return
    slept = clock - record[d.S_IDLE_SINCE]
    if power == d.SELF_REFRESHING:
        record[d.COUNTS + d.N_SELF_REFRESH_CLOCKS] += slept
        ready = clock + parameters[d.SELF_REFRESH_EXIT]
        record[d.S_REFRESH_DUE] = clock + parameters[d.REFI_BANK if parameters[d.REFRESH] == d.PER_BANK else d.REFI]
    else:
        record[d.COUNTS + (d.N_ACTIVE_POWER_DOWN_CLOCKS if record[d.S_OPEN_ROWS] != 0 else d.N_POWER_DOWN_CLOCKS)] += slept
        ready = clock + parameters[d.POWER_DOWN_EXIT]
    for at in range(d.S_ACTIVATE, d.S_REFRESH_BANK + 1):
        raise_to(record, at, ready)
    record[d.S_POWER] = d.AWAKE
    record[d.S_IDLE_SINCE] = clock


@d.lean
def rest(parameters, record, clock, log):
    """Let an idle channel fall into the state that its idle time has earned; return the clock of the next such change.

    ``S_IDLE_SINCE`` is the clock since which the present power state holds; ``S_LAST_REQUEST`` that of the last request.
    """
    down, deep = parameters[d.POWER_DOWN_AFTER], parameters[d.SELF_REFRESH_AFTER]
    power = record[d.S_POWER]
    if deep > 0 and power != d.SELF_REFRESHING:
        due = record[d.S_LAST_REQUEST] + deep
        if clock >= due:
            wake(parameters, record, clock)
            if record[d.S_OPEN_ROWS] != 0:
                precharge_all(parameters, record, clock, log)
            record[d.S_POWER], record[d.S_IDLE_SINCE], record[d.S_REFRESH_DUE] = d.SELF_REFRESHING, clock, d.NEVER
            return d.NEVER
        if down > 0 and power == d.AWAKE:
            due = min(due, _fall_asleep(record, clock, down))
        return due
    if down > 0 and power == d.AWAKE:
        return _fall_asleep(record, clock, down)
    return d.NEVER


@d.lean
def _fall_asleep(record, clock, after):
    due = record[d.S_IDLE_SINCE] + after
    if clock < due:
        return due
    record[d.S_POWER], record[d.S_IDLE_SINCE] = d.POWERED_DOWN, clock
    return d.NEVER


@d.lean
def busy(parameters, record, clock):
    """Note that the channel has a request or a refresh to do at a clock."""
    wake(parameters, record, clock)
    record[d.S_IDLE_SINCE] = clock
