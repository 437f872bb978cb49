"""The one error class that a user sees: place, what was found, what is allowed, a guess."""

import difflib
from collections.abc import Iterable

MOST_NAMED, FIRST_NAMED = 24, 6  # words of a closed list


class AccelsimError(Exception):
    """A mistake in what the user gave us; shown as one line, exit status 2.

    Parameters
    ----------
    place : str
        Where: file and key, model and node, command and option.
    message : str
        What was found and what is allowed.
    hint : str, optional
        What to do about it.
    """

    def __init__(self, place: str, message: str, hint: str = ""):
        self.place, self.message, self.hint = place, message, hint
        super().__init__(place, message, hint)

    def __str__(self) -> str:
        tail = f" ({self.hint})" if self.hint else ""
        return " ".join(f"{self.place}: {self.message}{tail}".split())


class UnsupportedError(AccelsimError):
    """A feature of a file, model or chip that accelsim knows by name and does not do."""


def guess(found: object, allowed: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the closest allowed word, or an empty string."""
    close = difflib.get_close_matches(str(found), [str(a) for a in allowed], n=1, cutoff=0.55)
    return f"did you mean '{close[0]}'?" if close else ""


def not_one_of(place: str, found: object, allowed: Iterable[str]) -> AccelsimError:
    """Return the error for a word that is not in a closed list, of which a long one is cut short where a guess helps more."""
    allowed = [str(one) for one in allowed]
    near = guess(found, allowed)
    shown = allowed if len(allowed) <= MOST_NAMED or not near else [*allowed[:FIRST_NAMED], f"{len(allowed) - FIRST_NAMED} more"]
    return AccelsimError(place, f"'{found}' is not one of {', '.join(map(str, shown))}", near)
