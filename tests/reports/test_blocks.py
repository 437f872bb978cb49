"""Is a table readable on a narrow terminal?"""

import io

import pytest
from rich.console import Console
from rich.table import Table

from accelsim.reports.blocks import Blocks

FIGURES = {"latency": "50.54 us", "energy": "1.845 uJ", "traffic": "57.47 kB", "throughput": "19,785"}


def printed(width: int, leading: int = 1) -> str:
    table = Table(title="a title")
    table.add_column("chip")
    for head in FIGURES:
        table.add_column(head, justify="right", no_wrap=True)
    for chip in ("ethos_u55_128", "systolic_npu"):
        table.add_row(chip, *FIGURES.values())
    stream = io.StringIO()
    Console(file=stream, width=width).print(Blocks(table, leading))
    return stream.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_name_and_no_figure_is_cut_off(width):
    text = printed(width)
    for word in (*FIGURES, *FIGURES.values()):
        assert word in text
    assert "…" not in text and max(map(len, text.splitlines())) <= width


def test_where_there_is_room_there_is_one_table_and_elsewhere_each_block_names_its_rows():
    assert printed(80).count("systolic_npu") == 1
    assert printed(40).count("systolic_npu") == printed(40).count("ethos_u55_128") > 1
    assert printed(40).count("a title") == 1
