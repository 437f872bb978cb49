"""The dot-product array where the code that runs it leaves cycles idle."""

import pytest

from accelsim.base.errors import AccelsimError
from accelsim.graph.work import Contraction
from accelsim.hardware.units.dot_product_array import DotProductArray
from accelsim.pipeline import load_chip

RATES = {"sums": 1e6, "add": 1.0, "multiply": 1.0, "max_window": 1.0, "lookup": 1.0}
WORK = Contraction(out_h=4, out_w=4, filters=8, channels=16, in_h=4, in_w=4)


def array(**rest) -> DotProductArray:
    plain = {"kind": "dot_product_array", "clock": 1e9, "memories": ("sram",), "unit_block": {"h": 1, "w": 1, "c": 4}, "dot_channels": 8, "block_limit": {"h": 4, "w": 4, "c": 8}}
    return DotProductArray(**(plain | {"buffer": {"banks": 8, "bank_bytes": 4096}, "output": RATES} | rest))


def test_code_that_issues_every_other_cycle_takes_twice_as_long():
    assert array().cost(WORK).cycles == pytest.approx(16 * 8 * 16 / 32, abs=1)
    assert array(kernel_efficiency=0.5).cost(WORK).cycles == pytest.approx(2 * array().cost(WORK).cycles, abs=1)


@pytest.mark.parametrize("share", ["0.0", "1.5"])
def test_a_share_beyond_none_or_all_is_refused(share):
    with pytest.raises(AccelsimError, match="units.core2.kernel_efficiency"):
        load_chip("syntiant_ndp120", [f"units.core2.kernel_efficiency={share}"])
