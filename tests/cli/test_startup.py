"""What does not train answers without loading numpy or Textual."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from rnn_tui.__main__ import main
try:
    status = main()
except SystemExit as ended:
    status = ended.code
heavy = {"numpy._core", "textual", "plotext"} & set(sys.modules)
sys.exit(f"{heavy}" if heavy else status)
"""


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        "--version",
        "--help",
        "train --help",
        "inspect --help",
        "help",
        "help json",
        "help npz",
        "completion bash",
        "completion fish",
        "recipes",
        "recipes --json",
        "runs --names",
        "train --optimzer adam",
    ],
)
def test_answers_without_loading_numpy(arguments: str) -> None:
    done = start(*arguments.split())
    assert done.stderr.count("\n") == (done.returncode == 2)
    assert bool(done.stdout) == (done.returncode == 0) or arguments == "runs --names"
    assert done.returncode == (2 if "optimzer" in arguments else 0)


def test_training_loads_numpy_and_no_screen() -> None:
    done = start("train", "--steps", "3", "--no-journal")
    assert done.stderr == "{'numpy._core'}\n"
    assert "3 steps, " in done.stdout


@pytest.mark.parametrize("argument", ["--version", "--help"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_to_a_full_disk_is_status_1(argument: str, unbuffered: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "rnn_tui", argument],
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr == "rnn-tui: No space left on device\n"
    assert done.returncode == 1
