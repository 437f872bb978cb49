"""accelsim beside SCALE-Sim v3 on the same array and layers, in the same run.

SCALE-Sim wants an environment of its own with numpy below 2, whose interpreter is the argument:

    python -m venv scalesim_env && scalesim_env/bin/pip install scalesim "numpy<2"
    python benchmarks/scalesim_ratio.py scalesim_env/bin/python

SCALE-Sim writes cycle-by-cycle traces all the while and cannot be told not to (its ``-s N`` is ignored in v3); accelsim computes the same
cycle counts from closed forms per fold and simulates the transfers as events.
"""

import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIG = """[general]
run_name = bench
[architecture_presets]
ArrayHeight: 32
ArrayWidth: 32
IfmapSramSzkB: 64
FilterSramSzkB: 64
OfmapSramSzkB: 64
IfmapOffset: 0
FilterOffset: 10000000
OfmapOffset: 20000000
Bandwidth: 10
Dataflow: ws
MemoryBanks: 1
ReadRequestBuffer: 32
WriteRequestBuffer: 32
[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 10
IfmapSRAMBankNum: 1
IfmapSRAMBankPort: 2
FilterCustomLayout: False
FilterSRAMBankBandwidth: 10
FilterSRAMBankNum: 1
FilterSRAMBankPort: 2
[sparsity]
SparsitySupport: false
SparseRep: ellpack_block
OptimizedMapping: false
BlockSize: 8
RandomNumberGeneratorSeed: 40
[run_presets]
InterfaceBandwidth: CALC
UseRamulatorTrace: False
"""
# Two layers of ResNet-18's third and fourth stage, inputs padded by hand as SCALE-Sim wants them.
TOPOLOGY = """Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
conv4, 16, 16, 3, 3, 256, 256, 1,
conv5, 9, 9, 3, 3, 512, 512, 1,
"""


def main() -> None:
    """Print both times, both cycle counts and the ratio."""
    python = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        config, topology = Path(folder, "bench.cfg"), Path(folder, "bench.csv")
        config.write_text(CONFIG)
        topology.write_text(TOPOLOGY)
        began = time.perf_counter()
        subprocess.run([python, "-m", "scalesim.scale", "-c", config, "-t", topology, "-l", topology, "-p", folder, "-i", "conv"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        theirs = time.perf_counter() - began
        with open(Path(folder, "bench", "COMPUTE_REPORT.csv")) as report:
            printed = [int(float(row[" Total Cycles"])) for row in csv.DictReader(report)]
        ours, counted = measure(config, topology)
    for name, theirs_cycles, ours_cycles in zip(("conv4", "conv5"), printed, counted, strict=True):
        print(f"{name}: SCALE-Sim {theirs_cycles:,} cycles (the last cycle's number), accelsim {ours_cycles:,}")
    total = sum(counted)
    print(f"SCALE-Sim v3  {theirs:10.3f} s   {total / theirs:14,.0f} cycles/s (a process, traces written)")
    print(f"accelsim      {ours:10.6f} s   {total / ours:14,.0f} cycles/s (mapping and timing, median of 9, inside a process)")
    print(f"ratio         {theirs / ours:10.0f}")


def measure(config: Path, topology: Path) -> tuple[float, list[int]]:
    """Return accelsim's median time [s] and its compute cycles per layer."""
    from run_speed import median_call

    from accelsim.importers import load_graph
    from accelsim.mapping.mapper import map_graph
    from accelsim.pipeline import load_chip, simulate

    chip, graph = load_chip(str(config)), load_graph(str(topology))
    mapping = map_graph(graph, chip)
    return median_call(lambda: simulate(map_graph(graph, chip).plan()), 9), [choice.cost.cycles for choice in mapping.choices]


if __name__ == "__main__":
    main()
