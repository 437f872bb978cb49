"""Does the DRAM channel repeat what DRAMsim3 and Ramulator 2.1 did, each under its own profile?"""

import os

import numpy as np
import pytest

import dram_runs
from accelsim.hardware.dram_energy import dram_energy
from accelsim.hardware.dram_parameters import channel_counts
from accelsim.hardware.dram_part import load_part
from accelsim.kernels import dram_layout as d

pytestmark = [
    pytest.mark.skipif(not dram_runs.FOLDER.is_dir(), reason="the reference runs (../shared/golden/dram) are not here"),
    pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="five million bursts take hours without compiled kernels"),
]
CONFIGS = (
    "ddr4_3200_x64", "ddr4_3200_x64_noref", "ddr4_3200_x64_fcfs1", "lpddr4_2400_x64", "lpddr4_2400_x16", "lpddr4_2400_x16_noref",
    "lpddr4_2400_x16_fcfs1", "hbm2_2000_x128", "ram_ddr4_2400R_x64", "ram_ddr4_3200AA_x64", "ram_lpddr5_6400_x16", "ram_lpddr5_6400_x16_refpb",
)  # fmt: skip
CORE_ENERGY = ("ddr4_3200_x64", "lpddr4_2400_x64", "lpddr4_2400_x16", "ddr4_3200_x64_fcfs1", "lpddr4_2400_x16_fcfs1")  # DRAMPower's
MICRO = ["m1_closed_hit_conflict", "m2_faw_8banks", "m3_hits_same_bank", "m4_conflict_chain", "m5_write_then_read", "m6_refresh_window"]
COMMANDS = {"cmd_ACT": d.N_ACTIVATE, "cmd_PRE": d.N_PRECHARGE, "cmd_PREab": d.N_PRECHARGE_ALL, "cmd_RD": d.N_READ, "cmd_WR": d.N_WRITE, "cmd_CAS": d.N_CAS}


def test_no_reference_run_is_left_out():
    assert {name for name, _ in dram_runs.results()} == set(CONFIGS)
    assert len(dram_runs.results()) == 210
    assert {name for name, _ in dram_runs.drampower()} == set(CORE_ENERGY)


@pytest.mark.parametrize("config", CONFIGS)
def test_every_run_takes_the_clocks_latency_and_commands_of_its_simulator(config):
    for (name, trace), row in dram_runs.results().items():
        if name != config:
            continue
        batch, record, last = dram_runs.run(config, trace)
        # Clocks are exact, closer than any bound by kind of trace; the simulators stop at, or one clock after, the last beat.
        assert last - int(row["cycles"]) in (0, -1), trace
        answered = (batch[:, d.C_WRITE] == 0) & (batch[:, d.C_FINISH] >= 0)
        latency = (batch[answered, d.C_FINISH] - batch[answered, d.C_ACCEPTED]).mean()
        assert latency == pytest.approx(float(row["avg_read_latency_cycles"]), abs=1e-3), trace
        counts = record[d.COUNTS :]
        counted = {key: int(counts[at]) for key, at in COMMANDS.items() if row[key]}
        reported = {key: int(row[key]) for key in counted}
        # Ramulator's last closing of a row may fall on the clock at which the run is stopped.
        assert all(abs(counted[key] - reported[key]) <= (1 if "PRE" in key else 0) for key in counted), (trace, counted, reported)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("trace", MICRO)
def test_every_command_of_a_micro_trace_falls_on_its_clock(config, trace):
    if not (dram_runs.FOLDER / "cmdtraces" / config).is_dir():
        pytest.skip("no command trace is stored for this configuration")
    names = {"activate": d.ACT, "ACT": d.ACT, "ACT1": d.ACT, "precharge": d.PRE, "PREpb": d.PRE, "read": d.RD, "RD": d.RD, "write": d.WR, "WR": d.WR}
    names |= {"refresh": d.REF, "REFab": d.REF, "REFpb": d.REFPB, "PREab": d.PREAB, "CAS_RD": d.CAS, "CAS_WR": d.CAS, "ACT2": d.ACT2}
    log = np.zeros((5000, d.LOG_FIELDS), np.int64)
    dram_runs.run(config, trace, log)
    issued = [(int(c), int(k)) for c, k, _, _ in log[1 : log[0, 0] + 1]]
    expected = [(clock, names[command]) for clock, command, _, _ in dram_runs.command_trace(config, trace)]
    assert issued[: len(expected)] == expected


IDLE = {"ddr4_3200_x64": (49, 27, 71), "lpddr4_2400_x64": (41, 26, 56), "hbm2_2000_x128": (31, 17, 45), "ram_ddr4_3200AA_x64": (49, 27, 71)}
IDLE["ram_lpddr5_6400_x16"] = (36, 21, 51)


@pytest.mark.parametrize("config", IDLE)
def test_an_idle_channel_answers_a_closed_a_hit_and_a_conflicting_read_in_the_known_clocks(config):
    batch, _, _ = dram_runs.run(config, "m1_closed_hit_conflict")
    latency = batch[:, d.C_FINISH] - batch[:, d.C_ACCEPTED]
    assert tuple(latency[:3]) == IDLE[config]


@pytest.mark.parametrize("config", CORE_ENERGY)
def test_core_energy_is_that_of_drampower_and_of_dramsim3(config):
    compared = 0
    part, _ = dram_runs.channel(config)
    for (name, trace), row in dram_runs.drampower().items():
        if name != config:
            continue
        _, record, _ = dram_runs.run(config, trace)
        reported = dram_runs.results()[config, trace]
        ours = {kind: value * 1e12 for kind, value in dram_energy(part, channel_counts(record, int(reported["cycles"]))).items()}
        assert sum(ours.values()) == pytest.approx(float(row["e_total_pJ"]), rel=0.02), trace
        assert ours["activate"] == pytest.approx(float(row["e_act_pJ"]), rel=1e-5), trace
        assert ours["precharge"] == pytest.approx(float(row["e_pre_pJ"]), rel=1e-5), trace
        assert ours["write"] == pytest.approx(float(row["e_write_pJ"]), rel=1e-5), trace
        assert ours["refresh"] == pytest.approx(float(row["e_refresh_pJ"]), rel=1e-5), trace
        assert ours["read"] == pytest.approx(float(reported["e_read_pJ"]), rel=1e-6), trace
        compared += 1
    assert compared > 0


SHIPPED = {"ddr4_3200_x64": "ddr4_3200_x64", "lpddr4_2400_x16": "lpddr4_2400_x16", "hbm2_2000_x128": "hbm2_2000_x128"}
SHIPPED |= {"ddr4_2400_x64": "ram_ddr4_2400R_x64", "lpddr5_6400_x16": "ram_lpddr5_6400_x16"}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_part_has_the_geometry_and_timing_that_were_measured(name):
    shipped, _ = load_part(name)
    measured, _ = dram_runs.channel(SHIPPED[name])
    assert shipped.geometry == measured.geometry
    ours, theirs = shipped.timing.model_dump(), measured.timing.model_dump()
    stated = {key: value for key, value in theirs.items() if value and key not in ("tCK", "tXP", "tXS", "tRC", "tWTR_L_burst")}
    assert {key: ours[key] for key in stated} == stated
