"""DenseNet (G. Huang et al., "Densely connected convolutional networks", CVPR 2017)."""

from functools import partial

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

GROWTH = 32
DEPTHS = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32)}


def dense_layer(net: Network, x: str) -> str:
    """Return the input with 32 more channels; its first normalisation reads a shared tensor, so it cannot be folded."""
    y = net.normalised(x)
    y = net.conv(y, 4 * GROWTH, 1)
    y = net.conv(y, GROWTH, 3, padding=1, activation="none", batch_norm=False, bias=False)
    return net.concat([x, y])


def build(net: Network, x: str, classes: int, depths: tuple[int, ...]) -> str:
    """Stem, four dense blocks with halving transitions between, classifier."""
    x = net.conv(x, 64, 7, 2, padding=3, name="stem")
    x = net.max_pool(x, 3, 2, padding=1)
    for stage, depth in enumerate(depths):
        for index in range(depth):
            with net.block(f"dense{stage + 1}.{index}"):
                x = dense_layer(net, x)
        if stage < len(depths) - 1:
            with net.block(f"transition{stage + 1}"):
                x = net.conv(net.normalised(x), net.channels(x) // 2, 1, activation="none", batch_norm=False, bias=False)
                x = net.average_pool(x, 2, 2)
    return net.classifier(net.normalised(x), classes)


def _recipe(layers: int) -> Recipe:
    text = f"DenseNet-{layers}, growth 32, with bottlenecks and compression one half"
    return Recipe(text, "Huang et al., CVPR 2017; torchvision models/densenet.py", partial(build, depths=DEPTHS[layers]), variant_of="" if layers == 121 else "densenet121")


RECIPES = {f"densenet{layers}": _recipe(layers) for layers in DEPTHS}
