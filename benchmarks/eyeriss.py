"""AlexNet on Eyeriss v1 beside the paper's table, layer by layer: ``python benchmarks/eyeriss.py``.

Networks here have 8-bit tensors; they are declared 16 bits wide, and the published shares of zeros stand in for a trained network.
"""

from dataclasses import dataclass, replace
from types import MappingProxyType

from accelsim import run
from accelsim.graph.graph import Graph
from accelsim.importers import load_graph
from accelsim.pipeline import Options
from accelsim.results.result import Request

MB, LAYERS, BATCH = 1e6, 5, 4
# Y.-H. Chen et al., JSSC 2017, Table V: power [mW], total and processing latency [ms], zeros of the input, GLB and DRAM accesses [MB].
PAPER = (
    (332, 20.9, 16.5, 0.0001, 18.5, 5.0), (288, 41.9, 39.2, 0.387, 77.6, 4.0), (266, 23.6, 21.8, 0.725, 50.2, 3.0), (235, 18.4, 16.0, 0.793, 37.4, 2.1),
    (236, 10.5, 10.0, 0.776, 24.9, 1.3),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layer:
    """Power of the chip without DRAM [mW], latencies [ms], accesses [MB]."""

    power: float
    total: float
    processing: float
    glb: float
    dram: float


def in_16_bits(graph: Graph) -> Graph:
    """Return a network of 8-bit tensors as one of 16-bit tensors, to be costed, not run."""
    wide = {name: replace(t, dtype="int16") if t.dtype in ("int8", "uint8") else t for name, t in graph.tensors.items()}
    return replace(graph, tensors=MappingProxyType(wide))


def convolutions_of(graph: Graph) -> Graph:
    """Return a network up to its last convolution: the paper runs no more, and the next layer's filters would be fetched meanwhile."""
    last = max(index for index, node in enumerate(graph.nodes) if node.operator == "conv2d")
    return replace(graph, nodes=graph.nodes[: last + 1], outputs=graph.nodes[last].outputs)


def alexnet_on_eyeriss(chip: str = "eyeriss_table") -> list[Layer]:
    """Return the five convolutions of a batch of four."""
    graph = convolutions_of(in_16_bits(load_graph("alexnet_2012")))
    convolutions = [node for node in graph.nodes if node.operator == "conv2d"]
    zeros = {node.inputs[0]: row[3] for node, row in zip(convolutions, PAPER, strict=True)}
    # The table tells the zeros of inputs. An output has at least those of the next input: normalisation and pooling make none; the last: as its own input.
    zeros |= {node.outputs[0]: following[3] for node, following in zip(convolutions, (*PAPER[1:], PAPER[-1]), strict=True)}
    result = run(chip, graph, Request(batch=BATCH), Options(execute=False, zeros=zeros))
    static = result.energy_j["static"] / result.latency_s
    found = []
    for row, choice in zip(result.layer_rows, result.mapping.choices, strict=True):
        if row.name not in {node.name for node in convolutions}:
            continue
        on_chip = sum(t.joules for t in result.terms if t.layer == choice.layer.index and t.component in ("array", "glb", "dma"))
        found.append(Layer((on_chip / row.seconds + static) * 1e3, row.seconds * 1e3, row.cycles / 200e3, _at_buffer(choice), _moved(choice, "dram")))
    return found


def _moved(choice, place: str) -> float:
    return sum(amount for stream in choice.streams for hop, amount in stream.loads if hop.place == place) / MB


def _at_buffer(choice) -> float:
    """Return what the table counts of the global buffer: what the array reads and writes, and results that leave; no filters, no fills from DRAM.

    So counted, the column follows from the passes within 0.5 %.
    """
    own = [s for s in choice.streams if s.role == "output" or (s.role == "input" and len(s.hops) == 1)]
    return sum(amount for stream in own for hop, amount in stream.loads if hop.place == "glb") / MB


def main() -> None:
    """Print each figure beside the paper's."""
    print("layer      power [mW]            total [ms]          processing [ms]       GLB [MB]             DRAM [MB]")
    for index, (found, paper) in enumerate(zip(alexnet_on_eyeriss(), PAPER, strict=True)):
        pairs = ((found.power, paper[0]), (found.total, paper[1]), (found.processing, paper[2]), (found.glb, paper[4]), (found.dram, paper[5]))
        print(f"conv{index + 1}  " + "  ".join(f"{a:6.1f} /{b:6.1f} {a / b - 1:+5.0%}" for a, b in pairs))


if __name__ == "__main__":
    main()
