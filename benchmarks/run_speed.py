"""How long a user waits: the whole command, the same inside a process, and mapping with timing alone.

    python benchmarks/run_speed.py [--chip ethos_u55_256] [--model mobilenet_v2] [--runs 7]
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time


def median_wall(command: list[str], runs: int) -> float:
    """Return the median wall time of a command after one warm-up [s]."""
    times = []
    for run in range(runs + 1):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        if run:
            times.append(time.perf_counter() - began)
    return statistics.median(times)


def median_call(call, runs: int) -> float:
    """Return the median wall time of a call after one warm-up [s]."""
    times = []
    for run in range(runs + 1):
        began = time.perf_counter()
        call()
        if run:
            times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Print one line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chip", default="ethos_u55_256")
    parser.add_argument("--model", default="mobilenet_v2")
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()
    program = [sys.executable, "-m", "accelsim.cli"]
    print(f"accelsim --help            {median_wall([*program, '--help'], args.runs):8.3f} s   (aim 0.3)")
    print(f"import accelsim            {median_wall([sys.executable, '-c', 'import accelsim'], args.runs):8.3f} s   (aim 0.5)")
    whole = median_wall([*program, "run", args.chip, args.model, "--no-layers"], args.runs)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"accelsim run, a process    {whole:8.3f} s   (aim 2), at most {peak:.0f} MiB (aim 477)")

    from accelsim.importers import load_graph
    from accelsim.mapping.mapper import map_graph
    from accelsim.pipeline import load_chip, run, simulate

    chip, graph = load_chip(args.chip), load_graph(args.model)
    inside = median_call(lambda: run(chip, graph), args.runs)
    print(f"run(), inside a process    {inside:8.3f} s   (aim 0.5): arithmetic, mapping, timing, energy")
    timed = median_call(lambda: simulate(map_graph(graph, chip).plan()), args.runs)
    trace = simulate(map_graph(graph, chip).plan())
    cycles = trace.makespan * 1e-12 * next(iter(chip.units.values())).exact_clock().hz
    print(f"mapping and timing alone   {timed * 1e3:8.1f} ms  (aim 50): {trace.plan.tasks} tasks, {cycles:.0f} cycles, {cycles / timed / 1e6:.0f} million cycles/s (aim 100)")


if __name__ == "__main__":
    main()
