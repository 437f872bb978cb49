"""What real values change about a mapping: zeros that a unit leaves out take no cycles, compressed tensors fewer bytes.

The tool chain decides on order and pieces before it has seen data; the decisions stay, their cycles and bytes are what the data makes of them.
"""

from dataclasses import replace
from typing import Protocol

from accelsim.graph.activity import Activity
from accelsim.graph.declared_activity import DeclaredActivity
from accelsim.graph.tensor import Tensor
from accelsim.graph.work import Contraction
from accelsim.hardware.chip import Chip
from accelsim.hardware.compression import Compression
from accelsim.hardware.unit import Unit
from accelsim.mapping.caches import bound_of
from accelsim.mapping.choice import Choice, Stream
from accelsim.mapping.mapper import NetworkMapping


class Observed(Protocol):
    """What is asked of data: an ``Activity`` of a run, or a ``DeclaredActivity``."""

    def density(self, name: str, block: int = 1) -> float:
        """Return the fraction of elements, or of runs of ``block`` channels, that are not zero."""


def depends_on_data(chip: Chip) -> bool:
    """Return whether cycles or bytes of a chip depend on the values that it computes."""
    packed = any(form.of == "activations" for form in chip.compression)
    return packed or any(getattr(worker(unit), "skip_zeros", None) is not None for unit in chip.units.values())


def depends_on_weights(chip: Chip) -> bool:
    """Return whether cycles or bytes of a chip depend on the values of constants."""
    packed = any(form.of == "constants" for form in chip.compression)
    return packed or any(getattr(worker(unit), "sparse_weights", None) is not None for unit in chip.units.values())


def worker(unit: Unit) -> Unit:
    """Return what does the work of a unit: one of its cores, or itself."""
    return getattr(unit, "core", unit)


def observe(mapping: NetworkMapping, data: Observed | None) -> NetworkMapping:
    """Return a mapping with the cycles and bytes that its data makes of it.

    Parameters
    ----------
    data : Activity or DeclaredActivity, optional
        Without it, only constants count: their values are known.
    """
    if not depends_on_data(mapping.chip) and not depends_on_weights(mapping.chip):
        return mapping
    ratios = _Ratios(mapping, data)
    choices, first = (tuple(_observed(choice, mapping, data, ratios) for choice in known) for known in (mapping.choices, mapping.first_choices))
    return replace(mapping, choices=choices, first_choices=first, _template={})


def _observed(choice: Choice, mapping: NetworkMapping, data: Observed | None, ratios: "_Ratios") -> Choice:
    of_inputs = _computed_share(choice, mapping.chip, data)
    products, cycles = _shares_of_weights(choice, mapping.chip)
    share = of_inputs * products
    streams = tuple(ratios.compressed(stream) for stream in choice.streams)
    setup = choice.cost.setup_cycles if choice.groups == 1 else 0
    groups = tuple(setup + _scaled(those - setup, of_inputs * cycles) for those in choice.group_cycles)
    note = choice.cost.note + (f", {1 - share:.0%} skipped" if share < 1 else "")
    cost = replace(choice.cost, cycles=sum(groups), note=note) if share < 1 else choice.cost
    return replace(choice, group_cycles=groups, cost=cost, streams=streams, bound=bound_of(choice, mapping.routes, cost.cycles, streams), computed_share=share)


def _scaled(cycles: int, share: float) -> int:
    return -int(-cycles * share // 1)


def _computed_share(choice: Choice, chip: Chip, data: Observed | None) -> float:
    """Return the share of a product's input vectors that its unit works through."""
    skipping = getattr(worker(chip.units[choice.layer.unit]), "skip_zeros", None)
    work = choice.layer.works[0] if len(choice.layer.works) == 1 else None
    if skipping is None or data is None or not isinstance(work, Contraction) or work.is_depthwise or not choice.layer.inputs:
        return 1.0
    return max(data.density(choice.layer.inputs[0].name, skipping.vector), 1 / skipping.most)


def _shares_of_weights(choice: Choice, chip: Chip) -> tuple[float, float]:
    """Return the shares of a product's multiplications and of its cycles that its constant weights leave."""
    sparse = getattr(worker(chip.units[choice.layer.unit]), "sparse_weights", None)
    work = choice.layer.works[0] if choice.layer.works else None
    if sparse is None or not isinstance(work, Contraction) or work.is_depthwise or not work.weight_is_constant:
        return 1.0, 1.0
    weights = next((t for t in choice.layer.constants if t.elements == work.group * work.filters * work.channels * work.filter_h * work.filter_w), None)
    if weights is None or weights.shape[-1] != work.channels:
        return 1.0, 1.0
    return sparse.shares(weights)


class _Ratios:
    """Compressed over plain bytes of tensors under each of a chip's declared forms."""

    def __init__(self, mapping: NetworkMapping, data: Observed | None):
        self.tensors, self.data, self.forms = mapping.graph.tensors, data, mapping.chip.compression
        self._known: dict[tuple[int, str], float] = {}

    def compressed(self, stream: Stream) -> Stream:
        """Return a stream with the bytes that really move at each hop."""
        if not stream.tensor:
            return stream
        tensor = self.tensors[stream.tensor]
        wire = tuple(self._at(tensor, hop.place, amount) for hop, amount in zip(stream.hops, stream.amounts, strict=True))
        return replace(stream, wire=wire) if wire != stream.amounts else stream

    def _at(self, tensor: Tensor, place: str, payload: int) -> int:
        kind = "constants" if tensor.is_constant else "activations"
        for index, form in enumerate(self.forms):
            if form.of == kind and place in form.at:
                return -int(-payload * self._ratio(index, form, tensor) // 1)
        return payload

    def _ratio(self, index: int, form: Compression, tensor: Tensor) -> float:
        if (index, tensor.name) not in self._known:
            self._known[index, tensor.name] = self._bits(form, tensor) / max(1, tensor.elements * (form.word_bits or tensor.bits))
        return self._known[index, tensor.name]

    def _bits(self, form: Compression, tensor: Tensor) -> int:
        if tensor.structure is not None:  # the file's own form is already what lies in memory
            return tensor.elements * (form.word_bits or tensor.bits)
        if tensor.is_constant:
            return form.bits_of(tensor, tensor.values)
        if isinstance(self.data, Activity):
            return form.bits_of(tensor, self.data.value(tensor.name))
        if isinstance(self.data, DeclaredActivity):
            return form.expected_bits(tensor, self.data.density(tensor.name))
        return tensor.elements * (form.word_bits or tensor.bits)
