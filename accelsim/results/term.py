"""One contribution to an energy."""

from dataclasses import dataclass

from accelsim.base.provenance import Provenance


@dataclass(frozen=True, slots=True)
class Term:
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
