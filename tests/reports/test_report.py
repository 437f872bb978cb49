"""Does the report stand on its own, and lead every joule to its source?"""

import re
import time
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

import accelsim
from accelsim.cli import main
from accelsim.reports.figures._style import THEMES
from accelsim.reports.report import html_report, write_report
from accelsim.reports.report._sources import anchor, ledger


class Page(HTMLParser):
    """Collects ids, links, and what has no text instead."""

    def __init__(self, text: str):
        super().__init__()
        self.ids, self.links, self.outside, self.unheaded, self._table = [], [], [], 0, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        for name in ("href", "src", "action", "data", "poster"):
            target = attributes.get(name)
            if target is not None and tag not in ("link",):
                (self.links if target.startswith("#") else self.outside).append(target)
        self.unheaded += tag == "table"
        self.unheaded -= tag in ("thead", "caption") and self._table
        self._table = tag == "table" or (self._table and tag not in ("thead", "caption"))


@pytest.fixture(scope="module")
def result():
    return accelsim.run("ethos_u55_128", "digits_cnn", options=accelsim.Options(data="digits"))


@pytest.fixture(scope="module")
def page(result):
    return html_report(result, "accelsim report ethos_u55_128 digits_cnn --data digits")


def test_the_page_asks_for_nothing_from_outside(page):
    assert Page(page).outside == []
    assert not re.search(r"url\((?!#)|@import|<script|<link (?!rel=\"icon\" href=\"data:,\")", page)


def test_every_link_leads_somewhere_and_every_place_is_one(page):
    parsed = Page(page)
    assert set(parsed.links) - {f"#{i}" for i in parsed.ids} == set()
    assert sorted(parsed.ids) == sorted(set(parsed.ids))


def test_every_table_has_headers_and_every_figure_words(page):
    assert Page(page).unheaded == 0
    assert page.count('<svg class="plot"') == page.count("<desc id=") == 8


def test_from_the_energy_of_a_layer_two_clicks_lead_to_table_source_and_grade(result, page):
    layer = next(i for i, row in enumerate(result.layer_rows) if row.name == "conv2d_4")
    assert page.count(f'<a href="#layer-{layer}">') == 2  # its name and its energy
    details = page[page.index(f'id="layer-{layer}"') :]
    details = details[: details.index("</details>")]
    for component, action in {(t.component, t.action) for t in result.terms if t.layer == result.mapping.choices[layer].layer.index and t.joules}:
        assert f'href="#{anchor(component, action)}"' in details
        row = page[page.index(f'<tr id="{anchor(component, action)}"') :]
        row = row[: row.index("</tr>")]
        term = next(t for t in result.terms if (t.component, t.action) == (component, action))
        assert term.provenance.grade in row and ("hwconfigs/energy/edge_16nm.yaml" in row or "ethos_u55_128.yaml" in row)


def test_the_entries_add_up_to_the_energy(result):
    assert sum(entry.joules for entry in ledger(result)) == pytest.approx(result.energy_j["total"])
    assert all(entry.count * entry.each == pytest.approx(entry.joules) for entry in ledger(result))


def test_the_page_says_how_to_repeat_it(page):
    assert "accelsim report ethos_u55_128 digits_cnn --data digits" in page and "97." in page and accelsim.__version__ in page


def test_text_stands_out_from_its_ground():
    link = {"light": "#0550ae", "dark": "#8ac2ff"}
    for theme, tones in THEMES.items():
        for ground in ("paper", "wash"):
            for ink in (tones["ink"], tones["muted"], link[theme]):
                assert _contrast(ink, tones[ground]) >= 4.5, (theme, ink, ground)


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.1."""
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_markdown_has_its_pictures_beside_it(result, tmp_path):
    write_report(result, tmp_path / "run.md")
    text = (tmp_path / "run.md").read_text()
    pictures = re.findall(r"\]\((run_figures/\w+\.svg)\)", text)
    assert len(pictures) == 8 and all((tmp_path / picture).is_file() for picture in pictures)


def test_the_command_writes_page_and_figures_and_names_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["report", "ethos_u55_128", "digits_cnn", "--no-execute", "--frames", "2", "--state", "cold", "--set", "units.npu.clock=1 GHz", "--out", "r.html", "--figures", "plots", "--figure-format", "svg"]
    outcome = CliRunner().invoke(main, words)
    assert outcome.exit_code == 0, outcome.output
    text = (tmp_path / "r.html").read_text()
    assert "accelsim report ethos_u55_128 digits_cnn --out r.html --figures plots --figure-format svg --frames 2 --state cold --no-execute --set &#39;units.npu.clock=1 GHz&#39;" in text
    assert len(list((tmp_path / "plots").glob("*.svg"))) == 8
    assert "--set on the command line" in text


def test_a_saved_result_gives_the_same_page(result, tmp_path):
    result.save(tmp_path / "run.accelsim")
    assert html_report(accelsim.load_result(tmp_path / "run.accelsim"), "x") == html_report(result, "x")


def test_several_results_stand_beside_each_other_and_each_has_its_own_report(result, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    other = accelsim.run("ethos_u55_256", "digits_cnn", options=accelsim.Options(execute=False))
    result.save("a.accelsim")
    other.save("b.accelsim")
    outcome = CliRunner().invoke(main, ["report", "a.accelsim", "b.accelsim", "--out", "both.html"])
    assert outcome.exit_code == 0, outcome.output
    text = (tmp_path / "both.html").read_text()
    parsed = Page(text)
    assert parsed.outside == [] and parsed.unheaded == 0 and text.count('<svg class="plot"') == 16
    assert set(parsed.links) - {f"#{i}" for i in parsed.ids} == set() and sorted(parsed.ids) == sorted(set(parsed.ids))
    assert set(re.findall(r"url\(#([^)]*)\)", text)) <= set(parsed.ids)
    assert f">{other.latency_s / result.latency_s:.3g}<" in text and f">{other.energy_j['total'] / result.energy_j['total']:.3g}<" in text
    assert "accelsim report a.accelsim b.accelsim --out both.html" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [(["ethos_u55_128", "digits_cnn", "--out", "r.txt"], "r.txt: '.txt' is not one of .html, .md"), (["nothing.accelsim"], "nothing.accelsim"), (["ethos_u55_128"], "a CHIP and a MODEL"), (["a.accelsim", "b.accelsim", "--out", "r.md"], "r.md: takes one result"), (["ethos_u55_128", "digits_cnn", "--out", "nowhere/r.html"], "nowhere/r.html: cannot be written: no such folder"), (["nm500", "iris"], "--save r.accelsim"), (["loihi", "digits_cnn_float32"], "--save r.accelsim"), (["x.accelsim", "--batch", "2"], "--batch has no place")],
)
def test_a_mistake_is_one_line(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = CliRunner().invoke(main, ["report", *words])
    assert outcome.exit_code == 2 and said in outcome.output and outcome.output.count("\n") == 1


def test_a_chip_without_clock_or_energy_has_a_report_too():
    bare = accelsim.run(accelsim.load_chip("ethos_u55_128", ["energy=null"]), "digits_cnn", options=accelsim.Options(execute=False))
    text = html_report(bare)
    assert "names no energy table" in text and re.search("Not shown [(][^<]*names no energy table[^<]*[)]: [^<]*Power over time", text) and Page(text).outside == []


@pytest.mark.slow
def test_the_report_of_a_large_network_is_small_and_soon_done(tmp_path):
    large = accelsim.run("ethos_u65_512", "resnet50", options=accelsim.Options(execute=False))
    html_report(large)
    began = time.process_time()
    text = html_report(large)
    assert time.process_time() - began < 3
    assert len(text.encode()) < 3e6


def test_a_chip_that_learns_has_a_report_of_what_it_has():
    from accelsim.studies.rbf_run import run_data_set

    learned = run_data_set("nm500", "iris")
    text = html_report(learned)
    assert "Not shown (needs a network of layers): Roofline, Time and energy of each layer, What bounds each layer, Memory over time." in text and '<h2 id="timeline">' in text
    assert sum(entry.joules for entry in ledger(learned)) == pytest.approx(learned.energy_j["total"])
    assert {entry.table for entry in ledger(learned)} == {"nm500.yaml"}
    stated = {f"{entry.part} {entry.action}": entry.figure for entry in ledger(learned)}
    assert stated["rbf active_cycle"] == "units.rbf.active_power" and stated["static units.rbf.idle"] == "units.rbf.idle_power"
    assert set(stated.values()) <= set(learned.mapping.chip.provenance)


def test_what_leaks_is_a_power_times_a_time_and_what_a_clock_draws_is_no_leakage():
    microcontroller = accelsim.run("stm32l4r5", "digits_cnn", options=accelsim.Options(execute=False))
    (clock,) = ledger(microcontroller)
    assert (clock.part, clock.unit, clock.figure) == ("cpu clock", "", "units.cpu.clock_energy")
    assert clock.count == pytest.approx(microcontroller.latency_s * microcontroller.units["cpu"]["clock_hz"])
    text = html_report(microcontroller)
    assert "100% is cpu clock" in text and "the largest estimate is the cpu clock, which runs while the chip is on" in text
    accelerator = accelsim.run("ethos_u55_128", "digits_cnn", options=accelsim.Options(execute=False))
    leaks = next(entry for entry in ledger(accelerator) if entry.part == "static")
    assert leaks.unit == "s" and leaks.count == pytest.approx(accelerator.latency_s)


def test_paper_shows_the_details_that_a_screen_folds_away(page):
    printed = page[page.index("@media print") :]
    assert "details::details-content{content-visibility:visible" in printed[: printed.index("</style>")]


def test_times_of_layers_that_take_turns_add_up_to_the_run_in_the_table():
    from accelsim.reports.report._tables import layers

    cascaded = accelsim.run("ethos_u65_512", "mobilenet_v2", options=accelsim.Options(execute=False))
    table = layers(cascaded)
    assert sum(row["seconds"] for row in table) == pytest.approx(cascaded.latency_s, rel=0.01)
    assert sum(row.seconds for row in cascaded.layer_rows) > 1.5 * cascaded.latency_s
    assert all(0 < row["utilization"] <= 1 for row in table if row["utilization"] is not None)
    text = html_report(cascaded)
    assert "Done depth first, in turns with other layers, from " in text and "Shaded: layers that are done depth first" in text
