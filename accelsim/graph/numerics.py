"""The arithmetic that a chip or a reference runtime defines: how sums are kept and brought back to few bits."""

from dataclasses import dataclass
from typing import Literal

Rounding = Literal["gemmlowp_double", "single", "float_half_even"]


@dataclass(frozen=True, slots=True)
class Numerics:
    """Accumulator and rounding rules; equal numerics give equal integers, so chips that share them share one execution.

    Attributes
    ----------
    requantization : str
        Of convolutions: "gemmlowp_double" (TFLite reference: saturating rounding doubling high multiply, then rounding
        shift, half away from zero), "single" (one rounding shift, half up), "float_half_even" (onnxruntime's CPU
        kernels: float32 multiply, round half to even).
    fully_connected_requantization : str
        "single" in TFLite's reference kernels, "gemmlowp_double" in TensorFlow Lite Micro.
    accumulator_bits : int
        32, or 64 for int16 activations.
    float_accumulator : str
        "float32", "float16" or "bfloat16": the width in which a float sum is kept.
    float_operand : str
        "float32" or a narrower type to which operands are rounded first.
    """

    requantization: Rounding = "gemmlowp_double"
    fully_connected_requantization: Rounding = "single"
    accumulator_bits: int = 32
    float_accumulator: str = "float32"
    float_operand: str = "float32"


TFLITE_REFERENCE = Numerics()
TFLITE_MICRO = Numerics(fully_connected_requantization="gemmlowp_double")
ONNXRUNTIME_CPU = Numerics(requantization="float_half_even", fully_connected_requantization="float_half_even")
