"""Does a person with a browser find what a report promises? Slow, and only where there is a Chromium."""

import pytest
from devtools import CHROMIUM, Page

import accelsim
from accelsim.reports.report import write_report

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome on the path")]
SIZES = {"phone": (390, 844, True), "desktop": (1280, 900, False)}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "r.html"
    write_report(accelsim.run("ethos_u65_512", "mobilenet_v2", options=accelsim.Options(execute=False)), path)
    return path


@pytest.fixture
def browser(tmp_path):
    page = Page(tmp_path / "profile")
    yield page
    page.close()


@pytest.mark.parametrize("size", SIZES)
def test_it_opens_without_an_error_or_a_request_and_fits_the_screen(browser, report, size):
    browser.open(report, *SIZES[size])
    asked = [params["request"]["url"] for method, params in browser.events if method == "Network.requestWillBeSent"]
    assert report.resolve().as_uri() in asked and {url for url in asked if not url.startswith("data:")} == {report.resolve().as_uri()}
    assert [event for event in browser.events if event[0] in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")] == []
    assert browser.value("document.documentElement.scrollWidth") <= SIZES[size][0]
    assert browser.value("document.querySelectorAll('svg.plot').length") == 8


@pytest.mark.parametrize("size", SIZES)
def test_two_clicks_lead_from_the_energy_of_a_layer_to_table_source_and_grade(browser, report, size):
    browser.open(report, *SIZES[size])
    assert browser.value("document.querySelector('#layer-4').closest('details').open") is False
    browser.click("[...document.querySelectorAll('a[href=\"#layer-4\"]')].at(-1)")
    assert browser.value("location.hash") == "#layer-4"
    assert browser.value("document.querySelector('#layer-4').closest('details').open") is True
    browser.click("document.querySelector('#layer-4 a')")
    row = browser.value("document.querySelector(':target').innerText")
    assert browser.value("document.querySelector(':target').tagName") == "TR"
    assert "hwconfigs/energy/" in row or "ethos_u65_512.yaml" in row
    assert any(grade in row for grade in ("published", "derived", "estimated"))
    box = browser.value("(() => { const b = document.querySelector(':target').getBoundingClientRect(); return [b.top, b.bottom, innerHeight]; })()")
    assert -1 <= box[0] < box[2]


def test_one_click_leads_from_the_energy_of_the_run_to_what_it_rests_on(browser, report):
    browser.open(report, *SIZES["desktop"])
    browser.click("document.querySelector('.facts a[href=\"#energy-sources\"]')")
    assert browser.value("location.hash") == "#energy-sources"
    assert 0 <= browser.value("document.querySelector('#energy-sources').getBoundingClientRect().top") < SIZES["desktop"][1]


def test_paper_shows_what_a_screen_folds_away(browser, report):
    browser.open(report, *SIZES["desktop"])
    seen = "document.querySelector('#layer-4').checkVisibility({contentVisibilityAuto: true})"
    assert browser.value(seen) is False
    browser.send("Emulation.setEmulatedMedia", media="print")
    browser.settle()
    assert browser.value(seen) is True
    wide = "[...document.querySelectorAll('svg.plot')].every(plot => plot.getBoundingClientRect().right <= innerWidth)"
    assert browser.value(wide) is True


def test_dark_paper_is_dark(browser, report):
    browser.open(report, *SIZES["desktop"])
    browser.send("Emulation.setEmulatedMedia", media="screen", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(17, 22, 28)"
    assert browser.value("getComputedStyle(document.querySelector('#roofline-desc').closest('svg').querySelector('text')).fill") != "rgb(27, 31, 36)"
