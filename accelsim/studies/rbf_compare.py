"""One data set, many ways to classify it: an RBF chip, a network on NPU, processors and as spikes, nearest neighbour on processors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.functional.interpreter import execute
from accelsim.graph.graph import Graph, make_graph
from accelsim.graph.tensor import Tensor
from accelsim.operators import make_node
from accelsim.pipeline import Options, load_chip, run
from accelsim.results.classifier import ClassifierRow, chip_alone_row, classifier_row
from accelsim.results.result import Request, Result
from accelsim.studies.rbf import Training, components_of, parts_of
from accelsim.studies.rbf_run import device_of, run_data_set
from accelsim.studies.spiking_compare import TRAINED, network_rows, spiking_rows

@dataclass(frozen=True, slots=True)
class Contestants:
    """Chips by name or path: one that learns, an NPU for the network, processors for it and the nearest neighbour, spiking chips."""

    rbf: str = "nm500"
    npu: str = "ethos_u55_128"
    processors: Sequence[str] = ("cortex_m7", "cortex_a53")
    spiking: Sequence[str] = ("loihi",)


@dataclass(frozen=True, eq=False)
class Contest:
    """Every classifier's row, and what a reader should know."""

    data: str
    rows: tuple[ClassifierRow, ...]
    notes: tuple[str, ...]


def compare_classifiers(data: str, contestants: Contestants = Contestants(), training: Training = Training(), engine: str = "compiled", steps: int | None = None) -> Contest:
    """Return a data set's classifiers side by side, each on the same test part.

    Parameters
    ----------
    steps : int, optional
        Of the spiking network; by default 64.

    Raises
    ------
    AccelsimError
        No such chip or data set, or a chip without the unit that is asked of it.
    """
    learned = run_data_set(contestants.rbf, data, training, engine=engine)
    knows = f"{learned.rbf['neurons_committed']} neurons of {learned.rbf['components']} B"
    rows = [classifier_row("RBF, through the host link", knows, learned.accuracy["top1"], learned), chip_alone_row("RBF, the chip alone", knows, learned)]
    notes = [f"{learned.chip}: vectors of {learned.rbf['components']} components, pictures and series averaged until they fit; the network sees them whole"]
    if data in TRAINED:
        rows += network_rows(data, (contestants.npu, *contestants.processors), engine)
        spikes = spiking_rows(data, contestants.spiking, steps, engine)
        rows += spikes
        notes += [] if spikes else [f"the network of '{data}' is shipped in int8 only, so that it is not converted to spikes"]
    else:
        notes.append(f"no shipped network was trained on '{data}', so that it has no rows of networks")
    return Contest(data, (*rows, *_neighbour_rows(data, contestants, training.seed, engine)), tuple(notes))


def _neighbour_rows(data: str, contestants: Contestants, seed: int, engine: str) -> list[ClassifierRow]:
    train, test = parts_of(data, seed)
    stored, probes = components_of(train.inputs, test.inputs, device_of(load_chip(contestants.rbf)).components)
    right = float((nearest_labels(stored, train.labels, probes) == test.labels).mean())
    graph = nearest_neighbour(stored, train.labels)
    found = []
    for chip in contestants.processors:
        result: Result = run(chip, graph, Request(), Options(engine=engine, inputs={"vector": probes[:1]}))
        found.append(classifier_row("nearest neighbour, brute force", f"{len(stored):,} vectors of {stored.shape[1]} B", right, result))
    return found


def nearest_neighbour(stored: np.ndarray, labels: np.ndarray, batch: int = 1) -> Graph:
    """Return brute-force nearest neighbour by L1 distance as a network; of equally near vectors the first counts.

    Parameters
    ----------
    stored : ndarray, shape (vectors, components), uint8
    labels : ndarray, shape (vectors,), integer
        0..65535.
    """
    if len(labels) != len(stored) or labels.min(initial=0) < 0 or labels.max(initial=0) > 0xFFFF:
        raise AccelsimError("nearest neighbour", f"{len(labels)} labels for {len(stored)} vectors, or one that 16 bits do not hold")
    tensors = (
        Tensor("vector", (batch, stored.shape[1]), "uint8"),
        Tensor("stored", stored.shape, "uint8", values=stored),
        Tensor("labels", labels.shape, "uint16", values=labels.astype(np.uint16)),
        Tensor("distance", (batch, len(stored)), "uint16"),
        Tensor("nearest", (batch,), "int32"),
        Tensor("label", (batch,), "uint16"),
    )
    nodes = (
        make_node("l1_distance", "distances", ("vector", "stored"), ("distance",)),
        make_node("arg_min", "nearest", ("distance",), ("nearest",), axis=1),
        make_node("gather", "label", ("labels", "nearest"), ("label",)),
    )
    return make_graph("nearest neighbour", tensors, nodes, ("vector",), ("label",))


def nearest_labels(stored: np.ndarray, labels: np.ndarray, probes: np.ndarray) -> np.ndarray:
    """Return the label of each probe's nearest stored vector, by the network's own arithmetic, shape (probes,), int64."""
    outputs, _, _ = execute(nearest_neighbour(stored, labels, len(probes)), {"vector": probes})
    return outputs["label"].astype(np.int64)
