"""Stages of a dot-product array before and behind its multipliers."""

from accelsim.base.schema import Count, Described, Positive, field


class ZeroSkipping(Described):
    """Vectors of input channels that are left out where all of them are zero."""

    vector: Count = field("channels side by side that are left out together", unit="channel")
    most: Positive = field("largest gain: what the rest of the array keeps up with", default=2.0)


class OutputRates(Described):
    """Elements per cycle that leave through the output stage."""

    sums: Positive = field("of products and windows", unit="1/cycle")
    add: Positive = field("element-wise add and subtract", unit="1/cycle")
    multiply: Positive = field("element-wise multiply", unit="1/cycle")
    max_window: Positive = field("maximum windows", unit="1/cycle")
    lookup: Positive = field("table activation", unit="1/cycle")
