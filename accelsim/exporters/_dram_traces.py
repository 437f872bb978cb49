"""Memory request traces as files that DRAMsim3 and Ramulator read; the forms are those of ``importers._dram_traces``."""

from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError, not_one_of

_LINES = {
    "dramsim3": lambda address, is_write, cycle: f"0x{address:X} {'WRITE' if is_write else 'READ'} {cycle}\n",
    "ramulator1": lambda address, is_write, cycle: f"0x{address:X} {'W' if is_write else 'R'}\n",
    "ramulator2": lambda address, is_write, cycle: f"{'ST' if is_write else 'LD'} 0x{address:X}\n",
}


def write_dram_trace(path: str | Path, requests: np.ndarray, form: str) -> None:
    """Write requests as a trace file.

    Parameters
    ----------
    path : str or Path
    requests : ndarray, shape (requests, 3), int64
        Byte address, 1 for a write, earliest cycle (not written in the forms that have none).
    form : str
        "dramsim3", "ramulator1" or "ramulator2".

    Raises
    ------
    AccelsimError
        Unknown form, or a file that cannot be written.
    """
    if form not in _LINES:
        raise not_one_of(str(path), form, _LINES)
    line = _LINES[form]
    try:
        Path(path).write_text("".join(line(*request) for request in requests.tolist()))
    except OSError as error:
        raise AccelsimError(str(path), error.strerror or "cannot be written") from error
