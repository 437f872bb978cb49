"""EfficientNet (M. Tan, Q. Le, ICML 2019)."""

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

SWISH = "swish"
# (expansion, channels, repeats, kernel, stride): table 1 of the paper.
STAGES = ((1, 16, 1, 3, 1), (6, 24, 2, 3, 2), (6, 40, 2, 5, 2), (6, 80, 3, 3, 2), (6, 112, 3, 5, 1), (6, 192, 4, 5, 2), (6, 320, 1, 3, 1))


def block(net: Network, x: str, expansion: int, channels: int, kernel: int, stride: int) -> str:
    """Expand, depthwise, squeeze to a quarter of the block's input and excite, project; add where shapes allow."""
    y = net.conv(x, expansion * net.channels(x), 1, activation=SWISH, name="expand") if expansion > 1 else x
    y = net.depthwise(y, kernel, stride, activation=SWISH, name="depthwise")
    gate = net.conv(net.global_mean(y, keep_dims=True), net.channels(x) // 4, 1, activation=SWISH, batch_norm=False, name="squeeze")
    gate = net.conv(gate, net.channels(y), 1, activation="none", batch_norm=False, name="excite")
    y = net.conv(net.mul(y, net.logistic(gate)), channels, 1, activation="none", name="project")
    return net.add(x, y) if stride == 1 and net.channels(x) == channels else y


def build(net: Network, x: str, classes: int) -> str:
    """Stem, seven stages, last 1x1 convolution, classifier."""
    x = net.conv(x, 32, 3, 2, activation=SWISH, name="stem")
    for stage, (expansion, channels, repeats, kernel, stride) in enumerate(STAGES, start=1):
        for repeat in range(repeats):
            with net.block(f"stage{stage}.{repeat}"):
                x = block(net, x, expansion, channels, kernel, 1 if repeat else stride)
    return net.classifier(net.conv(x, 1280, 1, activation=SWISH, name="last"), classes)


RECIPES = {"efficientnet_b0": Recipe("EfficientNet-B0; paddings as TensorFlow's SAME", "Tan and Le, ICML 2019, table 1; pytorchcv efficientnet_b0", build)}
