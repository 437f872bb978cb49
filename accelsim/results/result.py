"""A Result: everything that one run found, as tables; plots live in reports."""

from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from accelsim.engine.trace import Trace
from accelsim.mapping.mapper import NetworkMapping
from accelsim.mapping.matching import Matching
from accelsim.mapping.spiking_steps import SpikingMapping
from accelsim.results.columns import Columns
from accelsim.results.ranges import EnergyRange, energy_range
from accelsim.results.term import Term
from accelsim.results.layer_table import LayerResult

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of the chip.

    Attributes
    ----------
    batch : int
        Inputs per inference.
    frames : int
        Inferences simulated for throughput and percentiles.
    rate : float or None
        Inferences requested per second; None: back to back.
    state : str
        "warm", or "cold": the frames begin with an empty chip.
    """

    batch: int = 1
    frames: int = 1
    rate: float | None = None
    state: str = "warm"


@dataclass(frozen=True, slots=True)
class Output:
    """One output tensor: shape, type, and the hash of its bytes; None where it was not computed."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    sha256: str | None


@dataclass(frozen=True, eq=False)
class Result:
    """What one run found. The scalar fields are the JSON keys of the same name; formulas in ``docs/json.md``."""

    accelsim_version: str
    chip: str
    chip_title: str
    fidelity: str
    model: str
    engine: str
    request: Request
    latency_s: float | None
    first_latency_s: float | None
    latency_p50_s: float | None
    latency_p99_s: float | None
    throughput_per_s: float | None
    units: dict[str, dict]
    cycles: int | None
    energy_j: dict[str, float] | None
    energy_by_component: dict[str, float] | None
    average_power_w: float | None
    macs: int
    utilization: float | None
    accuracy: dict | None
    memories: dict[str, dict]
    layer_rows: tuple[LayerResult, ...]
    outputs: tuple[Output, ...]
    grade: dict
    why_no_energy: str
    why_no_time: str
    top_classes: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()
    terms: tuple[Term, ...] = field(default=(), repr=False)
    trace: Trace | None = field(default=None, repr=False)
    mapping: NetworkMapping | Matching | SpikingMapping | None = field(default=None, repr=False)
    values: dict | None = field(default=None, repr=False)
    rbf: dict | None = field(default=None, repr=False)
    spiking: dict | None = field(default=None, repr=False)

    @property
    def layers(self):
        """The layer table as a pandas DataFrame."""
        import pandas

        return pandas.DataFrame([asdict(row) for row in self.layer_rows])

    @cached_property
    def columns(self) -> Columns:
        """The terms of the energy as arrays."""
        return Columns.of(self.terms)

    @cached_property
    def energy_range(self) -> EnergyRange | None:
        """Between which joules the energy lies and what makes it so (``docs/ranges.md``); None where there is no energy."""
        return energy_range(self.terms) if self.energy_j is not None and self.terms else None

    def save(self, path: str | Path) -> None:
        """Write the result as one file for ``accelsim.load_result``; the format is stated in ``docs/result_file.md``.

        Raises
        ------
        AccelsimError
            The file cannot be written.
        """
        from accelsim.results.result_file import save_result

        save_result(self, path)

    def _repr_html_(self) -> str:
        """Show totals and layers as tables in a notebook."""
        from accelsim.results.notebook import result_html

        return result_html(self)

    @property
    def coverage(self) -> dict[str, float]:
        """Share of the layers' multiply-accumulates, and of layers, that each unit does: {unit: (macs, layers)}."""
        total = max(1, self.macs)
        units: dict[str, list[float]] = {}
        for row in self.layer_rows:
            entry = units.setdefault(row.unit, [0.0, 0])
            entry[0] += row.macs / total
            entry[1] += 1
        return {name: (share, count) for name, (share, count) in units.items()}

    def to_dict(self) -> dict:
        """Return the documented JSON structure."""
        without_time = {"start_s": None, "end_s": None} if self.latency_s is None else {}
        rows = [asdict(row) | without_time for row in self.layer_rows]
        return {
            "schema_version": SCHEMA_VERSION,
            "accelsim_version": self.accelsim_version,
            "chip": self.chip,
            "model": self.model,
            "engine": self.engine,
            "batch": self.request.batch,
            "frames": self.request.frames,
            "state": self.request.state,
            **{key: getattr(self, key) for key in (
                "latency_s", "first_latency_s", "latency_p50_s", "latency_p99_s", "throughput_per_s", "units", "cycles", "energy_j", "energy_by_component",
                "average_power_w", "macs", "utilization", "accuracy", "memories",
            )},
            "energy_range": asdict(found) if (found := self.energy_range) is not None else None,
            "layers": rows,
            "outputs": [asdict(output) | {"shape": list(output.shape)} for output in self.outputs],
            "grade": self.grade,
            "fidelity": self.fidelity,
            "why_no_energy": self.why_no_energy,
            "why_no_time": self.why_no_time,
            "notes": list(self.notes),
            "rbf": self.rbf,
            "spiking": self.spiking,
        }  # fmt: skip
