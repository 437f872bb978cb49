"""ShuffleNet v1 (X. Zhang et al., CVPR 2018)."""

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

GROUPS = 3
STAGES = ((240, 4), (480, 8), (960, 4))


def unit(net: Network, x: str, channels: int, stride: int, groups: int) -> str:
    """Grouped 1x1, shuffle, depthwise 3x3, grouped 1x1, beside the input (added) or its 3x3 average (joined)."""
    joined = stride == 2
    y = net.conv(x, channels // 4, 1, groups=groups, name="compress")
    y = net.shuffle(y, GROUPS)
    y = net.depthwise(y, 3, stride, padding=1, activation="none", name="depthwise")
    if not joined:
        return net.add(net.conv(y, channels, 1, groups=GROUPS, activation="none", name="expand"), x, activation="relu")
    # The average of rectified values is not negative: rectifying before joining is rectifying after.
    y = net.conv(y, channels - net.channels(x), 1, groups=GROUPS, name="expand")
    return net.concat([y, net.average_pool(x, 3, 2, padding=1)])


def build(net: Network, x: str, classes: int) -> str:
    """Stem, three stages, classifier; the very first 1x1 is not grouped (its input has only 24 channels)."""
    x = net.max_pool(net.conv(x, 24, 3, 2, padding=1, name="stem"), 3, 2, padding=1)
    for stage, (channels, repeats) in enumerate(STAGES, start=2):
        for repeat in range(repeats):
            with net.block(f"stage{stage}.{repeat}"):
                x = unit(net, x, channels, 1 if repeat else 2, 1 if (stage, repeat) == (2, 0) else GROUPS)
    return net.classifier(x, classes)


RECIPES = {"shufflenet_v1": Recipe("ShuffleNet v1, 3 groups, width 1", "Zhang et al., CVPR 2018, table 1; pytorchcv shufflenet_g3_w1", build)}
