"""How long does a person wait for the page of a run, and how large is it? Each figure is of a new process, best of RUNS.

    python benchmarks/report.py [--chip ethos_u65_512] [--model resnet50] [--runs 5]
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUILD = """
import sys, time
began = time.perf_counter()
from accelsim.results.result_file import load_result
result = load_result(sys.argv[1])
loaded = time.perf_counter()
from accelsim.reports.report import write_report
write_report(result, sys.argv[2], "benchmark")
print(loaded - began, time.perf_counter() - loaded)
again = time.perf_counter()
write_report(result, sys.argv[2], "benchmark")
print(time.perf_counter() - again)
"""


def wall(command: list[str]) -> float:
    """Return the wall time of a command [s]."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Print one line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chip", default="ethos_u65_512")
    parser.add_argument("--model", default="resnet50")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    program = [sys.executable, "-m", "accelsim.cli"]
    with tempfile.TemporaryDirectory() as folder:
        page, saved = f"{folder}/r.html", f"{folder}/r.accelsim"
        run = min(wall([*program, "run", args.chip, args.model, "--no-layers", "--save", saved]) for _ in range(args.runs))
        both = min(wall([*program, "report", args.chip, args.model, "--out", page]) for _ in range(args.runs))
        alone = min(wall([*program, "report", saved, "--out", page]) for _ in range(args.runs))
        inside = [[float(word) for word in subprocess.check_output([sys.executable, "-c", BUILD, saved, page], text=True).split()] for _ in range(args.runs)]
        load, first, again = (min(column) for column in zip(*inside, strict=True))
        print(f"accelsim run, saved               {run:6.2f} s")
        print(f"accelsim report, the run included {both:6.2f} s")
        print(f"accelsim report of a saved result {alone:6.2f} s   (aim 3), the whole command")
        print(f"  of which loading it             {load:6.2f} s")
        print(f"  drawing and writing the page    {first:6.2f} s   (aim 3), imports included; once more in the same process {again:.2f} s")
        print(f"the page                          {Path(page).stat().st_size / 1e6:6.2f} MB  (aim 3)")


if __name__ == "__main__":
    main()
