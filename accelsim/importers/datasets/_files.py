"""A user's own data: labelled sets in .npz or .csv, single inputs in .npy or a picture."""

import csv
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError, guess
from accelsim.importers.datasets._dataset import DataSet
from accelsim.importers.datasets._idx import PICTURES as PICTURES_OF_IDX
from accelsim.importers.datasets._idx import is_idx, labelled_idx

PICTURES = (".png", ".bmp", ".jpg", ".jpeg")
LABEL_COLUMNS = ("label", "class", "target", "y")


def load_labelled(path: str | Path) -> DataSet:
    """Return the labelled data of a ``.npz`` (arrays ``x``, ``y``, optional ``classes``), a ``.csv`` (a label column) or IDX files.

    Raises
    ------
    AccelsimError
        The file is missing, of another kind, or not inputs with labels.
    """
    path = Path(path)
    _require_file(path)
    readers = {".npz": _labelled_npz, ".csv": _labelled_csv}
    if path.suffix.lower() not in readers and not is_idx(path):
        raise AccelsimError(path.name, f"'{path.suffix}' is not one of {', '.join(readers)}", f"or a data set's name, or MNIST's {PICTURES_OF_IDX}")
    inputs, labels, classes = labelled_idx(path) if is_idx(path) else readers[path.suffix.lower()](path)
    if not len(labels):
        raise AccelsimError(path.name, "has no items")
    if len(inputs) != len(labels):
        raise AccelsimError(path.name, f"has {len(inputs)} inputs and {len(labels)} labels")
    if labels.min() < 0:
        raise AccelsimError(path.name, f"label {labels.min()} is negative", "labels are indices of classes, from 0")
    classes = classes or tuple(str(i) for i in range(int(labels.max()) + 1))
    return DataSet(path.stem, inputs, labels, classes, f"all {len(labels)} items of {path.name}", str(path), "the user's own")


def load_input(path: str | Path) -> np.ndarray:
    """Return one input: the array of a ``.npy``, or a picture as (height, width, channels) uint8.

    Grey pictures keep one channel; all others become red, green, blue.

    Raises
    ------
    AccelsimError
        The file is missing, of another kind or unreadable.
    """
    path = Path(path)
    _require_file(path)
    suffix = path.suffix.lower()
    if suffix == ".npy":
        return _array(path)
    if suffix not in PICTURES:
        raise AccelsimError(path.name, f"'{path.suffix}' is not one of .npy, {', '.join(PICTURES)}")
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            grey = picture.mode in ("1", "L")
            pixels = np.asarray(picture.convert("L" if grey else "RGB"))
    except (OSError, UnidentifiedImageError, SyntaxError) as error:
        raise AccelsimError(path.name, "cannot be decoded as a picture") from error
    return pixels[..., None] if grey else pixels


def _require_file(path: Path) -> None:
    if not path.is_file():
        neighbours = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise AccelsimError(str(path), "no such file", guess(path.name, neighbours))


def _array(path: Path) -> np.ndarray:
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise AccelsimError(path.name, "is not a NumPy array file") from error
    if array.dtype.kind not in "biuf":
        raise AccelsimError(path.name, f"holds {array.dtype}, not numbers")
    return array


def _labelled_npz(path: Path) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    import zipfile

    try:
        with np.load(path, allow_pickle=False) as archive:
            # scikit-learn's habit is a capital X.
            arrays = {name.lower(): archive[name] for name in archive.files if name in ("X", "x", "y", "classes")}
            found = archive.files
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise AccelsimError(path.name, "is not a NumPy .npz archive of plain arrays") from error
    for name in ("x", "y"):
        if name not in arrays:
            raise AccelsimError(path.name, f"has no array '{name}' (it has {', '.join(found) or 'none'})", "x = inputs (items first), y = labels")
    inputs, labels = arrays["x"], arrays["y"]
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise AccelsimError(path.name, f"y is {labels.dtype} of shape {labels.shape}", "one whole number per item")
    if inputs.ndim < 2 or inputs.dtype.kind not in "iuf":
        raise AccelsimError(path.name, f"x is {inputs.dtype} of shape {inputs.shape}", "numbers, items first")
    return inputs, labels.astype(np.int64), tuple(str(c) for c in arrays.get("classes", ()))


def _labelled_csv(path: Path) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()) if any(row)]
    except (OSError, UnicodeDecodeError) as error:
        raise AccelsimError(path.name, "cannot be read as UTF-8 text") from error
    header = [cell.lower() for cell in rows[0]] if rows else []
    at = next((header.index(name) for name in LABEL_COLUMNS if name in header), None)
    if at is None:
        raise AccelsimError(path.name, f"row 1: no column is named one of {', '.join(LABEL_COLUMNS)}", "the first row names the columns")
    features, words = [], []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise AccelsimError(path.name, f"row {number} has {len(row)} cells, the header {len(header)}")
        words.append(row[at])
        features.append([_number(cell, f"{path.name}: row {number}, column {header[i]}") for i, cell in enumerate(row) if i != at])
    labels, classes = _labels(words)
    return np.array(features, np.float32).reshape(len(words), len(header) - 1), labels, classes


def _number(cell: str, place: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise AccelsimError(place, f"'{cell}' is not a number")
    return value


def _labels(words: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return whole numbers as they are; words become indices into their sorted list."""
    if all(word.isdigit() for word in words):
        return np.array([int(word) for word in words], np.int64), ()
    classes = sorted(set(words))
    return np.array([classes.index(word) for word in words], np.int64), tuple(classes)
