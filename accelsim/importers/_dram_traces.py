"""Memory request traces of DRAMsim3 and Ramulator, as arrays.

Forms
-----
dramsim3 : ``0x3F40 READ 120`` (address, READ or WRITE, earliest cycle)
ramulator1 : ``0x3F40 R`` (address, R or W)
ramulator2 : ``LD 0x3F40`` (LD or ST, address; hexadecimal or decimal)
"""

from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError, not_one_of

FORMS = ("dramsim3", "ramulator1", "ramulator2")
_WORDS = {"dramsim3": {"READ": 0, "WRITE": 1}, "ramulator1": {"R": 0, "W": 1}, "ramulator2": {"LD": 0, "ST": 1}}
_FIELDS = {"dramsim3": 3, "ramulator1": 2, "ramulator2": 2}


def read_dram_trace(path: str | Path, form: str = "") -> np.ndarray:
    """Return the requests of a trace file.

    Parameters
    ----------
    path : str or Path
    form : str
        One of ``FORMS``; empty: told from the first line.

    Returns
    -------
    ndarray, shape (requests, 3), int64
        Byte address, 1 for a write, earliest cycle (0 where the form has none).

    Raises
    ------
    AccelsimError
        Not readable, no request in it, a line that is not of the form, or cycles that go back.
    """
    path = Path(path)
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AccelsimError(str(path), "cannot be read as text", str(error)) from error
    numbered = [(number, line.split()) for number, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")]
    if not numbered:
        raise AccelsimError(str(path), "holds no request")
    if form and form not in FORMS:
        raise not_one_of(str(path), form, FORMS)
    form = form or _form_of(numbered[0][1], f"{path}: line {numbered[0][0]}")
    requests = np.array([_request(words, form, f"{path}: line {number}") for number, words in numbered], np.int64)
    back = np.flatnonzero(np.diff(requests[:, 2]) < 0)
    if len(back):
        place = f"{path}: line {numbered[back[0] + 1][0]}"
        raise AccelsimError(place, "its cycle lies before that of the line above", "requests stand in the order of their cycles")
    return requests


def _form_of(words: list[str], place: str) -> str:
    for form in FORMS:
        kind = words[0] if form == "ramulator2" else words[1] if len(words) > 1 else ""
        if len(words) == _FIELDS[form] and kind.upper() in _WORDS[form]:
            return form
    raise AccelsimError(place, f"'{' '.join(words)}' is no request of {', '.join(FORMS)}", "such as '0x3F40 READ 120', '0x3F40 R' or 'LD 0x3F40'")


def _request(words: list[str], form: str, place: str) -> tuple[int, int, int]:
    if len(words) != _FIELDS[form]:
        raise AccelsimError(place, f"has {len(words)} words, a request of {form} has {_FIELDS[form]}")
    kind, address = (words[0], words[1]) if form == "ramulator2" else (words[1], words[0])
    if kind.upper() not in _WORDS[form]:
        raise not_one_of(place, kind, _WORDS[form])
    cycle = _number(words[2], place, "cycle", 10) if form == "dramsim3" else 0
    return _number(address, place, "address", 0), _WORDS[form][kind.upper()], cycle


def _number(word: str, place: str, what: str, base: int) -> int:
    try:
        value = int(word, base)
    except ValueError as error:
        raise AccelsimError(place, f"{what} '{word}' is not a number") from error
    if not 0 <= value < 1 << 62:
        raise AccelsimError(place, f"{what} '{word}' is out of range")
    return value
