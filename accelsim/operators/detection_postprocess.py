"""The end of an SSD detector: boxes from anchors, then non-maximum suppression.

Inputs: box encodings (1, boxes, 4+) as y, x, h, w; class scores (1, boxes, classes with or without background);
anchors (boxes, 4). Outputs: boxes as ymin, xmin, ymax, xmax; classes; scores; how many are valid.
Source: TensorFlow Lite ``kernels/detection_postprocess.cc``.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Convert, Elementwise, Reduce, Select
from accelsim.operators import Call
from accelsim.operators._move import misfit
from accelsim.operators._suppression import suppress


@dataclass(frozen=True, slots=True)
class Attributes:
    """As the operator's options are named in the file; scales divide the box encodings."""

    max_detections: int = 10
    max_classes_per_detection: int = 1
    detections_per_class: int = 100
    use_regular_nms: bool = False
    nms_score_threshold: float = 0.0
    nms_iou_threshold: float = 0.5
    num_classes: int = 1
    y_scale: float = 10.0
    x_scale: float = 10.0
    h_scale: float = 5.0
    w_scale: float = 5.0


def output_shapes(node, inputs):
    """Return the shapes of boxes, classes, scores and the count."""
    a, (encodings, scores, anchors) = node.attributes, inputs
    boxes = anchors.shape[0] if anchors.shape else 0
    fits = len(encodings.shape) == len(scores.shape) == 3 and encodings.shape[0] == scores.shape[0] == 1
    if not fits or not encodings.shape[1] == scores.shape[1] == boxes or not 0 <= scores.shape[2] - a.num_classes <= 1 or a.max_detections < 1:
        raise misfit(node, f"encodings {encodings.shape}, scores {scores.shape} and anchors {anchors.shape} are not of {a.num_classes} classes")
    slots = a.max_detections * (1 if a.use_regular_nms else a.max_classes_per_detection)
    return (1, slots, 4), (1, slots), (1, slots), (1,)


def work(node, inputs, outputs):
    """Return dequantisation, box arithmetic, the best class of each box and the suppression."""
    encodings, scores = inputs[:2]
    boxes, kind = encodings.shape[1], "float32"
    steps = [
        Elementwise(
            reads=(encodings.name,), weights=tuple(t.name for t in inputs[2:] if t.is_constant), operation="exp", elements=2 * boxes, operands=2,
            element_type=kind,
        ),
        Elementwise(operation="mul", elements=4 * boxes, operands=2, element_type=kind),
        Elementwise(operation="add", elements=4 * boxes, operands=2, element_type=kind),
        Reduce(reads=(scores.name,), operation="max", elements=scores.elements, results=boxes, element_type=kind),
        Select(writes=tuple(t.name for t in outputs), operation="nms", elements=boxes, results=node.attributes.max_detections, element_type=kind),
    ]  # fmt: skip
    if scores.dtype != "float32":
        for tensor in (encodings, scores):
            steps.insert(0, Convert(operation="dequantize", elements=tensor.elements, input_type=tensor.dtype, output_type=kind))
    return tuple(steps)


def _real(call: Call, index: int) -> np.ndarray:
    values, q = call.values[index], call.inputs[index].quantization
    return values if q is None else (values.astype(np.float32) - np.float32(q.zero_point[0])) * np.float32(q.scale[0])


def decoded_boxes(call: Call) -> np.ndarray:
    """Return (boxes, 4) corners: doubles inside, each corner rounded to single precision as the reference does."""
    a = call.node.attributes
    y, x, h, w = (_real(call, 0)[0, :, i].astype(np.float64) for i in range(4))
    anchor_y, anchor_x, anchor_h, anchor_w = (_real(call, 2)[:, i].astype(np.float64) for i in range(4))
    centre_y = (y / a.y_scale * anchor_h + anchor_y).astype(np.float32)
    centre_x = (x / a.x_scale * anchor_w + anchor_x).astype(np.float32)
    half_h = (0.5 * np.exp(h / a.h_scale) * anchor_h).astype(np.float32)
    half_w = (0.5 * np.exp(w / a.w_scale) * anchor_w).astype(np.float32)
    return np.stack([centre_y - half_h, centre_x - half_w, centre_y + half_h, centre_x + half_w], axis=1)


def evaluate(call: Call):
    """Return boxes, classes, scores and their number, unused places zero."""
    a, boxes = call.node.attributes, decoded_boxes(call)
    scores = _real(call, 1)[0][:, call.values[1].shape[2] - a.num_classes :]
    found = _by_class(a, boxes, scores) if a.use_regular_nms else _by_best_class(a, boxes, scores)
    shapes = output_shapes(call.node, call.inputs)
    out = [np.zeros(shape, np.float32) for shape in shapes]
    for slot, (box, label) in enumerate(found[: shapes[0][1]]):
        out[0][0, slot], out[1][0, slot], out[2][0, slot] = boxes[box], label, scores[box, label]
    out[3][0] = len(found) if a.use_regular_nms else len(found) // max(1, min(a.max_classes_per_detection, a.num_classes))
    return tuple(out)


def _by_best_class(a: Attributes, boxes: np.ndarray, scores: np.ndarray) -> list[tuple[int, int]]:
    """Return (box, class): one suppression on each box's best score."""
    kept = suppress(boxes, scores.max(axis=1), a.nms_score_threshold, a.nms_iou_threshold, a.max_detections)
    best = np.argsort(-scores, axis=1, kind="stable")[:, : min(a.max_classes_per_detection, a.num_classes)]
    return [(box, int(label)) for box in kept for label in best[box]]


def _by_class(a: Attributes, boxes: np.ndarray, scores: np.ndarray) -> list[tuple[int, int]]:
    """Return (box, class): a suppression in each class, then the best of all."""
    found: list[tuple[int, int]] = []
    for label in range(a.num_classes):
        kept = suppress(boxes, scores[:, label], a.nms_score_threshold, a.nms_iou_threshold, a.detections_per_class)
        found += [(box, label) for box in kept]
        found.sort(key=lambda pair: -scores[pair])
        del found[a.max_detections :]
    return found
