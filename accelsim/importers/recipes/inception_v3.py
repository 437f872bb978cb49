"""Inception v3 (C. Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016)."""

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe


def block_a(net: Network, x: str, pooled: int) -> str:
    """1x1; 5x5; two 3x3; averaged 1x1."""
    five = net.conv(net.conv(x, 48, 1), 64, 5, padding=2)
    three = net.conv(net.conv(net.conv(x, 64, 1), 96, 3, padding=1), 96, 3, padding=1)
    return net.concat([net.conv(x, 64, 1), five, three, net.conv(net.average_pool(x, 3, 1, "same"), pooled, 1)])


def block_b(net: Network, x: str) -> str:
    """Halve the map: strided 3x3; 1x1 and two 3x3; maximum."""
    double = net.conv(net.conv(net.conv(x, 64, 1), 96, 3, padding=1), 96, 3, 2, padding="valid")
    return net.concat([net.conv(x, 384, 3, 2, padding="valid"), double, net.max_pool(x, 3, 2)])


def block_c(net: Network, x: str, width: int) -> str:
    """1x1; 1x7 and 7x1; twice both; averaged 1x1."""
    single, double = net.conv(x, width, 1), net.conv(x, width, 1)
    single = net.conv(net.conv(single, width, (1, 7), padding=(0, 3)), 192, (7, 1), padding=(3, 0))
    for channels, kernel in ((width, (7, 1)), (width, (1, 7)), (width, (7, 1)), (192, (1, 7))):
        double = net.conv(double, channels, kernel, padding=(kernel[0] // 2, kernel[1] // 2))
    return net.concat([net.conv(x, 192, 1), single, double, net.conv(net.average_pool(x, 3, 1, "same"), 192, 1)])


def block_d(net: Network, x: str) -> str:
    """Halve the map: 1x1 and strided 3x3; 1x1, 1x7, 7x1 and strided 3x3; maximum."""
    seven = net.conv(net.conv(net.conv(x, 192, 1), 192, (1, 7), padding=(0, 3)), 192, (7, 1), padding=(3, 0))
    three = net.conv(net.conv(x, 192, 1), 320, 3, 2, padding="valid")
    return net.concat([three, net.conv(seven, 192, 3, 2, padding="valid"), net.max_pool(x, 3, 2)])


def block_e(net: Network, x: str) -> str:
    """1x1; 1x3 beside 3x1; 3x3 before the same pair; averaged 1x1."""

    def pair(y: str) -> list[str]:
        return [net.conv(y, 384, (1, 3), padding=(0, 1)), net.conv(y, 384, (3, 1), padding=(1, 0))]

    single, double = pair(net.conv(x, 384, 1)), pair(net.conv(net.conv(x, 448, 1), 384, 3, padding=1))
    return net.concat([net.conv(x, 320, 1), *single, *double, net.conv(net.average_pool(x, 3, 1, "same"), 192, 1)])


def stem(net: Network, x: str) -> str:
    """Five convolutions and two maxima bring 299 to 35."""
    x = net.conv(net.conv(x, 32, 3, 2, padding="valid"), 32, 3, padding="valid")
    x = net.max_pool(net.conv(x, 64, 3, padding=1), 3, 2)
    return net.max_pool(net.conv(net.conv(x, 80, 1), 192, 3, padding="valid"), 3, 2)


def build(net: Network, x: str, classes: int) -> str:
    """Stem, eleven blocks, classifier."""
    steps = [(block_a, 32), (block_a, 64), (block_a, 64), (block_b,), *((block_c, w) for w in (128, 160, 160, 192)), (block_d,), (block_e,), (block_e,)]
    with net.block("stem"):
        x = stem(net, x)
    for index, (block, *arguments) in enumerate(steps, start=1):
        with net.block(f"mixed{index}"):
            x = block(net, x, *arguments)
    return net.classifier(x, classes)


RECIPES = {
    "inception_v3": Recipe(
        "Inception v3 for inference: no auxiliary classifier; average pools leave padding out of the mean",
        "Szegedy et al., CVPR 2016; torchvision models/inception.py",
        build,
        input_size=299,
        smallest_input=75,
    )
}
