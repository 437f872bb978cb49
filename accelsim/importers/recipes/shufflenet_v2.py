"""ShuffleNet v2 (N. Ma et al., ECCV 2018)."""

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

STAGES = ((116, 4), (232, 8), (464, 4))


def branch(net: Network, x: str, channels: int, stride: int) -> str:
    """1x1, depthwise 3x3, 1x1."""
    y = net.conv(x, channels, 1)
    y = net.depthwise(y, 3, stride, padding=1, activation="none", name="depthwise")
    return net.conv(y, channels, 1)


def unit(net: Network, x: str, channels: int) -> str:
    """Work on one half of the channels, join, shuffle."""
    kept, worked = net.split(x, 2)
    return net.shuffle(net.concat([kept, branch(net, worked, channels // 2, 1)]), 2)


def downsampling_unit(net: Network, x: str, channels: int) -> str:
    """Two strided branches, joined and shuffled."""
    left = net.depthwise(x, 3, 2, padding=1, activation="none", name="shortcut_depthwise")
    left = net.conv(left, channels // 2, 1, name="shortcut_pointwise")
    return net.shuffle(net.concat([left, branch(net, x, channels // 2, 2)]), 2)


def build(net: Network, x: str, classes: int) -> str:
    """Stem, three stages, last 1x1 convolution, classifier."""
    x = net.max_pool(net.conv(x, 24, 3, 2, padding=1, name="stem"), 3, 2, padding=1)
    for stage, (channels, repeats) in enumerate(STAGES, start=2):
        for repeat in range(repeats):
            with net.block(f"stage{stage}.{repeat}"):
                x = unit(net, x, channels) if repeat else downsampling_unit(net, x, channels)
    return net.classifier(net.conv(x, 1024, 1, name="last"), classes)


RECIPES = {"shufflenet_v2": Recipe("ShuffleNet v2, width 1", "Ma et al., ECCV 2018, table 5; torchvision models/shufflenetv2.py", build)}
