"""One classifier of a data set on one chip as a row: is it right, how soon, for how many joules, and how sure is that?"""

from dataclasses import dataclass

from accelsim.results.result import Result


@dataclass(frozen=True, slots=True)
class ClassifierRow:
    """The JSON keys are the fields.

    Attributes
    ----------
    method : str
        What classifies.
    knows : str
        What it keeps of the training part.
    accuracy : float
        Share of the test part that is classified right.
    latency_s, energy_j, per_second : float
        Of one item [s], [J], [1/s].
    """

    method: str
    chip: str
    knows: str
    accuracy: float
    latency_s: float | None
    energy_j: float | None
    per_second: float | None
    latency_grade: str | None
    energy_grade: str | None
    estimated_share: float | None
    fidelity: str


def classifier_row(method: str, knows: str, accuracy: float, result: Result) -> ClassifierRow:
    """Return the row of a Result of one item."""
    joules = result.energy_j["total"] if result.energy_j else None
    return ClassifierRow(method, result.chip, knows, accuracy, result.latency_s, joules, result.throughput_per_s, *_grades(result), result.fidelity)


def chip_alone_row(method: str, knows: str, result: Result) -> ClassifierRow:
    """Return the row of an RBF chip as if its host link took no time and no energy."""
    recognition = result.rbf["recognition"]
    figures = recognition["latency_without_link_s"], recognition["energy_without_link_j"]["total"], recognition["per_second_without_link"]
    latency, joules, _ = _grades(result)
    return ClassifierRow(method, result.chip, knows, result.accuracy["top1"], *figures, latency, joules, recognition["estimated_share_without_link"], result.fidelity)


def _grades(result: Result) -> tuple[str | None, str | None, float | None]:
    return result.grade["latency"], result.grade["energy"], result.grade["estimated_share"]
