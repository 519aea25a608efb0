"""The program where there is no terminal: in a script, in a pipe, and cut off by Ctrl-C."""

import signal
import subprocess
from time import sleep

import pytest

from tests.terminal.programs import COMMAND, run_to_end, start

pytestmark = pytest.mark.terminal


def test_the_dashboard_refuses_and_names_what_works() -> None:
    refused = run_to_end()
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert "rnn-tui train" in refused.stderr


def test_ctrl_c_ends_training_with_its_summary() -> None:
    with start("train", "--steps", "100000000") as training:
        assert training.stdout is not None
        assert training.stdout.readline() == "step 0\n"
        training.send_signal(signal.SIGINT)
        output, errors = training.communicate(timeout=30)
    assert training.returncode == 130
    assert errors == ""
    *_, results, steps = output.splitlines()
    assert results.startswith("sequence accuracy: ")
    assert "steps/s" in steps


def test_a_reader_that_leaves_is_no_error() -> None:
    with start("train", "--steps", "100000000", "--every", "100") as training:
        assert training.stdout is not None
        assert training.stderr is not None
        assert training.stdout.readline() == "step 0\n"
        training.stdout.close()
        assert training.wait(30) == 141
        assert training.stderr.read() == ""


@pytest.mark.parametrize(
    "arguments", [["train", "--steps", "10"], ["--plain", "--steps", "10"], ["recipes"]]
)
def test_a_closed_output_is_no_error(arguments: list[str]) -> None:
    command = ["sh", "-c", 'exec "$@" >&- </dev/null', "sh", *COMMAND, *arguments]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("seconds", [0.1, 0.15, 0.2, 0.3])
def test_ctrl_c_while_it_is_being_loaded_ends_it_without_a_word(seconds: float) -> None:
    with start("train", "--steps", "100000000") as training:
        sleep(seconds)
        training.send_signal(signal.SIGINT)
        _, errors = training.communicate(timeout=30)
    assert training.returncode in (130, -signal.SIGINT)  # the latter before Python itself is there
    assert errors == ""
