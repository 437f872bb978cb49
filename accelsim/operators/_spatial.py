"""Extents of sliding windows, shared by convolutions and pooling."""

from typing import Literal

Pair = tuple[int, int]
# "same" and "valid" as TensorFlow defines them, or ((top, bottom), (left, right)).
Padding = Literal["same", "valid"] | tuple[Pair, Pair]


def reach(extent: int, filter: int, stride: int, dilation: int, padding: Literal["same", "valid"] | Pair) -> Pair:
    """Return (output extent, leading padding) along one axis.

    Source: TensorFlow's definition of SAME and VALID (``nn.convolution`` notes on padding).
    """
    covered = (filter - 1) * dilation + 1
    if padding == "same":
        out = -(-extent // stride)
        return out, max(0, (out - 1) * stride + covered - extent) // 2
    before, after = (0, 0) if padding == "valid" else padding
    return (extent + before + after - covered) // stride + 1, before


def window(in_hw: Pair, filter_hw: Pair, stride: Pair, dilation: Pair, padding: Padding) -> tuple[Pair, Pair]:
    """Return ((out_h, out_w), (pad_top, pad_left))."""
    sides = (padding, padding) if isinstance(padding, str) else padding
    (out_h, top), (out_w, left) = (reach(*axis) for axis in zip(in_hw, filter_hw, stride, dilation, sides, strict=True))
    return (out_h, out_w), (top, left)
