"""SqueezeNet (F. Iandola et al., arXiv 1602.07360)."""

from functools import partial

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

SOURCE = "Iandola et al., arXiv 1602.07360; torchvision models/squeezenet.py"
# Squeeze channels of each fire module (it expands to four times as many 1x1 and as many 3x3); "pool" is a 3x3/2 maximum.
FIRES = {
    "1_0": ("pool", 16, 16, 32, "pool", 32, 48, 48, 64, "pool", 64),
    "1_1": ("pool", 16, 16, "pool", 32, 32, "pool", 48, 48, 64, 64),
}
STEMS = {"1_0": (96, 7), "1_1": (64, 3)}


def fire(net: Network, x: str, squeeze: int) -> str:
    """Squeeze by 1x1, expand by 1x1 and 3x3 side by side."""
    x = net.conv(x, squeeze, 1, batch_norm=False, name="squeeze")
    wide = [net.conv(x, 4 * squeeze, 1, batch_norm=False, name="expand1x1"), net.conv(x, 4 * squeeze, 3, padding=1, batch_norm=False, name="expand3x3")]
    return net.concat(wide)


def build(net: Network, x: str, classes: int, version: str) -> str:
    """Stem, eight fire modules, a convolution as classifier, global mean."""
    filters, kernel = STEMS[version]
    x = net.conv(x, filters, kernel, 2, padding="valid", batch_norm=False, name="stem")
    index = 1
    for step in FIRES[version]:
        if step == "pool":
            x = net.max_pool(x, 3, 2, ceil=True)
        else:
            index += 1
            with net.block(f"fire{index}"):
                x = fire(net, x, step)
    x = net.conv(x, classes, 1, batch_norm=False, name="classifier")
    return net.softmax(net.global_mean(x))


RECIPES = {
    "squeezenet1_0": Recipe("SqueezeNet 1.0, the paper's", SOURCE, partial(build, version="1_0")),
    "squeezenet1_1": Recipe("SqueezeNet 1.1: smaller stem, earlier pooling", SOURCE, partial(build, version="1_1")),
}
