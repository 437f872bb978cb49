"""The 210 reference runs of DRAMsim3 and Ramulator 2.1: their parameters as parts, their traces, their results."""

import csv
import gzip
import importlib.util
from functools import lru_cache
from pathlib import Path

import numpy as np

from accelsim.base.yaml_files import read_yaml
from accelsim.hardware.dram_parameters import channel_parameters
from accelsim.hardware.dram_part import DramPart, load_controller
from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram import serve

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "golden" / "dram"
NO_LOG = np.zeros((1, d.LOG_FIELDS), np.int64)
PROFILES = {"ddr4_": "ddr4_x64", "lpddr4_2400_x64": "lpddr4_x64", "lpddr4_2400_x16": "lpddr4_x16", "hbm2_": "hbm2_x128", "lpddr5_": "lpddr5_x16"}


@lru_cache
def results():
    """Return the rows of results.csv by configuration and trace."""
    with open(FOLDER / "results.csv", newline="") as file:
        return {(row["config"], row["trace"]): row for row in csv.DictReader(file)}


@lru_cache
def drampower():
    """Return DRAMPower's rows at rho 1, where one open bank draws the whole active current."""
    with open(FOLDER / "drampower.csv", newline="") as file:
        return {(row["config"], row["trace"]): row for row in csv.DictReader(file) if row["rho"] == "1.0"}


@lru_cache
def parameters():
    """Return parameters.yaml."""
    return read_yaml(FOLDER / "parameters.yaml")


@lru_cache
def traces(profile):
    """Return a profile's traces: address, write, earliest clock."""
    spec = importlib.util.spec_from_file_location("gen_traces", FOLDER / "gen_traces.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: np.array(trace, np.int64) for name, trace in module.traces(module.PROFILES[profile]).items()}


def command_trace(config, trace):
    """Return a stored command trace as (clock, command, bank group, bank)."""
    with gzip.open(FOLDER / "cmdtraces" / config / f"{trace}.csv.gz", "rt") as file:
        return [(int(r["clock"]), r["command"], int(r["bankgroup"]), int(r["bank"])) for r in csv.DictReader(file)]


@lru_cache
def channel(config):
    """Return the part, and the parameters under the profile of its own simulator."""
    part, controller = _ramulator(config) if config.startswith("ram_") else _dramsim3(config)
    return part, channel_parameters(part, controller, config)


def _dramsim3(config):
    given = parameters()["dramsim3"]["configs"][config]
    t, structure, system, power = given["timing"], given["dram_structure"], given["system"], given["power"]
    same = ("tRAS", "tRP", "tRRD_S", "tRRD_L", "tFAW", "tWR", "tCCD_S", "tCCD_L", "tWTR_S", "tWTR_L", "tREFI", "tRFC")
    clocks = {name: t[name] for name in same}
    clocks |= {"tCK": f"{round(t['tCK'] * 1000)} ps", "tCL": t["CL"], "tCWL": t["CWL"], "tRCD": t.get("tRCD", t.get("tRCDRD")), "tRTP": t.get("tRTP", 5)}
    clocks |= {"tRTW_gap": t.get("tRTRS", 2), "tPPD": t.get("tPPD", 0), "tXP": t["tXP"], "tXS": t["tXS"]}
    geometry = _geometry(given["derived"], structure["banks_per_group"], structure["rows"], structure["device_width"], structure["BL"], 2)
    geometry["row_and_column_commands"] = structure["protocol"] == "HBM"
    rail = {name: f"{power['IDD5AB' if name == 'IDD5' else name]} mA" for name in ("IDD0", "IDD2N", "IDD3N", "IDD4R", "IDD4W", "IDD5")}
    standard = "HBM2" if structure["protocol"] == "HBM" else structure["protocol"]
    part = DramPart.model_validate(dict(name=config, standard=standard, geometry=geometry, timing=clocks, rails=[rail | {"voltage": f"{power['VDD']} V"}]))
    order = ("column", "bank", "bank_group", "row") if system["address_mapping"] == "rorabgbachco" else ("column", "bank_group", "bank", "row")
    queues = {"read_queue": system["trans_queue_size"], "write_queue": system["trans_queue_size"], "bank_queue": system["cmd_queue_size"]}
    one = system.get("queue_structure") == "PER_RANK"
    return part, load_controller("dramsim3").model_copy(update=queues | {"mapping": order, "one_queue": one})


def _ramulator(config):
    given = parameters()["ramulator2"]["configs"][config]
    t, organization = given["timing"], given["organization"]
    names = {"tCL": "nCL", "tCWL": "nCWL", "tRCD": "nRCD", "tRP": "nRP", "tRPab": "nRPab", "tRAS": "nRAS", "tRC": "nRC", "tRTP": "nRTP", "tWR": "nWR"}
    names |= {"tCCD_S": "nCCDS", "tCCD_L": "nCCDL", "tRRD_S": "nRRDS", "tRRD_L": "nRRDL", "tFAW": "nFAW", "tWTR_S": "nWTRS", "tWTR_L": "nWTRL"}
    names |= {"tPPD": "nPPD", "tREFI": "nREFI", "tRFC": "nRFC", "tREFIpb": "nREFIpb", "tRFCpb": "nRFCpb", "tpbR2pbR": "nPBR2PBR", "tpbR2act": "nPBR2ACT"}
    names |= {"tAAD": "nAAD", "tWCKPST": "nWCKPST", "tWTR_L_burst": "nBL_max"}
    clocks = {name: t[key] for name, key in names.items() if key in t}
    clocks |= {"tCK": f"{t['tCK_ps']} ps", "tRTW_gap": 2, "data_clock_sync": "nAAD" in t}
    lpddr5 = "nAAD" in t
    geometry = _geometry(given["derived"], organization["Bank"], organization["Row"], organization["dq"], 16 if lpddr5 else 8, 8 if lpddr5 else 2)
    geometry["bank_groups"] = organization["BankGroup"]
    part = DramPart.model_validate(
        dict(name=config, standard="LPDDR5" if lpddr5 else "DDR4", geometry=geometry, timing=clocks, energy_per_byte="1 pJ/bit")
    )
    refresh = "per_bank" if given["refresh_manager"] == "PerBank" else "all_bank"
    return part, load_controller("ramulator").model_copy(update={"refresh": refresh})


def _geometry(derived, banks_per_group, rows, width, burst_length, beats):
    devices = derived["bytes_per_request"] * 8 // (burst_length * width)
    columns = derived["row_bytes_per_rank"] * 8 // (width * devices)
    groups = derived.get("banks", 0) // banks_per_group or 1
    values = dict(bank_groups=groups, banks_per_group=banks_per_group, rows=rows, columns=columns, device_width=width)
    return values | dict(devices=devices, burst_length=burst_length, beats_per_clock=beats)


def run(config, trace, log=NO_LOG):
    """Serve a trace; return the batch, the record, and the clock at which the simulator would have stopped."""
    part, numbers = channel(config)
    profile = next(value for key, value in PROFILES.items() if config.removeprefix("ram_").startswith(key))
    source = traces(profile)[trace]
    batch = np.zeros((len(source), d.BATCH_COLUMNS), np.int64)
    batch[:, d.C_ADDRESS] = source[:, 0] // part.geometry.burst_bytes
    batch[:, d.C_WRITE], batch[:, d.C_ARRIVAL] = source[:, 1], source[:, 2]
    batch[:, d.C_FINISH] = -1
    record = d.fresh_record(numbers)
    last = serve(numbers, record, batch, 0, log)
    return batch, record, last
