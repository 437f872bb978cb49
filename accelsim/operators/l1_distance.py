"""L1 distance of every 8-bit row to every stored 8-bit vector: the search of a nearest-neighbour classifier."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Contraction
from accelsim.kernels.neuromem import distances
from accelsim.operators import Call
from accelsim.operators._contraction import refuse

LARGEST_LENGTH = 256  # 255 * 256 is the largest distance that 16 bits hold


@dataclass(frozen=True, slots=True)
class Attributes:
    """None."""


def output_shapes(node, inputs):
    """Return (rows, stored vectors)."""
    source, stored = inputs
    if len(source.shape) != 2 or len(stored.shape) != 2 or source.shape[1] != stored.shape[1]:
        raise refuse(node, f"rows {source.shape} do not fit stored vectors {stored.shape}")
    return ((source.shape[0], stored.shape[0]),)


def work(node, inputs, outputs):
    """Return one Contraction that sums absolute differences."""
    source, stored = inputs
    return (
        Contraction(
            reads=(source.name,), weights=(stored.name,) if stored.is_constant else (), writes=(outputs[0].name,), out_h=source.shape[0], in_h=source.shape[0],
            filters=stored.shape[0], channels=stored.shape[1], input_type=source.dtype, weight_type=stored.dtype, output_type=outputs[0].dtype,
            combination="absolute_difference", weight_is_constant=stored.is_constant,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the distances, uint16."""
    rows, stored = call.values
    if {rows.dtype, stored.dtype} != {np.dtype(np.uint8)} or call.outputs[0].dtype != "uint16" or rows.shape[1] > LARGEST_LENGTH:
        raise call.unsupported(f"distances of {rows.dtype} and {stored.dtype} of {rows.shape[1]} components into {call.outputs[0].dtype}", f"uint8, at most {LARGEST_LENGTH} components, into uint16")
    found = np.empty((len(rows), len(stored)), np.uint16)
    distances(np.ascontiguousarray(stored), np.ascontiguousarray(rows), len(stored), found)
    return (found,)
