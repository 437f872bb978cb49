"""A shipped trained network as an int8 network on an NPU and on processors, and as spikes on spiking chips, as rows of one table."""

from collections.abc import Sequence

from accelsim.graph.graph import Graph
from accelsim.importers import load_graph, trained_names
from accelsim.pipeline import Options, run
from accelsim.results.classifier import ClassifierRow, classifier_row
from accelsim.results.result import Request
from accelsim.studies.spiking_run import run_spiking
from accelsim.studies.spiking_shown import Presentation

# The networks that this project trained on a data set's training part.
TRAINED = {"digits": "digits_cnn", "mnist5k": "mnist_cnn"}


def network_rows(data: str, chips: Sequence[str], engine: str = "compiled") -> list[ClassifierRow]:
    """Return the int8 network of a data set on chips that run graphs of operators, one row each."""
    graph = load_graph(TRAINED[data])
    rows = []
    for chip in chips:
        result = run(chip, graph, Request(), Options(engine=engine, data=data))
        rows.append(classifier_row(f"int8 network {graph.name}", f"{weight_bytes(graph):,} B of weights", result.accuracy["top1"], result))
    return rows


def spiking_rows(data: str, chips: Sequence[str], steps: int | None = None, engine: str = "compiled") -> list[ClassifierRow]:
    """Return the same network, trained in float32 and converted to spikes, on spiking chips; none where no float32 form is shipped."""
    model = f"{TRAINED.get(data)}_float32"
    if model not in trained_names():
        return []
    rows = []
    for chip in chips:
        result = run_spiking(chip, model, Presentation(steps=steps, data=data), engine=engine)
        held = next(iter(result.memories.values()))["peak_used_bytes"]
        rows.append(classifier_row(f"spiking network, {result.spiking['steps']} steps", f"{held:,} B of synapses", result.accuracy["top1"], result))
    return rows


def weight_bytes(graph: Graph) -> int:
    """Return the size of a network's constants [B]."""
    return sum(tensor.bytes for tensor in graph.constants())
