"""Gauss error function; a table of 256 entries where quantised to 8 bits."""

from accelsim.operators._unary import by_table, unary


def _function(x, _):
    from scipy.special import erf

    return erf(x)


Attributes, output_shapes, work, evaluate = unary("erf", _function, by_table(_function))
