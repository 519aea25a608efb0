"""The program without a terminal: in a script, in a pipe, and interrupted by Ctrl-C."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.terminal.programs import COMMAND, Program, run_to_end

pytestmark = pytest.mark.terminal


def test_dashboard_without_a_terminal_suggests_train() -> None:
    refused = run_to_end()
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert "rnn-tui train" in refused.stderr


def test_ctrl_c_exits_training_with_its_summary() -> None:
    with Program("train", "--steps", "100000000") as training:
        assert training.stdout.readline() == "after step 0\n"
        training.send_signal(signal.SIGINT)
        done = training.complete()
    assert done.returncode == 130
    assert done.stderr == ""
    *_, results, steps = done.stdout.splitlines()
    assert results.startswith("sequence accuracy ")
    assert re.match(r"addition: \d+ step", steps)


def test_exits_quietly_when_the_reader_of_its_output_exits() -> None:
    with Program("train", "--steps", "100000000", "--every", "100") as training:
        assert training.stdout.readline() == "after step 0\n"
        training.stdout.close()
        assert training.wait(30) == 141
        assert training.stderr.read() == ""


@pytest.mark.parametrize(
    "arguments", [["train", "--steps", "10"], ["--plain", "--steps", "10"], ["recipes"]]
)
def test_trains_with_closed_standard_output(arguments: list[str]) -> None:
    command = ["sh", "-c", 'exec "$@" >&- </dev/null', "sh", *COMMAND, *arguments]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("library", ["_multiarray_umath", "_umath_linalg", "mtrand"])
def test_ctrl_c_during_imports_exits_silently(library: str) -> None:
    """Interrupt a real start as soon as it has loaded this part of numpy."""
    command = [*COMMAND, "train", "--steps", "100000000"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as training:
        while library not in Path(f"/proc/{training.pid}/maps").read_text():
            assert training.poll() is None
        training.send_signal(signal.SIGINT)
        _, errors = training.communicate(timeout=30)
    assert (training.returncode, errors) == (130, b"")
