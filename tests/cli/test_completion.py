"""The completion scripts complete in the shells that are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnn_tui.cli.completion import SHELLS, completions
from rnn_tui.cli.main import COMMANDS, make_parser
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from tests.support.shell import run

# Each line prints the completions of the last of its words.
DRIVERS = {
    "bash": """
        source {script}
        COMP_WORDS=({words} '{last}') COMP_CWORD={count}
        _rnn_tui
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """,
    "zsh": """
        compdef() {{ :; }}
        compadd() {{ print -l -- ${{(M)found:#{last}*}}; }}
        source {script}
        words=({words} '{last}') CURRENT=$(({count} + 1))
        _rnn_tui
    """,
    "fish": """
        source {script}
        complete -C '{words} {last}' | string split -f1 \\t
    """,
}


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which `rnn-tui` is this program, with two recorded runs."""
    home = tmp_path_factory.mktemp("home")
    program = home / "rnn-tui"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m rnn_tui "$@"\n', "ascii")
    program.chmod(0o755)
    folder = home / "rnn-tui-state" / "rnn-tui"
    folder.mkdir(parents=True)
    for name in ("monday-xor", "monday-lstm"):
        (folder / f"{name}.jsonl").write_bytes(b"x")
    return {
        **os.environ,
        "HOME": str(home),
        "PATH": f"{home}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "XDG_STATE_HOME": str(folder.parent),
    }


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rnn-tui tra", {"train"}),
        ("rnn-tui --task delayed", {name for name in TASKS if name.startswith("delayed")}),
        ("rnn-tui train --optimizer ", set(OPTIMIZERS)),
        ("rnn-tui train --recipe xor", {name for name in RECIPES if name.startswith("xor")}),
        ("rnn-tui train --model ", set(MODELS)),
        ("rnn-tui train --until", {"--until-exact"}),
        ("rnn-tui sweep hidden", {"hidden-size="}),
        ("rnn-tui recipes --until", set()),
        ("rnn-tui resume monday", {"monday-xor", "monday-lstm"}),
        ("rnn-tui inspect monday-xor mem", {"memory"}),
        ("rnn-tui evaluate monday", {"monday-xor", "monday-lstm"}),
        ("rnn-tui runs --delete monday-x", {"monday-xor"}),
        ("rnn-tui runs --delete monday-lstm monday-x", {"monday-xor"}),
        ("rnn-tui runs lstm ada", {"adagrad", "adam", "adamw"}),
        ("rnn-tui help np", {"npz"}),
        ("rnn-tui completion z", {"zsh"}),
    ],
)
def test_shell_completes(
    shell: str,
    line: str,
    expected: set[str],
    environment: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "completion"
    script.write_text(run(capsys, "completion", shell)[1], "utf-8")
    *words, last = line.split(" ")
    driver = DRIVERS[shell].format(
        script=script, words=" ".join(words), last=last, count=len(words)
    )
    done = subprocess.run(
        [shell, "-c", driver],
        env=environment,
        cwd=tmp_path.parent,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stderr == ""
    assert set(done.stdout.split()) == expected


def test_bash_completes_a_value_after_an_equals_sign(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "completion"
    script.write_text(run(capsys, "completion", "bash")[1], "utf-8")
    words = "COMP_WORDS=(rnn-tui train --model = ls) COMP_CWORD=4; _rnn_tui; echo ${COMPREPLY[@]}"
    command = ["bash", "-c", f"source {script}; {words}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "lstm\n"


def test_every_command_and_option_is_completed() -> None:
    found = {entry.command: entry for entry in completions(make_parser())}
    assert list(found) == ["", *COMMANDS]
    for name, field in FIELDS.items():
        assert found["train"].options[f"--{name}"] == list(field.choices)


def test_unknown_shell_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, errors = run(capsys, "completion", "bahs")
    assert status == 2
    assert errors.startswith("rnn-tui: unknown shell 'bahs' (did you mean ")
