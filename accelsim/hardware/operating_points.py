"""A chip at the operating points of its domains: clocks and bandwidths that go with them."""

from typing import Any

from accelsim.base.schema import Described


def at_points(file: Any) -> Any:
    """Return a chip file whose units, memories and links run at their domains' points.

    Clocks and bandwidths are multiplied by the point's clock; a latency stated in seconds stays. Supplies count where energy is added up.

    Parameters
    ----------
    file : ChipFile
    """
    if file.power is None or all(domain.clock_factor == 1.0 for domain in file.power.domains.values()):
        return file
    sections = {section: {name: _paced(thing, _factor(file, name)) for name, thing in getattr(file, section).items()} for section in ("units", "memories", "links")}
    return file.model_copy(update=sections)


def _factor(file: Any, name: str) -> float:
    domain = file.power.domain_of(name)
    return domain.clock_factor if domain is not None else 1.0


def _paced(thing: Described, factor: float) -> Described:
    rates = {key: value * factor for key in ("clock", "bandwidth") if (value := getattr(thing, key, None)) is not None}
    return thing.model_copy(update=rates) if factor != 1.0 and rates else thing


def with_points(file: Any, points: dict[str, str]) -> Any:
    """Return the chip file with other points of some domains; ``file`` must be at nominal ones.

    Parameters
    ----------
    points : dict of str to str
        Domain to point.
    """
    domains = {name: domain.model_copy(update={"point": points.get(name, domain.point)}) for name, domain in file.power.domains.items()}
    return at_points(file.model_copy(update={"power": file.power.model_copy(update={"domains": domains})}))
