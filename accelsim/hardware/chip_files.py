"""Find and load chip files: by name or path, with ``extends`` and ``--set`` overrides."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path

from accelsim.base.errors import AccelsimError, guess
from accelsim.base.paths import data_folder
from accelsim.base.provenance import Provenance
from accelsim.base.schema import Described, shown
from accelsim.base.yaml_files import parse_yaml, read_yaml_with_provenance
from accelsim.hardware.chip import Chip, ChipFile, make_chip

DEEPEST_EXTENDS = 8
KEPT_VALUES = 1 << 10
OPTIONAL_SECTIONS = tuple(name for name, entry in ChipFile.model_fields.items() if isinstance(entry.default, Described))


def chip_names() -> list[str]:
    """Return the names of the shipped chips."""
    return sorted(path.stem for path in (data_folder("hwconfigs") / "chips").glob("*.yaml"))


def find_chip(name_or_path: str, place: str = "chip") -> Path:
    """Return the file of a chip: a path as it stands, or a shipped chip's name.

    Raises
    ------
    AccelsimError
        Neither; the closest shipped name is offered.
    """
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml", ".cfg") or path.is_file():
        if path.is_file():
            return path
        raise AccelsimError(name_or_path, "no such chip file")
    shipped = data_folder("hwconfigs") / "chips" / f"{name_or_path}.yaml"
    if "/" not in name_or_path and shipped.is_file():
        return shipped
    raise AccelsimError(place, f"no chip is called '{name_or_path}'", guess(name_or_path, chip_names()) or "'accelsim chips' lists them; a path to a file works too")


def load_chip_file(name_or_path: str, overrides: Iterable[str] = ()) -> Chip:
    """Return a chip, its family's common values filled in and overrides applied.

    Parameters
    ----------
    name_or_path : str
        ``ethos_u55_128`` or ``./my_npu.yaml``.
    overrides : iterable of str
        ``units.npu.clock=1GHz``.

    Raises
    ------
    AccelsimError
        Anything wrong with the file or an override, in one line.
    """
    path = find_chip(name_or_path)
    tree, provenance = _with_family(path, ())
    tree.setdefault("name", path.stem)
    for path_and_value in overrides:
        override(tree, provenance, path_and_value)
    return make_chip(tree, provenance, str(path))


def extended_chip(parent: str, over: Mapping, known: Mapping[str, Provenance], place: str, overrides: Iterable[str] = ()) -> Chip:
    """Return a shipped chip with what a foreign description states in place of its own.

    Parameters
    ----------
    parent : str
        Name of the chip that is extended.
    over : mapping
        A tree as in a chip file; None takes an entry away.
    known : mapping of dotted path to Provenance
        Of the values in ``over``.
    place : str
        Of the foreign file, for messages.
    """
    tree, provenance = _with_family(find_chip(parent, place), ())
    _merge(tree, over, "", provenance)
    provenance |= known
    for path_and_value in overrides:
        override(tree, provenance, path_and_value)
    return make_chip(tree, provenance, place)


def _with_family(path: Path, seen: tuple[Path, ...]) -> tuple[dict, dict[str, Provenance]]:
    tree, provenance = read_yaml_with_provenance(path)
    parent = tree.pop("extends", None)
    if parent is None:
        return tree, provenance
    if not isinstance(parent, str):
        raise AccelsimError(f"{path}: extends", f"{shown(parent)} is not the name of a chip")
    if path.resolve() in seen:
        raise AccelsimError(f"{path}: extends", f"'{parent}' leads back to this file")
    if len(seen) >= DEEPEST_EXTENDS:
        raise AccelsimError(f"{path}: extends", f"'{parent}' is the {len(seen) + 1}th parent; {DEEPEST_EXTENDS} are read")
    beside = path.parent / f"{parent}.yaml"
    base, base_provenance = _with_family(beside if beside.is_file() else find_chip(parent, f"{path}: extends"), (*seen, path.resolve()))
    base.pop("name", None)
    provenance.pop("extends", None)
    _merge(base, tree, "", base_provenance)
    return base, base_provenance | provenance


def _merge(base: dict, over: Mapping, path: str, provenance: dict[str, Provenance]) -> None:
    for key, value in over.items():
        here = f"{path}.{key}".lstrip(".")
        if isinstance(value, Mapping) and isinstance(base.get(key), dict) and value.get("kind", base[key].get("kind")) == base[key].get("kind"):
            _merge(base[key], value, here, provenance)
            continue
        _forget(provenance, here)
        if value is None and key in base:
            del base[key]
        else:
            base[key] = value


def override(tree: dict, provenance: dict[str, Provenance], text: str) -> None:
    """Set one value of a chip's tree from ``path=value``, as ``--set`` gives it.

    Raises
    ------
    AccelsimError
        Not ``path=value``, or a path through something that is not there.
    """
    path, equals, value = (part.strip() for part in text.partition("="))
    place = f"--set {text}"
    if not equals or not all(path.split(".")):
        raise AccelsimError(place, "is not path=value", "such as units.npu.clock=1GHz")
    *parents, key = path.split(".")
    node = tree
    if parents and parents[0] in OPTIONAL_SECTIONS:
        tree.setdefault(parents[0], {})
    for step in parents:
        if not isinstance(node.get(step), dict):
            raise AccelsimError(place, f"'{step}' is not a section there", guess(step, [k for k, v in node.items() if isinstance(v, dict)]))
        node = node[step]
    parsed = deepcopy(_read(value, place))
    _forget(provenance, path)
    if parsed is None and isinstance(node.get(key), dict):  # as in a file that extends another
        del node[key]
        return
    node[key] = parsed
    provenance[path] = Provenance(source="--set on the command line", grade="estimated")


@lru_cache(maxsize=KEPT_VALUES)
def _read(value: str, place: str) -> object:
    """Return what a value of an override is; a sweep's points have the same ones again and again."""
    return parse_yaml(f"value: {value}", place)["value"]


def _forget(provenance: dict[str, Provenance], path: str) -> None:
    inside = f"{path}."
    for known in [p for p in provenance if p == path or p.startswith(inside)]:
        del provenance[known]
