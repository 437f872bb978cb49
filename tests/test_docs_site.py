"""Is the documentation site whole: built from what is there, without a broken link or an outside request?"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYTHON_BLOCKS = [(page.name, block) for page in sorted((ROOT / "docs").glob("**/*.md")) for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)]


@pytest.mark.parametrize(("page", "block"), PYTHON_BLOCKS)
def test_the_python_of_a_page_runs(page, block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, page, "exec"), {})  # noqa: S102 the project's own page


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    for needed in ("mkdocs", "material", "mkdocstrings"):
        pytest.importorskip(needed)
    folder = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder], cwd=ROOT, check=True, capture_output=True, text=True)
    return folder


@pytest.mark.slow
def test_the_site_asks_for_nothing_from_outside(site):
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    assert len(pages) > 10
    assert [(page.name, link) for page, text in pages.items() for link in re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"?(?:https?:)?//[^\" >]+", text) if "rel=canonical" not in link] == []


@pytest.mark.slow
def test_the_reference_names_every_command_kind_and_chip(site):
    from accelsim.cli import main
    from accelsim.hardware.chip_files import chip_names
    from accelsim.hardware.manual import kinds

    text = {name: (site / "reference" / f"{name}.html").read_text(encoding="utf-8") for name in ("commands", "chip_files", "shipped")}
    assert [name for name in main.commands if f"accelsim {name}" not in text["commands"]] == []
    assert [name for name in kinds() if f">{name}" not in text["chip_files"]] == []
    assert [name for name in chip_names() if f"<code>{name}</code>" not in text["shipped"]] == []
