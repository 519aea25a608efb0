"""`rnn-tui help` shows the help of commands, and pages of reference."""

import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from rnn_tui.cli.help import PAGES
from rnn_tui.cli.json_lines import SCHEMA
from rnn_tui.cli.main import COMMANDS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.switching import switched
from rnn_tui.engine.models import INITIAL_STATES, MODELS
from rnn_tui.exit_status import EXIT_STATUSES
from rnn_tui.recording.export import write_npz
from rnn_tui.run.run import Run
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


def documented_parameters(page: str) -> dict[str, set[str]]:
    """Return the names in the table of parameters, by model."""
    found: dict[str, set[str]] = {}
    model = ""
    for line in page.splitlines():
        if not line.startswith("  "):
            model = line.partition(" ")[0]
        if model in MODELS:
            names = re.findall(r"[a-z]+_\w+", re.split(r" {2,}", line[14:])[0])
            found.setdefault(model, set()).update(names)
    return found


@pytest.mark.parametrize("model", MODELS)
def test_npz_page_names_the_arrays_of_an_export(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = run(capsys, "help", "npz")[1]
    task = "counting-ones" if model == "linear" else "addition"
    settings = switched(RECIPES["binary-addition"].settings, task=task, model=model)
    written: set[str] = set()
    for biases, initial_state in product(range(3), INITIAL_STATES):
        path = tmp_path / f"{biases}-{initial_state}.npz"
        write_npz(Run(settings.updated(biases=biases, initial_state=initial_state)), path)
        with np.load(path) as arrays:
            written |= set(arrays)
    parameters = {name.partition("/")[2] for name in written if name.startswith("parameters/")}
    documented = documented_parameters(page)
    shared = documented["elman"] if model in ("gru", "lstm") else set()
    assert documented[model] <= parameters <= documented[model] | shared
    for name in written:
        folder, slash, last = name.partition("/")
        assert f"\n{folder}{slash}" in page
        if folder not in ("parameters", "optimizer"):
            assert re.search(rf"\b{re.escape(last)}\b", page)


def test_unknown_topic_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, errors = run(capsys, "help", "trian")
    assert (status, output) == (2, "")
    assert errors.startswith("rnn-tui: unknown help topic 'trian' (did you mean ")
