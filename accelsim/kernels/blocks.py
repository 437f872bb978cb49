"""Search the output block of a dot-product array whose input and sums both fit its buffer, twice."""

from numba import njit


@njit(cache=True, nogil=True)
def _up(value, granule):
    return -(-value // granule) * granule


@njit(cache=True, nogil=True)
def best_block(out_h, out_w, out_c, in_h, in_w, in_c, filter_h, filter_w, stride_h, stride_w, equal_depth, ublock, largest, split, in_block_c, banks, bank_bytes, in_granule, sum_granule, in_bytes, sum_bytes, has_sums, passes):  # fmt: skip
    """Return the (height, width, channels) of output whose operands are fetched least per output.

    Parameters
    ----------
    out_h, out_w, out_c, in_h, in_w, in_c : int
        Output and input extents of one image.
    filter_h, filter_w : int
        Dilated extents.
    equal_depth : bool
        Each output channel needs its own input channel (depthwise, pooling, element-wise).
    ublock, largest : tuple of 3 int
        (height, width, channels) step and limit of the block.
    split : int
        Channels of a block that does not span all are a multiple of this.
    in_block_c : int
        Input channels that are buffered at once (unless ``equal_depth``).
    banks, bank_bytes, in_granule, sum_granule : int
        The buffer, and the granules [banks] in which it is dealt out; both halves are doubled.
    in_bytes, sum_bytes : int
        Bytes of an input element and of a sum.
    has_sums : bool
        False for element-wise work, whose two inputs share the buffer instead.
    passes : int
        In which a filter above the limit is computed; each fetches its input.

    Returns
    -------
    tuple of 3 int
        All zero where nothing fits.
    """
    top_h, top_w, top_c = _up(min(out_h, largest[0]), ublock[0]), _up(min(out_w, largest[1]), ublock[1]), _up(min(out_c, largest[2]), ublock[2])
    best = (0, 0, 0)
    best_cost, best_coverage = 1e300, 1e300
    channels = max(ublock[2], min(top_c, split))
    if channels < out_c:
        channels = _up(channels, split)
    while channels <= top_c:
        depth = channels if equal_depth else in_block_c
        for height in range(ublock[0], top_h + 1, ublock[0]):
            rows = _up((height - 1) * stride_h + filter_h, ublock[0])
            for width in range(ublock[1], top_w + 1, ublock[1]):
                columns = _up((width - 1) * stride_w + filter_w, ublock[1])
                in_banks = _up(-(-rows * columns * _up(depth * in_bytes, 8) // bank_bytes) * 2, in_granule)
                sum_banks = _up(-(-height * width * _up(channels, 8) * sum_bytes // bank_bytes) * 2, sum_granule) if has_sums else in_banks
                if in_banks + sum_banks > banks:
                    break
                blocks_hw = -(-out_h // height) * -(-out_w // width)
                blocks_c = -(-out_c // channels)
                exact_hw = (out_h / height) * (out_w / width)
                weight_fetch = filter_h * filter_w * in_c * blocks_hw * (1 if equal_depth else out_c) if has_sums else 0
                in_fetch = rows * columns * in_c * passes * exact_hw * (1 if equal_depth else blocks_c)
                cost = (in_fetch + weight_fetch) / (out_h * out_w * out_c) if has_sums else max(out_h * out_w * out_c / (height * width * channels), 1.0)
                if in_h * in_w * in_c < rows * columns * depth * 2:
                    cost /= 2
                if cost > best_cost:
                    continue
                if cost == best_cost:  # equal fetches: the block that covers the input in fewer pieces, if small
                    coverage = (in_h * in_w) / (min(in_h, rows) * min(in_w, columns))
                    if coverage > best_coverage or height > 4 or width > 4:
                        continue
                    best_coverage = coverage
                else:
                    best_coverage = 1e300
                best_cost = cost
                best = (height, width, channels)
        channels += ublock[2]
        if channels < out_c:
            channels = _up(channels, split)
    return best
