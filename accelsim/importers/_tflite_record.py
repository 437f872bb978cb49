"""One operator of a TFLite file, as the translations read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.tensor import Tensor

ACTIVATIONS = ("none", "relu", "relu_n1_to_1", "relu6", "tanh", "sign_bit")  # schema.fbs, ActivationFunctionType
PADDINGS = ("same", "valid")  # schema.fbs, Padding


@dataclass(frozen=True, eq=False)
class Record:
    """An operator with its options and tensors.

    Attributes
    ----------
    kind : str
        The schema's name, such as "CONV_2D"; a custom one's own name.
    inputs : tuple of str or None
    tensors : mapping of str to Tensor
    """

    kind: str
    place: str
    operator: object
    subgraph: object
    inputs: tuple[str | None, ...]
    outputs: tuple[str, ...]
    tensors: Mapping[str, Tensor]

    @cached_property
    def options(self):
        """The operator's option table in the file, or None."""
        import tflite

        code = self.operator.BuiltinOptionsType()
        table = self.operator.BuiltinOptions()
        names = {value: name for name, value in vars(tflite.BuiltinOptions).items() if isinstance(value, int)}
        if table is None or code == 0 or code not in names:
            return None
        options = getattr(tflite, names[code])()
        options.Init(table.Bytes, table.Pos)
        return options

    def option(self, name: str, default=0):
        """Return one option; the default where the file has no table of options.

        Raises
        ------
        AccelsimError
            The table is another operator's.
        """
        if self.options is None:
            return default
        if not hasattr(self.options, name):
            raise AccelsimError(self.place, f"its options are those of another operator ({type(self.options).__name__})", "the file is damaged")
        return getattr(self.options, name)()

    def options_array(self, name: str) -> tuple[int, ...]:
        """Return a vector of the options as integers; empty where absent."""
        vector = self.option(name + "AsNumpy")
        return tuple(int(i) for i in vector) if isinstance(vector, np.ndarray) else ()

    def word(self, name: str, words: tuple[str, ...]) -> str:
        """Return an enumerated option by its word."""
        code = self.option(name)
        if not 0 <= code < len(words):
            raise AccelsimError(self.place, f"{name} number {code} is not one of {', '.join(words)}", "the file is damaged")
        return words[code]

    @property
    def activation(self) -> str:
        """The fused activation's word."""
        return self.word("FusedActivationFunction", ACTIVATIONS)

    @property
    def strides(self) -> tuple[int, int]:
        """Vertical and horizontal stride."""
        return self.pair("StrideH", "StrideW")

    def pair(self, vertical: str, horizontal: str) -> tuple[int, int]:
        """Return two options, which must be positive."""
        pair = int(self.option(vertical)), int(self.option(horizontal))
        if min(pair) < 1:
            raise AccelsimError(self.place, f"{vertical}, {horizontal} of {pair} are not positive", "the file is damaged")
        return pair

    def input(self, index: int) -> Tensor:
        """Return an input that must be there."""
        if index >= len(self.inputs) or self.inputs[index] is None:
            raise AccelsimError(self.place, f"input {index} is missing", "the file is damaged")
        return self.tensors[self.inputs[index]]

    def output(self, index: int = 0) -> Tensor:
        """Return an output."""
        if index >= len(self.outputs):
            raise AccelsimError(self.place, f"output {index} is missing", "the file is damaged")
        return self.tensors[self.outputs[index]]

    def numbers(self, index: int) -> tuple[int, ...]:
        """Return a constant integer input.

        Raises
        ------
        UnsupportedError
            The network computes it, so that shapes would depend on data.
        """
        tensor = self.input(index)
        if not tensor.is_constant:
            raise UnsupportedError(self.place, f"input {index} ('{tensor.name}') is computed while the network runs; shapes must be constant")
        if tensor.values.dtype.kind not in "iu":
            raise AccelsimError(self.place, f"input {index} ('{tensor.name}') is {tensor.dtype}, not whole numbers", "the file is damaged")
        return tuple(int(i) for i in tensor.values.ravel())

    def pairs(self, index: int) -> tuple[tuple[int, int], ...]:
        """Return a constant integer input as (before, after) pairs."""
        flat = self.numbers(index)
        return tuple(zip(flat[::2], flat[1::2], strict=True))

    def hidden_quantization(self) -> dict[str, float | int]:
        """Return scale and zero point of an integer LSTM's fifth intermediate, its hidden product; nothing where absent."""
        if self.operator.IntermediatesLength() != 5:
            return {}
        q = self.subgraph.Tensors(self.operator.Intermediates(4)).Quantization()
        if q is None or q.ScaleLength() != 1:
            return {}
        return {"hidden_scale": float(q.Scale(0)), "hidden_zero_point": int(q.ZeroPoint(0)) if q.ZeroPointLength() else 0}
