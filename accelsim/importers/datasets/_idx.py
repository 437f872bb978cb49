"""The files in which MNIST and its kin are published: pictures in one IDX file, their labels in another beside it.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section "File formats": a magic number (0, 0, element type,
rank), big-endian extents, then the elements; 8 is unsigned bytes.
"""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError

PICTURES, LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"
ENDINGS = (PICTURES, f"{PICTURES}.gz")
UNSIGNED_BYTES = 8


def is_idx(path: Path) -> bool:
    """Return whether a file is named as one of pictures in this format."""
    return path.name.endswith(ENDINGS)


def labelled_idx(path: Path) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return (pictures (items, height, width, 1), labels, no names of classes).

    Raises
    ------
    AccelsimError
        The file of labels is missing, or either is no IDX file of bytes.
    """
    beside = path.with_name(path.name.replace(PICTURES, LABELS))
    if not beside.is_file():
        raise AccelsimError(path.name, f"has no file of labels beside it ({beside.name})")
    return _elements(path, 3)[..., None], _elements(beside, 1).astype(np.int64), ()


def _elements(path: Path, rank: int) -> np.ndarray:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise AccelsimError(path.name, "is not a whole gzip file") from error
    start = 4 + 4 * rank
    extents = tuple(int(n) for n in np.frombuffer(content[4:start], ">u4")) if len(content) >= start else ()
    if content[:4] != bytes((0, 0, UNSIGNED_BYTES, rank)) or len(content) - start != math.prod(extents):
        raise AccelsimError(path.name, f"is not an IDX file of bytes with {rank} extents", "the magic number and the extents must fit its size")
    return np.frombuffer(content, np.uint8, offset=start).reshape(extents)
