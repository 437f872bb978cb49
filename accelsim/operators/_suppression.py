"""Greedy non-maximum suppression."""

import numpy as np


def suppress(boxes: np.ndarray, scores: np.ndarray, score_threshold: float, overlap_threshold: float, limit: int) -> list[int]:
    """Return the boxes that no better kept box overlaps by more than a threshold, best first.

    Parameters
    ----------
    boxes : ndarray, shape (boxes, 4), float32
        ymin, xmin, ymax, xmax.
    scores : ndarray, shape (boxes,), float32
        Equal scores keep their order.
    limit : int
        At most so many.
    """
    candidates = np.flatnonzero(scores >= np.float32(score_threshold))
    candidates = candidates[np.argsort(-scores[candidates], kind="stable")]
    kept: list[int] = []
    while candidates.size and len(kept) < limit:
        best, rest = candidates[0], candidates[1:]
        kept.append(int(best))
        candidates = rest[overlaps(boxes[best], boxes[rest]) <= np.float32(overlap_threshold)]
    return kept


def overlaps(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return intersection over union of one box with others; 0 where a box is empty."""
    area = (box[2] - box[0]) * (box[3] - box[1])
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    height = np.maximum(np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0]), 0)
    width = np.maximum(np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1]), 0)
    shared = height * width
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((area <= 0) | (areas <= 0), np.float32(0), shared / (area + areas - shared))
