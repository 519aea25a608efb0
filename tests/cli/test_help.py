"""`rnn-tui help` shows the help of commands, and pages of reference."""

import pytest

from rnn_tui.cli.help import PAGES
from rnn_tui.cli.json_lines import SCHEMA
from rnn_tui.cli.main import COMMANDS
from rnn_tui.engine.models import MODELS
from rnn_tui.exit_status import EXIT_STATUSES
from tests.support.shell import run


def test_help_is_the_help_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "help") == run(capsys, "--help")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_its_own_help(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output, _ = run(capsys, "help", command)
    assert (status, output, "") == run(capsys, command, "--help")
    assert output.startswith(f"usage: rnn-tui {command}")


@pytest.mark.parametrize("page", PAGES)
def test_pages_fit_120_columns(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, output, errors = run(capsys, "help", page)
    assert (status, errors) == (0, "")
    assert max(map(len, output.splitlines())) <= 120


def test_pages_name_what_they_document(capsys: pytest.CaptureFixture[str]) -> None:
    pages = {page: run(capsys, "help", page)[1] for page in PAGES}
    assert all(f'"kind": "{kind}"' in pages["json"] for kind in SCHEMA)
    assert all(str(status) in pages["exit-status"] for status in EXIT_STATUSES)
    assert all(f"\n{model} " in pages["npz"] for model in MODELS)


def test_unknown_topic_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, errors = run(capsys, "help", "trian")
    assert (status, output) == (2, "")
    assert errors.startswith("rnn-tui: unknown help topic 'trian' (did you mean ")
