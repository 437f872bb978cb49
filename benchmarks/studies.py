"""How long do 8 chips x 6 networks take, and how many points of a sweep does a core do in a second?

    python benchmarks/studies.py [POINTS]
"""

import sys
import time

from accelsim.studies._grid import grid
from accelsim.studies.compare import compare
from accelsim.studies.sweep import _points, sweep

CHIPS = ("ethos_u55_32", "ethos_u55_64", "ethos_u55_128", "ethos_u55_256", "ethos_u65_256", "ethos_u65_512", "systolic_npu", "cortex_a53")
MODELS = ("mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "resnet18", "resnet50", "squeezenet1_1")
MODEL = "mobilenet_v2"


def axes(count: int) -> dict[str, list[str]]:
    """Return a grid of about so many points: rows, DRAM bandwidth and scratchpad of the systolic NPU."""
    side = max(1, round(count ** (1 / 3)))
    return {
        "units.npu.rows": [str(4 * i) for i in range(1, side + 1)],
        "memories.dram.bandwidth": [f"{1.6 * i:g} GB/s" for i in range(1, side + 1)],
        "memories.scratchpad.capacity": [f"{192 + 64 * i} KiB" for i in range(side)],
    }


def main(count: int) -> None:
    began = time.perf_counter()
    comparison = compare(CHIPS, MODELS)
    failures = sum(bool(row["failure"]) for row in comparison.rows)
    print(f"compare: {len(CHIPS)} chips x {len(MODELS)} networks in {time.perf_counter() - began:.1f} s, without arithmetic ({failures} do not fit)")
    jobs = [(i, "systolic_npu", MODEL, point) for i, point in enumerate(grid(axes(count)))]
    _points(jobs[:1])
    began = time.process_time()
    _points(jobs)
    print(f"sweep: {len(jobs) / (time.process_time() - began):.0f} points per second and core on {MODEL} (processor time of one process, {len(jobs)} points)")
    began = time.perf_counter()
    rows = sweep(["systolic_npu"], [MODEL], axes(count)).rows
    print(f"sweep: {len(rows) / (time.perf_counter() - began):.0f} points per second with a process a core, their start included")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 216)
