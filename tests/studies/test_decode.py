"""Tokens on a chip: each step looks back at a longer cache, and pays for it."""

import json

import pytest
from click.testing import CliRunner

from accelsim.base.errors import AccelsimError
from accelsim.cli import main
from accelsim.pipeline import Options, load_chip, run
from accelsim.results.result import Request
from accelsim.studies.decode import decode


@pytest.fixture(scope="module")
def decoded():
    return decode("cortex_a53", "stories260k", tokens=4, cached=30)


def test_the_cache_grows_by_a_token_a_step_and_so_does_the_price(decoded):
    assert [row["cached"] for row in decoded.rows] == [30, 31, 32, 33]
    for name in ("latency_s", "energy_j", "macs", "cache_bytes", "read_bytes"):
        values = [row[name] for row in decoded.rows]
        assert values == sorted(set(values)), name
    # Keys and values, 5 layers, 4 heads of 8 elements, 4 bytes each.
    assert decoded.rows[1]["cache_bytes"] - decoded.rows[0]["cache_bytes"] == 2 * 5 * 4 * 8 * 4


def test_the_bytes_read_grow_by_a_token_of_the_cache(decoded):
    of_cache, of_shares = 2 * 5 * 4 * 8 * 4, 5 * 8 * 4
    # The shares pass through few operators, some in place; a cache in between may answer a line that it still holds.
    grown = [b["read_bytes"] - a["read_bytes"] for a, b in zip(decoded.rows, decoded.rows[1:], strict=False)]
    assert all(of_cache - 64 <= more <= of_cache + 8 * of_shares for more in grown)


def test_a_step_of_the_study_is_the_graph_of_its_name(decoded):
    alone = run("cortex_a53", "stories260k@33", Request(), Options(execute=False, cold=False))
    assert alone.latency_s == decoded.rows[-1]["latency_s"]


def test_both_engines_give_the_same_tokens_and_times(decoded):
    other = decode(load_chip("cortex_a53"), "stories260k", tokens=2, cached=30, engine="event")
    assert other.rows == decoded.rows[:2]


def test_without_arithmetic_there_are_times_and_no_tokens(decoded):
    found = decode("cortex_a53", "stories260k", tokens=2, cached=30, executed=False)
    assert [row["token"] for row in found.rows] == [None, None]
    assert [row["latency_s"] for row in found.rows] == [row["latency_s"] for row in decoded.rows[:2]]


def test_the_row_of_a_token_is_all_that_is_read_of_the_table(decoded):
    embedding = next(row for row in decoded.last.layer_rows if row.name == "embedding")
    # A row of 64 codes and the token's number, in whole lines of a cache; the table has 512 rows.
    assert embedding.read_bytes <= 3 * 64


def test_more_tokens_than_the_context_holds_are_refused():
    with pytest.raises(AccelsimError, match="510 cached and 3 more tokens do not fit a context of 512"):
        decode("cortex_a53", "stories260k", tokens=3, cached=510)
    with pytest.raises(AccelsimError, match="0 tokens behind 5 cached ones are no steps"):
        decode("cortex_a53", "stories260k", tokens=0, cached=5)


def test_the_command_prints_and_writes_a_row_a_token(tmp_path):
    path = tmp_path / "tokens.json"
    result = CliRunner().invoke(main, ["decode", "cortex_a53", "stories260k", "--tokens", "2", "--cached", "3", "--json", str(path)])
    assert result.exit_code == 0, result.output
    assert "each cached token adds" in result.output and "tokens a second" in result.output
    assert [row["cached"] for row in json.loads(path.read_text())] == [3, 4]
