"""SSD heads on MobileNets (W. Liu et al., ECCV 2016; J. Huang et al., CVPR 2017; TensorFlow object detection API)."""

from functools import partial

import numpy as np

from accelsim.importers.recipes import _spread as spread
from accelsim.importers.recipes import mobilenet_v1, mobilenet_v2
from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

SOURCE = "TensorFlow object detection API, ssd_mobilenet_{}_coco"
DETECTIONS = 100  # max_total_detections of the published pipeline configurations
RATIOS = (1.0, 2.0, 0.5, 3.0, 1 / 3)
EXTRAS = ((256, 512), (128, 256), (128, 256), (64, 128))


def heads(net: Network, maps: list[str], classes: int, kernel: int) -> tuple[str, str]:
    """Return (boxes (1, anchors, 4), scores (1, anchors, classes)): three anchors on the first map, six on the others."""
    boxes, scores = [], []
    for index, x in enumerate(maps):
        anchors = 6 if index else 3
        places = anchors * net.shape(x)[1] * net.shape(x)[2]
        with net.block(f"predictor{index}"):
            box = net.conv(x, anchors * 4, kernel, activation="none", batch_norm=False, name="boxes")
            score = net.conv(x, anchors * classes, kernel, activation="none", batch_norm=False, name="classes")
            boxes.append(net.reshape(box, 1, places, 4))
            scores.append(net.reshape(score, 1, places, classes))
    return net.concat(boxes, axis=1), net.logistic(net.concat(scores, axis=1))


def extras(net: Network, x: str, width: float, separable: bool) -> list[str]:
    """Return four ever smaller maps: 1x1, then strided 3x3, plain or separable."""
    maps = [x]
    for index, (narrow, wide) in enumerate(EXTRAS):
        with net.block(f"extra{index + 1}"):
            y = net.conv(maps[-1], int(narrow * width), 1, activation="relu6")
            if separable:
                y = net.depthwise(y, 3, 2, activation="relu6")
            maps.append(net.conv(y, int(wide * width), 1 if separable else 3, 1 if separable else 2, activation="relu6"))
    return maps[1:]


def anchors(sizes: list[int]) -> np.ndarray:
    """Return (anchors, 4) as y, x, height, width of square maps: six a place, three on the first map (``multiple_grid_anchor_generator``)."""
    scales = [*np.linspace(0.2, 0.95, len(sizes)), 1.0]
    found = []
    for index, size in enumerate(sizes):
        shapes = [(scales[index], ratio) for ratio in RATIOS] + [(np.sqrt(scales[index] * scales[index + 1]), 1.0)]
        if index == 0:
            shapes = [(0.1, 1.0), (scales[0], 2.0), (scales[0], 0.5)]
        centres = (np.arange(size) + 0.5) / size
        places = np.stack(np.meshgrid(centres, centres, indexing="ij"), axis=-1).reshape(-1, 1, 2)
        extents = np.array([(scale / np.sqrt(ratio), scale * np.sqrt(ratio)) for scale, ratio in shapes])
        found.append(np.concatenate(np.broadcast_arrays(places, extents[None]), axis=-1).reshape(-1, 4))
    return np.concatenate(found)


def detector(net: Network, maps: list[str], classes: int, kernel: int, detect: bool) -> tuple[str, ...]:
    """Return boxes and scores, or with ``detect`` what is left of them after suppression."""
    boxes, scores = heads(net, maps, classes, kernel)
    if not detect:
        return boxes, scores
    name = net.claim("detections")
    inputs = [boxes, scores, net.constant(f"{name}/anchors", anchors([net.shape(x)[1] for x in maps]))]
    its = [spread.uniform(0, high) for high in (1, classes, 1, DETECTIONS)]
    rules = {"max_detections": DETECTIONS, "num_classes": classes - 1, "nms_score_threshold": 1e-8, "nms_iou_threshold": 0.6}
    return net.add_node("detection_postprocess", inputs, its, name, **rules)


def on_v1(net: Network, x: str, classes: int, width: float, detect: bool = False) -> tuple[str, ...]:
    """Maps: block 11, block 13 and four extras; 1x1 predictors."""
    blocks = mobilenet_v1.backbone(net, x, width)
    return detector(net, [blocks[11], blocks[13], *extras(net, blocks[13], width, separable=False)], classes, 1, detect)


def on_v2(net: Network, x: str, classes: int, detect: bool = False) -> tuple[str, ...]:
    """Maps: the expansion of block 13, the last convolution and four extras; 3x3 predictors."""
    expanded, last = mobilenet_v2.backbone(net, x)
    return detector(net, [expanded[13], last, *extras(net, last, 1.0, separable=True)], classes, 3, detect)


def _recipe(variant: str, version: str, build, detect: bool = False) -> Recipe:
    end = "decoded boxes after suppression" if detect else "boxes and scores before box decoding and suppression"
    base = f"ssd_mobilenet_{version}" if detect else ""
    return Recipe(f"{variant}; {end}", SOURCE.format(version), partial(build, detect=detect), input_size=300, classes=91, smallest_input=128, variant_of=base)


V1, V2 = "SSD 300 on MobileNet v1, width 1", "SSD 300 on MobileNet v2, width 1, 3x3 predictors"
RECIPES = {
    "ssd_mobilenet_v1": _recipe(V1, "v1", partial(on_v1, width=1.0)),
    "ssd_mobilenet_v1_0_75": _recipe(
        "SSD 300 on MobileNet v1, width 0.75, the network of coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite", "v1_0.75_depth", partial(on_v1, width=0.75)
    ),
    "ssd_mobilenet_v1_detect": _recipe(V1, "v1", partial(on_v1, width=1.0), detect=True),
    "ssd_mobilenet_v2": _recipe(V2, "v2", on_v2),
    "ssd_mobilenet_v2_detect": _recipe(V2, "v2", on_v2, detect=True),
}
