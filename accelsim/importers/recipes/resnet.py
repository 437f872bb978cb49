"""Residual networks (K. He et al., "Deep residual learning for image recognition", CVPR 2016)."""

from collections.abc import Callable
from functools import partial

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

SOURCE = "He et al., CVPR 2016; torchvision models/resnet.py"
SLIM_SOURCE = "He et al., CVPR 2016 and ECCV 2016; tensorflow/models research/slim nets/resnet_{}.py"
DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


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


def slim_v1(net: Network, x: str, width: int, stride: int) -> str:
    """Bottleneck with the stride in its 3x3; where only the size changes, the shortcut takes every other pixel."""
    y = net.conv(x, width, 1)
    y = net.conv(y, width, 3, stride)
    y = net.conv(y, 4 * width, 1, activation="none")
    return net.add(y, kept(net, x, stride) if net.channels(x) == 4 * width else shortcut(net, x, 4 * width, stride), activation="relu")


def slim_v2(net: Network, x: str, width: int, stride: int) -> str:
    """The same with normalisation and rectifier before each convolution; the sum is left as it is."""
    before = net.normalised(x)
    y = net.conv(before, width, 1)
    y = net.conv(y, width, 3, stride)
    y = net.conv(y, 4 * width, 1, activation="none", batch_norm=False)
    if net.channels(x) == 4 * width:
        return net.add(y, kept(net, x, stride))
    return net.add(y, net.conv(before, 4 * width, 1, stride, activation="none", batch_norm=False, name="shortcut"))


def kept(net: Network, x: str, stride: int) -> str:
    """Every ``stride``-th pixel: a pool of one pixel."""
    return x if stride == 1 else net.max_pool(x, 1, stride)


def build_slim(net: Network, x: str, classes: int, depths: tuple[int, ...], before: bool) -> str:
    """Stem, four stages whose last unit but the fourth's has the stride, classifier; ``before``: version 2."""
    x = net.conv(x, 64, 7, 2, padding=3, activation="none" if before else "relu", batch_norm=not before, name="stem")
    x = net.max_pool(x, 3, 2, padding=1)
    for stage, depth in enumerate(depths):
        for index in range(depth):
            with net.block(f"stage{stage + 1}.{index}"):
                x = (slim_v2 if before else slim_v1)(net, x, 64 << stage, 2 if index == depth - 1 and stage < 3 else 1)
    return net.classifier(net.normalised(x) if before else x, classes)


def _slim(layers: int, version: int) -> Recipe:
    """Return a ResNet of TensorFlow's slim library: fewer multiplications than the paper's, for each stage shrinks in its last unit."""
    text = f"ResNet-{layers} v{version} of TensorFlow slim: the last unit of a stage has the stride"
    build_it, size = partial(build_slim, depths=DEPTHS[layers], before=version == 2), 224 if version == 1 else 299
    return Recipe(text, SLIM_SOURCE.format(f"v{version}"), build_it, input_size=size, variant_of="resnet50")


RECIPES = {
    "resnet18": Recipe(
        "ResNet-18; v1 and v1.5 are the same, since a basic block has no 1x1 before its 3x3", SOURCE, partial(build, block=basic, depths=(2, 2, 2, 2))
    ),
    "resnet34": Recipe("ResNet-34", SOURCE, partial(build, block=basic, depths=(3, 4, 6, 3))),
    "resnet50": Recipe(
        "ResNet-50 v1.5: the 3x3 convolution has the stride", SOURCE, partial(build, block=partial(bottleneck, stride_in_3x3=True), depths=(3, 4, 6, 3))
    ),
    "resnet50_v1": Recipe(
        "ResNet-50 v1: the first 1x1 convolution has the stride", SOURCE, partial(build, block=partial(bottleneck, stride_in_3x3=False), depths=(3, 4, 6, 3))
    ),
    **{f"resnet{layers}_slim_v{version}": _slim(layers, version) for version in (1, 2) for layers in DEPTHS},
}
