"""What depends on a node's constants alone is made once: a test set runs the same node thousands of times."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from accelsim.graph.tensor import Tensor
from accelsim.operators import Call

_PREPARED: WeakKeyDictionary[Tensor, tuple[tuple, Any]] = WeakKeyDictionary()


def prepared(call: Call, prepare: Callable[[Call], Any]) -> Any:
    """Return ``prepare(call)``, made once for a node all of whose inputs after the first are constant or absent.

    Parameters
    ----------
    prepare : callable (call) -> anything
        Reads no values but those of the constants, and keeps no reference to the call: it lives as long as the output's Tensor.
    """
    key = (prepare, call.node, call.inputs, call.outputs[1:], call.numerics)
    known = _PREPARED.get(call.outputs[0])
    if known is not None and known[0] == key:
        return known[1]
    made = prepare(call)
    if all(tensor is None or tensor.is_constant for tensor in call.inputs[1:]):
        _PREPARED[call.outputs[0]] = (key, made)
    return made
