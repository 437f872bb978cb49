"""Residual networks (K. He et al., "Deep residual learning for image recognition", CVPR 2016)."""

from collections.abc import Callable
from functools import partial

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

SOURCE = "He et al., CVPR 2016; torchvision models/resnet.py"


def basic(net: Network, x: str, width: int, stride: int) -> str:
    """Two 3x3 convolutions beside a shortcut."""
    y = net.conv(x, width, 3, stride, padding=1)
    y = net.conv(y, width, 3, padding=1, activation="none")
    return net.add(y, shortcut(net, x, width, stride), activation="relu")


def bottleneck(net: Network, x: str, width: int, stride: int, stride_in_3x3: bool) -> str:
    """1x1, 3x3 and 1x1 convolutions beside a shortcut; v1 strides in the first 1x1, v1.5 in the 3x3."""
    first, second = (1, stride) if stride_in_3x3 else (stride, 1)
    y = net.conv(x, width, 1, first)
    y = net.conv(y, width, 3, second, padding=1)
    y = net.conv(y, 4 * width, 1, activation="none")
    return net.add(y, shortcut(net, x, 4 * width, stride), activation="relu")


def shortcut(net: Network, x: str, channels: int, stride: int) -> str:
    """The input itself, or a 1x1 convolution where the shape changes."""
    if stride == 1 and net.channels(x) == channels:
        return x
    return net.conv(x, channels, 1, stride, activation="none", name="shortcut")


def build(net: Network, x: str, classes: int, block: Callable[[Network, str, int, int], str], depths: tuple[int, ...]) -> str:
    """Stem, four stages of doubling width, classifier."""
    x = net.conv(x, 64, 7, 2, padding=3, name="stem")
    x = net.max_pool(x, 3, 2, padding=1)
    for stage, depth in enumerate(depths):
        for index in range(depth):
            with net.block(f"stage{stage + 1}.{index}"):
                x = block(net, x, 64 << stage, 2 if stage and not index else 1)
    return net.classifier(x, classes)


RECIPES = {
    "resnet18": Recipe(
        "ResNet-18; v1 and v1.5 are the same, since a basic block has no 1x1 before its 3x3", SOURCE, partial(build, block=basic, depths=(2, 2, 2, 2))
    ),
    "resnet50": Recipe(
        "ResNet-50 v1.5: the 3x3 convolution has the stride", SOURCE, partial(build, block=partial(bottleneck, stride_in_3x3=True), depths=(3, 4, 6, 3))
    ),
    "resnet50_v1": Recipe(
        "ResNet-50 v1: the first 1x1 convolution has the stride", SOURCE, partial(build, block=partial(bottleneck, stride_in_3x3=False), depths=(3, 4, 6, 3))
    ),
}
