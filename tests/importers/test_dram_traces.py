"""Are the request traces of DRAMsim3 and Ramulator read as they are written, and refused where they are wrong?"""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.exporters._dram_traces import write_dram_trace
from accelsim.importers._dram_traces import FORMS, read_dram_trace

REQUESTS = np.array([(0x3F40, 0, 0), (0x40, 1, 7), (0x12345678C0, 0, 7)], np.int64)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_read_and_its_form_is_recognised(form, tmp_path):
    path = tmp_path / "requests.trc"
    write_dram_trace(path, REQUESTS, form)
    expected = REQUESTS.copy()
    if form != "dramsim3":
        expected[:, 2] = 0
    assert read_dram_trace(path).tolist() == expected.tolist()


def test_decimal_addresses_and_comments_are_read(tmp_path):
    path = tmp_path / "requests.trc"
    path.write_text("# two requests\nLD 64\n\nst 0x80\n")
    assert read_dram_trace(path)[:, :2].tolist() == [[64, 0], [128, 1]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0x40 READ 1\n0x80 WRITTE 2\n", "line 2: 'WRITTE' is not one of READ, WRITE (did you mean 'WRITE'?)"),
        ("0x40 READ 9\n0x80 READ 2\n", "line 2: its cycle lies before that of the line above"),
        ("0xZZ READ 9\n", "line 1: address '0xZZ' is not a number"),
        ("0x40 READ 1\n0x80 READ\n", "line 2: has 2 words, a request of dramsim3 has 3"),
        ("hello\n", "line 1: 'hello' is no request of dramsim3, ramulator1, ramulator2"),
        ("\n", "holds no request"),
    ],
)
def test_a_wrong_line_is_one_clear_line(text, message, tmp_path):
    path = tmp_path / "requests.trc"
    path.write_text(text)
    with pytest.raises(AccelsimError) as error:
        read_dram_trace(path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
