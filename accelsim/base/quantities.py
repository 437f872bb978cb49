"""Quantities as text with a unit: ``"700 MHz"``, ``"64 KiB"``, ``"25.6 GB/s"``, ``"0.23 pJ"``; inside, SI floats."""

import re
from math import isfinite

from accelsim.base.errors import AccelsimError

SI_PREFIXES = {"": 1.0, "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}
BINARY_PREFIXES = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}
# Each dimension's unit symbols with their size in the SI unit that stands inside the program.
DIMENSIONS = {
    "frequency [Hz]": {"Hz": 1.0},
    "time [s]": {"s": 1.0, "min": 60.0, "h": 3600.0},
    "bytes [B]": {"B": 1.0, "bit": 0.125},
    "bandwidth [B/s]": {"B/s": 1.0, "bit/s": 0.125},
    "energy [J]": {"J": 1.0},
    "energy per byte [J/B]": {"J/B": 1.0, "J/bit": 8.0},
    "power [W]": {"W": 1.0},
    "voltage [V]": {"V": 1.0},
    "current [A]": {"A": 1.0},
    "area [mm2]": {"mm2": 1.0},
    "length [m]": {"m": 1.0},
    "temperature [degC]": {"degC": 1.0},
    "charge [Wh]": {"Wh": 1.0},
}
_NUMBER = re.compile(r"\s*([-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([^\s\d].*?)?\s*$")


def parse(text: object, dimension: str, place: str = "quantity") -> float:
    """Return a quantity's value in the SI unit of its dimension.

    Parameters
    ----------
    text : str
        Number, optional space, unit with an SI or binary prefix: ``"1.6 GHz"``, ``"64 KiB"``.
    dimension : str
        A key of ``DIMENSIONS``.
    place : str
        Named in the error.

    Raises
    ------
    AccelsimError
        No number, no unit, or the unit of another dimension.
    """
    symbols = DIMENSIONS[dimension]
    example = f"1 {'M' if '[Hz]' in dimension or '[B' in dimension else ''}{next(iter(symbols))}"
    match = _NUMBER.match(text) if isinstance(text, str) else None
    if match is None or match.group(2) is None:
        raise AccelsimError(place, f"'{text}' is not a quantity of {dimension}", f"write a number with its unit, such as '{example}'")
    unit = match.group(2).strip()
    for symbol, size in symbols.items():
        if unit.endswith(symbol):
            prefix = unit[: len(unit) - len(symbol)]
            scale = SI_PREFIXES.get(prefix, BINARY_PREFIXES.get(prefix))
            if scale is not None:
                value = float(match.group(1).replace("_", "")) * scale * size
                if not isfinite(value):
                    raise AccelsimError(place, f"'{text}' is not a finite quantity")
                return value
    raise AccelsimError(place, f"unit '{unit}' of '{text}' is not one of {dimension}", f"such as '{example}'")


def show(value: float, unit: str, digits: int = 4) -> str:
    """Return a value with the SI prefix that keeps it between 1 and 1000: ``show(3.2e-3, "s") == "3.2 ms"``."""
    if value == 0:
        return f"0 {unit}"
    for prefix, scale in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3), ("", 1.0), ("m", 1e-3), ("u", 1e-6), ("n", 1e-9), ("p", 1e-12), ("f", 1e-15)):
        if abs(value) >= scale * 0.99999:
            return f"{value / scale:.{digits}g} {prefix}{unit}"
    return f"{value:.{digits}g} {unit}"
