"""MobileNet v1 (A. Howard et al., arXiv 1704.04861)."""

from functools import partial

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

SOURCE = "Howard et al., arXiv 1704.04861, table 1; paddings as TensorFlow's SAME"
# (channels, stride) of each separable block at width 1.
BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2), (1024, 1))


def scaled(channels: int, width: float) -> int:
    """Return the channels at a width multiplier, at least 8."""
    return max(8, int(channels * width))


def separable(net: Network, x: str, channels: int, stride: int) -> str:
    """Depthwise 3x3, then pointwise."""
    x = net.depthwise(x, 3, stride, activation="relu6", name="depthwise")
    return net.conv(x, channels, 1, activation="relu6", name="pointwise")


def backbone(net: Network, x: str, width: float) -> list[str]:
    """Return the output of the stem and of each of the 13 blocks."""
    outputs = [net.conv(x, scaled(32, width), 3, 2, activation="relu6", name="stem")]
    for index, (channels, stride) in enumerate(BLOCKS, start=1):
        with net.block(f"block{index}"):
            outputs.append(separable(net, outputs[-1], scaled(channels, width), stride))
    return outputs


def build(net: Network, x: str, classes: int, width: float) -> str:
    """Backbone and classifier."""
    return net.classifier(backbone(net, x, width)[-1], classes)


def _recipe(width: float, size: int, classes: int) -> Recipe:
    return Recipe(f"MobileNet v1, width {width:g}, relu6, {classes} classes", SOURCE, partial(build, width=width), input_size=size, classes=classes)


RECIPES = {
    "mobilenet_v1": _recipe(1.0, 224, 1000),
    "mobilenet_v1_0_25": _recipe(0.25, 128, 1001),
    "mobilenet_v1_0_5": _recipe(0.5, 160, 1001),
    "mobilenet_v1_0_75": _recipe(0.75, 192, 1001),
}
