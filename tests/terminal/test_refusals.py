"""Without a capable terminal: a message of one line that suggests an alternative."""

import shlex
import sys
from pathlib import Path

import pytest

from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

RUN = f"{shlex.quote(sys.executable)} -m rnn_tui"
EXIT_USAGE = 2


def assert_refused(message: str) -> None:
    assert message.count("\n") == 1, message
    assert message.startswith("rnn-tui: ")
    assert "rnn-tui train or --plain" in message
    assert "\x1b" not in message


@pytest.mark.parametrize("redirection", ["</dev/null", "<&-", "</dev/null >/dev/null"])
def test_rejects_a_start_without_keyboard_input(redirection: str) -> None:
    with Terminal(command=["/bin/sh", "-c", f"{RUN} {redirection}"]) as terminal:
        assert terminal.wait() == EXIT_USAGE
        assert_refused(terminal.written.decode().replace("\r\n", "\n"))


@pytest.mark.parametrize("redirection", ["2>{}", ">{} 2>&1"])
def test_rejects_output_to_a_file(redirection: str, tmp_path: Path) -> None:
    file = tmp_path / "errors"
    with Terminal(command=["/bin/sh", "-c", f"{RUN} {redirection.format(file)}"]) as terminal:
        assert terminal.wait() == EXIT_USAGE
        assert terminal.written == b""
    assert_refused(file.read_text())


@pytest.mark.parametrize("name", ["dumb", "unknown", "", None])
def test_rejects_a_terminal_without_cursor_movement(name: str | None) -> None:
    with Terminal(environment={"TERM": name}) as terminal:
        assert terminal.wait() == EXIT_USAGE
        assert_refused(terminal.written.decode().replace("\r\n", "\n"))


def test_trains_in_a_terminal_without_cursor_movement() -> None:
    with Terminal("train", "--steps", "100", environment={"TERM": "dumb"}) as terminal:
        assert terminal.wait() == 0
        assert b"\x1b" not in terminal.written
        assert "100 steps, " in terminal.text
