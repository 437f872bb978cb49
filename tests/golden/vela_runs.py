"""Ethos-U beside Vela 5.2's own estimates (core regor): cycles of the array operator by operator, and totals.

``python tests/golden/vela_runs.py`` prints every pair; beside our error stands the difference of Vela's two cores. Vela is a model
by the vendor, not silicon.
"""

import csv
import statistics
from dataclasses import dataclass, replace
from pathlib import Path

from accelsim.graph.graph import Graph
from accelsim.graph.tensor import Structure
from accelsim.importers import load_graph
from accelsim.operators import work_of
from accelsim.pipeline import Options, load_chip, run

SHARED = Path(__file__).parents[3] / "shared"
FOLDER, MODELS = SHARED / "golden" / "vela", SHARED / "models"
PRODUCTS = ("Conv2D", "DepthwiseConv2D", "FullyConnected")
OPERATORS = ("conv2d", "depthwise_conv2d", "fully_connected")
SCALE_BYTES = 10  # per output channel
# Its bilinear upsampling is work of the CPU here, of the array there.
LEFT_OUT = ("deeplabv3_mnv2_dm05_pascal_quant",)


@dataclass(frozen=True)
class System:
    """A system of Vela's with its memory mode, and what a chip file must be changed to to be it."""

    sizes: tuple[str, ...]
    config: str
    mode: str
    overrides: tuple[str, ...] = ()
    by_operator: bool = True


SIZES_55, SIZES_65 = tuple(f"ethos-u55-{macs}" for macs in (32, 64, 128, 256)), ("ethos-u65-256", "ethos-u65-512")
SYSTEMS = {
    "u55": System(SIZES_55, "Ethos_U55_High_End_Embedded", "Shared_Sram"),
    # This mode states no limit for the SRAM beside the NPU (Vela uses up to 1.5 MiB of it on these networks); the chip file has the 384 KiB of the other.
    "u65": System(SIZES_65, "Ethos_U65_High_End", "Dedicated_Sram", ("memories.sram.capacity=16 MiB",)),
    "u65 384 KiB": System(SIZES_65, "Ethos_U65_High_End", "Dedicated_Sram_384KB", by_operator=False),
}


@dataclass(frozen=True)
class Pair:
    """A network on a size of the array.

    Attributes
    ----------
    operators : tuple of float
        Our cycles of the array over Vela's, less 1, product by product; empty where Vela's are not recorded.
    total, estimated : float
        Our total over Vela's, less 1: with Vela's encoded weight bytes, and with our own estimate of them.
    weights : float
        Our estimate of the encoded weights over Vela's, less 1.
    cores : float or None
        Vela's legacy core over its regor core, less 1.
    """

    model: str
    size: str
    operators: tuple[float, ...]
    total: float
    estimated: float
    weights: float
    cores: float | None


def model_files() -> dict[str, Path]:
    return {path.stem: path for path in sorted(MODELS.glob("*/*.tflite"))}


def summary(system: System) -> dict[tuple[str, str, str], dict]:
    """Return Vela's totals on a system by model, size and core."""
    with (FOLDER / "summary.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["system"], row["memory"]) == (system.config, system.mode)]
    return {(row["model"], row["acc"], row["core"]): row for row in rows}


def products(model: str, size: str, graph: Graph) -> list[dict]:
    """Return Vela's rows of the graph's products, in order; a mean that it computes as a depthwise product is left out."""
    with (FOLDER / f"{model}__{size}.csv").open(newline="") as file:
        rows = iter([row for row in csv.DictReader(file) if row["NNG Operator"] in PRODUCTS])
    macs = [sum(work.macs for work in work_of(node, graph)) for node in graph.nodes if node.operator in OPERATORS]
    return [next(row for row in rows if round(float(row["MAC Count"])) == count) for count in macs]


def with_vela_bytes(coded: Graph, names: list[str], factor: float) -> Graph:
    """Return the graph whose weights have Vela's encoded bytes, shared out as our estimates are."""
    tensors = dict(coded.tensors)
    for name in names:
        tensors[name] = replace(tensors[name], structure=Structure("coded", round(tensors[name].structure.stored_bytes * factor)))
    return replace(coded, tensors=tensors)


def compare(model: str, size: str, system: System, totals: dict) -> Pair:
    """Return how we differ from Vela on one network and size."""
    theirs, legacy = totals[model, size, "regor"], totals.get((model, size, "legacy"))
    chip = load_chip(size.replace("-", "_"), ["start.warm_cycles=0", *system.overrides])
    graph = load_graph(str(model_files()[model]))
    own = run(chip, graph, options=Options(execute=False, cold=False))
    names = [name for node in graph.nodes if node.operator in OPERATORS for name in node.inputs[1:2]]
    estimated = sum(own.mapping.graph.tensors[name].structure.stored_bytes for name in names)
    encoded = float(theirs["total_npu_encoded_weights"])
    given = run(chip, with_vela_bytes(own.mapping.graph, names, encoded / estimated), options=Options(execute=False, cold=False))
    # Vela's cycles of the array include the first block's way in and the last one's way out, which are transfers here.
    ours = [choice.cost.cycles + choice.cost.edge_cycles for choice in given.mapping.choices if choice.layer.macs] if system.by_operator else []
    rows = products(model, size, graph) if system.by_operator else []
    total = float(theirs["cycles_total"])
    return Pair(
        model, size, tuple(cycles / float(vela["NPU"]) - 1 for cycles, vela in zip(ours, rows, strict=True)), given.cycles / total - 1, own.cycles / total - 1,
        estimated / encoded - 1, float(legacy["cycles_total"]) / total - 1 if legacy else None,
    )  # fmt: skip


def every_pair(name: str) -> list[Pair]:
    """Return all pairs of one of the SYSTEMS."""
    system = SYSTEMS[name]
    totals = summary(system)
    models = sorted({model for model, _, _ in totals} & set(model_files()) - set(LEFT_OUT))
    return [compare(model, size, system, totals) for model in models for size in system.sizes]


def median_of(values) -> float:
    return statistics.median([abs(value) for value in values] or [float("nan")])


def main() -> None:
    for name, system in SYSTEMS.items():
        pairs = every_pair(name)
        print(f"\n{system.config}, {system.mode}\n{'network':48}{'array':15}{'operators':>10}{'total (i)':>11}{'total (ii)':>11}{'weights':>9}{'legacy':>9}")
        for pair in pairs:
            cores = f"{pair.cores:+.1%}" if pair.cores is not None else "-"
            operators = f"{median_of(pair.operators):.1%}" if pair.operators else "-"
            print(f"{pair.model:48}{pair.size:15}{operators:>10}{pair.total:>+11.1%}{pair.estimated:>+11.1%}{pair.weights:>+9.1%}{cores:>9}")
        errors = [error for pair in pairs for error in pair.operators]
        worst, cores = max((pair.total for pair in pairs), key=abs), [abs(pair.cores) for pair in pairs if pair.cores is not None]
        print(
            f"{name}: {len(errors)} operators, median {median_of(errors):.1%}; totals (i) median {median_of(p.total for p in pairs):.1%}, worst {worst:+.1%}; "
            f"(ii) median {median_of(p.estimated for p in pairs):.1%}; weights median {median_of(p.weights for p in pairs):.1%}; "
            + (f"Vela's two cores differ by {median_of(cores):.1%} in the median, {max(cores):.1%} at most" if cores else "Vela's other core is not recorded")
        )


if __name__ == "__main__":
    main()
