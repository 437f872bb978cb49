"""Links of chains of layers between signs: each takes and leaves packed words, so that no sum and no code passes memory.

A tensor of signs (..., channels) is carried as words (..., ``packed_signs.words``), uint64, the first channel in the lowest bit
of the first word; bits beyond the channels are 0.
"""

from collections.abc import Callable, Sequence

import numpy as np

from accelsim.graph.tensor import Tensor, carrier
from accelsim.kernels import bit_planes
from accelsim.kernels.byte_products import packed
from accelsim.kernels.packed_signs import WORD, any_set, limits_of, signs_of_bytes, signs_of_words, unpacked
from accelsim.kernels.register_tiles import BYTES, DIFFERING
from accelsim.kernels.walks import Walk, frame, rows_walk
from accelsim.operators import Call, load
from accelsim.operators._bytes import on_bytes, unsigned
from accelsim.operators._contraction import centred_weights, largest_operand
from accelsim.operators._convolution import moving
from accelsim.operators._few_bits import on_words
from accelsim.operators._sign_limits import sign_limits
from accelsim.operators._spatial import window

Link = Callable[[np.ndarray], np.ndarray]


def takes_signs(call: Call) -> bool:
    """Return whether a node multiplies packed signs by constant ones, every place of which counts."""
    if call.node.operator not in ("conv2d", "fully_connected") or not _has_constants(call) or not on_words(call):
        return False
    return all(t.dtype == "binary" for t in call.inputs[:2]) and (call.node.operator == "fully_connected" or (_is_whole(call) and moving(call).inside))


def takes_bytes(call: Call) -> bool:
    """Return whether a node convolves bytes with constant filters."""
    if call.node.operator != "conv2d" or not _has_constants(call) or call.inputs[0].dtype not in ("int8", "uint8") or not on_bytes(call):
        return False
    return _is_whole(call) and centred_weights(call.inputs[1], call.values[1], np.int16).min(initial=0) > -128


def keeps_words(tensor: Tensor, depth: int) -> bool:
    """Return whether the words of a tensor of signs are those of its elements in rows of ``depth``."""
    return tensor.shape[-1] == depth or (tensor.shape[-1] % WORD == 0 and depth % WORD == 0)


def packed_for(call: Call) -> Link:
    """Return the function from codes to words as the product of a call reads them."""
    depth = call.inputs[1].shape[-1]

    def pack(codes: np.ndarray) -> np.ndarray:
        words = bit_planes.planes(codes.reshape(-1, depth), "binary")[0].view(np.uint64)
        return words.reshape(*codes.shape[:-1], -1) if codes.shape[-1] == depth else words

    return pack


def codes_of(tensor: Tensor) -> Link:
    """Return the function from words to the codes of a tensor."""
    return lambda words: unpacked(words.reshape(*tensor.shape[:-1], -1), tensor.shape[-1])


def signs_of_signs(call: Call, after: Sequence[Call]) -> Link | None:
    """Return the function from words to the words of the signs that follow a product, or None where no comparison gives them."""
    filters, depth = call.inputs[1].shape[0], call.inputs[1].elements // call.inputs[1].shape[0]
    found = sign_limits(call, after, np.arange(-depth, depth + 1, 2))
    if found is None:
        return None
    direction, least = found
    # A sum is its depth less twice the places that differ from the column, so it grows with those that differ from the opposite one.
    channels = call.inputs[1].shape[-1]
    plane = bit_planes.planes(call.values[1].reshape(-1, channels), "binary")[0]
    opposite = np.repeat(direction > 0, len(plane) // filters)[:, None] * bit_planes.ones_plane(1, channels)
    (columns,) = bit_planes.side_by_side([plane ^ opposite], filters)
    limits, walk, shape = limits_of(-(-(least + depth) // 2)), _words_walk(call), _words_shape(call.outputs[0])
    rows = len(walk.bases)

    def link(words: np.ndarray) -> np.ndarray:
        out = np.empty((rows, shape[-1]), np.uint64)
        signs_of_words(words.reshape(-1).view(np.uint32), *walk, columns, limits, out)
        return out.reshape(shape)

    return link


def signs_of_codes(call: Call, after: Sequence[Call]) -> Link | None:
    """Return the function from images of bytes to the words of the signs that follow their convolution, or None as above."""
    weights = centred_weights(call.inputs[1], call.values[1], np.int8)
    reach = int(np.abs(weights.reshape(len(weights), -1).astype(np.int64)).sum(axis=1).max(initial=0)) * largest_operand(call.inputs[0])
    found = sign_limits(call, after, np.arange(-reach, reach + 1))
    if found is None:
        return None
    direction, least = found
    weights *= direction[:, None, None, None]
    flip, zero = unsigned(call)
    # The operands' zero point adds the same to every sum of a column.
    limits = limits_of(least + zero * weights.reshape(len(weights), -1).sum(axis=1, dtype=np.int64))
    depth, shape = weights.shape[3], _words_shape(call.outputs[0])
    framed = frame(moving(call), shape[0], depth, depth, BYTES.unit, copied=flip != 0)
    columns = packed(weights.reshape(len(weights), framed.runs, -1))

    def link(images: np.ndarray) -> np.ndarray:
        operands = framed.operands(np.ascontiguousarray(images).view(np.uint8), zero, flip)
        out = np.empty((len(framed.walk.bases), shape[-1]), np.uint64)
        signs_of_bytes(operands, *framed.walk, columns, limits, out)
        return out.reshape(shape)

    return link


def sums_of_signs(call: Call) -> Link:
    """Return the function from words to what a product gives, as the product itself gives it."""
    weights, output = call.inputs[1], call.outputs[0]
    finish, walk, depth = load(call.node.operator).finish_sums(call), _words_walk(call), weights.elements // weights.shape[0]
    (columns,) = bit_planes.side_by_side(bit_planes.planes(call.values[1].reshape(-1, weights.shape[-1]), "binary"), weights.shape[0])
    bare, kind = output.dtype == "int32" and (len(call.values) < 3 or call.values[2] is None), carrier(output.dtype)

    def link(words: np.ndarray) -> np.ndarray:
        sums = np.empty((len(walk.bases), weights.shape[0]), np.int32)
        bit_planes.differing(words.reshape(-1).view(np.uint32), *walk, columns, depth, sums)
        if bare:
            return sums.reshape(output.shape)
        out = np.empty(sums.shape, kind)
        finish(sums, out)
        return out.reshape(output.shape)

    return link


def largest_of_signs(call: Call) -> Link:
    """Return the function from words to those of the largest signs in each window."""
    a, shape = call.node.attributes, _words_shape(call.outputs[0])
    _, pad = window(call.inputs[0].shape[1:3], a.window, a.stride, (1, 1), a.padding)
    place = (*a.window, *a.stride, *pad)

    def link(words: np.ndarray) -> np.ndarray:
        out = np.empty(shape, np.uint64)
        any_set(words, *place, out)
        return out

    return link


def regrouped(tensor: Tensor) -> Link:
    """Return the function from words to the same words in a tensor's shape."""
    shape = _words_shape(tensor)
    return lambda words: words.reshape(shape)


def _has_constants(call: Call) -> bool:
    return not call.inputs[0].is_constant and all(tensor is None or tensor.is_constant for tensor in call.inputs[1:])


def _is_whole(call: Call) -> bool:
    return call.inputs[0].shape[-1] == call.inputs[1].shape[-1]


def _words_walk(call: Call) -> Walk:
    """Return the walk of a product over 32-bit words."""
    words = bit_planes.words_of(call.inputs[1].shape[-1])
    if call.node.operator == "fully_connected":
        return rows_walk(call.inputs[0].elements // call.inputs[1].shape[-1], words, DIFFERING.unit)
    return frame(moving(call), call.inputs[0].shape[0], words, words, DIFFERING.unit, copied=False).walk


def _words_shape(tensor: Tensor) -> tuple[int, ...]:
    return (*tensor.shape[:-1], -(-tensor.shape[-1] // WORD))
