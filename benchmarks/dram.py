"""Bursts a second of the DRAM kernels, and what a DRAM part costs on whole networks: ``python benchmarks/dram.py``. Compilation is not counted."""

import time
from dataclasses import replace

import numpy as np

from accelsim.engine.compiled import simulate
from accelsim.hardware.chip_files import load_chip_file as load_chip
from accelsim.hardware.dram_parameters import channel_parameters
from accelsim.hardware.dram_part import load_controller, load_part
from accelsim.importers import load_graph
from accelsim.kernels import dram_layout as d
from accelsim.kernels import dram_steady as steady
from accelsim.kernels.dram import serve
from accelsim.mapping.mapper import map_graph

NO_LOG = np.zeros((1, d.LOG_FIELDS), np.int64)
BURSTS = 50000
BURST_BYTES = 32  # of the plain channel
CHANNELS = [("ddr4_3200_x64", "dramsim3"), ("ddr4_3200_x64", "ramulator"), ("lpddr4_3200_x16", "interleaved"), ("lpddr5_6400_x16", "interleaved")]


def best(action, repetitions: int = 5) -> float:
    """Return the least processor time [s] of some repetitions, after one that compiles."""
    action()
    times = []
    for _ in range(repetitions):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def exact(p: np.ndarray, addresses: np.ndarray, writes: np.ndarray) -> float:
    """Return million bursts a second of the exact kernel."""
    batch = np.zeros((len(addresses), d.BATCH_COLUMNS), np.int64)
    batch[:, d.C_ADDRESS], batch[:, d.C_WRITE] = addresses, writes
    return len(addresses) / best(lambda: serve(p, d.fresh_record(p), batch, 0, NO_LOG)) / 1e6


def streams(p: np.ndarray, piece: int, apart: int) -> float:
    """Return million bursts a second of the row-by-row path."""
    table = np.zeros((1000, steady.STREAM_COLUMNS), np.int64)
    table[:, steady.T_FIRST], table[:, steady.T_BURSTS] = np.arange(1000) * apart, piece
    table[:, steady.T_WRITE] = np.arange(1000) % 3 == 2
    pace = steady.sequential_pace(p)
    return 1000 * piece / best(lambda: steady.serve_streams(p, pace, d.fresh_record(p), table, NO_LOG)) / 1e6


def timings(model: str, memories: dict[str, str], rounds: int = 7) -> tuple[dict[str, float], int]:
    """Return the least seconds of mapping and simulating a network with each description of its DRAM, taken in turns, and the bursts that pass it."""
    graph = load_graph(model)
    chips = {name: load_chip("systolic_npu", [f"memories.dram={described}"]) for name, described in memories.items()}
    traces = {name: simulate(map_graph(graph, chip).plan()) for name, chip in chips.items()}  # compiles
    least = dict.fromkeys(chips, float("inf"))
    for _ in range(rounds):
        for name, chip in chips.items():
            fresh = replace(graph)  # one of which no mapping is kept
            start = time.process_time()
            simulate(map_graph(fresh, chip).plan())
            least[name] = min(least[name], time.process_time() - start)
    plan = traces["plain"].plan
    index = [resource.name for resource in plan.resources].index("dram")
    return least, int((-(-plan.amount[plan.resource == index] // BURST_BYTES)).sum())


def ratios(models: tuple[str, ...] = ("mobilenet_v1", "mobilenet_v2", "resnet50")) -> None:
    """Print the time of mapping and timing with DRAM parts over that with the plain channel."""
    parts = ("lpddr4_3200_x16", "lpddr5_6400_x16", "ddr4_3200_x64")
    served = {f"{part} {service}": f"{{kind: dram, part: {part}, service: {service}}}" for part in parts for service in ("rows", "bursts")}
    memories = {"plain": f"{{kind: dram_channel, bandwidth: 6.4 GB/s, burst: {BURST_BYTES}}}"} | served
    print("\nmapping + timing of a network that was not mapped before, with a plain channel | with a part, over it (asked: at most 2 row by row, 20 burst by burst)")
    for model in models:
        least, bursts = timings(model, memories)
        row = "  ".join(f"{part} {least[part] / least['plain']:.2f}" for part in served)
        print(f"{model:14s} {least['plain'] * 1e3:7.1f} ms, {bursts / 1e6:.2f} million bursts of {BURST_BYTES} B | {row}")


def main() -> None:
    """Print one line for each part and controller, then the ratios on whole networks."""
    random = np.random.default_rng(1)
    sequence = np.arange(BURSTS)
    copy = np.where(sequence % 3 == 2, (1 << 20) + sequence // 3, sequence - sequence // 3)
    anywhere = random.integers(0, 1 << 22, BURSTS)
    print("million bursts a second    exact: read  copy  random | rows: 16-burst pieces  512-burst pieces")
    for part, controller in CHANNELS:
        p = channel_parameters(load_part(part)[0], load_controller(controller))
        p[d.FLUSH] = 1
        rates = [exact(p, sequence, 0 * sequence), exact(p, copy, sequence % 3 == 2), exact(p, anywhere, 0 * sequence)]
        rates += [streams(p, 16, 4096), streams(p, 512, 512)]
        print(f"{part:16s} {controller:12s} " + "  ".join(f"{rate:8.2f}" for rate in rates))
    ratios()


if __name__ == "__main__":
    main()
