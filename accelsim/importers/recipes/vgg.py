"""VGG (K. Simonyan, A. Zisserman, ICLR 2015)."""

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe
from accelsim.importers.recipes.alexnet import head

STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))


def build(net: Network, x: str, classes: int) -> str:
    """Thirteen 3x3 convolutions in five stages, three fully-connected layers."""
    for stage, (filters, repeats) in enumerate(STAGES, start=1):
        with net.block(f"stage{stage}"):
            for _ in range(repeats):
                x = net.conv(x, filters, 3, padding=1, batch_norm=False)
            x = net.max_pool(x, 2, 2)
    return head(net, x, classes)


RECIPES = {"vgg16": Recipe("VGG-16, configuration D, without batch normalisation", "Simonyan and Zisserman, ICLR 2015; torchvision models/vgg.py", build)}
