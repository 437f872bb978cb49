"""What convolutions share, whether a filter reads all channels of its group or one: attributes, window and work."""

from dataclasses import dataclass

from accelsim.graph.work import Contraction
from accelsim.kernels.walks import Window
from accelsim.operators import Call
from accelsim.operators._spatial import Padding, Pair, window


@dataclass(frozen=True, slots=True)
class Attributes:
    """Strides, dilations, padding and the fused activation."""

    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    padding: Padding = "valid"
    activation: str = "none"


def extents(node, inputs) -> tuple[Pair, Pair]:
    """Return ((out_h, out_w), (pad_top, pad_left)) of images (N, H, W, C) and filters (O, H, W, C)."""
    a = node.attributes
    return window(inputs[0].shape[1:3], inputs[1].shape[1:3], a.stride, a.dilation, a.padding)


def moving(call: Call) -> Window:
    """Return a call's filter as it moves over its images."""
    a, (source, weights), (out_hw, pad) = call.node.attributes, call.inputs[:2], extents(call.node, call.inputs)
    return Window(source.shape[1:3], out_hw, weights.shape[1:3], a.stride, a.dilation, pad)


def contraction(node, inputs, outputs, group: int, channels: int) -> Contraction:
    """Return the work of all filters, each over so many channels of its group."""
    source, weights = inputs[:2]
    _, (top, left) = extents(node, inputs)
    batch, out_h, out_w, filters = outputs[0].shape
    return Contraction(
        reads=tuple(t.name for t in inputs if t is not None and not t.is_constant),
        weights=tuple(t.name for t in inputs[1:] if t is not None and t.is_constant),
        writes=(outputs[0].name,), batch=batch, group=group, out_h=out_h, out_w=out_w,
        filters=filters // group, channels=channels, filter_h=weights.shape[1], filter_w=weights.shape[2],
        stride_h=node.attributes.stride[0], stride_w=node.attributes.stride[1],
        dilation_h=node.attributes.dilation[0], dilation_w=node.attributes.dilation[1],
        in_h=source.shape[1], in_w=source.shape[2], pad_top=top, pad_left=left,
        input_type=source.dtype, weight_type=weights.dtype, output_type=outputs[0].dtype,
        weight_is_constant=weights.is_constant, has_bias=len(inputs) > 2 and inputs[2] is not None,
    )  # fmt: skip
