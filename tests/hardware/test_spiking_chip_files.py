"""Do the shipped chips hold the published sets of figures, each set by itself?"""

import pytest
from spiking_chips import CALIBRATED, PRE_SILICON, chip

from accelsim.graph.work import Contraction
from accelsim.hardware.chip_files import load_chip_file

SECTIONS = ("limits", "costs", "mesh")
# SANA-FE's networks store every synapse as dense.
ALL_DENSE = ["units.cores.costs.synapses.convolution.time=3.8 ns", "units.cores.costs.synapses.convolution.energy=35.5 pJ"]


def figures(described, section):
    return getattr(described, section).model_dump(exclude={"learning"})


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("name, overrides, text", [("loihi", [], PRE_SILICON), ("loihi_calibrated", ALL_DENSE, CALIBRATED)])
def test_a_shipped_set_is_the_published_one(name, overrides, text, section):
    shipped = load_chip_file(name, overrides).units["cores"]
    assert figures(shipped, section) == figures(chip(text), section)


def test_the_two_sets_are_never_mixed():
    for name, own, other in (("loihi", "Davies", "fitted"), ("loihi_calibrated", "fitted", "Davies")):
        described = load_chip_file(name)
        sources = {path: p.source for path, p in described.provenance.items() if path.startswith(("units.cores.costs", "units.cores.mesh"))}
        assert not [path for path, source in sources.items() if other in source]
        assert sum(own in source for source in sources.values()) >= 10


def test_what_nobody_published_is_graded_estimated():
    for name in ("loihi2", "zeroth"):
        described = load_chip_file(name)
        grades = {p.grade for path, p in described.provenance.items() if path.startswith(("units.cores.costs", "units.cores.mesh"))}
        assert grades == {"estimated"} and described.fidelity == "speculative"


def test_neurons_that_subtract_take_two_compartments():
    cores = load_chip_file("loihi").units["cores"]
    pairs = cores.for_subtracting_neurons()
    assert (pairs.limits.compartments, pairs.costs.access_energy, pairs.costs.update_time) == (512, 2 * cores.costs.access_energy, 2 * cores.costs.update_time)
    assert pairs.costs.synapses == cores.costs.synapses and pairs.mesh == cores.mesh


def test_spiking_cores_multiply_no_matrices():
    assert "they do no Contraction" in load_chip_file("loihi").units["cores"].declines(Contraction())
