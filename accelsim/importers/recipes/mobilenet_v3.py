"""MobileNet v3 (A. Howard et al., "Searching for MobileNetV3", ICCV 2019)."""

from functools import partial

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

SOURCE = "Howard et al., ICCV 2019, tables 1 and 2; torchvision models/mobilenetv3.py"
RE, HS = "relu", "hard_swish"
# (kernel, expanded channels, channels, squeeze-and-excite, activation, stride)
LARGE = (
    (3, 16, 16, False, RE, 1), (3, 64, 24, False, RE, 2), (3, 72, 24, False, RE, 1), (5, 72, 40, True, RE, 2), (5, 120, 40, True, RE, 1),
    (5, 120, 40, True, RE, 1), (3, 240, 80, False, HS, 2), (3, 200, 80, False, HS, 1), (3, 184, 80, False, HS, 1), (3, 184, 80, False, HS, 1),
    (3, 480, 112, True, HS, 1), (3, 672, 112, True, HS, 1), (5, 672, 160, True, HS, 2), (5, 960, 160, True, HS, 1), (5, 960, 160, True, HS, 1),
)  # fmt: skip
SMALL = (
    (3, 16, 16, True, RE, 2), (3, 72, 24, False, RE, 2), (3, 88, 24, False, RE, 1), (5, 96, 40, True, HS, 2), (5, 240, 40, True, HS, 1),
    (5, 240, 40, True, HS, 1), (5, 120, 48, True, HS, 1), (5, 144, 48, True, HS, 1), (5, 288, 96, True, HS, 2), (5, 576, 96, True, HS, 1),
    (5, 576, 96, True, HS, 1),
)  # fmt: skip


def divisible(channels: float, by: int = 8) -> int:
    """Return the nearest multiple, never below nine tenths of the wish."""
    rounded = max(by, int(channels + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * channels else rounded


def squeeze_excite(net: Network, x: str) -> str:
    """Scale every channel by a gate computed from the channels' means."""
    squeezed = divisible(net.channels(x) // 4)
    gate = net.conv(net.global_mean(x, keep_dims=True), squeezed, 1, batch_norm=False, name="squeeze")
    gate = net.conv(gate, net.channels(x), 1, activation="none", batch_norm=False, name="excite")
    return net.mul(x, net.hard_sigmoid(gate))


def bneck(net: Network, x: str, kernel: int, expanded: int, channels: int, excite: bool, activation: str, stride: int) -> str:
    """Expand, depthwise, squeeze-and-excite, project."""
    y = net.conv(x, expanded, 1, activation=activation, name="expand") if expanded != net.channels(x) else x
    y = net.depthwise(y, kernel, stride, padding=kernel // 2, activation=activation, name="depthwise")
    if excite:
        y = squeeze_excite(net, y)
    y = net.conv(y, channels, 1, activation="none", name="project")
    return net.add(x, y) if stride == 1 and net.channels(x) == channels else y


def build(net: Network, x: str, classes: int, blocks: tuple, head: int) -> str:
    """Stem, blocks, last convolution, two fully-connected layers."""
    x = net.conv(x, 16, 3, 2, padding=1, activation=HS, name="stem")
    for index, block in enumerate(blocks, start=1):
        with net.block(f"block{index}"):
            x = bneck(net, x, *block)
    x = net.conv(x, 6 * net.channels(x), 1, activation=HS, name="last")
    x = net.fully_connected(net.global_mean(x), head, activation=HS)
    return net.softmax(net.fully_connected(x, classes, name="classifier"))


RECIPES = {
    "mobilenet_v3_small": Recipe("MobileNet v3 small, width 1; gates by hard sigmoid", SOURCE, partial(build, blocks=SMALL, head=1024)),
    "mobilenet_v3_large": Recipe("MobileNet v3 large, width 1; gates by hard sigmoid", SOURCE, partial(build, blocks=LARGE, head=1280)),
}
