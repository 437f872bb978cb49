"""Runs of nodes for which a tool chain has one kernel, as the chip file or an override names them."""

from collections.abc import Mapping

from accelsim.base.errors import AccelsimError, UnsupportedError, not_one_of
from accelsim.graph.graph import Graph, Node
from accelsim.graph.work import Elementwise, Fused, Work
from accelsim.hardware.chip import Chip
from accelsim.hardware.unit import Unit

FORM = "FIRST..LAST"


def fused_runs(graph: Graph, chip: Chip) -> dict[str, tuple[Node, ...]]:
    """Return the nodes of each run that ``compiler.fused_kernels`` names, by the name of the first.

    Raises
    ------
    AccelsimError
        Another form, a node that the network does not have, or a result inside a run that is needed outside it.
    """
    if not chip.compiler.fused_kernels:
        return {}
    names = [node.name for node in graph.nodes]
    runs = {}
    for text in chip.compiler.fused_kernels:
        first, dots, last = text.partition("..")
        place = f"compiler.fused_kernels '{text}' in {graph.name}"
        if not dots:
            raise AccelsimError(place, f"is not {FORM}", "names of nodes")
        for name in (first, last):
            if name not in names:
                raise not_one_of(place, name, names)
        run = graph.nodes[names.index(first) : names.index(last) + 1]
        if not run:
            raise AccelsimError(place, f"'{last}' comes before '{first}'")
        _check(graph, run, place)
        runs[first] = run
    return runs


def _check(graph: Graph, run: tuple[Node, ...], place: str) -> None:
    inside = {node.name for node in run}
    within = {name for node in run[:-1] for name in node.outputs}
    wanted = {name for node in graph.nodes if node.name not in inside for name in node.inputs if name is not None} | set(graph.outputs)
    if needed := sorted(within & wanted):
        raise AccelsimError(place, f"'{needed[0]}' is needed outside the run", "only the last node's result leaves a kernel")


def as_one_kernel(run: tuple[Node, ...], works: Mapping[str, tuple[Work, ...]], unit: Unit, graph: Graph) -> Fused | None:
    """Return the work of a run as that of one kernel of a unit; None where the unit knows no kernels of several nodes.

    Sums with what comes from outside are done in passing, as behind any product.

    Raises
    ------
    UnsupportedError
        The unit knows such kernels, but none that does this work.
    """
    if unit.refuses(Fused(inner=())):
        return None
    every = tuple(work for node in run for work in works[node.name])
    made = {name for work in every for name in work.writes}
    inner = tuple(work for work in every if not isinstance(work, Elementwise) or made.issuperset(work.reads))
    reads = tuple(dict.fromkeys(name for work in every for name in work.reads if name not in made))
    kernel = Fused(inner=inner, reads=reads, weights=tuple(dict.fromkeys(name for work in every for name in work.weights)), writes=every[-1].writes)
    if reason := unit.refuses(kernel):
        raise UnsupportedError(f"compiler.fused_kernels '{run[0].name}..{run[-1].name}' in {graph.name}", reason, "such nodes stand outside the run")
    return kernel
