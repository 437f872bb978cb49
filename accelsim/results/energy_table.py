"""Energy of single actions and accesses: tables in hwconfigs/energy, every figure with source and grade."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from accelsim.base.errors import AccelsimError, guess
from accelsim.base.paths import data_folder
from accelsim.base.provenance import NOT_STATED, Provenance
from accelsim.base.schema import Described, Energy, EnergyPerByte, describe, field
from accelsim.base.yaml_files import read_yaml_with_provenance

KEPT_TABLES = 16


class Access(Described):
    """Energy of moving a byte in and out of a memory or through a mover."""

    read: EnergyPerByte = field("per byte read", unit="J/B")
    write: EnergyPerByte = field("per byte written", unit="J/B")


class EnergyFile(Described):
    """The keys of an energy table."""

    title: str = field("what it is a table of")
    process: str = field("such as '16 nm'")
    actions: dict[str, Energy] = field("energy of one action by name", unit="J")
    accesses: dict[str, Access] = field("energy of accesses by kind of memory or mover", default={})


@dataclass(frozen=True, eq=False)
class EnergyTable:
    """A checked table and where its figures come from."""

    name: str
    file: EnergyFile
    provenance: Mapping[str, Provenance]

    def action(self, name: str, place: str) -> tuple[float, Provenance]:
        """Return the energy of one action [J] and its provenance.

        Raises
        ------
        AccelsimError
            The table has no such action.
        """
        if name not in self.file.actions:
            hint = guess(name, self.file.actions) or f"it has {', '.join(self.file.actions)}"
            raise AccelsimError(f"energy table '{self.name}'", f"lacks action '{name}', which {place} uses", hint)
        return self.file.actions[name], self.provenance.get(f"actions.{name}", NOT_STATED)

    def access(self, kind: str, direction: str, place: str) -> tuple[float, Provenance]:
        """Return the energy of a byte [J/B] and its provenance; raises likewise."""
        if kind not in self.file.accesses:
            raise AccelsimError(f"energy table '{self.name}'", f"lacks accesses of '{kind}', which {place} is", guess(kind, self.file.accesses))
        return getattr(self.file.accesses[kind], direction), self.provenance.get(f"accesses.{kind}.{direction}", NOT_STATED)


def load_energy_table(name: str, place: str) -> EnergyTable:
    """Return a shipped table by name.

    Raises
    ------
    AccelsimError
        No such table, or something wrong in it.
    """
    folder = data_folder("hwconfigs") / "energy"
    path = folder / f"{name}.yaml"
    if not path.is_file():
        raise AccelsimError(place, f"no energy table is called '{name}'", guess(name, [p.stem for p in folder.glob("*.yaml")]))
    return _table(name, path, path.read_bytes())


@lru_cache(maxsize=KEPT_TABLES)
def _table(name: str, path: Path, content: bytes) -> EnergyTable:
    """Return the table that a file's content describes; a sweep asks for the same one at every point."""
    tree, provenance = read_yaml_with_provenance(path)
    return EnergyTable(name, describe(EnergyFile, tree, str(path)), MappingProxyType(provenance))
