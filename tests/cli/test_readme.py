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
