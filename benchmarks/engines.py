"""How many tasks a second do the two engines simulate? MobileNetV2 224 int8 on ethos_u55_256, both in one run, traces compared.

    python benchmarks/engines.py [--chip ethos_u55_256] [--model mobilenet_v2] [--frames 1] [--runs 9]
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from accelsim.engine import compiled, event
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.pipeline import load_chip


def median_seconds(call: Callable, runs: int) -> float:
    """Return the median time of a call after one to warm up [s]."""
    call()
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def main() -> None:
    """Print a line per engine and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chip", default="ethos_u55_256")
    parser.add_argument("--model", default="mobilenet_v2")
    parser.add_argument("--frames", type=int, default=1)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    chip = load_chip(options.chip)
    plan = map_graph(load_graph(options.model), chip).plan(options.frames)
    one, other = compiled.simulate(plan), event.simulate(plan)
    equal = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("start", "finish", "state"))
    hz = max(unit.exact_clock().hz for unit in chip.units.values())
    print(f"{options.model} on {options.chip}, {options.frames} frame(s): {plan.tasks} tasks, {plan.before.size} needs, {one.makespan * 1e-9:.3f} ms simulated")
    seconds = {}
    for name, engine in (("compiled", compiled), ("event", event)):
        seconds[name] = median_seconds(lambda engine=engine: engine.simulate(plan), options.runs)
        rate, cycles = plan.tasks / seconds[name], one.makespan * 1e-12 * hz / seconds[name]
        print(f"{name:9} {seconds[name] * 1e3:9.2f} ms  {rate / 1e6:8.3f} million tasks/s  {cycles / 1e6:10.1f} million simulated cycles/s")
    print(f"ratio {seconds['event'] / seconds['compiled']:.0f}, traces {'equal' if equal else 'DIFFER'}")


if __name__ == "__main__":
    main()
