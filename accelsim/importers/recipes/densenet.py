"""DenseNet (G. Huang et al., "Densely connected convolutional networks", CVPR 2017)."""

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

GROWTH = 32
DEPTHS = (6, 12, 24, 16)


def dense_layer(net: Network, x: str) -> str:
    """Return the input with 32 more channels; its first normalisation reads a shared tensor, so it cannot be folded."""
    y = net.normalised(x)
    y = net.conv(y, 4 * GROWTH, 1)
    y = net.conv(y, GROWTH, 3, padding=1, activation="none", batch_norm=False, bias=False)
    return net.concat([x, y])


def build(net: Network, x: str, classes: int) -> str:
    """Stem, four dense blocks with halving transitions between, classifier."""
    x = net.conv(x, 64, 7, 2, padding=3, name="stem")
    x = net.max_pool(x, 3, 2, padding=1)
    for stage, depth in enumerate(DEPTHS):
        for index in range(depth):
            with net.block(f"dense{stage + 1}.{index}"):
                x = dense_layer(net, x)
        if stage < len(DEPTHS) - 1:
            with net.block(f"transition{stage + 1}"):
                x = net.conv(net.normalised(x), net.channels(x) // 2, 1, activation="none", batch_norm=False, bias=False)
                x = net.average_pool(x, 2, 2)
    return net.classifier(net.normalised(x), classes)


RECIPES = {
    "densenet121": Recipe(
        "DenseNet-121, growth 32, with bottlenecks and compression one half", "Huang et al., CVPR 2017; torchvision models/densenet.py", build
    )
}
