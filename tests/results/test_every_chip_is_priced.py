"""Does every shipped chip have a price for what it does?"""

import pytest

from accelsim.base.errors import AccelsimError
from accelsim.hardware.chip_files import chip_names
from accelsim.importers import load_graph
from accelsim.pipeline import Options, load_chip, run

NETWORKS = [name for name in chip_names() if load_chip(name).host is not None]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_chip_with_a_host_prices_every_action_of_a_trained_network(name):
    result = run(load_chip(name), load_graph("digits_cnn"), options=Options(execute=False))
    assert result.energy_j is None or result.energy_j["total"] > 0
    assert result.energy_j is not None or result.why_no_energy


def test_an_action_without_price_is_refused_by_its_name(monkeypatch):
    chip = load_chip("ethos_u55_128", ["units.npu.operand_types=[int8]"])
    from accelsim.results import energy_table

    whole = energy_table.load_energy_table

    def without_lookup(name, place):
        table = whole(name, place)
        kept = {action: joules for action, joules in table.file.actions.items() if action != "mac_int8"}
        return energy_table.EnergyTable(table.name, table.file.model_copy(update={"actions": kept}), table.provenance)

    monkeypatch.setattr("accelsim.results.energy.load_energy_table", without_lookup)
    with pytest.raises(AccelsimError, match="lacks action 'mac_int8', which unit 'npu' uses"):
        run(chip, load_graph("digits_cnn"), options=Options(execute=False))
