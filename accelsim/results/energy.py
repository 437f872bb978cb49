"""Joules: action counts times table, bytes times access energy, static power times time."""

from collections.abc import Sequence

from accelsim.base.provenance import Provenance, worst
from accelsim.engine.trace import Trace
from accelsim.graph.activity import Activity
from accelsim.graph.declared_activity import RANDOM_TOGGLES, DeclaredActivity
from accelsim.graph.work import Contraction
from accelsim.mapping.choice import Choice
from accelsim.mapping.mapper import NetworkMapping
from accelsim.mapping.observed import worker
from accelsim.results.dram import dram_terms
from accelsim.results.energy_table import EnergyTable, load_energy_table
from accelsim.results.term import Term
from accelsim.results.toggling import operand_toggles


def dynamic_terms(mapping: NetworkMapping, activity: Activity | DeclaredActivity | None, trace: Trace) -> list[Term]:
    """Return what one inference's actions and bytes cost; DRAM commands are in its trace.

    Raises
    ------
    AccelsimError
        The chip's table lacks an action that the chip uses.
    """
    chip = mapping.chip
    prices = _Prices(chip, load_energy_table(chip.energy, f"{chip.path}: energy"))
    terms: list[Term] = []
    for choice in mapping.choices:
        terms += _of_choice(choice, chip, prices, activity)
    terms += dram_terms(mapping, trace)
    if chip.host is not None and chip.start.warm_cycles:
        joules, source = prices.table.action("vector_instruction", f"host '{chip.host}'")
        terms.append(Term(chip.host, "vector_instruction", -1, chip.start.warm_cycles, chip.start.warm_cycles * joules, source))
    return at_supply(terms, chip)


def _of_choice(choice: Choice, chip, prices: "_Prices", activity: Activity | DeclaredActivity | None) -> Sequence[Term]:
    """Return the terms of one layer; without data they are kept for the next chip that maps it so and has these prices."""
    kept = choice.known.get("terms")
    if activity is None and kept is not None and kept[0] == prices.stated:
        return kept[1]
    terms = (*_of_actions(choice, chip, prices, activity), *_of_bytes(choice, chip, prices, activity))
    if activity is None:
        choice.known["terms"] = (prices.stated, terms)
    return terms


class _Prices:
    """Joules of single actions and bytes, each looked up once.

    Attributes
    ----------
    stated : tuple
        All that the prices follow from: the table, and what the chip file states of its own, with its provenance.
    """

    def __init__(self, chip, table: EnergyTable):
        self.chip, self.table = chip, table
        own = [(name, memory.kind, memory.read_energy, memory.write_energy, *(_own(chip, f"memories.{name}.{way}_energy") for way in ("read", "write"))) for name, memory in chip.memories.items()]
        links = [(name, link.kind, link.energy, _own(chip, f"links.{name}.energy")) for name, link in chip.links.items()]
        units = [(name, unit.active_energy, chip.provenance_of(f"units.{name}.active_energy")) for name, unit in chip.units.items() if unit.active_energy]
        self.stated = (table, *own, *links, *units)
        self._actions: dict[tuple[str, str], tuple[float, Provenance]] = {}
        self._bytes: dict[tuple[str, str], tuple[float, Provenance] | None] = {}

    def action(self, unit: str, action: str) -> tuple[float, Provenance]:
        """Return the energy of one action of a unit [J] and its provenance."""
        if (unit, action) not in self._actions:
            self._actions[unit, action] = self.table.action(action, f"unit '{unit}'")
        return self._actions[unit, action]

    def byte(self, place: str, direction: str) -> tuple[float, Provenance] | None:
        """Return the energy of one byte [J/B] and its provenance; None at a DRAM part, whose commands are charged and not its bytes."""
        if (place, direction) not in self._bytes:
            of_commands = place in self.chip.memories and self.chip.memories[place].kind == "dram"
            self._bytes[place, direction] = None if of_commands else access_energy(self.chip, self.table, place, direction)
        return self._bytes[place, direction]


def _own(chip, path: str) -> Provenance | None:
    section, name, figure = path.split(".")
    return chip.provenance_of(path) if getattr(getattr(chip, section)[name], figure) is not None else None


def at_supply(terms: list[Term], chip) -> list[Term]:
    """Return dynamic terms at the supplies of their components' domains: energy goes with the square."""
    power = chip.file.power
    if power is None or all(domain.voltage_factor == 1.0 for domain in power.domains.values()):
        return terms
    return [term._replace(joules=term.joules * power.energy_factor(term.component)) for term in terms]


def _of_actions(choice: Choice, chip, prices: _Prices, activity: Activity | DeclaredActivity | None) -> list[Term]:
    terms = []
    unit = choice.layer.unit
    saved = _saved(choice, chip.units[unit], activity)
    toggling = 1.0 if activity is None else _multiplier_toggling(choice, getattr(worker(chip.units[unit]), "toggle_share", 0.0), activity)
    for action, count in choice.cost.actions:
        joules, source = prices.action(unit, action)
        if action.startswith("mac_"):
            count, joules = count * (1 - saved), joules * toggling
        terms.append(Term(unit, action, choice.layer.index, count, count * joules, source))
    active = chip.units[unit].active_energy
    if active:
        cycles = max(0, choice.cost.cycles - choice.cost.setup_cycles * len(choice.layer.works))  # each work is a kernel of its own
        terms.append(Term(unit, "active_cycle", choice.layer.index, cycles, cycles * active, chip.provenance_of(f"units.{unit}.active_energy")))
    return terms


def _multiplier_toggling(choice: Choice, share: float, data: Activity | DeclaredActivity | None) -> float:
    """Return a product's energy over that of random operands, from the bits that change in the order of the unit's dataflow.

    A product of two activations, and a unit that states no order, count the first operand's bits in the order of memory.
    """
    if share and isinstance(data, Activity) and choice.cost.traversal is not None:
        found = operand_toggles(choice.layer, choice.cost.traversal, data)
        if found is not None:
            return 1 - share + share * found.of_random
    return _toggling(share, choice.layer.inputs[0].name if choice.layer.inputs else "", 1, data)


def _toggling(share: float, tensor: str, width: int, data: Activity | DeclaredActivity | None) -> float:
    """Return energy over that of random data where a share of it goes with bits that change from word to word."""
    if not share or not tensor or data is None:
        return 1.0
    return 1 - share + share * data.toggle_rate(tensor, "memory", width) / RANDOM_TOGGLES


def _saved(choice: Choice, unit, activity: Activity | DeclaredActivity | None) -> float:
    """Return the share of product energy that zeros of the input save: products left out, and gated ones among the rest."""
    left = choice.computed_share
    if activity is None or not choice.layer.inputs or not isinstance(choice.layer.works[0], Contraction):
        return 1 - left
    gate = getattr(worker(unit), "gate_zeros", 0.0)
    if not gate:
        return 1 - left
    not_zero = activity.density(choice.layer.inputs[0].name)
    return 1 - left + gate * max(0.0, left - not_zero)


def _of_bytes(choice: Choice, chip, prices: _Prices, data: Activity | DeclaredActivity | None) -> list[Term]:
    terms, index = [], choice.layer.index
    for hop, _, amount, tensor in choice.moves:
        direction = "write" if hop.write else "read"
        price = prices.byte(hop.place, direction)
        if price is None:
            continue
        joules, source = price
        if data is not None and (link := chip.links.get(hop.place)) is not None:
            joules *= _toggling(link.toggle_share, tensor, link.width, data)
        terms.append(Term(hop.place, direction, index, amount, amount * joules, source))
    return terms


def access_energy(chip, table: EnergyTable, place: str, direction: str) -> tuple[float, Provenance]:
    """Return the energy of a byte at a memory or through a link [J/B]: the chip file's own, else the table's."""
    if place in chip.links:
        own, path = chip.links[place].energy, f"links.{place}.energy"
    else:
        own, path = getattr(chip.memories[place], f"{direction}_energy"), f"memories.{place}.{direction}_energy"
    if own is not None:
        return own, chip.provenance_of(path)
    thing = chip.links.get(place) or chip.memories[place]
    return table.access(thing.kind, direction, f"'{place}' of '{chip.name}'")


def static_terms(mapping: NetworkMapping, seconds: float) -> list[Term]:
    """Return what the chip draws while it is on for some time."""
    chip = mapping.chip
    things = {f"units.{n}": t for n, t in chip.units.items()} | {f"memories.{n}": t for n, t in chip.memories.items()} | {f"links.{n}": t for n, t in chip.links.items()}
    management = chip.file.power
    at_its_supply = management.static_factor if management is not None else lambda component: 1.0
    powers = [(path, thing.static_power * at_its_supply(path.partition(".")[2])) for path, thing in things.items()] + [("", chip.file.static_power)]
    leaked = [Term("static", path or "chip", -1, seconds, power * seconds, chip.provenance_of(f"{path}.static_power".lstrip("."))) for path, power in powers if power]
    return leaked + clock_terms(chip, seconds)


def clock_terms(chip, seconds: float) -> list[Term]:
    """Return what the clocks of the units draw while the chip is on: energy of a cycle goes with the square of the supply."""
    factor = chip.file.power.energy_factor if chip.file.power is not None else lambda component: 1.0
    return [
        Term("static", f"units.{name}.clock", -1, seconds * unit.clock, seconds * unit.clock * unit.clock_energy * factor(name), chip.provenance_of(f"units.{name}.clock_energy"))
        for name, unit in chip.units.items()
        if unit.clock_energy and unit.clock
    ]


def estimated_share(terms: list[Term]) -> float:
    """Return the share of energy whose unit energy is graded estimated."""
    total = sum(term.joules for term in terms)
    return sum(term.joules for term in terms if term.provenance.grade == "estimated") / total if total else 0.0


def grade(terms: list[Term]) -> str:
    """Return the worst grade among the terms that make up all but the last twentieth of the energy."""
    return worst(grades_that_matter([(term.joules, term.provenance.grade) for term in terms]))


def grades_that_matter(weighted: list[tuple[float, str]], ignored: float = 0.05) -> list[str]:
    """Return the grades that carry more than ``ignored`` of the whole."""
    total = sum(weight for weight, _ in weighted)
    by_grade: dict[str, float] = {}
    for weight, name in weighted:
        by_grade[name] = by_grade.get(name, 0.0) + weight
    return [name for name, weight in by_grade.items() if weight > ignored * total]
