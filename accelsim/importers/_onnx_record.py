"""One ONNX node as the translations see it: attributes by name, every one of them accounted for."""

from dataclasses import dataclass, field, replace

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.tensor import Quantization


@dataclass
class Record:
    """A node before translation.

    Attributes
    ----------
    kind : str
        Operator type.
    place : str
        How errors name the node.
    opset : int
        Version of the operator's domain that the file declares.
    inputs : list of str
        ONNX value names; empty where absent.
    output_type : (str, Quantization) or None
        Element type and scale of the output where a quantising neighbour was merged into the node.
    """

    kind: str
    domain: str
    name: str
    place: str
    opset: int
    inputs: list[str]
    outputs: list[str]
    attributes: dict
    output_type: tuple[str, Quantization] | None = None
    read: set[str] = field(default_factory=set)

    def get(self, name: str, default=None):
        """Return an attribute or its default."""
        self.read.add(name)
        return self.attributes.get(name, default)

    def has(self, index: int) -> bool:
        """Return whether an optional input is there."""
        return index < len(self.inputs) and self.inputs[index] != ""

    def input(self, index: int) -> str:
        """Return the name of an input that must be there."""
        if not self.has(index):
            raise AccelsimError(self.place, f"input {index} is absent", "the file is damaged")
        return self.inputs[index]

    def wants(self, index: int) -> bool:
        """Return whether an optional output is asked for."""
        return index < len(self.outputs) and self.outputs[index] != ""

    def only_output(self, index: int = 0) -> None:
        """Refuse further outputs, which this translation does not make."""
        for extra in range(index + 1, len(self.outputs)):
            if self.wants(extra):
                raise self.refused(f"output {extra} ('{self.outputs[extra]}') is not supported")

    def fixed(self, name: str, allowed, default=None) -> None:
        """Refuse an attribute whose value is not one that changes nothing."""
        value = self.get(name, default)
        if value not in (allowed if isinstance(allowed, tuple) else (allowed,)):
            raise self.refused(f"attribute {name} = {value} is not supported (only {allowed})")

    def refused(self, what: str, hint: str = "") -> UnsupportedError:
        """Return the error for a feature that accelsim does not compute."""
        return UnsupportedError(self.place, what, hint)

    def wrong(self, what: str) -> AccelsimError:
        """Return the error for a node that is no valid ONNX."""
        return AccelsimError(self.place, what, "the file is damaged")

    def check_read(self) -> None:
        """Refuse attributes that the translation never looked at."""
        left = set(self.attributes) - self.read
        if left:
            raise self.refused(f"attribute {', '.join(sorted(left))} is not supported")

    def like(self, kind: str, **changes) -> "Record":
        """Return another node with this one's place."""
        return replace(self, kind=kind, read=self.read, **changes)


def read_attributes(node, place: str) -> dict:
    """Return a node's attributes as Python values; tensors as arrays."""
    from onnx import AttributeProto, numpy_helper

    values = {}
    for attribute in node.attribute:
        if attribute.type == AttributeProto.TENSOR:
            values[attribute.name] = numpy_helper.to_array(attribute.t)
        elif attribute.type in (AttributeProto.FLOAT, AttributeProto.INT):
            values[attribute.name] = attribute.f if attribute.type == AttributeProto.FLOAT else attribute.i
        elif attribute.type == AttributeProto.STRING:
            values[attribute.name] = attribute.s.decode()
        elif attribute.type in (AttributeProto.FLOATS, AttributeProto.INTS):
            values[attribute.name] = tuple(attribute.floats or attribute.ints)
        elif attribute.type == AttributeProto.STRINGS:
            values[attribute.name] = tuple(s.decode() for s in attribute.strings)
        else:
            kind = AttributeProto.AttributeType.Name(attribute.type).lower()
            raise UnsupportedError(place, f"attribute '{attribute.name}' holds a {kind}, which is not supported")
    return values


def affine(scale: np.ndarray, zero: np.ndarray | None, axis: int) -> Quantization:
    """Return the quantisation of a scale and zero point as ONNX stores them."""
    scale = np.atleast_1d(np.asarray(scale, np.float32)).ravel()
    zeros = np.zeros(scale.shape, np.int64) if zero is None else np.broadcast_to(np.atleast_1d(zero).astype(np.int64).ravel(), scale.shape)
    return Quantization(scale, np.ascontiguousarray(zeros), axis if scale.size > 1 else 0)
