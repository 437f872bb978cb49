"""The manual of chip files, generated from their own fields."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from accelsim.base.errors import not_one_of
from accelsim.base.rooms import member, members
from accelsim.hardware.chip import SECTIONS, ChipFile


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: dotted name, unit, default as text, meaning."""

    name: str
    unit: str
    default: str
    meaning: str


def kinds() -> dict[str, tuple[str, str]]:
    """Return every kind with its section and its one-line meaning."""
    found = {"chip": ("", "The keys of a chip file.")}
    for section in SECTIONS:
        for name in members(f"accelsim.hardware.{section}"):
            model = member(f"accelsim.hardware.{section}", name).DESCRIPTION
            found[name] = (section, (model.__doc__ or "").strip().splitlines()[0])
    return found


def model_of(kind: str) -> type[BaseModel]:
    """Return the description class of a kind.

    Raises
    ------
    AccelsimError
        No such kind.
    """
    if kind == "chip":
        return ChipFile
    for section in SECTIONS:
        if kind in members(f"accelsim.hardware.{section}"):
            return member(f"accelsim.hardware.{section}", kind).DESCRIPTION
    raise not_one_of("kind", kind, kinds())


def parameters_of(kind: str) -> tuple[str, tuple[Parameter, ...]]:
    """Return a kind's meaning and all its parameters, inner ones dotted."""
    model = model_of(kind)
    return (model.__doc__ or "").strip().splitlines()[0], tuple(_parameters(model, ""))


def _parameters(model: type[BaseModel], prefix: str) -> Iterable[Parameter]:
    for name, info in model.model_fields.items():
        inner = _inner(info)
        yield Parameter(prefix + name, (info.json_schema_extra or {}).get("unit", ""), _default(info), info.description or _words(info))
        if inner is not None:
            yield from _parameters(inner, f"{prefix}{name}.")


def _inner(info: FieldInfo) -> type[BaseModel] | None:
    for kind in (info.annotation, *get_args(info.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ != "accelsim.hardware.unit" and not kind.__subclasses__():
            return kind
    return None


def _default(info: FieldInfo) -> str:
    if info.default is PydanticUndefined:
        return "required"
    if isinstance(info.default, BaseModel):
        return "as below"
    return "null" if info.default is None else str(info.default)


def _words(info: FieldInfo) -> str:
    words = get_args(info.annotation)
    return f"always {words[0]}" if len(words) == 1 else ""


def chip_schema() -> dict:
    """Return the JSON Schema of a chip file as a person writes it: each value plain or with its provenance."""
    schema = ChipFile.model_json_schema()
    definitions = schema.setdefault("$defs", {})
    for section in SECTIONS:
        choices = []
        for name in members(f"accelsim.hardware.{section}"):
            own = member(f"accelsim.hardware.{section}", name).DESCRIPTION.model_json_schema(ref_template="#/$defs/{model}")
            definitions.update(own.pop("$defs", {}))
            definitions[f"{section}.{name}"] = own
            choices.append({"$ref": f"#/$defs/{section}.{name}"})
        schema["properties"][section]["additionalProperties"] = {"anyOf": choices}
    schema["properties"] |= {"extends": {"type": "string"}, "sources": {"type": "object"}}
    for part in (schema, *definitions.values()):
        _allow_provenance(part)
    schema["required"] = []  # what a file lacks may come from the file that it extends
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "accelsim chip file", **schema}


def _allow_provenance(part: dict) -> None:
    part["required"] = []
    properties = part.get("properties", {})
    for name, rule in list(properties.items()):
        stated = {"type": "object", "properties": {"value": rule, **{key: {"type": "string"} for key in ("source", "low", "high", "note")}, "grade": {"enum": ["published", "derived", "estimated"]}}, "required": ["value"]}
        properties[name] = {"anyOf": [rule, stated, {"type": "null"}], **({"description": rule["description"]} if "description" in rule else {})}
    if properties:
        properties["provenance"] = {"type": "object", "properties": {"source": {"type": "string"}, "grade": {"enum": ["published", "derived", "estimated"]}}}
