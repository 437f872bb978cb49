"""The scalar entries of a FlexBuffer map: how TFLite's custom operators store their options.

Source: FlexBuffers' binary format (google.github.io/flatbuffers, "FlexBuffers"): the last byte is the root's width, the
byte before its type; a map is a vector of values with a vector of keys in front.
"""

import struct

MAP, INT, UINT, FLOAT, BOOL = 9, 1, 2, 3, 26
FORMATS = {INT: "bhiq", UINT: "BHIQ", BOOL: "BHIQ", FLOAT: "?efd"}


def _number(data: bytes, at: int, width: int, kind: int) -> int | float | bool:
    code = FORMATS[kind][width.bit_length() - 1]
    value = struct.unpack_from("<" + code, data, at)[0]
    return bool(value) if kind == BOOL else value


def read_map(data: bytes) -> dict[str, int | float | bool]:
    """Return the numbers and truth values of the root map by name.

    Raises
    ------
    ValueError
        The bytes are no map; ``struct.error`` or ``IndexError`` where they end too early.
    """
    if len(data) < 3 or data[-2] >> 2 != MAP:
        raise ValueError("custom options are not a FlexBuffer map")
    root_at = len(data) - 2 - data[-1]
    values_at = root_at - _number(data, root_at, data[-1], UINT)
    width = 1 << (data[-2] & 3)
    count = _number(data, values_at - width, width, UINT)
    keys_at = values_at - 3 * width - _number(data, values_at - 3 * width, width, UINT)
    key_width = _number(data, values_at - 2 * width, width, UINT)
    result = {}
    for index in range(min(count, len(data))):
        key_slot = keys_at + index * key_width
        key_at = key_slot - _number(data, key_slot, key_width, UINT)
        kind = data[values_at + count * width + index] >> 2
        if kind in FORMATS:
            result[data[key_at : data.index(0, key_at)].decode()] = _number(data, values_at + index * width, width, kind)
    return result
