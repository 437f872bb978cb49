"""Bring data-set items to the type and shape of a graph's input tensor; nothing is resized or rescaled unasked."""

from dataclasses import replace
from typing import Literal

import numpy as np

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.graph.tensor import Tensor, carrier

# Mean and deviation of red, green and blue that torchvision's networks expect, of pixels / 255.
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
PIXELS = {"unit": (1 / 255, 0.0), "signed": (1 / 127.5, -1.0), "raw": (1.0, 0.0), "imagenet": (1 / 255 / DEVIATION, -MEAN / DEVIATION)}
Pixels = Literal["codes", "unit", "signed", "raw", "imagenet"]


def fit_input(items: np.ndarray, tensor: Tensor, pixels: Pixels | None = None, resize: bool = False, place: str = "input") -> np.ndarray:
    """Return items as an array that the tensor accepts, quantised with the tensor's own scale and zero point.

    Parameters
    ----------
    items : ndarray, shape (items, ...) or one item's shape
        Float: real values. The tensor's own integer type: its codes, taken as they are. uint8: pixels.
    tensor : Tensor
        A graph's input; its first axis is the batch.
    pixels : str, optional
        What a uint8 pixel means: "codes" (0 and 255 are the lowest and highest code of an 8-bit input; the default for
        such inputs), "unit" (pixel / 255), "signed" (pixel / 127.5 - 1), "raw" (0 to 255 as real values), "imagenet"
        (pixel / 255 less the mean, over the deviation of each of three colours).
    resize : bool
        Scale pictures to the tensor's height and width (bilinear); otherwise another size is refused.

    Returns
    -------
    ndarray, shape (items, *tensor.shape[1:])

    Raises
    ------
    AccelsimError
        Shape or type cannot be brought to the tensor's without a choice that the user must make.
    """
    items = np.asarray(items)
    if is_channels_first(items, tensor):
        height, width, channels = items.shape[-3:]
        fitted = fit_input(items, replace(tensor, shape=(tensor.shape[0], height, width, channels)), pixels, resize, place)
        return np.ascontiguousarray(np.moveaxis(fitted, -1, 1))
    items = with_shape(items, tensor, resize, place)
    wanted = carrier(tensor.dtype)
    if pixels is not None and pixels != "codes" and pixels not in PIXELS:
        raise not_one_of(place, pixels, ("codes", *PIXELS))
    if items.dtype == wanted and pixels in (None, "codes"):
        return np.ascontiguousarray(items)
    if items.dtype == np.uint8:
        return from_pixels(items, tensor, pixels, place)
    if items.dtype.kind != "f":
        raise AccelsimError(
            place, f"{items.dtype} values do not fit the {tensor.dtype} tensor '{tensor.name}'", f"give real values, uint8 pixels or {tensor.dtype} codes"
        )
    return from_real(items, tensor, place)


def is_channels_first(items: np.ndarray, tensor: Tensor) -> bool:
    """Return whether pictures (..., height, width, channels) meet an input of (batch, channels, height, width) of the same extents."""
    extents = items.shape[-3:]
    return len(tensor.shape) == 4 and items.ndim in (3, 4) and extents != tensor.shape[1:] and (extents[2], *extents[:2]) == tensor.shape[1:]


def from_pixels(items: np.ndarray, tensor: Tensor, pixels: Pixels | None, place: str) -> np.ndarray:
    """Return uint8 pixels under one of the readings of ``fit_input``."""
    pixels = pixels or ("codes" if tensor.dtype in ("int8", "uint8") else None)
    if pixels is None:
        raise AccelsimError(place, f"uint8 pixels for the {tensor.dtype} tensor '{tensor.name}' need a meaning", f"pixels = {', '.join(PIXELS)}")
    if pixels == "codes":
        if tensor.dtype not in ("int8", "uint8"):
            raise AccelsimError(place, f"pixels are no codes of the {tensor.dtype} tensor '{tensor.name}'", f"pixels = {', '.join(PIXELS)}")
        return items if tensor.dtype == "uint8" else (items ^ 0x80).view(np.int8)
    scale, offset = PIXELS[pixels]
    if np.size(scale) > 1 and items.shape[-1] != np.size(scale):
        raise AccelsimError(place, f"pixels = {pixels} needs {np.size(scale)} colours, not {items.shape[-1]}")
    return from_real(items * np.float32(scale) + np.float32(offset), tensor, place)


def from_real(items: np.ndarray, tensor: Tensor, place: str) -> np.ndarray:
    """Return real values in the tensor's type: float unchanged, integers by its scale and zero point, half to even."""
    wanted = carrier(tensor.dtype)
    if not np.isfinite(items).all():
        raise AccelsimError(place, "holds values that are not finite")
    if wanted.kind == "f":
        return np.ascontiguousarray(items, wanted)
    q = tensor.quantization
    if q is None or not q.per_tensor:
        raise AccelsimError(place, f"real values for the {tensor.dtype} tensor '{tensor.name}', which has no scale")
    codes = np.rint(items / np.float64(q.scale[0])) + q.zero_point[0]
    limits = np.iinfo(wanted)
    return np.clip(codes, limits.min, limits.max).astype(wanted)


def with_shape(items: np.ndarray, tensor: Tensor, resize: bool, place: str) -> np.ndarray:
    """Return items with the tensor's item shape; a lone item gets its batch axis, a flat one of equal size its shape."""
    shape = tensor.shape[1:]
    if items.shape == shape:
        items = items[None]
    if items.shape[1:] == shape:
        return items
    if resize and len(shape) == 3 and items.dtype == np.uint8 and items.shape[-1:] == shape[-1:] and items.ndim in (3, 4):
        return resized(items if items.ndim == 4 else items[None], shape[0], shape[1])
    if items.ndim == 2 and items.shape[1] == np.prod(shape, dtype=int):
        return items.reshape(len(items), *shape)
    hint = "ask for resizing" if len(shape) == 3 and items.ndim >= 3 and items.shape[-1] == shape[-1] and not resize else ""
    raise AccelsimError(place, f"shape {items.shape} does not fit '{tensor.name}' {tensor.shape}", hint)


def resized(pictures: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return uint8 pictures (items, h, w, channels) scaled bilinearly."""
    from PIL import Image

    out = np.empty((len(pictures), height, width, pictures.shape[3]), np.uint8)
    for item, picture in enumerate(pictures):
        for channel in range(picture.shape[2]):
            out[item, :, :, channel] = Image.fromarray(picture[:, :, channel]).resize((width, height), Image.Resampling.BILINEAR)
    return out
