"""MNasNet B1, without squeeze-and-excite (M. Tan et al., CVPR 2019)."""

from functools import partial

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe
from accelsim.importers.recipes.mobilenet_v3 import divisible

SOURCE = "Tan et al., CVPR 2019, figure 7 (B1); torchvision models/mnasnet.py"
# (kernel, stride, expansion, channels at width 1, repeats)
STAGES = ((3, 2, 3, 24, 3), (5, 2, 3, 40, 3), (5, 2, 6, 80, 3), (3, 1, 6, 96, 2), (5, 2, 6, 192, 4), (3, 1, 6, 320, 1))


def block(net: Network, x: str, kernel: int, stride: int, expansion: int, channels: int) -> str:
    """Expand, depthwise, project; add where shapes allow."""
    y = net.conv(x, expansion * net.channels(x), 1, name="expand")
    y = net.depthwise(y, kernel, stride, padding=kernel // 2, name="depthwise")
    y = net.conv(y, channels, 1, activation="none", name="project")
    return net.add(x, y) if stride == 1 and net.channels(x) == channels else y


def build(net: Network, x: str, classes: int, width: float) -> str:
    """Stem with a separable block, six stages, last 1x1 convolution, classifier."""
    x = net.conv(x, divisible(32 * width), 3, 2, padding=1, name="stem")
    x = net.depthwise(x, 3, padding=1, name="stem_depthwise")
    x = net.conv(x, divisible(16 * width), 1, activation="none", name="stem_pointwise")
    for stage, (kernel, stride, expansion, channels, repeats) in enumerate(STAGES, start=1):
        for repeat in range(repeats):
            with net.block(f"stage{stage}.{repeat}"):
                x = block(net, x, kernel, 1 if repeat else stride, expansion, divisible(channels * width))
    return net.classifier(net.conv(x, 1280, 1, name="last"), classes)


RECIPES = {
    f"mnasnet{name}": Recipe(f"MNasNet B1, width {width:g}", SOURCE, partial(build, width=width))
    for name, width in (("0_5", 0.5), ("0_75", 0.75), ("1_0", 1.0), ("1_3", 1.3))
}
