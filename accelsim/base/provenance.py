"""Where a figure comes from and how sure it is: source, grade, range.

In a file a value may stand plainly, or as ``{value: 512 KiB, source: "...", grade: published}`` with optional ``low``,
``high`` and ``note``. A mapping may carry ``provenance: {source: ..., grade: ...}``: it holds for every plain value
inside that has none nearer. ``sources`` at the top gives short names to long citations. A figure without any of
these is an estimate of nobody in particular, and is graded so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from accelsim.base.errors import AccelsimError, not_one_of

GRADES = ("published", "derived", "estimated")
LEAF_KEYS = {"value", "source", "grade", "low", "high", "note"}
BLOCK_KEYS = {"source", "grade", "note"}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Source and grade of one figure.

    Attributes
    ----------
    grade : str
        "published" (read in the source), "derived" (arithmetic on published figures), "estimated".
    low, high : str
        Range as quantities, empty where none is stated.
    value : str
        The figure as it stands beside its range.
    """

    source: str = ""
    grade: str = "estimated"
    low: str = ""
    high: str = ""
    note: str = ""
    value: str = ""


NOT_STATED = Provenance(source="not stated")


def worst(grades: Iterable[str]) -> str:
    """Return the least sure of some grades; "published" for none."""
    return max(grades, key=GRADES.index, default="published")


def separate(tree: Mapping, place: str) -> tuple[dict, dict[str, Provenance]]:
    """Split a file's tree into plain values and the provenance of each by dotted path.

    Raises
    ------
    AccelsimError
        A grade that does not exist, or a published or derived figure without source.
    """
    tree = dict(tree)
    sources = tree.pop("sources", None) or {}
    if not isinstance(sources, Mapping):
        raise AccelsimError(f"{place}: sources", "is not a mapping of short names to citations")
    for name, citation in sources.items():
        if not isinstance(citation, str):
            raise AccelsimError(f"{place}: sources.{name}", f"is a {type(citation).__name__}, not the text of a citation")
    found: dict[str, Provenance] = {}
    return _separate(tree, "", NOT_STATED, _Reader(place, sources, found)), found


@dataclass(frozen=True, slots=True)
class _Reader:
    place: str
    sources: Mapping[str, str]
    found: dict[str, Provenance]

    def provenance(self, stated: Mapping, path: str, allowed: set[str]) -> Provenance:
        place = f"{self.place}: {path}"
        for key in stated:
            if key not in allowed:
                raise not_one_of(place, key, sorted(allowed))
        for key in stated:
            if key in BLOCK_KEYS and not isinstance(stated[key], str):
                raise AccelsimError(f"{place}: {key}", f"is a {type(stated[key]).__name__}, not text")
        grade = stated.get("grade", "estimated")
        if grade not in GRADES:
            raise not_one_of(f"{place}: grade", grade, GRADES)
        source = str(stated.get("source", ""))
        source = str(self.sources.get(source, source))
        if grade != "estimated" and not source:
            raise AccelsimError(place, f"is graded '{grade}' without a source", "name the document, or grade it estimated")
        return replace(Provenance(source or "not stated", grade), **_range_and_note(stated))


def _range_and_note(stated: Mapping) -> dict[str, str]:
    texts = {key: str(stated.get(key, "")) for key in ("low", "high", "note")}
    return texts | {"value": str(stated["value"]) if (texts["low"] or texts["high"]) and "value" in stated else ""}


def _separate(node: object, path: str, inherited: Provenance, reader: _Reader) -> object:
    if isinstance(node, Mapping):
        if "value" in node:
            for key in node:
                if key not in LEAF_KEYS:
                    raise not_one_of(f"{reader.place}: {path}", key, sorted(LEAF_KEYS))
            stated = reader.provenance(node, path, LEAF_KEYS) if {"source", "grade"} & set(node) else replace(inherited, **_range_and_note(node))
            return _separate(node["value"], path, stated, reader)
        if "provenance" in node:
            block = node["provenance"]
            if not isinstance(block, Mapping):
                raise AccelsimError(f"{reader.place}: {path}.provenance".replace(": .", ": "), "is not a mapping of source and grade")
            inherited = reader.provenance(block, f"{path}.provenance".lstrip("."), BLOCK_KEYS)
        return {key: _separate(value, f"{path}.{key}".lstrip("."), inherited, reader) for key, value in node.items() if key != "provenance"}
    reader.found[path] = inherited
    return [_separate(value, f"{path}.{i}", inherited, reader) for i, value in enumerate(node)] if isinstance(node, list) else node
