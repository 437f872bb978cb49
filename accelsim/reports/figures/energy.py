"""Where the joules go, and how sure each part is."""

from matplotlib.patches import Patch

from accelsim.base.errors import AccelsimError
from accelsim.base.provenance import GRADES
from accelsim.reports.energy_parts import part_of
from accelsim.reports.figures._axes import scaled, si
from accelsim.reports.figures._style import styled

TONES = {"published": "blue", "derived": "sky", "estimated": "orange"}


@styled
def energy(figure, result, colours):
    """Draw the energy of one inference by component, each bar cut by the grade of the figures that it rests on.

    A unit's clock is what it draws per cycle while the chip is on; static is what leaks.
    """
    if result.energy_j is None:
        raise AccelsimError("figure 'energy'", f"needs joules: {result.why_no_energy}")
    parts: dict[str, dict[str, float]] = {}
    for term in result.terms:
        grades = parts.setdefault(part_of(term.component, term.action), dict.fromkeys(GRADES, 0.0))
        grades[term.provenance.grade] += term.joules
    ranked = sorted(((name, grades) for name, grades in parts.items() if sum(grades.values())), key=lambda part: -sum(part[1].values()))
    total = sum(sum(grades.values()) for _, grades in ranked)
    figure.set_size_inches(figure.get_figwidth(), 1.1 + 0.26 * len(ranked))
    axes = figure.subplots()
    largest = max(sum(grades.values()) for _, grades in ranked)
    divisor, unit = scaled(largest, "J")
    for i, (_, grades) in enumerate(ranked):
        left = 0.0
        for grade in GRADES:
            axes.barh(i, grades[grade] / divisor, 0.66, left, color=colours[TONES[grade]])
            left += grades[grade] / divisor
        share = left * divisor / total
        text = f"{si(left * divisor, 'J')}  ({share:.1%})" if share > 0.0005 else f"{si(left * divisor, 'J')}  (<0.1%)"
        axes.annotate(text, (left, i), (4, 0), textcoords="offset points", va="center", fontsize=7.5, color=colours["ink"])
    axes.set(yticks=range(len(ranked)), yticklabels=[name for name, _ in ranked], xlabel=f"energy of one inference [{unit}]", xlim=(0, largest / divisor * (1 + 1.7 / figure.get_figwidth())))
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    used = [grade for grade in GRADES if any(grades[grade] for _, grades in ranked)]
    figure.legend(handles=[Patch(color=colours[TONES[grade]], label=grade) for grade in used], title="rests on figures graded", loc="lower center", ncols=len(used))
