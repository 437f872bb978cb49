"""The small YOLO detectors (J. Redmon, A. Farhadi, CVPR 2017 and arXiv 1804.02767)."""

from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

LEAKY = "leaky_relu"


def trunk(net: Network, x: str) -> tuple[str, str]:
    """Return (the 256-channel map at a sixteenth of the input's size, the 1024-channel map at a thirty-second)."""
    middle = x
    for index, filters in enumerate((16, 32, 64, 128, 256, 512)):
        x = net.conv(x, filters, 3, activation=LEAKY)
        middle = x if filters == 256 else middle
        x = net.max_pool(x, 2, 1 if index == 5 else 2, padding="same")
    return middle, net.conv(x, 1024, 3, activation=LEAKY)


def detector(net: Network, x: str, outputs: int, name: str) -> str:
    """The raw boxes: a linear 1x1 convolution with bias."""
    return net.conv(x, outputs, 1, activation="none", batch_norm=False, name=name)


def version_2(net: Network, x: str, classes: int) -> str:
    """One scale, five anchors."""
    x = net.conv(trunk(net, x)[1], 512, 3, activation=LEAKY)
    return detector(net, x, 5 * (5 + classes), "boxes")


def version_3(net: Network, x: str, classes: int) -> tuple[str, str]:
    """Two scales, three anchors each."""
    middle, deep = trunk(net, x)
    deep = net.conv(deep, 256, 1, activation=LEAKY)
    coarse = detector(net, net.conv(deep, 512, 3, activation=LEAKY), 3 * (5 + classes), "coarse_boxes")
    fine = net.upsample(net.conv(deep, 128, 1, activation=LEAKY), 2)
    fine = net.conv(net.concat([fine, middle]), 256, 3, activation=LEAKY)
    return coarse, detector(net, fine, 3 * (5 + classes), "fine_boxes")


RECIPES = {
    "yolo_v2_tiny": Recipe("tiny YOLO v2 for COCO, raw boxes", "darknet yolov2-tiny.cfg", version_2, input_size=416, classes=80, input_multiple=32),
    "yolo_v3_tiny": Recipe(
        "tiny YOLO v3 for COCO, raw boxes of both scales", "darknet yolov3-tiny.cfg", version_3, input_size=416, classes=80, input_multiple=32
    ),
}
