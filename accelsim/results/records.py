"""Frozen records as plain JSON and arrays, and back: a closed list of classes, no code is ever run from a file."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType

import numpy as np

from accelsim.base import provenance
from accelsim.base.errors import guess
from accelsim.base.rooms import member
from accelsim.engine import trace
from accelsim.graph import graph, numerics, tensor, work
from accelsim.hardware import cost, spiking_layout
from accelsim.hardware.chip import SECTIONS, Chip, ChipFile
from accelsim.hardware.resource import Resource
from accelsim.mapping import choice, homes, layers, mapper, matching, plan, routes, spiking_steps
from accelsim.results import energy, layer_table, result
from accelsim.results.term import Term

MODULES = (provenance, graph, numerics, tensor, work, cost, choice, homes, layers, mapper, matching, plan, routes, spiking_layout, spiking_steps, trace, energy, layer_table, result)
# Not kept: what is the model file's own (values and quantisation of tensors, parameters of operators), caches, and the
# timing tables of a DRAM server, which the chip has.
NOT_KEPT = {("Tensor", "values"), ("Tensor", "quantization"), ("Node", "attributes"), ("NetworkMapping", "_template"), ("Resource", "dram")}


def _classes() -> Iterator[type]:
    for module in MODULES:
        for name, thing in vars(module).items():
            if isinstance(thing, type) and is_dataclass(thing) and thing is not Chip and not name.startswith("_"):
                yield thing


CLASSES = {cls.__name__: cls for cls in _classes()} | {"Term": Term}


class Encoder:
    """Turns a value into JSON; arrays and records are put into lists, each once.

    Attributes
    ----------
    records : list of dict
        ``{"class": name, "fields": {...}}``; a record refers only to earlier ones.
    arrays : list of ndarray
    """

    def __init__(self) -> None:
        self.records: list[dict] = []
        self.arrays: list[np.ndarray] = []
        self._seen: dict[int, int] = {}
        self._alive: list[object] = []  # an id is only good while its object lives

    def encode(self, value: object) -> object:
        """Return the JSON form of a value.

        Raises
        ------
        TypeError
            A class that is not in the list.
        """
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else {"float": repr(float(value))}
        if isinstance(value, np.generic):
            return self.encode(value.item())
        if isinstance(value, list):
            return [self.encode(item) for item in value]
        if type(value) is tuple:
            return {"tuple": [self.encode(item) for item in value]}
        if isinstance(value, Mapping):
            return {"map": [[self.encode(key), self.encode(item)] for key, item in value.items()]}
        return {"at": self._once(value)} if not isinstance(value, np.ndarray) else {"array": self._array(value)}

    def _array(self, value: np.ndarray) -> int:
        if value.dtype.hasobject:
            raise TypeError(f"an array of {value.dtype}")
        self.arrays.append(np.ascontiguousarray(value))
        return len(self.arrays) - 1

    def _once(self, value: object) -> int:
        if id(value) not in self._seen:
            record = self._chip(value) if isinstance(value, Chip) else self._record(value)
            self.records.append(record)
            self._alive.append(value)
            self._seen[id(value)] = len(self.records) - 1
        return self._seen[id(value)]

    def _chip(self, chip: Chip) -> dict:
        known = {path: self.encode(source) for path, source in chip.provenance.items()}
        return {"class": "Chip", "fields": {"file": json.loads(chip.file.model_dump_json()), "provenance": known, "path": chip.path}}

    def _record(self, value: object) -> dict:
        name = type(value).__name__
        if isinstance(value, routes.Routes):
            return {"class": "Routes", "fields": {"chip": self.encode(value.chip)}}
        if CLASSES.get(name) is not type(value):
            raise TypeError(f"a {name}")
        kept = value._fields if isinstance(value, Term) else [f.name for f in fields(value) if f.init and (name, f.name) not in NOT_KEPT]
        return {"class": name, "fields": {key: self.encode(getattr(value, key)) for key in kept}}


class Decoder:
    """Turns JSON and arrays back into values; raises ValueError, KeyError, TypeError or IndexError on what an Encoder never wrote."""

    def __init__(self, records: list, arrays: list[np.ndarray]):
        self.arrays = arrays
        self.made: list[object] = []
        for record in records:
            self.made.append(self._make(record["class"], record["fields"]))

    def decode(self, tree: object) -> object:
        """Return the value of a JSON form."""
        if isinstance(tree, list):
            return [self.decode(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        ((kind, content),) = tree.items()
        if kind == "tuple":
            return tuple(self.decode(item) for item in content)
        if kind == "map":
            return {self.decode(key): self.decode(item) for key, item in content}
        if kind == "float":
            return float(content)
        if kind not in ("at", "array") or not 0 <= content:
            raise ValueError(f"'{kind}' is no form of a value")
        return self.made[content] if kind == "at" else self.arrays[content]

    def _make(self, name: str, values: dict) -> object:
        if name == "Chip":
            known = {path: self.decode(source) for path, source in values["provenance"].items()}
            return Chip(_chip_file(values["file"]), MappingProxyType(known), values["path"])
        if name == "Routes":
            return routes.Routes(self.decode(values["chip"]))
        if name not in CLASSES:
            raise ValueError(f"class '{name}' is not known {guess(name, CLASSES)}")
        decoded = {key: self.decode(value) for key, value in values.items()}
        if name == "Graph":
            decoded["tensors"] = MappingProxyType(decoded["tensors"])
        return CLASSES[name](**decoded)


def _chip_file(tree: dict) -> ChipFile:
    """Return the chip file of a tree whose quantities are SI numbers, not texts with units."""
    made = {
        section: {name: member(f"accelsim.hardware.{section}", values["kind"]).DESCRIPTION.model_validate(values) for name, values in tree[section].items()}
        for section in SECTIONS
    }
    return ChipFile.model_validate(tree | made)
