"""Is a trace file of DRAMsim3 or Ramulator served as those would serve it, from the command line too?"""

import os

import numpy as np
import pytest
from click.testing import CliRunner

from accelsim.base.errors import AccelsimError
from accelsim.commands.dram import dram
from accelsim.hardware.dram_part import load_part
from accelsim.studies.dram_trace import serve_trace

needs_compiler = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="twenty thousand bursts take minutes without the compiler")


def test_a_read_of_a_closed_row_takes_activation_column_and_burst_and_a_hit_less():
    t = load_part("ddr4_3200_x64")[0].timing
    closed = serve_trace("ddr4_3200_x64", "dramsim3", np.array([[0, 0, 100]]))
    assert closed.read_latency == 1 + t.tRCD + t.tCL + 4
    hit = serve_trace("ddr4_3200_x64", "dramsim3", np.array([[0, 0, 100], [64, 0, 900]]))
    assert hit.read_latency == pytest.approx((closed.read_latency + 1 + t.tCL + 4) / 2)
    assert hit.counts["activate"] == 1 and hit.counts["row_hit"] == 1


def test_writes_that_a_profile_never_issues_are_told():
    served = serve_trace("ddr4_3200_x64", "dramsim3", np.array([[0, 0, 0], [64, 1, 0]]))
    assert served.stranded == 1
    assert any("does not flush" in line for line in served.words())
    assert serve_trace("ddr4_3200_x64", "ramulator", np.array([[0, 0, 0], [64, 1, 0]])).stranded == 0


def test_an_address_beyond_the_part_is_refused():
    with pytest.raises(AccelsimError, match="request 2: address 0xFFFFFFFFFFF lies beyond"):
        serve_trace("ddr4_3200_x64", "dramsim3", np.array([[0, 0, 0], [0xFFFFFFFFFFF, 0, 0]]))


@needs_compiler
def test_a_stream_reaches_nearly_the_rate_of_the_data_pins():
    requests = np.zeros((20000, 3), np.int64)
    requests[:, 0] = 64 * np.arange(20000)
    served = serve_trace("ddr4_3200_x64", "interleaved", requests)
    assert 0.9 * 3.2e9 * 8 < served.bytes_per_second < 3.2e9 * 8


def test_a_trace_is_served_and_turned_into_another_form(tmp_path):
    source, target = tmp_path / "a.trc", tmp_path / "b.trc"
    source.write_text("0x0 READ 0\n0x40 WRITE 5\n")
    written = CliRunner().invoke(dram, [str(source), "--write", str(target), "--as", "ramulator2"])
    assert written.exit_code == 0 and target.read_text() == "LD 0x0\nST 0x40\n"
    served = CliRunner().invoke(dram, [str(target), "--part", "lpddr4_3200_x16", "--controller", "ramulator"])
    assert served.exit_code == 0 and served.output.startswith("2 bursts on lpddr4_3200_x16 under ramulator")
