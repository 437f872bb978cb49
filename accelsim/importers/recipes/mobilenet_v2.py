"""MobileNet v2 (M. Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018)."""

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

# (expansion, channels, repeats, stride): table 2 of the paper.
STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


def inverted_residual(net: Network, x: str, expansion: int, channels: int, stride: int) -> tuple[str, str]:
    """Return (the expanded tensor, the block's output): expand, depthwise, project without activation, add where shapes allow."""
    wide = net.conv(x, expansion * net.channels(x), 1, activation="relu6", name="expand") if expansion > 1 else x
    y = net.depthwise(wide, 3, stride, activation="relu6", name="depthwise")
    y = net.conv(y, channels, 1, activation="none", name="project")
    return wide, net.add(x, y) if stride == 1 and net.channels(x) == channels else y


def backbone(net: Network, x: str) -> tuple[list[str], str]:
    """Return the expanded tensors of the 17 blocks, and the last 1x1 convolution's output."""
    x = net.conv(x, 32, 3, 2, activation="relu6", name="stem")
    expanded = []
    for expansion, channels, repeats, stride in STAGES:
        for repeat in range(repeats):
            with net.block(f"block{len(expanded)}"):
                wide, x = inverted_residual(net, x, expansion, channels, stride if repeat == 0 else 1)
            expanded.append(wide)
    return expanded, net.conv(x, 1280, 1, activation="relu6", name="last")


def build(net: Network, x: str, classes: int) -> str:
    """Backbone and classifier."""
    return net.classifier(backbone(net, x)[1], classes)


RECIPES = {
    "mobilenet_v2": Recipe(
        "MobileNet v2, width 1; the first block has no expansion; paddings as TensorFlow's SAME",
        "Sandler et al., CVPR 2018, table 2; torchvision models/mobilenetv2.py",
        build,
    )
}
