"""Figures of a spiking network on a chip, of the first input that it was shown."""

from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.functional.spiking import execute_spiking
from accelsim.graph.spiking_network import SpikingNetwork
from accelsim.graph.spiking_neurons import LinearNeuron, LoihiNeuron
from accelsim.graph.work import SpikeStep
from accelsim.hardware.chip import Chip
from accelsim.mapping.spiking_steps import require_spiking_unit
from accelsim.results.result import Result
from accelsim.studies.spiking_run import placed
from accelsim.studies.spiking_shown import Presentation, prepare

MEMBRANES = 4


def write_spiking_figures(chip: Chip, model: str, shown: Presentation, result: Result, folder: str | Path) -> list[Path]:
    """Write raster, membranes, load of the cores (of the first input) and energy by action (of the whole result) as pictures.

    Raises
    ------
    AccelsimError
        The folder cannot be written.
    """
    from accelsim.reports.spiking import core_load_map, energy_breakdown, membrane_traces, spike_raster

    ready = prepare(model, chip.units[require_spiking_unit(chip)], shown)
    layout, program = placed(ready.network, ready.cores, ready.taken)
    first = ready.stimuli[0]
    record, _ = execute_spiking(program, ready.steps, first.spikes, first.drive, probes=membranes_of(ready.network))
    service, mesh = ready.cores.served(SpikeStep(steps=ready.steps, counts=(layout, record))), ready.cores.mesh
    held = np.bincount(layout.core, minlength=layout.neurons.size)
    figures = {
        "raster": spike_raster(record),
        "membranes": membrane_traces(record),
        "cores": core_load_map(service.busy, held, mesh.columns, mesh.rows, mesh.cores_per_tile),
        "energy": energy_breakdown(result.spiking["joules_by_action"]),
    }
    paths = {name: Path(folder) / f"{name}.png" for name in figures}
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, figure in figures.items():
            figure.savefig(paths[name], dpi=120)
    except OSError as error:
        raise AccelsimError(str(folder), error.strerror or "cannot be written") from error
    return list(paths.values())


def membranes_of(network: SpikingNetwork) -> np.ndarray:
    """Return the middle neuron of the last populations that have a voltage."""
    integrating = [p for p in network.populations if isinstance(p.neuron, LinearNeuron | LoihiNeuron)]
    return np.array([network.starts[p.name] + p.neurons // 2 for p in integrating[-MEMBRANES:]])
