"""Menus made of files: a room's members are its modules, imported on first use.

``operators/conv2d.py`` is the operator ``conv2d``; to add one, add a file.
"""

import importlib
import pkgutil
from functools import lru_cache
from types import ModuleType

from accelsim.base.errors import not_one_of


@lru_cache(maxsize=None)
def members(room: str) -> tuple[str, ...]:
    """Return the names of a room's modules, sorted, without importing them."""
    package = importlib.import_module(room)
    return tuple(sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")))


@lru_cache(maxsize=None)
def member(room: str, name: str, place: str = "") -> ModuleType:
    """Import one member of a room.

    Raises
    ------
    AccelsimError
        The room has no such member; the message lists those it has.
    """
    if name not in members(room):
        raise not_one_of(place or room, name, members(room))
    return importlib.import_module(f"{room}.{name}")
