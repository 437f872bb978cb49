"""MobileNet v1 (A. Howard et al., arXiv 1704.04861)."""

from functools import partial

import numpy as np

from accelsim.importers.recipes import _spread as spread
from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

SOURCE = "Howard et al., arXiv 1704.04861, table 1; paddings as TensorFlow's SAME"
# (channels, stride) of each separable block at width 1.
BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2), (1024, 1))


def scaled(channels: int, width: float) -> int:
    """Return the channels at a width multiplier, at least 8."""
    return max(8, int(channels * width))


def clipped(net: Network, x: str, split: bool) -> str:
    """Return a convolution's result with relu6 behind it as relu(x) - relu(x - 6), for importers that know no upper limit; or as it is."""
    if not split:
        return x
    its, name = net.spread_of(x), net.claim("lowered")
    lower = spread.Spread(its.mean - 6, its.variance, its.low - 6, its.high - 6)
    (lowered,) = net.add_node("sub", [x, net.constant(f"{name}/six", np.full(1, 6.0))], [lower], name)
    return net.add_node("sub", [net.activation(x, "relu"), net.activation(lowered, "relu")], [spread.through("relu6", its)])[0]


def separable(net: Network, x: str, channels: int, stride: int, split: bool = False) -> str:
    """Depthwise 3x3, then pointwise; relu6 behind each, fused or split."""
    activation = "none" if split else "relu6"
    x = clipped(net, net.depthwise(x, 3, stride, activation=activation, name="depthwise"), split)
    return clipped(net, net.conv(x, channels, 1, activation=activation, name="pointwise"), split)


def backbone(net: Network, x: str, width: float, split: bool = False) -> list[str]:
    """Return the output of the stem and of each of the 13 blocks."""
    outputs = [clipped(net, net.conv(x, scaled(32, width), 3, 2, activation="none" if split else "relu6", name="stem"), split)]
    for index, (channels, stride) in enumerate(BLOCKS, start=1):
        with net.block(f"block{index}"):
            outputs.append(separable(net, outputs[-1], scaled(channels, width), stride, split))
    return outputs


def build(net: Network, x: str, classes: int, width: float, split: bool = False) -> str:
    """Backbone and classifier."""
    return net.classifier(backbone(net, x, width, split)[-1], classes)


def _recipe(width: float, size: int, classes: int, split: bool = False) -> Recipe:
    relu6 = "relu(x) - relu(x - 6) in place of relu6, as scripts/convert_relu6.py of NVIDIA-AI-IOT/tf_to_trt_image_classification writes it" if split else "relu6"
    text, base = f"MobileNet v1, width {width:g}, {relu6}, {classes} classes", "mobilenet_v1" if split else ""
    return Recipe(text, SOURCE, partial(build, width=width, split=split), input_size=size, classes=classes, variant_of=base)


RECIPES = {
    "mobilenet_v1": _recipe(1.0, 224, 1000),
    "mobilenet_v1_0_25": _recipe(0.25, 128, 1001),
    "mobilenet_v1_0_5": _recipe(0.5, 160, 1001),
    "mobilenet_v1_0_75": _recipe(0.75, 192, 1001),
    "mobilenet_v1_split": _recipe(1.0, 224, 1001, split=True),
    "mobilenet_v1_0_25_split": _recipe(0.25, 128, 1001, split=True),
    "mobilenet_v1_0_5_split": _recipe(0.5, 160, 1001, split=True),
}
