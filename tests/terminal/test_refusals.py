"""Without a capable terminal: a message of one line that suggests an alternative."""

from pathlib import Path

import pytest

from tests.terminal.fork_server import RUN_PROGRAM
from tests.terminal.programs import COMMAND
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

EXIT_USAGE = 2


def redirected(files: dict[int, str]) -> str:
    """Return code that runs the program with some standard streams redirected to files."""
    opening = (
        f"os.dup2(os.open({name!r}, os.O_RDWR | os.O_CREAT | os.O_APPEND), {descriptor})"
        for descriptor, name in files.items()
    )
    return "\n".join(["import os", *opening, RUN_PROGRAM])


def assert_refused(message: str) -> None:
    assert message.count("\n") == 1, message
    assert message.startswith("rnn-tui: ")
    assert "rnn-tui train or --plain" in message
    assert "\x1b" not in message


@pytest.mark.parametrize("files", [{0: "/dev/null"}, {0: "/dev/null", 1: "/dev/null"}], ids=str)
def test_rejects_a_start_without_keyboard_input(files: dict[int, str]) -> None:
    with Terminal(code=redirected(files)) as terminal:
        assert terminal.wait() == EXIT_USAGE
        assert_refused(terminal.written.decode().replace("\r\n", "\n"))


def test_rejects_a_start_with_closed_standard_input() -> None:
    with Terminal(command=["/bin/sh", "-c", 'exec "$@" <&-', "sh", *COMMAND]) as terminal:
        assert terminal.wait() == EXIT_USAGE
        assert_refused(terminal.written.decode().replace("\r\n", "\n"))


@pytest.mark.parametrize("descriptors", [[2], [1, 2]], ids=str)
def test_rejects_output_to_a_file(descriptors: list[int], tmp_path: Path) -> None:
    file = tmp_path / "errors"
    with Terminal(code=redirected(dict.fromkeys(descriptors, str(file)))) as terminal:
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
