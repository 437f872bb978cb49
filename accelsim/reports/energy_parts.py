"""Joules by what draws them, in a reader's words: a clock that runs while the chip is on is no leakage."""

from accelsim.results.result import Result

CLOCK = ".clock"


def part_of(component: str, action: str) -> str:
    """Return the name of the part of an energy: the component, "static", or the clock of a unit that draws while the chip is on."""
    if component == "static" and action.endswith(CLOCK):
        return f"{action.removesuffix(CLOCK).rpartition('.')[2]} clock"
    return component


def is_steady(part: str) -> bool:
    """Return whether a part draws while the chip is on, whatever it does."""
    return part == "static" or part.endswith(" clock")


def energy_parts(result: Result) -> dict[str, float]:
    """Return the joules of one inference by part, the largest first; parts without joules are left out [J]."""
    if not any(term.component == "static" and term.action.endswith(CLOCK) for term in result.terms):
        parts = dict(result.energy_by_component)
    else:
        parts = {}
        for term in result.terms:
            name = part_of(term.component, term.action)
            parts[name] = parts.get(name, 0.0) + term.joules
    return dict(sorted(((name, joules) for name, joules in parts.items() if joules), key=lambda pair: -pair[1]))
