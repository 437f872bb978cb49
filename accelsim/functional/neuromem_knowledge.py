"""Knowledge files: the committed neurons of a chain in the vendor's layouts.

``"api"`` (``.knf``): a header of four little-endian 32-bit integers (format 0x1704, components per neuron, neurons, 0), then
for each neuron components + 4 integers NCR, components, AIF, MINIF, CAT.
``"compact"``: the same integers, an 8-byte header of four 16-bit words and, for each neuron, 16-bit NCR, one byte a component,
16-bit AIF, MINIF, CAT: 264 bytes at 256 components.

References
----------
NeuroMem API manual v6.3 p. 12-13 and the vendor's Arduino library (saveKnowledge_SDcard): "api".
NeuroShield User's Guide v1.0.5 p. 9-10 gives the sizes of the compact layout; the order of its words follows the other (estimated).
"""

from pathlib import Path
from typing import Literal

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.base.files import write_whole
from accelsim.functional.neuromem_state import NeuroMemDevice, NeuroMemState, new_state
from accelsim.kernels.neuromem import CATEGORY_MASK

FORMAT = 0x1704
Layout = Literal["api", "compact"]


def save_knowledge(state: NeuroMemState, path: str | Path, layout: Layout = "api") -> None:
    """Write the committed neurons; the file appears whole or not at all.

    Raises
    ------
    AccelsimError
        The folder cannot be written.
    """
    path, known = Path(path), state.committed
    components = state.memory.shape[1]
    header, record = _types(components, layout)
    neurons = np.zeros(np.count_nonzero(known), record)
    neurons["ncr"], neurons["memory"], neurons["category"] = state.contexts[known], state.memory[known], state.categories[known]
    neurons["aif"], neurons["minif"] = state.influence[known], state.minimum_influence[known]
    write_whole(path, np.array([FORMAT, components, len(neurons), 0], header).tobytes() + neurons.tobytes())


def load_knowledge(path: str | Path, device: NeuroMemDevice = NeuroMemDevice(), layout: Layout = "api") -> NeuroMemState:
    """Return a chain that holds a file's neurons and has its registers as after reset.

    Raises
    ------
    AccelsimError
        The file cannot be read, is not of this layout, is cut short, has values that do not fit, or more or larger neurons than the chain.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AccelsimError(str(path), f"cannot be read: {error.strerror}") from error
    neurons = _checked_neurons(str(path), data, device, layout)
    state, count, components = new_state(device), len(neurons), neurons["memory"].shape[1]
    state.contexts[:count], state.memory[:count, :components], state.categories[:count] = neurons["ncr"] & 0xFF, neurons["memory"], neurons["category"]
    state.influence[:count], state.minimum_influence[:count] = neurons["aif"], neurons["minif"]
    return state


def _types(components: int, layout: str) -> tuple[np.dtype, np.dtype]:
    if layout not in ("api", "compact"):
        raise AccelsimError("knowledge file", f"layout '{layout}' is not one of api, compact")
    word, component = ("<u4", "<u4") if layout == "api" else ("<u2", "u1")
    record = np.dtype([("ncr", word), ("memory", component, (components,)), ("aif", word), ("minif", word), ("category", word)])
    return np.dtype(word), record


def _checked_neurons(place: str, data: bytes, device: NeuroMemDevice, layout: str) -> np.ndarray:
    header, _ = _types(device.components, layout)
    if len(data) < 4 * header.itemsize:
        raise AccelsimError(place, f"{len(data)} bytes are too short for a knowledge file's header of {4 * header.itemsize}")
    number, components, count, _ = (int(value) for value in np.frombuffer(data, header, 4))
    if number != FORMAT:
        raise AccelsimError(place, f"format {number:#x} is not {FORMAT:#x}", f"not a knowledge file of layout '{layout}'")
    if not 1 <= components <= device.components or count > device.capacity:
        raise AccelsimError(place, f"{count} neurons of {components} components do not fit {device.capacity} neurons of {device.components}")
    _, record = _types(components, layout)
    expected = 4 * header.itemsize + count * record.itemsize
    if len(data) != expected:
        raise AccelsimError(place, f"{len(data)} bytes where {count} neurons take {expected}", "the file is cut short or damaged")
    return _checked_values(place, np.frombuffer(data, record, count, 4 * header.itemsize))


def _checked_values(place: str, neurons: np.ndarray) -> np.ndarray:
    limits = {"memory": 0xFF, "aif": 0xFFFF, "minif": 0xFFFF, "category": 0xFFFE, "ncr": 0xFFFF}
    for name, limit in limits.items():
        wrong = np.argwhere(neurons[name] > limit)
        if len(wrong):
            raise AccelsimError(place, f"neuron {wrong[0][0] + 1}: {name} {neurons[name][tuple(wrong[0])]} is above {limit}")
    empty = np.flatnonzero((neurons["category"] & CATEGORY_MASK) == 0)
    if len(empty):
        raise AccelsimError(place, f"neuron {empty[0] + 1}: has no category")
    return neurons
