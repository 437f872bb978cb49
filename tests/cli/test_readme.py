"""Do the commands of README and docs still run?"""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from accelsim.cli import main

ROOT = Path(__file__).resolve().parents[2]


def _commands() -> list[str]:
    found = []
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))):
        for block in re.findall(r"```bash\n(.*?)```", page.read_text(), re.S):
            found += [line.split("#")[0].strip() for line in block.splitlines() if line.startswith("accelsim ")]
    return found


def _inline() -> list[str]:
    """Return the commands that stand within sentences."""
    pages = (ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md")))
    return sorted({found for page in pages for found in re.findall(r"`(accelsim [^`]+)`", re.sub(r"```.*?```", "", page.read_text(), flags=re.S))})


# What stands for a name or file of one's own in a sentence.
STAND_INS = {"CHIP": "ethos_u55_128", "MODEL": "digits_cnn", "LAYER": "conv2d_0", "KIND": "cache", "FILE": "out.json", "RESULT": "r.accelsim", "FOLDER": "folder", "TRACE": "t.trc", "...": ""}

SLOW = ("accelsim run loihi", "accelsim run nm500", "accelsim heat")


@pytest.fixture(scope="module")
def files_of_the_pages(tmp_path_factory):
    """A folder with the files that sentences speak of."""
    folder = tmp_path_factory.mktemp("pages")
    for page, name in ((ROOT / "README.md", "my_npu.yaml"), (ROOT / "docs" / "memories.md", "levels.yaml")):
        (folder / name).write_text(re.search(rf"```yaml\n# {name}\n(.*?)```", page.read_text(), re.S).group(1))
    (folder / "t.trc").write_text("0x0 READ 0\n0x40 WRITE 4\n0x2000 READ 9\n")
    CliRunner().invoke(main, ["run", "systolic_npu", "digits_cnn", "--no-execute", "--save", str(folder / "r.accelsim")])
    return folder


@pytest.mark.parametrize("command", [pytest.param(each, marks=[pytest.mark.slow] if each.startswith(SLOW) else []) for each in _inline()])
def test_a_command_within_a_sentence_runs(command, files_of_the_pages, monkeypatch):
    monkeypatch.chdir(files_of_the_pages)
    _, name, *words = [STAND_INS.get(word, word) for word in shlex.split(command)]
    if name == "check" and "out.json" in words:
        words = ["my_npu.yaml"]
    # A name alone speaks of the command; matrix and validate over everything would take minutes.
    bare = not words and name not in ("chips", "explain")
    outcome = CliRunner().invoke(main, [name, *(["--help"] if bare else filter(None, words))])
    assert outcome.exit_code == 0, f"{command}: {outcome.output}"


def test_the_readme_has_commands_to_run():
    assert len(_commands()) >= 10


def test_every_command_of_the_documentation_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in _commands():
        outcome = CliRunner().invoke(main, shlex.split(command)[1:])
        assert outcome.exit_code == 0, f"{command}: {outcome.output}"


def test_the_chip_file_of_the_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = re.search(r"```yaml\n# my_npu.yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.S).group(1)
    Path("my_npu.yaml").write_text(text)
    outcome = CliRunner().invoke(main, ["run", "./my_npu.yaml", "mobilenet_v2", "--no-execute", "--no-layers"])
    assert outcome.exit_code == 0, outcome.output
    assert "My NPU" in CliRunner().invoke(main, ["check", "./my_npu.yaml"]).output


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S))
def test_the_python_of_the_readme_runs(block, capsys):
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102 the project's own page
    assert "stem" in capsys.readouterr().out
