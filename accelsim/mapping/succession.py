"""Which layer, or stripe of one, comes after which, and what each waits for; speeds and tiles do not change it."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.graph import Graph
from accelsim.mapping.cascades import Cascade
from accelsim.mapping.homes import Homes
from accelsim.mapping.kept import kept_of
from accelsim.mapping.layers import Layer

CALL = -1  # what waits for nothing else waits for the host's call
WHOLE = -1


@dataclass(frozen=True, eq=False)
class Succession:
    """The order of one inference.

    Attributes
    ----------
    steps : tuple of (int, int)
        Index of a layer, and which stripe of it (-1: all of it).
    first_wait, waits : ndarray, int64
        ``waits[first_wait[i]:first_wait[i + 1]]`` are the numbers of the steps for whose end step i waits, -1 for the host's call; behind those
        of the last step stand those for which the end of the inference waits.
    """

    steps: tuple[tuple[int, int], ...]
    first_wait: np.ndarray
    waits: np.ndarray


def succession_of(graph: Graph, layers: tuple[Layer, ...], homes: Homes) -> Succession:
    """Return the order of a network's layers, kept with their homes."""
    return kept_of(graph).get(("succession", layers, homes), lambda: _Order(graph, layers, homes).found())


class _Order:
    """Walks through the layers.

    An activation is there when the layer, or the last stripe, that makes it has ended; a layer waits for what it reads and until nobody still reads
    the bytes that it will overwrite.
    """

    def __init__(self, graph: Graph, layers: tuple[Layer, ...], homes: Homes):
        self.layers, self.homes = layers, homes
        self.steps: list[tuple[int, int]] = []
        self.waits: list[set[int]] = []
        self.done: dict[str, int] = dict.fromkeys(graph.inputs, CALL)  # tensor name to the step after which it is complete
        self.ends: dict[int, int] = {}  # layer to the step after which it is done
        self.overwritten = _overwrites(homes)

    def found(self) -> Succession:
        """Return the order of all layers."""
        for layer in self.layers:
            if layer.index in self.ends:
                continue
            if (cascade := self.homes.cascade_of(layer.index)) is not None:
                self._cascade(cascade)
            elif layer.is_view:  # complete when what it views is
                self.ends[layer.index] = self.done[layer.outputs[0].name] = self.done.get(layer.inputs[0].name, CALL) if layer.inputs else CALL
            else:
                self._step(layer, WHOLE, self._freed(layer))
                self.ends[layer.index] = self.done[layer.outputs[0].name]
        self.waits.append({*self.done.values(), CALL})
        sizes = [len(waits) for waits in self.waits]
        return Succession(tuple(self.steps), np.cumsum([0, *sizes]), np.array([one for waits in self.waits for one in sorted(waits)], np.int64))

    def _step(self, layer: Layer, stripe: int, freed: list[int]) -> None:
        self.waits.append({self.done[t.name] for t in layer.inputs if t.name in self.done} | {*freed, CALL})
        self.steps.append((layer.index, stripe))
        for tensor in layer.outputs:
            self.done[tensor.name] = len(self.steps) - 1

    def _freed(self, layer: Layer) -> list[int]:
        """Return the steps after which the bytes of a layer's outputs are free."""
        return [self.ends[self.homes.lives[name][1]] for t in layer.outputs for name in self.overwritten.get(t.name, ())]

    def _cascade(self, cascade: Cascade) -> None:
        """Walk through a cascade stripe by stripe.

        A layer begins a stripe when the layers before it have made its rows, and when those that read it have read the rows that it overwrites.
        """
        layers = self.layers[cascade.first : cascade.last + 1]
        readers = [[k for k, other in enumerate(layers) if layer.outputs[0] in other.inputs] for layer in layers]
        ended: dict[int, int] = {}
        for stripe in range(len(cascade.rows_of(cascade.first))):
            for k, layer in enumerate(layers):
                if cascade.rows_of(layer.index)[stripe]:
                    freed = [ended[reader] for reader in readers[k] if reader in ended] if k in ended else self._freed(layer)
                    self._step(layer, stripe, freed)
                    ended[k] = self.done[layer.outputs[0].name]
        self.ends |= {layer.index: ended[k] for k, layer in enumerate(layers)}


def _overwrites(homes: Homes) -> dict[str, list[str]]:
    """Return for every activation the earlier ones whose bytes it overwrites."""
    names = [n for n in homes.lives if n in homes.offset]
    first = np.array([homes.lives[n][0] for n in names])
    last = np.array([homes.lives[n][1] for n in names])
    low = np.array([homes.offset[n] for n in names])
    high = low + np.array([homes.sizes[n] for n in names])
    where = np.array([homes.memory[n] for n in names])
    found: dict[str, list[str]] = {}
    for i, name in enumerate(names):
        clash = (last < first[i]) & (low < high[i]) & (low[i] < high) & (where == where[i])
        found[name] = [names[j] for j in np.flatnonzero(clash)]
    return found
