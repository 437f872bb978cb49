"""AlexNet (A. Krizhevsky et al., NIPS 2012; and "One weird trick", arXiv 1404.5997)."""

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe


def head(net: Network, x: str, classes: int) -> str:
    """Two fully-connected layers of 4096 and the classifier."""
    _, height, width, channels = net.shape(x)
    x = net.reshape(x, 1, height * width * channels)
    x = net.fully_connected(net.fully_connected(x, 4096, "relu", name="fc6"), 4096, "relu", name="fc7")
    return net.softmax(net.fully_connected(x, classes, name="fc8"))


def one_tower(net: Network, x: str, classes: int) -> str:
    """Five convolutions in one tower."""
    x = net.max_pool(net.conv(x, 64, 11, 4, padding=2, batch_norm=False), 3, 2)
    x = net.max_pool(net.conv(x, 192, 5, padding=2, batch_norm=False), 3, 2)
    for filters in (384, 256, 256):
        x = net.conv(x, filters, 3, padding=1, batch_norm=False)
    return head(net, net.max_pool(x, 3, 2), classes)


def two_towers(net: Network, x: str, classes: int) -> str:
    """Five convolutions, three of them in two groups, two local response normalisations."""
    x = net.conv(x, 96, 11, 4, padding="valid", batch_norm=False)
    x = net.max_pool(net.response_normalised(x), 3, 2)
    x = net.conv(x, 256, 5, padding=2, groups=2, batch_norm=False)
    x = net.max_pool(net.response_normalised(x), 3, 2)
    for filters, groups in ((384, 1), (384, 2), (256, 2)):
        x = net.conv(x, filters, 3, padding=1, groups=groups, batch_norm=False)
    return head(net, net.max_pool(x, 3, 2), classes)


RECIPES = {
    "alexnet": Recipe(
        "AlexNet in one tower, 224, without response normalisation", "Krizhevsky, arXiv 1404.5997; torchvision models/alexnet.py", one_tower, smallest_input=63
    ),
    "alexnet_2012": Recipe(
        "the original AlexNet: 227, two groups, local response normalisation before pooling as in section 3.5",
        "Krizhevsky et al., NIPS 2012; BVLC Caffe's definition for the 227 input",
        two_towers,
        input_size=227,
        smallest_input=67,
    ),
}
