"""GoogLeNet (C. Szegedy et al., "Going deeper with convolutions", CVPR 2015)."""

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

# 1x1; 3x3 (reduced, full); 5x5 (reduced, full); pooled 1x1: table 1 of the paper. A number is a maximum pool of that kernel.
STEPS = (
    (64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64), 3,
    (192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64), (128, 128, 256, 24, 64, 64), (112, 144, 288, 32, 64, 64), (256, 160, 320, 32, 128, 128), 2,
    (256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128),
)  # fmt: skip


def inception(net: Network, x: str, one: int, reduce3: int, three: int, reduce5: int, five: int, pooled: int) -> str:
    """Four branches side by side; the one that the paper gives 5x5 has 3x3, as in the widespread implementation."""
    wide = net.conv(net.conv(x, reduce3, 1), three, 3, padding=1)
    wider = net.conv(net.conv(x, reduce5, 1), five, 3, padding=1)
    return net.concat([net.conv(x, one, 1), wide, wider, net.conv(net.max_pool(x, 3, 1, padding=1), pooled, 1)])


def build(net: Network, x: str, classes: int) -> str:
    """Stem, nine inception blocks, classifier."""
    x = net.max_pool(net.conv(x, 64, 7, 2, padding=3), 3, 2, ceil=True)
    x = net.max_pool(net.conv(net.conv(x, 64, 1), 192, 3, padding=1), 3, 2, ceil=True)
    index = 0
    for step in STEPS:
        if isinstance(step, int):
            x = net.max_pool(x, step, 2, ceil=True)
            continue
        index += 1
        with net.block(f"inception{index}"):
            x = inception(net, x, *step)
    return net.classifier(x, classes)


RECIPES = {
    "googlenet": Recipe(
        "GoogLeNet for inference: batch normalisation, 3x3 in the third branch, no auxiliary classifiers",
        "Szegedy et al., CVPR 2015; torchvision models/googlenet.py",
        build,
    )
}
