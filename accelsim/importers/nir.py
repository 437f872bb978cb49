"""NIR files (neuromorphic intermediate representation, HDF5) -> SpikingNetwork.

Neuron nodes become populations. A linear node between two populations becomes a projection; one that leads to another
linear node, or to several nodes, becomes a population of relays. Forward connections act in the same step, backward
ones a step later. Shapes (channels, height, width) become channels-last.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.spiking_network import Population, Projection, SpikingNetwork, make_network
from accelsim.graph.spiking_neurons import Reset, SourceNeuron, relay
from accelsim.graph.spiking_synapses import one_to_one
from accelsim.importers._nir_neurons import NEURONS, neuron_of, takes_bias, with_bias
from accelsim.importers._nir_synapses import LINEAR, bias_of, synapses_of

KNOWN = (*NEURONS, *LINEAR, "Flatten", "Input", "Output")


def load_nir(path: str | Path, time_step: float = 1e-4, reset: Reset = "value") -> SpikingNetwork:
    """Return the network of a NIR file.

    Parameters
    ----------
    time_step : float
        Of the discretisation [s]; NIR is continuous in time, a trained file has the step of its training.
    reset : str
        "value" (NIR's v_reset) or "subtract" (the threshold, as some training frameworks do).

    Raises
    ------
    AccelsimError
        Not a NIR file.
    UnsupportedError
        A node type by name.
    """
    import nir

    path = Path(path)
    if not path.exists():
        raise AccelsimError(path.name, "no such file")
    try:
        graph = nir.read(path)
    except (OSError, KeyError, ValueError) as error:
        raise AccelsimError(
            path.name, f"is not a NIR file that version {nir.__version__ if hasattr(nir, '__version__') else ''} of nir reads: {error}"
        ) from error
    return network_of(graph, path.stem, time_step, reset)


def network_of(graph: object, name: str, time_step: float = 1e-4, reset: Reset = "value") -> SpikingNetwork:
    """Return the network of a ``nir.NIRGraph``; as ``load_nir``."""
    kinds = {key: type(node).__name__ for key, node in graph.nodes.items()}
    for key, kind in kinds.items():
        if kind not in KNOWN:
            hint = "flatten the graph first" if kind == "NIRGraph" else f"known are {', '.join(KNOWN)}"
            raise UnsupportedError(f"{name}: node '{key}'", f"node type '{kind}' is not imported", hint)
    edges = _around_flatten(name, graph.nodes, kinds, tuple(dict.fromkeys((a, b) for a, b in graph.edges)))
    return _Builder(name, graph.nodes, kinds, edges, time_step, reset).network()


@dataclass
class _Builder:
    name: str
    nodes: dict
    kinds: dict[str, str]
    edges: tuple[tuple[str, str], ...]
    time_step: float
    reset: Reset
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def network(self) -> SpikingNetwork:
        order = self._order()
        position = {key: i for i, key in enumerate(order)}
        populations, projections = {}, []
        for key in order:
            if self._is_population(key):
                populations[key] = Population(key, self._shape(key), self._neuron(key))
        for source, key in self.edges:
            if source in populations and key in populations:
                synapses = self._synapses(key, source) if self.kinds[key] in LINEAR else one_to_one(np.ones(self._shape(source)))
                self._connect(populations, projections, position, source, key, synapses)
            elif source in populations and self.kinds[key] in LINEAR:
                (target,) = self._successors(key)
                self._connect(populations, projections, position, source, target, self._synapses(key, source), key)
        inputs = tuple(key for key in order if self.kinds[key] == "Input")
        outputs = tuple(source for source, key in self.edges if self.kinds[key] == "Output")
        return make_network(self.name, populations.values(), projections, inputs=inputs, outputs=outputs, time_step=self.time_step, source="NIR")

    def _connect(self, populations: dict, projections: list, position: dict, source: str, target: str, synapses, linear: str = "") -> None:
        delay = int(position[source] >= position[target])
        if linear:
            bias = bias_of(self.nodes[linear], synapses.targets)
            if bias is not None:
                neuron = populations[target].neuron
                populations[target] = Population(target, populations[target].shape, with_bias(neuron, bias))
        projections.append(Projection(f"{source}>{linear or target}", source, target, synapses, delay))

    def _is_population(self, key: str) -> bool:
        """Return whether a node has neurons of its own: a linear node only where it cannot lie inside a projection."""
        if self.kinds[key] in LINEAR:
            after = self._successors(key)
            fits = len(after) == 1 and self.kinds[after[0]] in NEURONS and len(self._predecessors(key)) == 1
            if not fits:
                return True
            return bias_of(self.nodes[key], 1) is not None and not takes_bias(self._neuron(after[0]))
        return self.kinds[key] != "Output"

    def _neuron(self, key: str):
        kind = self.kinds[key]
        if kind == "Input":
            return SourceNeuron()
        if kind in LINEAR:
            bias = bias_of(self.nodes[key], int(np.prod(self._shape(key))))
            return relay(0.0 if bias is None else bias)
        return neuron_of(self.nodes[key], kind, self.time_step, self.reset)

    def _synapses(self, key: str, source: str):
        return synapses_of(self.nodes[key], self.kinds[key], self._shape(source), self.time_step, f"{self.name}: node '{key}'")

    def _shape(self, key: str) -> tuple[int, ...]:
        """Return a node's output shape, channels last; one-dimensional maps get a height of 1."""
        if key not in self.shapes:
            self.shapes[key] = self._find_shape(key)
        return self.shapes[key]

    def _find_shape(self, key: str) -> tuple[int, ...]:
        node, kind = self.nodes[key], self.kinds[key]
        if kind == "Input":
            shape = next(iter(node.input_type.values()))
            return _last([int(n) for n in np.ravel(shape)])
        own = next((np.shape(getattr(node, f)) for f in ("v_threshold", "threshold", "tau", "tau_mem", "r") if np.ndim(getattr(node, f, 0)) > 0), None)
        if kind in NEURONS and own is not None and own != (1,):
            return _last(list(own))
        before = self._predecessors(key)
        if not before:
            raise AccelsimError(f"{self.name}: node '{key}'", "nothing leads to it and it states no shape")
        incoming = self._shape(before[0])
        if kind in NEURONS or kind in ("Output", "Scale", "Delay"):
            return incoming
        synapses = self._synapses(key, before[0])
        return getattr(synapses, "out_shape", (synapses.targets,))

    def _successors(self, key: str) -> list[str]:
        return [b for a, b in self.edges if a == key]

    def _predecessors(self, key: str) -> list[str]:
        return [a for a, b in self.edges if b == key]

    def _order(self) -> list[str]:
        """Return nodes so that only edges of a loop go backwards: reverse postorder from the inputs."""
        seen, done = set(), []
        present = {key for edge in self.edges for key in edge}
        for start in [k for k in self.nodes if self.kinds[k] == "Input"] + [k for k in self.nodes if k in present]:
            stack = [(start, iter(self._successors(start)))] if start not in seen else []
            seen.add(start)
            while stack:
                key, after = stack[-1]
                following = next((k for k in after if k not in seen), None)
                if following is None:
                    done.append(stack.pop()[0])
                else:
                    seen.add(following)
                    stack.append((following, iter(self._successors(following))))
        return done[::-1]


def _around_flatten(name: str, nodes: dict, kinds: dict[str, str], edges: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the edges without Flatten nodes: neurons keep their order, and dense weights are permuted to it."""
    for key in [k for k, kind in kinds.items() if kind == "Flatten"]:
        if int(nodes[key].start_dim) > 0 or int(nodes[key].end_dim) != -1:
            raise UnsupportedError(
                f"{name}: node '{key}'", f"Flatten of dimensions {nodes[key].start_dim} to {nodes[key].end_dim} only", "known is all of them"
            )
        before, after = [a for a, b in edges if b == key], [b for a, b in edges if a == key]
        edges = tuple(e for e in edges if key not in e) + tuple((a, b) for a in before for b in after)
    return edges


def _last(shape: list[int]) -> tuple[int, ...]:
    if len(shape) == 2:
        return 1, shape[1], shape[0]
    return (*shape[1:], shape[0]) if len(shape) == 3 else tuple(shape)
