"""What a unit answers when asked for a piece of work: cycles, operand traffic at its port, action counts."""

from dataclasses import dataclass

from accelsim.hardware.traversal import Traversal


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one piece of work on one unit, free of memory waits.

    Attributes
    ----------
    cycles : int
        Clock cycles of the unit.
    activation_bytes, weight_bytes : int
        Read through the unit's port, re-reads by its own block structure included [B].
    output_bytes : int
        Written through the port [B].
    actions : tuple of (str, int)
        Energy actions and how often: ("mac_int8", 12345). Names are those of the energy tables.
    issued_macs : int
        Multiply-accumulates that the array spends, idle lanes of partly filled steps not counted.
    run_bytes : int
        Contiguous bytes that the unit asks for at once where a tensor lies channels last, as a network's caller lays it; 0: long runs [B].
    note : str
        How it does it ("block 16x8x32, depth first").
    setup_cycles : int
        Of the cycles, those at the start in which no operand moves yet (a kernel launch).
    tail_cycles : int
        Of the cycles, those at the end which more work of the same layer would hide.
    edge_cycles : int
        Beside the cycles: the first operands' way to the unit and the last results' way back, where the unit knows them. Transfers that are simulated show them.
    input_fetches, constant_fetches : float
        How often the unit's own passes fetch an operand that lies beyond its working memory.
    traversal : Traversal or None
        The order in which a product's operands reach the multipliers, where the unit states it.
    """

    cycles: int
    activation_bytes: int = 0
    weight_bytes: int = 0
    output_bytes: int = 0
    actions: tuple[tuple[str, int], ...] = ()
    issued_macs: int = 0
    note: str = ""
    run_bytes: int = 0
    setup_cycles: int = 0
    tail_cycles: int = 0
    edge_cycles: int = 0
    input_fetches: float = 1
    constant_fetches: float = 1
    traversal: Traversal | None = None
