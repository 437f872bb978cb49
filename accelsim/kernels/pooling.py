"""Pooling over windows, vectorised over channels."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def max_pool(images, filter_h, filter_w, stride_h, stride_w, pad_top, pad_left, low, high, out):
    """Write the largest element of each window, clamped.

    Parameters
    ----------
    images : ndarray, shape (batch, in_h, in_w, channels)
    low, high : scalar
        Fused clamp, in the stored type's numbers.
    out : ndarray, shape (batch, out_h, out_w, channels), type of the images
        Written in place.
    """
    batch, in_h, in_w, channels = images.shape
    for n in range(batch):
        for oy in range(out.shape[1]):
            top = oy * stride_h - pad_top
            for ox in range(out.shape[2]):
                left = ox * stride_w - pad_left
                best = out[n, oy, ox]
                first = True
                for y in range(max(top, 0), min(top + filter_h, in_h)):
                    for x in range(max(left, 0), min(left + filter_w, in_w)):
                        pixel = images[n, y, x]
                        if first:
                            for c in range(channels):
                                best[c] = pixel[c]
                            first = False
                        else:
                            for c in range(channels):
                                best[c] = max(best[c], pixel[c])
                for c in range(channels):
                    best[c] = min(max(best[c], low), high)


@njit(cache=True, nogil=True, inline="always")
def sum_window(image, top, left, filter_h, filter_w, sums):
    """Write the sums of a window's elements inside the image (H, W, channels); return how many there are a channel."""
    sums[:] = 0
    count = 0
    for y in range(max(top, 0), min(top + filter_h, image.shape[0])):
        for x in range(max(left, 0), min(left + filter_w, image.shape[1])):
            count += 1
            pixel = image[y, x]
            for c in range(sums.shape[0]):
                sums[c] += pixel[c]
    return count


@njit(cache=True, nogil=True)
def average_integers(images, filter_h, filter_w, stride_h, stride_w, pad_top, pad_left, low, high, sums, out):
    """Write the mean of each window's elements inside the image, rounded half away from zero, clamped.

    Parameters
    ----------
    sums : ndarray, shape (channels,), int32
        Scratch.
    """
    batch, channels = images.shape[0], images.shape[3]
    for n in range(batch):
        for oy in range(out.shape[1]):
            top = oy * stride_h - pad_top
            for ox in range(out.shape[2]):
                left = ox * stride_w - pad_left
                count = sum_window(images[n], top, left, filter_h, filter_w, sums)
                half = count // 2
                for c in range(channels):
                    mean = (sums[c] + half) // count if sums[c] > 0 else -((half - sums[c]) // count)
                    out[n, oy, ox, c] = min(max(mean, low), high)


@njit(cache=True, nogil=True)
def average_floats(images, filter_h, filter_w, stride_h, stride_w, pad_top, pad_left, low, high, sums, out):
    """Write the mean of each window's elements inside the image, clamped; sums is float32 scratch of the channels."""
    batch, channels = images.shape[0], images.shape[3]
    for n in range(batch):
        for oy in range(out.shape[1]):
            top = oy * stride_h - pad_top
            for ox in range(out.shape[2]):
                left = ox * stride_w - pad_left
                count = sum_window(images[n], top, left, filter_h, filter_w, sums)
                for c in range(channels):
                    out[n, oy, ox, c] = min(max(sums[c] / np.float32(count), low), high)


def average_pool(images, filter_h, filter_w, stride_h, stride_w, pad_top, pad_left, low, high, out) -> None:
    """Write average pooling of any element type."""
    floats = images.dtype == np.float32
    kernel = average_floats if floats else average_integers
    sums = np.empty(images.shape[3], np.float32 if floats else np.int32)
    kernel(images, filter_h, filter_w, stride_h, stride_w, pad_top, pad_left, low, high, sums, out)
