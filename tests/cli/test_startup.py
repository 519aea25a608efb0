"""What does not train answers without loading numpy or Textual."""

import json
import os
import subprocess
import sys

import pytest

# Runs one command line after another, and prints how each ends and what is loaded by then.
PROGRAM = """
import json, sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from rnn_tui.__main__ import main
for line in sys.stdin:
    sys.argv[1:] = line.split()
    with redirect_stdout(StringIO()) as output, redirect_stderr(StringIO()) as errors:
        try:
            status = main()
        except SystemExit as ended:
            status = ended.code
    heavy = sorted({"numpy._core", "textual", "plotext"} & set(sys.modules))
    print(json.dumps([status, output.getvalue(), errors.getvalue(), heavy]))
"""
LIGHT = [
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
]


def test_only_training_loads_numpy_and_no_screen() -> None:
    lines = [*LIGHT, "train --steps 3 --no-journal"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input="".join(f"{line}\n" for line in lines),
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    *light, trained = map(json.loads, done.stdout.splitlines())
    for line, (status, output, errors, heavy) in zip(LIGHT, light, strict=True):
        assert (line, heavy) == (line, [])
        assert (line, status) == (line, 2 if "optimzer" in line else 0)
        assert errors.count("\n") == (status == 2)
        assert bool(output) == (status == 0) or line == "runs --names"
    assert "3 steps, " in trained[1]
    assert trained[3] == ["numpy._core"]


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
