"""What is worked out once for a network and kept for the next chip: variants in a sweep differ in a figure or two."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any
from weakref import WeakKeyDictionary

from accelsim.graph.graph import Graph

MOST = 1 << 14  # entries of a network; each layer of a variant is one, and each form of it


class Kept:
    """Values by all that they depend on; the least recently used go first.

    A key holds the things themselves where they compare by identity (layers, homes), so that none can be confused with a later one.
    """

    def __init__(self, most: int = MOST):
        self.most = most
        self.values: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return the value of a key, made now if it is not known; what cannot be made raises and is not kept."""
        if key in self.values:
            self.values.move_to_end(key)
            return self.values[key]
        value = self.values[key] = make()
        if len(self.values) > self.most:
            self.values.popitem(last=False)
        return value


_kept: WeakKeyDictionary[Graph, Kept] = WeakKeyDictionary()


def kept_of(graph: Graph) -> Kept:
    """Return what is kept of a network, as long as it lives."""
    found = _kept.get(graph)
    if found is None:
        found = _kept[graph] = Kept()
    return found
