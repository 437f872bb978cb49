"""One contribution to an energy."""

from typing import NamedTuple

from accelsim.base.provenance import Provenance


class Term(NamedTuple):  # thousands are made for every run
    """One contribution to the energy of one inference.

    Attributes
    ----------
    component : str
        Unit, memory, link, or "static".
    action : str
        "mac_int8", "read", ...
    layer : int
        -1 where it belongs to no layer.
    count : float
        Actions, bytes or seconds.
    joules : float
    provenance : Provenance
        Of the energy of one action.
    """

    component: str
    action: str
    layer: int
    count: float
    joules: float
    provenance: Provenance
